package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// hostile returns 60 texts that try to run a script.
func hostile() []string {
	return strings.Split(strings.TrimSpace(hostileLines), "\n")
}

const hostileLines = `
<script>alert(1)</script>
</script><script>alert(1)</script>
</title><script>alert(1)</script>
</textarea><script>alert(1)</script>
</style><script>alert(1)</script>
<ScRiPt>alert(1)</sCrIpT>
<script src=data:,alert(1)></script>
<script/src="data:,alert(1)">
<scr<script>ipt>alert(1)</scr</script>ipt>
<<script>alert(1)//<</script>
<img src=x onerror=alert(1)>
<img src=x onerror="alert(1)"
"><img src=x onerror=alert(1)>
'><img src=x onerror=alert(1)>
<img/src=x/onerror=alert(1)>
<img src="x:x" onerror="alert(1)">
<svg onload=alert(1)>
<svg/onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><a xlink:href="javascript:alert(1)"><text x=20 y=20>x</text></a>
<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<body onload=alert(1)>
<iframe src="javascript:alert(1)">
<iframe srcdoc="<script>parent.alert(1)</script>">
<object data="javascript:alert(1)">
<embed src="javascript:alert(1)">
<video><source onerror="alert(1)">
<audio src=x onerror=alert(1)>
<details open ontoggle=alert(1)>
<input autofocus onfocus=alert(1)>
<select autofocus onfocus=alert(1)>
<textarea autofocus onfocus=alert(1)>
<marquee onstart=alert(1)>
<form action="javascript:alert(1)"><button>x</button></form>
<form><button formaction=javascript:alert(1)>x</button>
<isindex type=image src=1 onerror=alert(1)>
<base href="javascript:alert(1)//">
<meta http-equiv="refresh" content="0;url=javascript:alert(1)">
<link rel=stylesheet href="data:text/css,*{color:red}">
<style>@import 'javascript:alert(1)';</style>
<style onload=alert(1)>*{color:red}</style>
<a href="javascript:alert(1)">x</a>
javascript:alert(1)
JaVaScRiPt:alert(1)
java	script:alert(1)
 javascript:alert(1)
javascript://ledger.example/%0aalert(1)
data:text/html,<script>alert(1)</script>
data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
vbscript:msgbox(1)
https://ledger.example/" onmouseover="alert(1)
https://ledger.example/' onmouseover='alert(1)
" onmouseover="alert(1)" x="
' autofocus onfocus='alert(1)
--><script>alert(1)</script><!--
]]><script>alert(1)</script>
{{constructor.constructor('alert(1)')()}}
&#60;script&#62;alert(1)&#60;/script&#62;
\u003cscript\u003ealert(1)\u003c/script\u003e`

// poisonedPaths are the pages on which poisoned puts its text.
var poisonedPaths = []string{"/", "/edition/e1", "/story/s1", "/article/a1", "/channel/news", "/sources", "/command"}

// poisoned returns an archive that holds x wherever text can stand.
func poisoned(x string) *desk {
	list := []digest.Sentence{{Text: x}, {Text: x}}
	b := digest.Brief{ID: "s1", Headline: x, Category: x, Publisher: x, Desk: x, Authors: []string{x}, Source: x, URL: x, Image: x, Language: x,
		Lede: list, WhyItMatters: list, WhatToKnow: list, WhatsNext: list, Outlets: []string{x},
		Quotes:   []digest.Quote{{Text: x, Speaker: x, Role: x, Context: x}},
		Articles: []digest.Reference{{ID: x, Outlet: x, Title: x, URL: x}, {ID: "a1", Outlet: x, Title: x, URL: x, Copy: true}}}
	e := digest.Edition{ID: "e1", Name: x, Slot: x, Zone: x, Language: x, Due: noon, Late: true, Layout: digest.Layout{Images: true},
		Coverage: digest.Coverage{Failed: []string{x}}, Items: []digest.Item{{N: 1, Brief: b, Update: true, Score: digest.Score{Parts: []digest.ScorePart{{Name: x, Note: x}}}}},
		Cut: []digest.Cut{{Headline: x, Score: digest.Score{Parts: []digest.ScorePart{{Name: x, Note: x}}}}}}
	d := &desk{editions: []digest.Edition{e}, stories: map[string]digest.Story{"s1": {ID: "s1", Articles: heads(b)}},
		articles: map[string]digest.Article{"a1": {ID: "a1", Title: x, Text: x + "\n\n" + x, URL: x, Category: x, Authors: []string{x}, Outlet: x, Language: x}}}
	raw := chat.Message{Kind: chat.Header, ID: x, More: chat.Link{Text: x, URL: x}, Image: x, Buttons: []chat.Button{{Label: x, Line: "search " + x}, {Label: x, URL: x}}}
	for _, k := range []chat.BlockKind{chat.Kicker, chat.Title, chat.Meta, chat.Heading, chat.Text, chat.Bullets, chat.Numbered, chat.Quotes, chat.Fields, chat.Code, chat.BlockKind(x)} {
		raw.Blocks = append(raw.Blocks, chat.Block{Kind: k, Section: digest.Section(x), Items: []chat.Item{{Label: x, Speaker: x, Role: x, Context: x,
			Spans: []chat.Span{{Text: x, URL: x}, {Text: x, Strong: true}, {Text: x, Emph: true}, {Text: x, Code: true}, {Text: x, Time: noon}}}}})
	}
	payloads, err := Platform{}.Render([]chat.Message{raw})
	if err == nil {
		d.board = []digest.Part{{Key: "k", Payload: payloads[0], Address: digest.Address{Platform: "web", Channel: "news"}}}
	}
	return d
}

// poisonedAll returns what poisoned returns for all hostile texts together: an
// edition of 60 stories, a story of 60 articles, a channel of 60 messages, and
// commands that answer with all of them.
func poisonedAll() (*desk, chat.HandlerFunc) {
	all := strings.Join(hostile(), " ")
	d := poisoned(all)
	e, st := &d.editions[0], d.stories["s1"]
	var replies []chat.Message
	for i, x := range hostile() {
		one := poisoned(x)
		e.Items = append(e.Items, one.editions[0].Items...)
		e.Items[i+1].N = i + 2
		st.Articles = append(st.Articles, one.stories["s1"].Articles...)
		part := one.board[0]
		part.Key, part.N = x, i+2
		d.board = append(d.board, part)
		d.editions = append(d.editions, one.editions[0])
		replies = append(replies, parrot(x)(context.Background(), chat.Command{}).Messages...)
	}
	d.stories["s1"] = st
	a := d.articles["a1"]
	a.Text = strings.Join(hostile(), "\n\n")
	d.articles["a1"] = a
	return d, func(context.Context, chat.Command) chat.Reply { return chat.Reply{Messages: replies} }
}

// parrot answers every command with x.
func parrot(x string) chat.HandlerFunc {
	return func(context.Context, chat.Command) chat.Reply {
		return chat.Reply{Messages: []chat.Message{chat.Say(x, chat.Lines(chat.Text, x)), chat.Note(x),
			chat.Brief(digest.Brief{Headline: x, URL: x, Quotes: []digest.Quote{{Text: x, Speaker: x, Role: x}}}, "full", chat.Locale{})}}
	}
}

// TestHostileTextStaysText parses the pages as a browser would and finds the
// same elements and attributes as on the pages of a harmless text.
func TestHostileTextStaysText(t *testing.T) {
	if n := len(hostile()); n != 60 {
		t.Fatalf("there are %d hostile texts, want 60", n)
	}
	for _, x := range hostile() {
		s := newServer(t, poisoned(x), func(o *Options) { o.Handler = parrot(x) })
		pages := map[string]string{}
		for _, path := range poisonedPaths {
			pages[path] = call(s, path, "").Body.String()
		}
		pages["command"] = call(s, "/command", "line="+url.QueryEscape(x)).Body.String()
		pages["form"] = call(s, "/command", "line="+url.QueryEscape("subscribe length:full stories:"+x)).Body.String()
		pages["search"] = call(s, "/command", "line="+url.QueryEscape(`search "`+x)+"&channel="+url.QueryEscape(x)).Body.String()
		for path, body := range pages {
			for _, problem := range foreign(t, body) {
				t.Errorf("%q on %s: %s", x, path, problem)
			}
		}
	}
}

// foreign lists what no template of ours makes.
func foreign(t *testing.T, body string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	elements := " html head body meta title link a header nav ul ol li form label input button datalist option select main footer p h1 h2 h3 h4 div span section article figure figcaption blockquote dl dt dd pre code hr strong em time details summary table caption thead tbody tr th td "
	var out []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !strings.Contains(elements, " "+n.Data+" ") {
			out = append(out, "element "+n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcdoc", a.Key == "formaction", a.Key == "http-equiv":
				out = append(out, "attribute "+a.Key)
			case a.Key == "href":
				u, err := url.Parse(a.Val)
				if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
					out = append(out, "address "+a.Val)
				}
			}
		}
	}
	return out
}
