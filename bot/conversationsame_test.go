package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// transcripts are what people see at the end of the scripts, by the name of the
// test.
type transcripts struct {
	mu   sync.Mutex
	seen map[string][]string
}

// byChance are the ids of digests, feeds and saved articles, and the addresses of
// the script's servers: they are others each time.
var byChance = regexp.MustCompile(`\b(?:[A-Za-z0-9]{26}|[a-z0-9]{16})\b|127\.0\.0\.1:\d+`)

// add keeps what everybody sees.
func (c *transcripts) add(k *talk) {
	var out []string
	for _, who := range []string{"ana", "tom", "eve"} {
		for _, m := range k.room.seen(who) {
			out = append(out, fmt.Sprintf("%s: %s", who, byChance.ReplaceAllString(m.text, "…")))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[k.t.Name()] = out
}

// differences are where something else was seen over HTTP than over the socket.
func (c *transcripts) differences() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(c.seen)) {
		script, overHTTP := strings.CutSuffix(name, "-http")
		socket, played := c.seen[script+"-socket"]
		if !overHTTP || !played {
			continue
		}
		for i := range max(len(c.seen[name]), len(socket)) {
			if got, want := at(c.seen[name], i), at(socket, i); got != want {
				out = append(out, fmt.Sprintf("%s: %q\nover the socket: %q", name, got, want))
				break
			}
		}
	}
	return out
}

// at returns a line, "" where there is none.
func at(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return ""
}

// TestTranscriptsFindDifferences: the comparison is worth nothing if it lets all
// pass.
func TestTranscriptsFindDifferences(t *testing.T) {
	c := &transcripts{seen: map[string][]string{
		"same/slack-socket": {"ana: x"}, "same/slack-http": {"ana: x"}, "alone/discord-http": {"ana: x"}, "page/web": {"ana: x"},
		"less/slack-socket": {"ana: x", "tom: x"}, "less/slack-http": {"ana: x"},
		"more/discord-socket": nil, "more/discord-http": {"ana: x"},
		"other/slack-socket": {"ana: x"}, "other/slack-http": {"ana: y"},
	}}
	got, want := c.differences(), []string{"less/slack-http", "more/discord-http", "other/slack-http"}
	if len(got) != len(want) {
		t.Fatalf("got %q, want those of %q", got, want)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]+": ") {
			t.Errorf("got %q, want one of %s", got[i], want[i])
		}
	}
}
