package quality

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// driver runs the measures of the usual script on lines of JSON.
const driver = `
import sys, json
sys.path.insert(0, sys.argv[1])
import score as s
for line in open(sys.argv[2], encoding="utf-8"):
    d = json.loads(line)
    if "words" in d:
        out = [s._P.stem(w) if len(w) > 3 else w for w in d["words"]]
    elif "gold" in d:
        out = list(s.bcubed(d["gold"], d["made"])) + [s.ari(d["gold"], d["made"])]
    else:
        h = s.sents(d["summary"])
        best = max((s.score(g, h) for g in s.refs(d["reference"])), key=lambda x: x["rouge1"][2])
        out = {"sentences": h, "scores": [x for m in ("rouge1", "rouge2", "rougeL", "rougeLsum") for x in best[m]]}
    print(json.dumps(out))
`

// script returns what the script says to each input, or skips the test.
func script(t *testing.T, inputs []any) []json.RawMessage {
	t.Helper()
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("NUTGRAF_SHARED is not set: no script to compare with")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to run the script with")
	}
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, x := range inputs {
		if err := enc.Encode(x); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "in.jsonl")
	if err := os.WriteFile(path, in.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(python, "-B", "-c", driver, filepath.Join(root, "tools"), path)
	c.Stderr = os.Stderr
	got, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var out []json.RawMessage
	for line := range bytes.Lines(got) {
		out = append(out, json.RawMessage(line))
	}
	if len(out) != len(inputs) {
		t.Fatalf("the script answers %d lines, want %d", len(out), len(inputs))
	}
	return out
}

// odd are texts that splitters and tokenisers stumble over.
var odd = []string{
	"", " ", "...", "No stop", "The U.S. He left. At 5 p.m. The show began in the very old town hall p.m. The end.",
	"İstanbul and 3 \u212Aelvin met Mr. İ. Nobody else.", "It fell into lakes.Another rose.“Why?”Nobody (knew).Then x.\"The end\" a.\"\"The b.“Th c.”“Th",
	"He said \"Stop.\" Then he left!? Yes.) and so. ª b. ʰ c", "a.\u00a0B. c.\u001cD.\u2003E\u0085f. G", "Mr. J. Smith vs. I. The Inc. (etc.) \"Co. Ltd.\" met",
	"1,000.5 co-operate re-elected U.S.A. A.B.C. e.g. this", "東京で。 Ünïcödé naïve café ʼn", "one\n\n\ntwo. three\nfour", "skies dying innings proceed agreed", "ǅ. ǅ Ⅷ. ⅷ x",
}

var pieces = strings.Fields(`. ! ? " ” “ ' ’ ) ] ( U.S p.m Mr x X The the ends. end." said.” Inc. generalli 3.5 İ ª ...`)

// oddText strings pieces together at random.
func oddText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(25) {
		b.WriteString(pieces[r.IntN(len(pieces))])
		if r.IntN(3) > 0 {
			b.WriteString([]string{" ", " ", " ", "\n", "\u00a0"}[r.IntN(5)])
		}
	}
	return b.String()
}

type pairing struct {
	Reference any `json:"reference"`
	Summary   any `json:"summary"`
}

func TestRougeAgreesWithScript(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var inputs []any
	for _, a := range odd {
		for _, b := range odd {
			inputs = append(inputs, pairing{a, b})
		}
	}
	for range 2000 {
		inputs = append(inputs, pairing{oddText(r), oddText(r)}, pairing{[]string{oddText(r), oddText(r)}, []string{oddText(r), oddText(r), oddText(r)}})
	}
	inputs = append(inputs, pairing{[][]string{{"the cat sat", "on a mat"}, {"the cat sat on it"}}, "The cat sat on it."})
	for _, name := range []string{"cnn-dev", "neus-val"} {
		inputs = append(inputs, labelledPairs(t, name)...)
	}
	for i, raw := range script(t, inputs) {
		var want struct {
			Sentences []string
			Scores    []float64
		}
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		in := inputs[i].(pairing)
		summary := sentencesOf(in.Summary)
		if strings.Join(summary, "|") != strings.Join(want.Sentences, "|") {
			t.Fatalf("sentences of %q:\n got %q\nwant %q", in.Summary, summary, want.Sentences)
		}
		refs, ok := in.Reference.([][]string)
		if !ok {
			refs = [][]string{sentencesOf(in.Reference)}
		}
		got := Best(refs, summary)
		var flat []float64
		for _, m := range []Measure{got.One, got.Two, got.L, got.Lsum} {
			flat = append(flat, m.P, m.R, m.F)
		}
		for k := range flat {
			if math.Abs(flat[k]-want.Scores[k]) > 1e-9 {
				t.Fatalf("figures of %q against %q:\n got %v\nwant %v", in.Summary, in.Reference, flat, want.Scores)
			}
		}
	}
	t.Logf("%d pairs agree", len(inputs))
}

func sentencesOf(x any) []string {
	switch x := x.(type) {
	case string:
		return Split(x)
	case []string:
		var out []string
		for _, s := range x {
			if strings.TrimFunc(s, blank) != "" {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// labelledPairs pairs the references of a collection with openings of its articles.
func labelledPairs(t *testing.T, name string) []any {
	t.Helper()
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("NUTGRAF_SHARED is not set: no collection to compare on")
	}
	f, err := os.Open(filepath.Join(root, "data", "summaries", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []any
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row struct {
			Text      string
			Reference json.RawMessage
			Articles  []struct{ Body string }
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		for _, a := range row.Articles {
			row.Text += a.Body + "\n"
		}
		var list []string
		if json.Unmarshal(row.Reference, &list) == nil {
			out = append(out, pairing{list, string([]rune(row.Text)[:min(700, len([]rune(row.Text)))])})
			continue
		}
		var one string
		if err := json.Unmarshal(row.Reference, &one); err != nil {
			t.Fatal(err)
		}
		out = append(out, pairing{one, string([]rune(row.Text)[:min(700, len([]rune(row.Text)))])})
	}
	return out
}

func TestStemsAgreeWithScript(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range labelledPairs(t, "cnn-dev") {
		for _, w := range strings.FieldsFunc(strings.ToLower(p.(pairing).Summary.(string)), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
			seen[w] = true
		}
	}
	endings := strings.Fields("s es ies ied ed eed ing y ational tional enci izer alli fulli logi ization biliti icate ative ical ness ement ion ll sses zzing bled")
	for _, stem := range strings.Fields("gener hop fail tr electr y syz a oper bel conf rel 1990 x2 adopt vietnam") {
		for _, e := range endings {
			seen[stem+e] = true
		}
	}
	var words []string
	for w := range seen {
		words = append(words, w)
	}
	var want []string
	if err := json.Unmarshal(script(t, []any{map[string]any{"words": words}})[0], &want); err != nil {
		t.Fatal(err)
	}
	for i, w := range words {
		if got := w; len(w) > 3 {
			if got = porter(w); got != want[i] {
				t.Errorf("porter(%q) = %q, want %q", w, got, want[i])
			}
		}
	}
	t.Logf("%d stems agree", len(words))
}

func TestGroupingAgreesWithScript(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	type grouping struct {
		Gold []string `json:"gold"`
		Made []string `json:"made"`
	}
	inputs := []any{grouping{[]string{"a"}, []string{"x"}}, grouping{[]string{"a", "b"}, []string{"x", "x"}}, grouping{[]string{"a", "a", "a"}, []string{"x", "x", "x"}}}
	for range 300 {
		var g grouping
		for range 1 + r.IntN(60) {
			g.Gold, g.Made = append(g.Gold, fmt.Sprint(r.IntN(9))), append(g.Made, fmt.Sprint(r.IntN(7)))
		}
		inputs = append(inputs, g)
	}
	for i, raw := range script(t, inputs) {
		var want []float64
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		g := inputs[i].(grouping)
		p, q := BCubed(g.Gold, g.Made)
		got := []float64{Mean(p), Mean(q), FMeasure(Mean(p), Mean(q)), AdjustedRand(g.Gold, g.Made)}
		for k := range got {
			if math.Abs(got[k]-want[k]) > 1e-9 {
				t.Fatalf("%v: got %v, want %v", g, got, want)
			}
		}
	}
}
