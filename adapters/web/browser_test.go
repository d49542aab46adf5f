package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdnetwork "github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const browser = "/usr/bin/chromium"

// openBrowser starts a browser, or skips the test where there is none. Set
// NUTGRAF_TEST_REQUIRE=chromium to fail instead.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	if _, err := os.Stat(browser); err != nil {
		if strings.Contains(os.Getenv("NUTGRAF_TEST_REQUIRE"), "chromium") {
			t.Fatalf("%s is required: %v", browser, err)
		}
		t.Skipf("SKIPPED: %s is missing, so that no page was looked at in a browser", browser)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// scheme makes the browser prefer light or dark.
func scheme(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params); err != nil {
		t.Fatal(err)
	}
}

// speak makes the browser ask for a language.
func speak(t *testing.T, ctx context.Context, language string) {
	t.Helper()
	params := cdnetwork.SetExtraHTTPHeadersParams{Headers: cdnetwork.Headers{"Accept-Language": language}}
	if _, err := chromedp.Call(ctx, cdnetwork.SetExtraHTTPHeaders, params); err != nil {
		t.Fatal(err)
	}
}

// TestPictures looks at the pages in a browser: they are in its language, and
// nothing is wider than the window. NUTGRAF_TEST_PICTURES names a folder where
// pictures are kept.
func TestPictures(t *testing.T) {
	d := newDesk()
	fillBoard(t, d)
	german := abroad()
	german.ID, german.Name = "e6morgen", "Rindfleischetikettierungsüberwachung am Morgen"
	german.Items[1].Brief.Language, german.Items[1].Brief.Headline = "de", "Donaudampfschifffahrtsgesellschaftskapitänsversammlung berät über Zuständigkeitsübertragungen"
	d.editions = append(d.editions, german)
	srv := httptest.NewServer(newServer(t, d, nil))
	defer srv.Close()
	ctx := openBrowser(t)
	folder := os.Getenv("NUTGRAF_TEST_PICTURES")
	for _, shot := range []struct {
		name, path, scheme string
		width              int64
		language           string // "" is English
	}{
		{"edition-light", "/edition/e5morning", "light", 1200, ""},
		{"edition-dark", "/edition/e5morning", "dark", 1200, ""},
		{"edition-phone", "/edition/e5morning", "light", 390, ""},
		{"home-light", "/", "light", 1200, ""},
		{"home-phone", "/", "dark", 390, ""},
		{"story-light", "/story/s7curfew", "light", 1200, ""},
		{"story-phone", "/story/s7curfew", "dark", 390, ""},
		{"article-light", "/article/a1", "light", 900, ""},
		{"channel-light", "/channel/news", "light", 1200, ""},
		{"help-light", "/command", "light", 1200, ""},
		{"sources-phone", "/sources", "light", 390, ""},
		{"missing-light", "/nowhere", "light", 700, ""},
		{"edition-de", "/edition/e6morgen", "light", 1200, "de"},
		{"edition-ja-phone", "/edition/e6morgen", "light", 390, "ja"},
		{"edition-de-phone", "/edition/e6morgen", "light", 320, "de"},
		{"home-de-phone", "/", "light", 320, "de"},
		{"home-ja", "/", "light", 1200, "ja"},
		{"story-fr-phone", "/story/s7curfew", "light", 320, "fr"},
		{"help-de-phone", "/command", "light", 320, "de"},
		{"missing-es-phone", "/nowhere", "dark", 320, "es"},
	} {
		scheme(t, ctx, shot.scheme)
		speak(t, ctx, cmp.Or(shot.language, "en"))
		do(t, ctx, chromedp.EmulateViewport(shot.width, 1000), chromedp.Navigate(srv.URL+shot.path))
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.documentElement.lang")); err != nil || got != cmp.Or(shot.language, "en") {
			t.Errorf("%s is in %q, %v", shot.name, got, err)
		}
		if wide > shot.width {
			t.Errorf("%s is %d pixels wide in a window of %d", shot.path, wide, shot.width)
		}
		if folder == "" {
			continue
		}
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, shot.name+".png"), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCommandInBrowser types a command and reads the answer.
func TestCommandInBrowser(t *testing.T) {
	srv := httptest.NewServer(newServer(t, newDesk(), nil))
	defer srv.Close()
	ctx := openBrowser(t)
	do(t, ctx, chromedp.Navigate(srv.URL+"/"))
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](`document.querySelector("#line").value = 'search “port strike” since:3d'; document.querySelector("form.ask button").click()`)); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, eventually(`document.querySelector("#line").value + " → " + (document.querySelector("main .fields")?.innerText ?? "")`, "port strike"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"search “port strike” since:3d →", "port strike", "72h0m0s", "web:news"} {
		if !strings.Contains(got, want) {
			t.Errorf("the answer page lacks %q: %q", want, got)
		}
	}
}

// eventually evaluates a string expression until it contains want after the
// arrow, while the page is still changing.
func eventually(expression, want string) chromedp.Action[string] {
	return func(ctx context.Context, t *chromedp.Target) (string, error) {
		got := ""
		for range 50 {
			var err error
			if got, err = chromedp.Evaluate[string](expression)(ctx, t); err == nil {
				if _, answer, _ := strings.Cut(got, "→"); strings.Contains(answer, want) {
					return got, nil
				}
			}
			if _, err := chromedp.Sleep(100*time.Millisecond)(ctx, t); err != nil {
				return got, err
			}
		}
		return got, nil
	}
}

// trap records every way in which a script could make itself known.
const trap = `window.ran = []; for (const name of ["alert", "confirm", "prompt", "print", "open", "eval"]) window[name] = (...a) => { window.ran.push(name + ":" + a) };`

// TestNoScriptRuns shows 60 hostile texts in every place that shows text, once
// as the page is and once without its policy, so that the escaping is tested
// and not what would catch its failure. It also presses every link that is not
// an http address.
func TestNoScriptRuns(t *testing.T) {
	d, replies := poisonedAll()
	srv := httptest.NewServer(newServer(t, d, func(o *Options) { o.Handler = replies }))
	defer srv.Close()
	ctx := openBrowser(t)
	if _, err := chromedp.Call(ctx, cdpage.AddScriptToEvaluateOnNewDocument, cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: trap}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Navigate("data:text/html,<img src=x onerror=alert(1)>"))
	if got, err := chromedp.Run(ctx, eventually(`"→" + window.ran.join(",")`, "alert:1")); err != nil || got != "→alert:1" {
		t.Fatalf("the trap does not catch what it should: %q, %v", got, err)
	}
	for _, bypass := range []bool{false, true} {
		if _, err := chromedp.Call(ctx, cdpage.SetBypassCSP, cdpage.SetBypassCSPParams{Enabled: bypass}); err != nil {
			t.Fatal(err)
		}
		for _, path := range poisonedPaths {
			do(t, ctx, chromedp.Navigate(srv.URL+path))
			check(t, ctx, fmt.Sprintf("%s (policy off: %v)", path, bypass))
		}
	}
}

// check presses what can be pressed and fails when a script ran or when an
// element stands on the page that none of our templates makes.
func check(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => {
		for (const a of document.querySelectorAll("a")) if (!/^https?:/.test(a.href)) a.click();
		for (const e of document.querySelectorAll("*")) { e.dispatchEvent(new Event("mouseover")); e.dispatchEvent(new Event("focus")); }
		const foreign = document.querySelectorAll("script,img,svg,iframe,object,embed,video,audio,style,base,math,body [onload],[onerror],[onclick],[onfocus],[onmouseover],[style],[srcdoc],marquee,isindex").length;
		return window.ran.join(",") + (foreign ? " foreign elements: " + foreign : "");
	})()`))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if got != "" {
		t.Errorf("%s: %s", what, got)
	}
}

// fillBoard posts the morning's edition to the channel "news".
func fillBoard(t testing.TB, d *desk) {
	t.Helper()
	p := Platform{Board: d}
	payloads, err := p.Render(chat.Layout(morning(), chat.Locale{}))
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range payloads {
		part := digest.Part{Key: fmt.Sprint("k", i), Edition: "e5morning", Slot: "2026-05-05T08:00", N: i + 1, Of: len(payloads), Payload: b,
			Address: digest.Address{Platform: "web", Channel: "news"}}
		if _, err := p.Post(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
}
