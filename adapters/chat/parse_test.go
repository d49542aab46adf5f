package chat

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func testSpecs() []Spec {
	return []Spec{
		{Name: "search", Help: "Search the archive", Options: []Option{{Name: "words", Required: true}, {Name: "source"}, {Name: "since", Type: SinceOption}, {Name: "limit", Type: IntOption, Min: 1, Max: 50}}},
		{Name: "latest", Help: "Show the latest digest", Options: []Option{{Name: "category"}}},
		{Name: "subscribe", Help: "Order a digest", For: Managers, Options: []Option{
			{Name: "time", Required: true}, {Name: "name", Required: true}, {Name: "length", Choices: []string{"line", "short", "full"}}, {Name: "silent", Type: BoolOption}}},
		{Name: "pause", Help: "Pause a digest", Options: []Option{{Name: "until", Type: DateOption}, {Name: "for", Type: DurationOption}}},
		{Name: "edit", Help: "Edit", OpensForm: true, Options: []Option{{Name: "name", Required: true}, {Name: "mode", Choices: []string{"a", "b"}}}},
		{Name: "help", Help: "List the commands"},
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		line, name string
		args       map[string]string
	}{
		{``, "help", nil},
		{`/digest`, "help", nil},
		{`/digest latest`, "latest", nil},
		{`/latest Harbor, city`, "latest", map[string]string{"category": "Harbor, city"}},
		{`LATEST`, "latest", nil},
		{`search "port strike" since:3d source:ledger`, "search", map[string]string{"words": "port strike", "since": "72h0m0s", "source": "ledger"}},
		{`search “port strike” since:yesterday`, "search", map[string]string{"words": "port strike", "since": "yesterday"}},
		{`search „port strike“`, "search", map[string]string{"words": "port strike"}},
		{`search «port strike»`, "search", map[string]string{"words": "port strike"}},
		{`search port since:2026-05-03 strike`, "search", map[string]string{"words": "port strike", "since": "2026-05-03"}},
		{`search Source:"Linden Wire" don't panic`, "search", map[string]string{"source": "Linden Wire", "words": "don't panic"}},
		{`search "since:3d" 6" pipe`, "search", map[string]string{"words": `since:3d 6" pipe`}},
		{`search https://ledger.example/a:b what: why`, "search", map[string]string{"words": "https://ledger.example/a:b what: why"}},
		{`search words:x limit:007`, "search", map[string]string{"words": "x", "limit": "7"}},
		{"search\tport\u00a0strike\n", "search", map[string]string{"words": "port strike"}},
		{`subscribe 08:00 The Morning Brief length:FULL silent:yes`, "subscribe", map[string]string{"time": "08:00", "name": "The Morning Brief", "length": "full", "silent": "true"}},
		{`pause 2026-05-03 1w2d`, "pause", map[string]string{"until": "2026-05-03", "for": "216h0m0s"}},
		{`pause for:1d12h`, "pause", map[string]string{"for": "36h0m0s"}},
		{`edit`, "edit", nil},
		{`edit a b c`, "edit", map[string]string{"name": "a b c"}},
	} {
		if c.args == nil {
			c.args = map[string]string{}
		}
		got, err := Parse(testSpecs(), c.line)
		if err != nil {
			t.Errorf("%q: %v", c.line, err)
			continue
		}
		if diff := cmp.Diff(Command{Name: c.name, Args: c.args}, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", c.line, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		line string
		kind digest.Kind
		want string
	}{
		{`subscirbe 8`, digest.NotFound, "did you mean `subscribe`?"},
		{`serach x`, digest.NotFound, "did you mean `search`?"},
		{`xyzzy`, digest.NotFound, "`help` lists them all"},
		{`search`, digest.Invalid, "`words` is missing; write `search <words> [source:…] [since:3d] [limit:1]`."},
		{`search "port strike`, digest.Invalid, "is not closed"},
		{`search words:"port strike`, digest.Invalid, "is not closed"},
		{`search x since:soon`, digest.Invalid, "`since:soon` is not a date or a span of time; write it like"},
		{`search x since:-3d`, digest.Invalid, "is not a date"},
		{`search x sinse:3d`, digest.Invalid, "did you mean `since:`?"},
		{`search x limit:99`, digest.Invalid, "between 1 and 50"},
		{`search x limit:many`, digest.Invalid, "not a number"},
		{`search x source:a source:b`, digest.Invalid, "given twice"},
		{`subscribe 8 x length:shrot`, digest.Invalid, "did you mean `short`"},
		{`subscribe 8 x length:poem`, digest.Invalid, "one of line, short, full"},
		{`subscribe 8 x silent:maybe`, digest.Invalid, "yes or no"},
		{`pause 2026-02-30`, digest.Invalid, "not a date"},
		{`pause today 3 days`, digest.Invalid, "more than `pause` takes"},
		{`pause for:99999999999w`, digest.Invalid, "not a span"},
		{`pause for:0h`, digest.Invalid, "not a span"},
		{`help me`, digest.Invalid, "more than `help` takes"},
		{`search ` + strings.Repeat("x", 5000), digest.TooLarge, "shorten"},
	} {
		got, err := Parse(testSpecs(), c.line)
		if err == nil {
			t.Errorf("%.60q: got %v, want an error", c.line, got)
			continue
		}
		if digest.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: got %v error %q, want %v with %q", c.line, digest.KindOf(err), err, c.kind, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	spec := testSpecs()[0]
	got, err := Check(spec, Command{Name: "search", Args: map[string]string{"words": " x ", "source": "", "since": "2w"}, User: User{ID: "u"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Command{Name: "search", Args: map[string]string{"words": "x", "since": "336h0m0s"}, User: User{ID: "u"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := Check(spec, Command{Args: map[string]string{"words": "x", "color": "red"}}); digest.KindOf(err) != digest.Invalid {
		t.Errorf("an unknown option gives %v, want an Invalid error", err)
	}
}

func TestUsageAndHelp(t *testing.T) {
	var got []string
	for _, s := range testSpecs() {
		got = append(got, Usage(s))
	}
	want := []string{"search <words> [source:…] [since:3d] [limit:1]", "latest [<category>]", "subscribe <time> <name> [length:line|short|full] [silent:yes]",
		"pause [<until>] [<for>]", "edit <name> [mode:a|b]", "help"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	rows := Locale{}.Help(testSpecs()).Blocks[1].Items
	if len(rows) != len(want) || rows[2].Plain() != "Order a digest (managers)" {
		t.Errorf("help rows are %v", rows)
	}
}

func TestSinceValue(t *testing.T) {
	loc := LocaleFor("en", "Europe/Berlin")
	now := time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC) // the 30th in Berlin, the day after the clocks went forward
	for value, want := range map[string]string{
		"": "0001-01-01T00:00:00Z", "today": "2026-03-29T22:00:00Z", "yesterday": "2026-03-28T23:00:00Z",
		"2026-03-01": "2026-02-28T23:00:00Z", "72h0m0s": "2026-03-26T22:30:00Z",
	} {
		got, err := SinceValue(value, now, loc)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: got %v, %v, want %s", value, got.UTC(), err, want)
		}
	}
	if _, err := SinceValue("soon", now, loc); digest.KindOf(err) != digest.Invalid {
		t.Errorf("got %v, want an Invalid error", err)
	}
	if got := IntValue("12", 3) + IntValue("", 3); got != 15 {
		t.Errorf("got %d, want 15", got)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"search", "subscribe", "sources", "status", "story"}
	for typed, want := range map[string]string{"sotry": "story", "soruces": "sources", "subscrib": "subscribe", "search": "", "x": "", "weather": "", "statsu": "status"} {
		if got := Nearest(typed, names); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestProblem(t *testing.T) {
	got := Problem(digest.Errorf(digest.Invalid, "Say more."))
	if diff := cmp.Diff(Reply{Private: true, Failed: true, Messages: []Message{Note("Say more.")}}, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzParse checks that whatever Parse accepts has known options only, that
// every value passes validation again unchanged, and that errors are for people.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`search "port strike" since:3d`, `subscribe 08:00 x length:full`, "pause “", `a:"`, `/x /y`, "search \xff:\"", `search ::: words:"" x`} {
		f.Add(s)
	}
	specs := testSpecs()
	f.Fuzz(func(t *testing.T, line string) {
		c, err := Parse(specs, line)
		if err != nil {
			if digest.KindOf(err) == digest.Internal {
				t.Fatalf("unclassified error %v", err)
			}
			return
		}
		again, err := Check(*find(specs, c.Name), c)
		if err != nil {
			t.Fatalf("%q gives %v, which is refused: %v", line, c, err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("%q changes when checked again:\n%s", line, diff)
		}
	})
}
