package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// in sends a request of a browser that wants a language.
func in(s http.Handler, language, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if body != "" {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if language != "" {
		r.Header.Set("Accept-Language", language)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestNegotiation(t *testing.T) {
	for _, c := range []struct{ configured, header, want string }{
		{"en", "de-AT,de;q=0.9,en;q=0.8", "de"},
		{"en", "fr-CA", "fr"},
		{"en", "pl,es;q=0.5", "es"},
		{"en", "en;q=0.1, ja", "ja"},
		{"en", "ja;q=0, es;q=0.2", "es"},
		{"en", "gsw", "de"},
		{"de", "", "de"},
		{"de", "pl", "de"},
		{"de", "*", "de"},
		{"de", "zh-CN,zh", "de"},
		{"de", "en-GB", "en"},
		{"fr-CH", "pl", "fr"},
		{"pl", "pl", "en"},
		{"es", ";;q=x,,", "es"},
		{"es", strings.Repeat("x-", 5000), "es"},
		{"es", "en\"><script>", "es"},
	} {
		s := newServer(t, newDesk(), func(o *Options) { o.Language = c.configured })
		for _, path := range []string{"/", "/edition/e5morning", "/nowhere"} {
			w := in(s, c.header, path, "")
			h := w.Header()
			if got := h.Get("Content-Language"); got != c.want || !strings.Contains(w.Body.String(), `<html lang="`+c.want+`">`) {
				t.Errorf("%.40q on %s: got %q, want %q:\n%.40s", c.header, path, got, c.want, w.Body)
			}
			if got := h.Get("Vary"); got != "Accept-Language" {
				t.Errorf("%s varies by %q", path, got)
			}
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Accept-Language"] = []string{"pl", "ja"}
	if got := newServer(t, newDesk(), nil).wished(r); got != "ja" {
		t.Errorf("of two headers: got %q, want ja", got)
	}
}

// TestFrame reads a few words of every page in every language. None has a hole,
// and none has words of the English frame.
func TestFrame(t *testing.T) {
	d := newDesk()
	fillBoard(t, d)
	full, empty := d, &desk{}
	for _, c := range []struct {
		d          *desk
		path, form string
		want       string // in German, French, Spanish and Japanese
	}{
		{full, "/", "", "Dienstag, 5. Mai 2026 · 08:00|mardi 5 mai 2026 · 08:00|martes, 5 de mayo de 2026 · 08:00|2026年5月5日（火曜日） · 08:00"},
		{full, "/", "", `>5 Meldungen<|>5 sujets<|>5 noticias<|>話題 5 件<`},
		{full, "/", "", `>Ausgaben</h1>|>Éditions</h1>|>Ediciones</h1>|>号の一覧</h1>`},
		{full, "/", "", `for="line">Befehl<|for="line">Commande<|for="line">Comando<|for="line">コマンド<`},
		{full, "/", "", `search &#34;Hafenstreik&#34; since:3d|search &#34;grève du port&#34;|search &#34;huelga portuaria&#34;|search &#34;港湾 スト&#34;`},
		{full, "/edition/e5morning", "", "<title>The Morning Brief, Dienstag, 5. Mai 2026 –|<title>The Morning Brief, mardi 5 mai 2026 –|<title>The Morning Brief, martes, 5 de mayo de 2026 –|<title>The Morning Brief、2026年5月5日（火曜日） –"},
		{full, "/edition/e5morning", "", "<td>3,20</td><td>3 Medien ×2,00 · |<td>3,20</td><td>3 médias ×2,00 · |<td>3,20</td><td>3 medios ×2,00 · |<td>3.20</td><td>3 媒体 ×2.00 · "},
		{full, "/edition/e5morning", "", "abgerufen: Harbor Post und City Radio.|période\u00a0: Harbor Post et City Radio.|periodo: Harbor Post y City Radio.|情報源：Harbor Post、City Radio"},
		{full, "/story/s7curfew", "", `id="sources">Quellen<|id="sources">Sources<|id="sources">Fuentes<|id="sources">情報源<`},
		{full, "/article/a1", "", "Zum Text springen|Aller au texte|Ir al texto|本文へ移動"},
		{full, "/channel/news", "", "Kanal news|Canal news|Canal news|チャンネル news"},
		{full, "/command", "", ">Befehle</h1>|>Commandes</h1>|>Comandos</h1>|>コマンド</h1>"},
		{full, "/command", "line=serach", "Nicht verstanden|Pas compris|No entendido|理解できませんでした"},
		{full, "/command", "line=subscribe", "erforderlich|obligatoire|obligatorio|必須"},
		{full, "/nowhere", "", "Nicht gefunden|Introuvable|No encontrado|見つかりません"},
		{full, "/edition/none", "", "Diese Ausgabe gibt es nicht.|Cette édition n’existe pas.|Esa edición no existe.|その号はありません。"},
		{full, "/story/none", "", "Diese Meldung gibt|Ce sujet n’existe|Esa noticia no|その話題は"},
		{full, "/article/none", "", "Diesen Artikel gibt|Cet article n’existe|Ese artículo no|その記事は"},
		{empty, "/", "", "Befehl <code>now</code> eine Vorschau|commande <code>now</code> en donne|comando <code>now</code> muestra|<code>now</code> コマンドで"},
		{empty, "/channel/news", "", "noch nichts gepostet|Rien n’a encore été publié|no se ha publicado nada|まだ何も投稿"},
	} {
		for i, want := range strings.Split(c.want, "|") {
			lang := chat.Languages()[i+1]
			page := in(newServer(t, c.d, nil), lang, c.path, c.form).Body.String()
			if !strings.Contains(page, want) {
				t.Errorf("%s %s in %s lacks %q:\n%s", c.path, c.form, lang, want, page)
			}
			for _, english := range []string{"%!", "Skip to", ">Help<", ">Run<", "Set by", "Stored", "Because", "Not found", "Back to"} {
				if strings.Contains(page, english) {
					t.Errorf("%s %s in %s has %q:\n%s", c.path, c.form, lang, english, page)
				}
			}
		}
	}
}

// TestRefusalsAreSpoken is refused in every way, in German.
func TestRefusalsAreSpoken(t *testing.T) {
	send := func(s *Server, change func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", "de")
		change(r)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	same := func(*http.Request) {}
	d := newDesk()
	d.err = fmt.Errorf("disk on fire")
	busy := newDesk()
	busy.err = digest.Errorf(digest.Unavailable, "%s did not answer in time: %w", "news.db", context.DeadlineExceeded)
	crowded := newServer(t, newDesk(), nil)
	for range burst {
		send(crowded, same)
	}
	nobody := newServer(t, newDesk(), nil)
	nobody.Handle("GET /closed", Authenticator{}, http.NotFoundHandler())
	for _, c := range []struct {
		name   string
		s      *Server
		change func(*http.Request)
		status int
		want   string
	}{
		{"no token", newServer(t, newDesk(), func(o *Options) { o.Token = "sesame" }), same, 401, "Bitte anmelden"},
		{"no token", newServer(t, newDesk(), func(o *Options) { o.Token = "sesame" }), same, 401, "verlangt das konfigurierte Token"},
		{"from outside", newServer(t, newDesk(), func(o *Options) { o.Open = false }), same, 403, "nur auf diesem Rechner"},
		{"closed", nobody, func(r *http.Request) { r.URL.Path = "/closed" }, 403, "darf niemand öffnen"},
		{"too often", crowded, same, 429, "Zu viele Anfragen von dieser Adresse"},
		{"packed", newServer(t, newDesk(), nil), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 415, "unkomprimiert"},
		{"foreign", newServer(t, newDesk(), nil), func(r *http.Request) {
			r.Method, r.URL.Path = http.MethodPost, "/command"
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}, 403, "einer anderen Website"},
		{"broken", newServer(t, d, nil), same, 500, "ist etwas schiefgegangen"},
		{"busy", newServer(t, busy, nil), same, 503, "news.db hat nicht rechtzeitig geantwortet"},
	} {
		w := send(c.s, c.change)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || w.Header().Get("Content-Language") != "de" {
			t.Errorf("%s: got %d in %q, want %d with %q:\n%s", c.name, w.Code, w.Header().Get("Content-Language"), c.status, c.want, w.Body)
		}
	}
	s, _ := pushServer(t, nil)
	if w := in(s, "de", "/api/articles", "x"); w.Header().Get("Content-Language") != "" || !strings.Contains(w.Body.String(), "Send a key") {
		t.Errorf("programs are answered in %q: %s", w.Header().Get("Content-Language"), w.Body)
	}
}

// polyglot answers in the language of the person, or in Japanese.
type polyglot struct{}

func (polyglot) Locale(_ context.Context, c chat.Command) chat.Locale {
	return chat.LocaleFor(cmp.Or(c.User.Locale, "ja"), "")
}

func (p polyglot) Handle(ctx context.Context, c chat.Command) chat.Reply {
	loc := p.Locale(ctx, c)
	return chat.Reply{Language: loc.Language, Messages: []chat.Message{chat.Note(loc.T("Status")), {Kind: chat.Answer, Language: "es", Blocks: []chat.Block{
		{Kind: chat.Text, Items: []chat.Item{chat.Line(chat.Locale{Language: "es"}.Foreign("it", chat.Plain("Buongiorno")))}},
		{Kind: chat.Quotes, Items: []chat.Item{chat.Line(chat.Plain("Hola"))}}}}}}
}

// TestAnswersAndPageAgree holds that a command is answered in the language of the
// page around it, and that other languages on it are marked.
func TestAnswersAndPageAgree(t *testing.T) {
	s := newServer(t, newDesk(), func(o *Options) { o.Handler = polyglot{} })
	for header, want := range map[string][]string{
		"de": {`<html lang="de">`, ">Antwort</h1>", ">Status</p>", `<section class="notice">`, `<section class="answer" lang="es">`, `<span lang="it">Buongiorno</span>`, "«Hola»"},
		"fr": {`<html lang="fr">`, ">Réponse</h1>", ">État</p>", `<section class="notice">`},
		"pl": {`<html lang="ja">`, ">回答</h1>", ">状況</p>", `<section class="notice">`},
		"es": {`<html lang="es">`, `<section class="answer">`},
	} {
		got := in(s, header, "/command", "line=status").Body.String()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the answer lacks %q:\n%s", header, w, got)
			}
		}
	}
	if got := in(s, "pl", "/command", "line=staus").Body.String(); !strings.Contains(got, `<html lang="ja">`) || !strings.Contains(got, "<code>status</code>") {
		t.Errorf("a mistake is answered in another language:\n%s", got)
	}
}

// abroad is an edition in German about articles in English, one without a
// language, and one in Japanese.
func abroad() digest.Edition {
	e := morning()
	e.Language, e.Name, e.Items = "de", "Der Morgen", e.Items[:3]
	e.Items[0].Brief.Language, e.Items[1].Brief.Language, e.Items[2].Brief.Language = "en", "", "ja"
	return e
}

func TestForeignWordsAreMarked(t *testing.T) {
	italian := digest.Article{ID: "a9", Title: "Sciopero", Text: "Il porto è chiuso.", Language: "it", Outlet: "Corriere", Published: noon.Add(-time.Hour)}
	d := newDesk()
	d.editions, d.articles["a9"] = []digest.Edition{abroad()}, italian
	st := d.stories["s7curfew"]
	st.Articles[0].Language, st.Articles[1].Language = "it", "fr"
	s := newServer(t, d, nil)
	for _, c := range []struct {
		path, language string
		want, not      []string
	}{
		{"/edition/e5morning", "ja", []string{`<header class="masthead" lang="de">`, `<article class="story" id="story-1" lang="de">`, `<span lang="en"><a href="#story-1">`, `<li><a href="#story-2">`,
			`“<span lang="en">Nobody sleeps`, `<figure class="quote" lang="ja"><blockquote><p>「<span lang="ja">A foundry`, `<span lang="en">Port of Linden weighs night curfew for freight trains</span></th>`, `<span>Regulator`}, []string{`<html lang="de"`}},
		{"/edition/e5morning", "de", []string{`<header class="masthead">`, `<article class="story" id="story-1">`, `<span lang="en"><a href="#story-1">`}, []string{`class="masthead" lang=`, `id="story-1" lang=`}},
		{"/", "en", []string{`<h2 class="title" lang="de">`, `<li>Port of Linden`, `<li lang="ja">Regulator`, "Tuesday, May 5"}, nil},
		{"/story/s7curfew", "fr", []string{`rel="noopener noreferrer nofollow" lang="it">`, `rel="noopener noreferrer nofollow">Freight curfew`, ">texte archivé</a>"}, nil},
		{"/article/a9", "fr", []string{`<html lang="fr">`, `<span lang="it">Sciopero</span>`, `<span lang="it">Il porto è chiuso.</span>`, "Source Corriere"}, []string{`lang="fr"><`}},
		{"/article/a1", "fr", []string{`<article class="story" lang="en">`, "Why it matters", "Read more"}, nil},
	} {
		page := in(s, c.language, c.path, "").Body.String()
		for _, want := range c.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s in %s lacks %q:\n%s", c.path, c.language, want, page)
			}
		}
		for _, not := range c.not {
			if strings.Contains(page, not) {
				t.Errorf("%s in %s has %q:\n%s", c.path, c.language, not, page)
			}
		}
	}
	tags := regexp.MustCompile(`lang="([^"]*)"`)
	for _, m := range tags.FindAllStringSubmatch(in(s, "en", "/edition/e5morning", "").Body.String(), -1) {
		if m[1] == "" {
			t.Error("a language is marked that is not known")
		}
	}
}
