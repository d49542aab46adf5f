package chat

import (
	"errors"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*[\d.]*([a-zA-Z%])`)

// verbs returns the verbs of a format by the argument they show.
func verbs(format string) map[int]string {
	out, next := make(map[int]string), 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next = int(m[1][0] - '0')
		}
		out[next] = m[2]
		next++
	}
	return out
}

// TestCatalogues reads every catalogue and sees that a translation shows the
// arguments that the English has.
func TestCatalogues(t *testing.T) {
	for _, lang := range Languages() {
		if lang == "en" {
			continue
		}
		words := translations()[lang]
		if len(words) == 0 {
			t.Errorf("the catalogue %s is missing, or cannot be read", lang)
		}
		for english, said := range words {
			if diff := cmp.Diff(verbs(english), verbs(said)); diff != "" {
				t.Errorf("%s: %q does not show the arguments of %q (-want +got)\n%s", lang, said, english, diff)
			}
		}
	}
	for lang := range translations() {
		if !slices.Contains(Languages(), lang) {
			t.Errorf("the catalogue %s is of no language that is offered", lang)
		}
	}
}

func TestTranslation(t *testing.T) {
	general := "Something went wrong inside Nutgraf; the log of the program says what."
	de := Locale{Language: "de"}
	tests := []struct {
		name      string
		got, want string
	}{
		{"English", Locale{}.T(general), general},
		{"German", de.T(general), "In Nutgraf ist etwas schiefgegangen; was, steht im Protokoll des Programms."},
		{"not in the catalogue", de.T("%d of %s", 2, "x"), "2 of x"},
		{"no arguments, a percent sign", de.T("100%"), "100%"},
		{"an internal error", de.Explain(errors.New("disk on fire")), "In Nutgraf ist etwas schiefgegangen; was, steht im Protokoll des Programms."},
		{"an error without a template", de.Explain(&digest.Error{Kind: digest.Invalid, Msg: "So."}), "So."},
		{"an error in an error", Locale{}.Explain(digest.Errorf(digest.Invalid, "Not this: %w", digest.Errorf(digest.Invalid, "%q is no day", "x"))), `Not this: "x" is no day`},
		{"one", Locale{}.N(1, "%d story", "%d stories"), "1 story"},
		{"many", Locale{}.N(0, "%d story", "%d stories"), "0 stories"},
		{"French counts nought as one", Locale{Language: "fr"}.N(0, "%d story", "%d stories"), "0 sujet"},
		{"Japanese knows no plural", Locale{Language: "ja"}.N(1, "%d story", "%d stories"), "話題 1 件"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestParseGroups(t *testing.T) {
	specs := []Spec{{Name: "feed add", Options: []Option{{Name: "url", Required: true}}}, {Name: "feed list"}, {Name: "story"}}
	tests := []struct{ line, name, problem string }{
		{"feed add https://a.example", "feed add", ""},
		{"/digest feed list", "feed list", ""},
		{"Feed List", "feed list", ""},
		{"feed", "", "`feed` needs to know what to do; write one of `feed add`, `feed list`."},
		{"feed ad https://a.example", "", "There is no command `feed ad`; did you mean `feed add`?"},
		{"feed drop", "", "There is no command `feed drop`; write one of `feed add`, `feed list`."},
		{"fed list", "", "There is no command `fed`; did you mean `feed`?"},
	}
	for _, tt := range tests {
		c, err := Parse(specs, tt.line)
		problem := ""
		if err != nil {
			problem = digest.Explain(err)
		}
		if c.Name != tt.name || problem != tt.problem {
			t.Errorf("%q: got %q and %q, want %q and %q", tt.line, c.Name, problem, tt.name, tt.problem)
		}
	}
}
