package web

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// asking opens a form for a subscription without a time and for an import
// without a file, and completes zones.
type asking struct{ ran []chat.Command }

func (a *asking) Handle(_ context.Context, c chat.Command) chat.Reply {
	a.ran = append(a.ran, c)
	m := chat.Say("Done", chat.Lines(chat.Text, fmt.Sprintf("%s with %v, %d bytes, in %s", c.Name, c.Args, len(c.File), c.Address)))
	m.Buttons = []chat.Button{{Label: "Go on", Line: "confirm 7", Look: chat.Primary}, {Label: "Away", Line: "nonsense 7", Look: chat.Danger}, {Label: "Quiet", Line: "mute story 7", Look: chat.Danger}, {Label: "Gone too", Line: "mute all"}}
	m.Menus = []chat.Menu{{Label: "Length", Line: "set 7 length", Value: "short", Choices: []chat.Choice{{Value: "full", Label: "in full"}, {Value: "short", Label: "short"}}},
		{Label: "Gone", Line: "nonsense", Choices: []chat.Choice{{Value: "a", Label: "a"}}}}
	r := chat.Reply{Messages: []chat.Message{m}}
	if c.Name == "export" {
		r.File = chat.Attachment{Name: "feeds \"of\" <us>.opml", Type: "text/html", Data: []byte("<opml/>")}
	}
	return r
}

func (a *asking) Form(_ context.Context, c chat.Command) (*chat.Form, error) {
	switch {
	case !c.User.Manager:
		return nil, digest.Errorf(digest.Forbidden, "Only managers.")
	case c.Name == "subscribe" && c.Args["time"] == "":
		return &chat.Form{Title: "New digest", Submit: "Continue", Command: "sketch", Args: map[string]string{"stories": "5", "empty": ""}, Fields: []chat.Input{
			{Option: chat.Option{Name: "time", Required: true}, Label: "Time", Value: "08:00"},
			{Option: chat.Option{Name: "zone", Suggest: true}, Label: "Zone", Value: "UTC"},
			{Option: chat.Option{Name: "days"}, Label: "Days", Value: "mon", Values: []chat.Choice{{Value: "mon", Label: "Mondays"}, {Value: "tue", Label: "Tuesdays"}}},
			{Option: chat.Option{Name: "sources"}, Label: "Sources", Value: "b", Many: true, Values: []chat.Choice{{Value: "a", Label: "Ledger"}, {Value: "b", Label: "<Courier>"}}},
		}}, nil
	case c.Name == "import" && c.File == nil:
		return &chat.Form{Title: "Import", Submit: "Import", Command: "import", Fields: []chat.Input{{Option: chat.Option{Name: "file", File: true, Help: "OPML", Required: true}, Label: "File"}}}, nil
	}
	return nil, nil
}

func (a *asking) Suggest(_ context.Context, c chat.Command, option, _ string) []chat.Choice {
	if c.Name != "subscribe" || option != "zone" {
		return nil
	}
	return []chat.Choice{{Value: "Europe/Berlin", Label: "Berlin"}}
}

// formServer is a server whose visitors manage, or do not.
func formServer(t testing.TB, manager bool) (*Server, *asking) {
	t.Helper()
	a := &asking{}
	text := func(name string) chat.Option { return chat.Option{Name: name} }
	s := newServer(t, newDesk(), func(o *Options) {
		o.Handler, o.Specs = a, []chat.Spec{
			{Name: "subscribe", Help: "Post a digest", OpensForm: true, Options: []chat.Option{{Name: "time", Required: true}, text("zone")}},
			{Name: "sketch", Hidden: true, Options: []chat.Option{{Name: "time", Required: true}, text("zone"), text("days"), text("sources"), {Name: "stories", Type: chat.IntOption, Min: 1, Max: 9}}},
			{Name: "import", OpensForm: true, Options: []chat.Option{{Name: "file", File: true}}},
			{Name: "set", Hidden: true, Options: []chat.Option{text("id"), text("setting"), text("value")}},
			{Name: "mute story", Options: []chat.Option{text("id")}}, {Name: "confirm", Hidden: true, Options: []chat.Option{text("id")}}, {Name: "export"},
		}
		if manager {
			o.Open, o.Token = false, "key"
		}
	})
	return s, a
}

// send posts a body as the operator.
func send(s http.Handler, kind string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/command", bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer key")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		want, not  []string
		ran        string // what the handler got, "" for nothing
	}{
		{"a command opens its form", "line=subscribe&channel=desk", 200, []string{
			`<h1 class="page-title">New digest</h1>`, "Post a digest.", `name="name" value="sketch"`, `name="opener" value="subscribe"`, `name="channel" value="desk"`, `name="option-stories" value="5"`,
			`type="text" value="08:00" required`, `<option value="Europe/Berlin">Berlin</option>`, `<option value="mon" selected>Mondays</option>`, `value="b" checked> &lt;Courier&gt;`, `value="a"> Ledger`, ">Continue</button>"},
			[]string{"option-empty", "multipart"}, ""},
		{"nothing is asked where nothing lacks", "line=subscribe+9:00", 200, []string{"subscribe with map[time:9:00]"}, []string{"<form class=\"options\""}, "subscribe"},
		{"several choices come with commas", "name=sketch&option-time=9:00&option-sources=a&option-sources=b&option-stories=5&channel=desk", 200,
			[]string{"sketch with map[sources:a,b stories:5 time:9:00], 0 bytes, in web:desk"}, nil, "sketch"},
		{"what is wrong is said in the form, with all that was filled in", "name=sketch&opener=subscribe&option-time=9:00&option-days=tue&option-sources=a&option-stories=77", 400,
			[]string{`role="alert"`, "between 1 and 9", `value="9:00"`, `<option value="tue" selected>`, `value="a" checked`}, []string{`value="b" checked`}, ""},
		{"a form that nobody knows", "name=sketch&opener=nonsense&option-time=9:00&option-stories=77", 400, []string{"between 1 and 9"}, []string{"<form class=\"options\""}, ""},
		{"a choice in a menu", "line=set+7+length&value=full", 200, []string{"set with map[id:7 setting:length value:full]"}, nil, "set"},
		{"buttons and menus speak for their channel", "line=confirm+7&channel=desk", 200, []string{
			`class="button primary">Go on`, `class="button danger">Quiet`, `name="line" value="confirm 7"><input type="hidden" name="channel" value="desk">`, `name="line" value="set 7 length"><input type="hidden" name="channel" value="desk">`,
			`<option value="short" selected>short</option>`, ">Length</label>"}, []string{"Away", "Gone"}, "confirm"},
		{"a file is handed out", "line=export", 200, []string{`download="feeds &#34;of&#34; &lt;us&gt;.opml"`, `href="data:application/octet-stream;base64,PG9wbWwvPg=="`, "7 B"}, []string{"text/html;base64"}, "export"},
		{"a file is asked for", "line=import", 200, []string{`enctype="multipart/form-data"`, `type="file" required`, "OPML; at most 1 MB"}, nil, ""},
	} {
		s, a := formServer(t, true)
		w := send(s, "application/x-www-form-urlencoded", []byte(c.body))
		if w.Code != c.status {
			t.Errorf("%s: got status %d, want %d", c.name, w.Code, c.status)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: the page lacks %q:\n%s", c.name, want, w.Body)
			}
		}
		for _, not := range c.not {
			if strings.Contains(w.Body.String(), not) {
				t.Errorf("%s: the page has %q:\n%s", c.name, not, w.Body)
			}
		}
		if got := len(a.ran); got != min(len(c.ran), 1) || got == 1 && a.ran[0].Name != c.ran {
			t.Errorf("%s: ran %v, want %q", c.name, a.ran, c.ran)
		}
	}
	s, a := formServer(t, false)
	if w := call(s, "/command", "line=subscribe"); !strings.Contains(w.Body.String(), "Only managers.") || len(a.ran) != 0 {
		t.Errorf("a form is shown to those who may not use it:\n%s", w.Body)
	}
}

func TestUploads(t *testing.T) {
	for _, c := range []struct {
		size, status int
		want         string
	}{
		{0, 200, "0 bytes"}, // whether it may be missing is the command's business
		{9, 200, "import with map[file:subs.opml], 9 bytes"},
		{chat.MaxFile, 200, "1048576 bytes"},
		{chat.MaxFile + 1, 413, "larger than 1 MB"},
		{chat.MaxFile + maxBody + 1, 413, "shorten"},
	} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		_ = form.WriteField("name", "import")
		part, err := form.CreateFormFile("option-file", "../subs.opml")
		if err != nil {
			t.Fatal(err)
		}
		if c.size == 0 {
			form = multipart.NewWriter(&body)
			body.Reset()
			_ = form.WriteField("name", "import")
		} else if _, err := part.Write(bytes.Repeat([]byte("x"), c.size)); err != nil {
			t.Fatal(err)
		}
		_ = form.Close()
		s, _ := formServer(t, true)
		w := send(s, form.FormDataContentType(), body.Bytes())
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%d bytes: got status %d, want %d and %q:\n%s", c.size, w.Code, c.status, c.want, w.Body)
		}
	}
}

// TestFormInBrowser fills a form in as people do: a command opens it, its fields
// are as they should be, and what is chosen runs the command. Nothing is wider than
// the window. NUTGRAF_TEST_PICTURES names a folder where pictures are kept.
func TestFormInBrowser(t *testing.T) {
	s, a := formServer(t, true)
	s.Handle("POST /try", Loopback(), s.serve(s.command))
	s.Handle("GET /try", Loopback(), s.serve(s.help))
	srv := httptest.NewServer(s)
	defer srv.Close()
	ctx := openBrowser(t)
	run := func(script, want string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](script)); err != nil {
			t.Fatal(err)
		}
		got, err := chromedp.Run(ctx, eventually(`"→" + (document.querySelector("main")?.innerText ?? "") + " width " + (document.documentElement.scrollWidth <= innerWidth)`, want))
		if err != nil || !strings.Contains(got, want) || !strings.HasSuffix(got, "width true") {
			t.Fatalf("the page lacks %q: %q, %v", want, got, err)
		}
	}
	picture := func(name string) {
		t.Helper()
		folder := os.Getenv("NUTGRAF_TEST_PICTURES")
		if folder == "" {
			return
		}
		shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name+".png"), shot, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// The browser has no token; the same pages stand under a path of this machine.
	here := `for (const f of document.forms) f.action = "/try"; `
	do(t, ctx, chromedp.EmulateViewport(700, 900), chromedp.Navigate(srv.URL+"/try"))
	run(here+`document.querySelector("#line").value = "subscribe"; document.querySelector("form.ask button").click()`, "Sources")
	picture("form")
	run(here+`document.querySelector("#option-time").value = "9:30"; document.querySelector("#option-days").value = "tue"; document.querySelector(".checks input").click(); document.querySelector(".options button").click()`,
		"sketch with map[days:tue sources:a,b stories:5 time:9:30 zone:UTC]")
	picture("menus")
	run(here+`document.querySelector(".menus select").value = "full"; document.querySelector(".menus button").click()`, "set with map[id:7 setting:length value:full]")
	run(here+`document.querySelector("#line").value = "export"; document.querySelector("form.ask button").click()`, "feeds")
	if got := len(a.ran); got != 3 {
		t.Errorf("%d commands were run, want 3: %v", got, a.ran)
	}
}
