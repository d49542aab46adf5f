package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nutgraf/digest"
)

// setting is a commented-out default: "# key = value  # remark".
var setting = regexp.MustCompile(`^# ([a-z_]+ +)?([a-z_]+ *= .*)$`)

// TestExampleShowsDefaults uncomments the defaults that config.toml shows and
// holds them against those of the code.
func TestExampleShowsDefaults(t *testing.T) {
	text, err := os.ReadFile("../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	program, _, _ := strings.Cut(string(text), "# --- Sources")
	var b strings.Builder
	shown := 0
	for line := range strings.Lines(program) {
		line = strings.TrimRight(line, "\n")
		if m := setting.FindStringSubmatch(line); m != nil && m[1] == "" && !strings.Contains(line, "token_") && !strings.Contains(line, "public_url") {
			line = m[2]
			shown++
		}
		b.WriteString(line + "\n")
	}
	got, err := parseConfig("config.toml", []byte(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	opts := cmp.Options{cmp.AllowUnexported(Config{}), cmpopts.IgnoreFields(Config{}, "path", "text"), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(defaults(), got, opts); diff != "" {
		t.Errorf("config.toml shows other defaults than the code has (-code +file):\n%s", diff)
	}
	if shown < 12 {
		t.Errorf("found %d commented settings only", shown)
	}
}

func TestExampleWorks(t *testing.T) {
	c, err := loadConfig("../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(c.sources()), 2; got != want {
		t.Errorf("sources: got %d, want %d", got, want)
	}
	subs := c.subscriptions(time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC))
	if len(subs) != 1 || subs[0].Channels[0].String() != "web:news" || subs[0].Zone != "UTC" || subs[0].Layout.Stories != 8 {
		t.Errorf("subscriptions: got %+v", subs)
	}
}

// TestConfigErrors holds what a wrong configuration is told: the line, what is
// wrong, and what to do.
func TestConfigErrors(t *testing.T) {
	source := "[[source]]\nid = \"a\"\nkind = \"feed\"\nurl = \"https://a.example/rss\"\n"
	sub := "[[subscription]]\nid = \"m\"\nchannels = [\"web:news\"]\ncron = \"0 8 * * *\"\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "[web]\nlisten = \"127.0.0.1:1\"\nlisen = 1\n", `c.toml:3: there is no setting "web.lisen"; did you mean "listen"?`},
		{"unknown table", "[wbe]\n", `c.toml:1: there is no setting "wbe"; did you mean "web"?`},
		{"syntax", "[web\n", "c.toml:1:"},
		{"type", "[defaults]\nstories = \"many\"\n", "c.toml:2: "},
		{"zone", "[defaults]\nzone = \"Berlin\"\n", `c.toml:2: defaults.zone: "Berlin" is not a time zone; write an IANA name such as "Europe/Berlin" or "UTC"; did you mean "Europe/Berlin"?`},
		{"span", "[fetch]\nevery = \"often\"\n", `c.toml:2: fetch.every: "often" is not a time span`},
		{"too often", "[fetch]\nevery = \"1s\"\n", "c.toml:2: sources may be fetched once a minute at most"},
		{"prefix", "[fetch]\nallow = [\"10.0.0.0/99\"]\n", `"10.0.0.0/99" is not an address range`},
		{"listen", "[web]\nlisten = \"8080\"\n", `c.toml:2: "8080" is no address to listen on`},
		{"shown", "[retention]\nshown = \"7d\"\n", "c.toml:2: what a channel was shown must be remembered for 90 days"},
		{"level", "[log]\nlevel = \"loud\"\n", `c.toml:2: level = "loud" is not possible; it is one of debug, info, warn, error`},
		{"source id", "[[source]]\nid = \"A b\"\nkind = \"feed\"\n", "c.toml:2: every [[source]] needs an id"},
		{"source kind", "[[source]]\nid = \"a\"\nkind = \"fed\"\n", `c.toml:3: kind = "fed" is not possible; it is one of feed, folder, push, sample; did you mean "feed"?`},
		{"source url", "[[source]]\nid = \"a\"\nkind = \"feed\"\nurl = \"feed.xml\"\n", `c.toml:4: the feed "a" needs url = "https://…"`},
		{"two sources", source + source, `c.toml:6: there are two sources with the id "a"`},
		{"second source", source + "\n[[source]]\nid = \"b\"\nkind = \"folder\"\n", `c.toml:6: the folder "b" needs path`},
		{"no channels", "[[subscription]]\nid = \"m\"\ncron = \"0 8 * * *\"\n", `c.toml:1: "m" needs channels`},
		{"channel", strings.Replace(sub, "web:news", "news", 1), `c.toml:3: "news" is not a channel`},
		{"platform", strings.Replace(sub, "web:news", "irc:news", 1), `c.toml:3: "irc:news" is on no platform`},
		{"no cron", "[[subscription]]\nid = \"m\"\nchannels = [\"web:news\"]\n", `c.toml:1: "m" needs a time`},
		{"cron", strings.Replace(sub, "0 8 * * *", "0 25 * * *", 1), "c.toml:4: "},
		{"every minute", strings.Replace(sub, "0 8 * * *", "* * * * *", 1), "c.toml:4: "},
		{"sources", sub + "sources = [\"b\"]\n" + source, `c.toml:5: there is no source "b"`},
		{"empty", sub + "empty = \"nothing\"\n", `c.toml:5: empty = "nothing" is not possible; it is one of skip, note`},
		{"stories", sub + "stories = 200\n", "c.toml:5: a digest shows 1 to 60 stories, not 200"},
		{"poll", "[timing]\npoll = \"1m\"\n", "c.toml:2: poll lies between 10ms and 15s"},
		{"timeout", "[timing]\ntimeout = \"20s\"\n", "c.toml:2: timeout lies between 50ms and 10s"},
		{"quiet", "[timing]\nquiet = \"9s\"\n", `c.toml:2: quiet = "9s" is shorter than the timeout of 10s`},
		{"lease", "[timing]\nlease = \"20s\"\n", `c.toml:2: lease = "20s" must be more than twice the timeout of 10s`},
		{"lease of a long timeout", "[timing]\nlease = \"2s\"\ntimeout = \"1s\"\n", `c.toml:2: lease = "2s" must be more than twice`},
		{"on_unknown", sub + "on_unknown = \"repeat\"\n", `c.toml:5: on_unknown = "repeat" is not possible; it is one of park, resend`},
		{"admin channel", "[[workspace]]\nid = \"*\"\nadmin_channel = \"irc:news\"\n", `c.toml:3: "irc:news" is on no platform that is set up here`},
		{"no admin channel", "[[workspace]]\nid = \"*\"\n", `c.toml:1: "" is not a channel`},
		{"metrics for all", "[metrics]\nlisten = \"0.0.0.0:9464\"\n", "c.toml:2: 0.0.0.0:9464 can be reached from outside; write open = true"},
		{"pprof for all", "[metrics]\nlisten = \":9464\"\nopen = true\npprof = true\n", "c.toml:4: pprof shows the program's memory"},
		{"heartbeat in the clear", "[heartbeat]\nurl = \"http://hc.example.org/x\"\n", "c.toml:2: http://hc.example.org would send everything in the clear"},
		{"heartbeat too often", "[heartbeat]\nurl = \"https://hc.example.org/x\"\nevery = \"1s\"\n", "c.toml:3: a heartbeat is sent once a minute at most"},
		{"store", "[store]\nurl = \"mysql://x\"\n", `c.toml:2: "mysql://" is no store`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseConfig("c.toml", []byte(c.text))
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if digest.KindOf(err) != digest.Invalid {
				t.Errorf("kind %v, want invalid", digest.KindOf(err))
			}
		})
	}
}

func TestSecrets(t *testing.T) {
	c := defaults()
	t.Setenv("TOKEN", " s3cret\n")
	got, err := c.secret("web", "token", "TOKEN", "")
	if err != nil || got.Reveal() != "s3cret" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	if _, err := c.secret("web", "token", "NUTGRAF_NOT_SET", ""); err == nil || !strings.Contains(err.Error(), "NUTGRAF_NOT_SET is empty") {
		t.Errorf("missing variable: %v", err)
	}
	if _, err := c.secret("web", "token", "", "/nowhere"); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := c.secret("web", "token", "A", "b"); err == nil {
		t.Error("both: no error")
	}
}

func TestClock(t *testing.T) {
	start := time.Date(2026, 3, 29, 0, 55, 0, 0, time.UTC)
	t.Setenv("NUTGRAF_CLOCK", "2026-03-29T00:55:00Z*3600")
	now := clock()
	a := now()
	if a.Before(start) || a.After(start.Add(time.Hour)) {
		t.Errorf("got %v, want shortly after %v", a, start)
	}
	t.Setenv("NUTGRAF_CLOCK", "soon")
	if got := clock()(); time.Since(got).Abs() > time.Minute {
		t.Errorf("an unusable value must leave the clock alone, got %v", got)
	}
}
