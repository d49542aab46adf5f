package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestEncodeDecode(t *testing.T) {
	full := digest.Article{
		Workspace: digest.Shared, Source: "notes", GUID: "7", URL: "https://ledger.example/a?b=1&c=<d>", Title: "Port Weighs Curfew", Category: "Harbor",
		Text: "The lede.\n\nGrain.\n\nA draft.\n\nAna Reyes said: “No.”\n\nA vote.", Authors: []string{"Maya Lind", "Jon Park"}, Publisher: "Linden Ledger", Outlet: "Linden Wire",
		Tags: []string{"rail"}, Language: "en", Image: "https://ledger.example/a.jpg", Published: time.Date(2026, 5, 4, 13, 10, 0, 5e6, time.UTC),
	}
	at := 0
	for i, p := range strings.Split(full.Text, "\n\n") {
		full.Marks = append(full.Marks, digest.Mark{Section: digest.Sections()[i], Start: at, End: at + len(p)})
		at += len(p) + 2
	}
	for _, c := range []struct {
		name string
		a    digest.Article
	}{
		{"all fields", full},
		{"title only", digest.Article{Title: "A"}},
		{"untitled", digest.Article{Title: digest.Untitled, Text: "The port is drafting rules. It is late."}},
		{"title of one word, text of one line", digest.Article{Title: "Port", Text: "Harbor"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want, err := Finish(c.a, now)
			if err != nil {
				t.Fatal(err)
			}
			line, err := Encode(want)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(line), "\n") || strings.Contains(string(line), `\u0026`) {
				t.Errorf("%s is not one line of plain JSON", line)
			}
			checkSchema(t, line)
			got, err := Decode(line)
			if err != nil {
				t.Fatal(err)
			}
			got.Workspace, got.Source = want.Workspace, want.Source
			if got, err = Finish(got, now); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

// checkSchema holds a line against what of JSON Schema article.schema.json
// uses.
func checkSchema(t testing.TB, line []byte) {
	t.Helper()
	var rules struct {
		AnyOf      []struct{ Required []string }
		Properties map[string]struct{ Type []string }
	}
	if err := json.Unmarshal(Schema(), &rules); err != nil {
		t.Fatal(err)
	}
	var o map[string]any
	if err := json.Unmarshal(line, &o); err != nil {
		t.Fatal(err)
	}
	met := false
	for _, alternative := range rules.AnyOf {
		_, there := o[alternative.Required[0]]
		met = met || there
	}
	if !met || len(rules.AnyOf) == 0 {
		t.Errorf("%s has none of the required keys", line)
	}
	for key, value := range o {
		kind := "null"
		switch value.(type) {
		case string:
			kind = "string"
		case float64:
			kind = "number"
		case []any:
			kind = "array"
		}
		if !slices.Contains(rules.Properties[key].Type, kind) {
			t.Errorf("%q is %s, the schema says %v", key, kind, rules.Properties[key].Type)
		}
	}
}

func TestSchemaNamesWhatIsRead(t *testing.T) {
	var rules struct{ Properties map[string]any }
	if err := json.Unmarshal(Schema(), &rules); err != nil {
		t.Fatal(err)
	}
	want := []string{"authors", "category", "html", "id", "image", "language", "published", "publisher", "source", "tags", "text", "title", "url"}
	var got []string
	for key := range rules.Properties {
		got = append(got, key)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

func TestDecodeStory(t *testing.T) {
	for _, c := range []struct {
		name, line string
		id         string
		titles     []string
		problem    string
	}{
		{"one article", `{"id":"7","title":"A","body":"B."}`, "7", []string{"A"}, ""},
		{"several", `{"id":7,"articles":[{"title":"A","body":"B."},{"title":"C","text":"D."}]}`, "7", []string{"A", "C"}, ""},
		{"no id", `{"title":"A"}`, "", []string{"A"}, ""},
		{"one of them bad", `{"id":"7","articles":[{"title":"A"},{"title":[]}]}`, "7", nil, `Article 2: "title" must be a string, not a list.`},
		{"no articles", `{"id":"7","articles":[]}`, "7", nil, "at least one article"},
		{"articles of another type", `{"id":"7","articles":"A"}`, "7", nil, "at least one article"},
		{"empty article", `{"id":"7"}`, "7", nil, "neither title nor text"},
		{"bad id", `{"id":{}}`, "", nil, `"id" must be a string`},
		{"bad body", `{"id":"7","body":{}}`, "7", nil, `"body" must be a string`},
		{"no JSON", `{"id":`, "", nil, "not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, articles, err := DecodeStory([]byte(c.line))
			var titles []string
			for _, a := range articles {
				titles = append(titles, a.Title)
			}
			if id != c.id || !slices.Equal(titles, c.titles) {
				t.Errorf("got %q, %q; want %q, %q", id, titles, c.id, c.titles)
			}
			if (err != nil) != (c.problem != "") || err != nil && (!strings.Contains(digest.Explain(err), c.problem) || digest.KindOf(err) != digest.Invalid) {
				t.Errorf("error %v, want one with %q", err, c.problem)
			}
		})
	}
}
