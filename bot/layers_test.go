package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// allowed says which packages of the module a package may import. A trailing
// "/" allows everything below; the first matching rule holds.
var allowed = []struct {
	pkg  string
	deps []string
}{
	{"nutgraf/digest", nil},
	{"nutgraf/digest/text", []string{"nutgraf/digest"}},
	{"nutgraf/digest/schedule", []string{"nutgraf/digest"}},
	{"nutgraf/digest/intake", []string{"nutgraf/digest", "nutgraf/digest/text"}},
	{"nutgraf/digest/story", []string{"nutgraf/digest", "nutgraf/digest/text"}},
	{"nutgraf/digest/brief", []string{"nutgraf/digest", "nutgraf/digest/text"}},
	{"nutgraf/digest/quality", []string{"nutgraf/digest", "nutgraf/digest/text"}},
	{"nutgraf/digest/edition", []string{"nutgraf/digest", "nutgraf/digest/story", "nutgraf/digest/brief", "nutgraf/digest/text"}},
	{"nutgraf/adapters/chat", []string{"nutgraf/digest", "nutgraf/digest/"}},
	{"nutgraf/adapters/egress", []string{"nutgraf/digest", "nutgraf/digest/"}},
	{"nutgraf/adapters/", []string{"nutgraf/digest", "nutgraf/digest/", "nutgraf/adapters/chat", "nutgraf/adapters/egress"}},
	{"nutgraf/bot/command", []string{"nutgraf/digest", "nutgraf/digest/", "nutgraf/adapters/chat"}},
	{"nutgraf/bot/newsroom", []string{"nutgraf/digest", "nutgraf/digest/", "nutgraf/adapters/chat"}},
	{"nutgraf/bot", []string{"nutgraf/"}},
}

// TestLayers holds the arrows: bot → adapters → digest, never back.
func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "nutgraf/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		seen++
		for _, bad := range violations(p.ImportPath, p.Imports) {
			t.Errorf("%s may not import %s", p.ImportPath, bad)
		}
	}
	if seen < 10 {
		t.Errorf("go list named %d packages only", seen)
	}
}

// TestLayersCatches makes sure that the rules can fail.
func TestLayersCatches(t *testing.T) {
	for _, c := range []struct {
		pkg, dep string
		want     bool
	}{
		{"nutgraf/digest", "nutgraf/digest/text", true},
		{"nutgraf/digest", "github.com/spf13/cobra", true},
		{"nutgraf/digest/story", "nutgraf/adapters/chat", true},
		{"nutgraf/adapters/web", "nutgraf/adapters/sqlstore", true},
		{"nutgraf/bot/command", "nutgraf/adapters/web", true},
		{"nutgraf/elsewhere", "fmt", true},
		{"nutgraf/adapters/web", "nutgraf/adapters/chat", false},
		{"nutgraf/bot", "nutgraf/adapters/sqlstore", false},
	} {
		if got := len(violations(c.pkg, []string{c.dep})) > 0; got != c.want {
			t.Errorf("%s importing %s: violation %v, want %v", c.pkg, c.dep, got, c.want)
		}
	}
}

func violations(pkg string, imports []string) []string {
	for _, rule := range allowed {
		if !matches(rule.pkg, pkg) {
			continue
		}
		var bad []string
		for _, dep := range imports {
			foreign := strings.Contains(strings.Split(dep, "/")[0], ".")
			switch {
			case pkg == "nutgraf/digest" && foreign:
				bad = append(bad, dep)
			case strings.HasPrefix(dep, "nutgraf/") && !matchesAny(rule.deps, dep):
				bad = append(bad, dep)
			}
		}
		return bad
	}
	return []string{"anything: the package has no place in the house"}
}

func matches(rule, pkg string) bool {
	return rule == pkg || strings.HasSuffix(rule, "/") && strings.HasPrefix(pkg, rule)
}

func matchesAny(rules []string, pkg string) bool {
	for _, r := range rules {
		if matches(r, pkg) {
			return true
		}
	}
	return false
}
