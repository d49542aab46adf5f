package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// nutgraf runs a command line and returns what it prints.
func nutgraf(t *testing.T, in string, args ...string) string {
	t.Helper()
	var out, problems bytes.Buffer
	if code := run(args, stdio{in: strings.NewReader(in), out: &out, err: &problems}); code != exitOK {
		t.Fatalf("nutgraf %s: exit %d: %s", strings.Join(args, " "), code, problems.String())
	}
	return out.String()
}

// TestEvalAgreesWithScript holds eval against the filters with the usual
// script behind them: the same figures, to the digits that the script prints.
func TestEvalAgreesWithScript(t *testing.T) {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("NUTGRAF_SHARED is not set: no script and no collections to compare with")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3 to run the script with")
	}
	for _, tt := range []struct{ kind, file, names string }{
		{"summaries", "summaries/cnn-dev.jsonl", "R1 R2 RL RLsum words"},
		{"stories", "stories/ecbplus-dev.jsonl", "P:precision R:recall F1 ARI"},
		{"stories", "stories/uci-dev.jsonl", "P:precision R:recall F1 ARI"},
	} {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			gold := filepath.Join(root, "data", tt.file)
			pred := filepath.Join(t.TempDir(), "pred.jsonl")
			body := nutgraf(t, "", "stories", "--jsonl", gold)
			if tt.kind == "summaries" {
				body = summariesOf(nutgraf(t, "", "brief", "--jsonl", "--words", "66", gold))
			}
			if err := os.WriteFile(pred, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.Command("python3", "-B", filepath.Join(root, "tools", "score.py"), tt.kind, gold, pred)
			c.Stderr = os.Stderr
			said, err := c.Output()
			if err != nil {
				t.Fatal(err)
			}
			own := nutgraf(t, "", "eval", tt.kind, gold, "--json")
			compare(t, string(said), own, tt.names)
			compare(t, string(said), nutgraf(t, "", "eval", tt.kind, gold, "--pred", pred, "--json"), tt.names)
		})
	}
}

// summariesOf turns briefs into what the script scores.
func summariesOf(lines string) string {
	var out strings.Builder
	for line := range strings.Lines(lines) {
		var b struct {
			ID      string
			Summary []struct{ Text string }
		}
		if json.Unmarshal([]byte(line), &b) != nil {
			continue
		}
		texts := []string{}
		for _, s := range b.Summary {
			texts = append(texts, s.Text)
		}
		row, _ := json.Marshal(map[string]any{"id": b.ID, "summary": texts})
		fmt.Fprintln(&out, string(row))
	}
	return out.String()
}

// compare holds the figures of a line of the script against those of eval.
func compare(t *testing.T, said, own, names string) {
	t.Helper()
	var e evaluation
	if err := json.Unmarshal([]byte(own), &e); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{"words": e.Rows[0].Words}
	for _, s := range e.Rows[0].Scores {
		got[s.Name] = s.Value
	}
	for name := range strings.FieldsSeq(names) {
		theirs, ours, ok := strings.Cut(name, ":")
		if !ok {
			ours = theirs
		}
		m := regexp.MustCompile(`\b` + theirs + `=(-?[\d.]+)`).FindStringSubmatch(said)
		if m == nil {
			t.Fatalf("the script does not say %s: %s", theirs, said)
		}
		want, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		_, decimals, _ := strings.Cut(m[1], ".")
		if half := .5*math.Pow10(-len(decimals)) + 1e-9; math.Abs(got[ours]-want) > half {
			t.Errorf("%s = %.4f, want %s", ours, got[ours], m[1])
		}
	}
}
