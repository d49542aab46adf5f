package main

import (
	"bytes"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/rogpeppe/go-internal/txtar"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
)

// goldenPage shows messages as the trial page does, and a window.
const goldenPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="/platforms.css"><style>
main { display: block; max-width: 46rem; margin: 1rem auto }
.window { font: 15px/1.5 system-ui, sans-serif; border: 1px solid #8886; border-radius: 8px; padding: 1rem 1.5rem; max-width: 30rem; margin: 1rem auto }
.window h2 { margin: 0 0 .5rem } .window label { display: block; font-weight: 600; margin-top: .9rem }
.window .box { border: 1px solid #8889; border-radius: 4px; padding: .4rem .6rem; min-height: 1.5rem } .window small { opacity: .7 }
.window .send { display: inline-block; margin-top: 1rem; padding: .4rem 1rem; border-radius: 4px; background: #1264a3; color: #fff }
</style></head><body><main>
{{with .Entries}}<section class="column {{$.Key}}"><div class="channel">{{range .}}{{template "entry" .}}{{end}}</div></section>{{end}}
{{with .Window}}<section class="window"><h2>{{.Title}}</h2>{{range .Fields}}<label>{{.Label}}{{if .Optional}} <small>(optional)</small>{{end}}</label>
<div class="box">{{range $i, $v := .Values}}{{if $i}} · {{end}}{{$v}}{{else}}&nbsp;{{end}}</div>{{with .Hint}}<small>{{.}}</small>{{end}}{{end}}<br><span class="send">{{.Submit}}</span></section>{{end}}
</main></body></html>`

// golden is what such a page shows.
type golden struct {
	Key     string
	Entries []entry
	Window  *window
}

type window struct {
	Title, Submit string
	Fields        []windowField
}

type windowField struct {
	Label, Hint string
	Optional    bool
	Values      []string
}

// TestGoldenPictures shows the golden files of both adapters in a browser: a
// digest, the answer to a search and the form of subscribe. NUTGRAF_TEST_PICTURES
// names a folder where the pictures are kept.
func TestGoldenPictures(t *testing.T) {
	pages := map[string]golden{
		"golden-slack-digest":    {Key: "slack", Entries: goldenSlack(t, "edition.json")},
		"golden-slack-search":    {Key: "slack", Entries: goldenSlack(t, "search.json")},
		"golden-slack-form":      {Window: slackWindow(t)},
		"golden-discord-digest":  {Key: "discord", Entries: goldenDiscord(t, "edition.golden.json")},
		"golden-discord-answer":  {Key: "discord", Entries: goldenDiscord(t, "answer.golden.json")},
		"golden-discord-subform": {Window: discordWindow(t)},
	}
	parsed, err := template.New("golden").Funcs(stageFunctions()).ParseFS(stageAssets, "assets/*.html")
	if err == nil {
		parsed, err = parsed.New("golden-page").Parse(goldenPage)
	}
	if err != nil {
		t.Fatal(err)
	}
	style, err := stageAssets.ReadFile("assets/platforms.css")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/platforms.css" {
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write(style)
			return
		}
		if err := parsed.ExecuteTemplate(w, "golden-page", pages[filepath.Base(r.URL.Path)]); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	ctx := openBrowser(t)
	folder := os.Getenv("NUTGRAF_TEST_PICTURES")
	for name := range pages {
		visit(t, ctx, srv.URL+"/"+name, "light", 900, 1200)
		box := must(t, ctx, chromedp.Evaluate[string](`document.querySelector("main").innerText`))
		if len(box) < 40 {
			t.Errorf("%s shows next to nothing: %q", name, box)
		}
		if folder != "" {
			crop(t, ctx, folder, name, `document.querySelector("main")`, 1200)
		}
	}
}

// eachGolden calls f for each value of a golden file of an adapter.
func eachGolden(t *testing.T, path string, f func(json.RawMessage)) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "adapters", path))
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		var v json.RawMessage
		if err := d.Decode(&v); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		f(v)
	}
}

func goldenSlack(t *testing.T, file string) (out []entry) {
	eachGolden(t, "slack/testdata/"+file, func(v json.RawMessage) {
		var p slackfake.Posted
		if err := json.Unmarshal(v, &struct {
			Text   *string
			Blocks *json.RawMessage
		}{&p.Text, &p.Blocks}); err != nil {
			t.Fatal(err)
		}
		p.User, p.TS = slackfake.BotUser, "1777874400.000100"
		look := p.Look()
		look.Author = "Nutgraf"
		out = append(out, entry{At: look.At, Slack: &look, Joined: len(out) > 0})
	})
	return out
}

func goldenDiscord(t *testing.T, file string) (out []entry) {
	eachGolden(t, "discord/testdata/"+file, func(v json.RawMessage) {
		look := discordfake.Message{ID: "1", Body: v, At: begin}.Look()
		out = append(out, entry{At: begin, Discord: &look, Joined: len(out) > 0})
	})
	return out
}

// slackWindow is the form of subscribe, as the program opens it on Slack.
func slackWindow(t *testing.T) *window {
	k := newTalk(t, venue{platform: "slack", transport: "socket"}, &txtar.Archive{})
	r := newSlackRoom(k).(*slackRoom)
	k.room = r
	if err := r.say("tom", "news", "subscribe", nil); err != nil {
		t.Fatal(err)
	}
	v := r.fake.Windows(slackPeople["tom"])[0]
	var named struct{ Title, Submit struct{ Text string } }
	if err := json.Unmarshal(v.Raw, &named); err != nil {
		t.Fatal(err)
	}
	out := &window{Title: named.Title.Text, Submit: named.Submit.Text}
	for _, in := range v.Inputs() {
		f := windowField{Label: in.Label, Hint: in.Hint, Optional: in.Optional}
		if in.Initial != "" {
			f.Values = []string{in.Initial}
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// discordWindow is the form of subscribe in the golden file.
func discordWindow(t *testing.T) *window {
	out := &window{Submit: "Submit"}
	eachGolden(t, "discord/testdata/modal.golden.json", func(v json.RawMessage) {
		var m modal
		if err := json.Unmarshal(v, &m); err != nil {
			t.Fatal(err)
		}
		out.Title = m.Title
		for _, c := range m.Components {
			f := windowField{Label: c.Label, Hint: c.Description, Optional: c.Component.Required != nil && !*c.Component.Required}
			if c.Component.Value != "" {
				f.Values = append(f.Values, c.Component.Value)
			}
			for _, o := range c.Component.Options {
				if o.Default {
					f.Values = append(f.Values, o.Label)
				}
			}
			out.Fields = append(out.Fields, f)
		}
	})
	return out
}
