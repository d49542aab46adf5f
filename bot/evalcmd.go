package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/digest"
)

// evalOptions are the flags of the evaluations.
type evalOptions struct {
	words  int    // of a summary; 0: the usual budget
	pred   string // file with somebody else's output to score instead of ours
	texts  string // file with the articles that labels point into
	asJSON bool
	now    time.Time // when undated articles arrive: all at once
}

func (g *global) evalCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "eval",
		Short: "Measure summaries, stories and quotes on a labelled collection",
		Long: "Runs this program on a collection whose right answers are known, and prints how near it comes, with\n" +
			"95 % intervals (bootstrap over the cases, the same every time) and what plain methods reach on the same\n" +
			"cases. docs/quality.md explains measures and files.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var o evalOptions
	sub := func(use, short, long string, run func(path string, o evalOptions) (evaluation, error)) *cobra.Command {
		s := &cobra.Command{Use: use + " FILE", Short: short, Long: long, Args: cobra.ExactArgs(1), RunE: func(_ *cobra.Command, args []string) error {
			if o.words < 0 {
				return usageError{fmt.Errorf("--words %d is not possible; give a number above 0", o.words)}
			}
			o.now = clock()()
			e, err := run(args[0], o)
			if err != nil {
				return err
			}
			if o.asJSON {
				return printJSON(g.std.out, e)
			}
			e.print(g.std.out)
			return nil
		}}
		s.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
		c.AddCommand(s)
		return s
	}
	summaries := sub("summaries", "ROUGE of summaries against those by people",
		"Each line of FILE is an article in interchange JSON, or {\"id\", \"articles\": […]}, with the summary by people as\n"+
			"\"reference\": a text, a list of sentences, or a list of such lists, of which the best counts.", evalSummaries)
	summaries.Flags().IntVar(&o.words, "words", 0, "words of a summary at most (default 66, or 72 for several articles)")
	summaries.Flags().StringVar(&o.pred, "pred", "", "score this file of {\"id\",\"summary\"} lines instead")
	stories := sub("stories", "B-cubed of stories against those by people",
		"Each line of FILE is an article in interchange JSON with the right \"story\", or {\"story\", \"articles\": […]}.", evalStories)
	stories.Flags().StringVar(&o.pred, "pred", "", "score this file of {\"id\",\"story\"} lines instead")
	quotes := sub("quotes", "Precision and recall of the speakers of quotes",
		"Each line of FILE is a {\"paragraph\", \"quote\", \"speaker\"}, with the paragraph before as \"prev_paragraph\". Where nobody\n"+
			"can be named, or the words are no quote, \"speaker\" is null. With --articles, a line is an {\"id\", \"start\", \"end\",\n"+
			"\"speaker\", \"accept\"} that points into an article's text, and of the articles named all quotes are labelled.", evalQuotes)
	quotes.Flags().StringVar(&o.texts, "articles", "", "the articles that the labels point into, as JSON lines with \"id\" and \"text\"")
	return c
}

// evalLine is one line of a labelled collection, its fields unread.
type evalLine struct {
	where  string // "FILE:LINE"
	raw    []byte
	fields map[string]json.RawMessage
}

// evalLines reads a labelled collection, or the output to be scored.
func evalLines(path string) ([]evalLine, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, digest.Errorf(digest.NotFound, "the collection cannot be read: %v; docs/quality.md says what it holds", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, digest.Errorf(digest.Invalid, "%s is a folder; name a file with one JSON object a line", path)
	}
	var out []evalLine
	err = eachLine(f, func(n int, raw []byte) error {
		l := evalLine{where: fmt.Sprintf("%s:%d", path, n), raw: []byte(string(raw))}
		if err := json.Unmarshal(raw, &l.fields); err != nil || l.fields == nil {
			return l.problem("this is no JSON object; write one a line, such as {\"id\": \"…\"}")
		}
		out = append(out, l)
		return nil
	})
	if digest.KindOf(err) == digest.TooLarge {
		err = digest.Errorf(digest.TooLarge, "%s: %s", path, digest.Explain(err))
	}
	if err == nil && len(out) == 0 {
		err = digest.Errorf(digest.Invalid, "%s holds no line; a labelled collection has one JSON object a line", path)
	}
	return out, err
}

func (l evalLine) problem(format string, args ...any) error {
	return digest.Errorf(digest.Invalid, "%s: %s", l.where, fmt.Sprintf(format, args...))
}

// has reports whether the field is there and not null.
func (l evalLine) has(field string) bool {
	v := strings.TrimSpace(string(l.fields[field]))
	return v != "" && v != "null"
}

// text reads a text; one that is not there is "".
func (l evalLine) text(field string) (string, error) {
	var s string
	if !l.has(field) {
		return "", nil
	}
	if err := json.Unmarshal(l.fields[field], &s); err != nil {
		return "", l.problem("%q must be a text", field)
	}
	return s, nil
}

// name reads an id, which may be a text or a number, from the first of the
// fields that is there.
func (l evalLine) name(fields ...string) (string, error) {
	for _, field := range fields {
		if !l.has(field) {
			continue
		}
		var n json.Number
		if l.fields[field][0] != '"' {
			if err := json.Unmarshal(l.fields[field], &n); err != nil {
				return "", l.problem("%q must be a text or a number", field)
			}
			return n.String(), nil
		}
		return l.text(field)
	}
	return "", l.problem("%q is missing", fields[0])
}

// answers reads somebody else's output: field by id, the last of one id.
func answers(path, field string) (map[string]evalLine, error) {
	lines, err := evalLines(path)
	if err != nil {
		return nil, err
	}
	out := make(map[string]evalLine, len(lines))
	for _, l := range lines {
		id, err := l.name("id")
		if err != nil {
			return nil, err
		}
		if !l.has(field) {
			return nil, l.problem("%q is missing", field)
		}
		out[id] = l
	}
	return out, nil
}
