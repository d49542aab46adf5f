package story

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

func TestFoldFindsReprints(t *testing.T) {
	wire := article("w", "Port weighs curfew", harbour, 0)
	changed := article("m", "Night curfew for freight trains", strings.Replace(harbour, "two people", "three officials", 1), 0)
	german, late := changed, changed
	german.ID, german.Language = "g", "de"
	late.ID, late.Published = "l", start.Add(5*24*time.Hour)
	late.Arrived = late.Published
	tests := []struct {
		name  string
		other digest.Article
		want  bool
	}{
		{"a changed copy", changed, true},
		{"in another language", german, false},
		{"days later", late, false},
		{"another report", article("r", "Port weighs curfew", railway, 0), false},
	}
	for _, tt := range tests {
		head := fold(NewWindow([]digest.Article{wire, tt.other}).docs)
		if got := head[0] == head[1]; got != tt.want {
			t.Errorf("%s: folded %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestReprintsOfRealTexts changes a share of the words of real articles, each
// for a word of another article, and looks which are still found as reprints,
// and whether different articles ever are.
func TestReprintsOfRealTexts(t *testing.T) {
	f, err := os.Open(shared(t, "summaries/cnn-dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var texts [][]string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.Fields(row.Text))
	}
	draw := func(words []string) vector {
		return sketch(Sketch(digest.Article{Text: strings.Join(words, " "), Language: "en"})).vector(census{})
	}
	r := rand.New(rand.NewPCG(1, 1))
	tests := []struct{ share, recall float64 }{{0, 1}, {.05, .99}, {.1, .96}}
	for _, tt := range tests {
		found, tries := 0, 0
		for i, words := range texts {
			other := texts[(i+1)%len(texts)]
			changed := make([]string, len(words))
			for k, w := range words {
				if changed[k] = w; r.Float64() < tt.share {
					changed[k] = other[r.IntN(len(other))]
				}
			}
			tries++
			pair := []digest.Article{article("a", "", strings.Join(words, " "), 0), article("b", "", strings.Join(changed, " "), 0)}
			if head := fold(NewWindow(pair).docs); head[0] == head[1] {
				found++
			}
		}
		got := float64(found) / float64(tries)
		t.Logf("%2.0f %% of the words changed: %.3f found", 100*tt.share, got)
		if got < tt.recall {
			t.Errorf("with %.0f %% of the words changed %.3f are found, want %.2f", 100*tt.share, got, tt.recall)
		}
	}
	wrong := 0
	var all []vector
	for _, words := range texts {
		v := draw(words)
		for k, u := range all {
			if reprint(u, v) {
				wrong++
				t.Logf("taken for copies: %.80q and %.80q", strings.Join(texts[k][:min(20, len(texts[k]))], " "), strings.Join(words[:min(20, len(words))], " "))
			}
		}
		all = append(all, v)
	}
	if wrong > 0 {
		t.Errorf("%d of %d pairs of different articles are taken for copies, want none", wrong, len(all)*(len(all)-1)/2)
	}
}
