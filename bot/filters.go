package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/brief"
	"nutgraf/digest/intake"
	"nutgraf/digest/story"
)

// maxLine is the longest input line of a filter, in bytes.
const maxLine = 16 << 20

// failure is the output line of an input line that could not be used.
type failure struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

func (g *global) briefCommand() *cobra.Command {
	var o digest.Options
	var asJSON, asLines bool
	c := &cobra.Command{
		Use:   "brief [FILE|URL|ID]",
		Short: "Write a brief of a file, a web page, an article or a story",
		Long: "Writes the brief of one text: headline, lede, why it matters, what to know, quotes, what's next.\n" +
			"With --jsonl it is a filter: one JSON article a line in, one JSON brief a line out. A line\n" +
			`{"id": "…", "articles": [ … ]} is several articles of one story.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOptions(o); err != nil {
				return err
			}
			switch {
			case asLines:
				in, closeIn, err := g.input(args)
				if err != nil {
					return err
				}
				defer closeIn()
				return briefLines(c.Context(), in, g.std.out, o, clock()())
			case len(args) == 0:
				return usageError{fmt.Errorf("name a file, a web address or an id; see nutgraf brief --help")}
			}
			b, err := g.briefOf(c.Context(), args[0], o)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(g.std.out, b)
			}
			g.show([]chat.Message{chat.Brief(b, o.Length, chat.LocaleFor(orDefault(b.Language, "en"), "UTC"))})
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the brief as JSON")
	c.Flags().BoolVar(&asLines, "jsonl", false, "read JSON lines, from the file or from standard input, and print JSON lines")
	c.Flags().IntVar(&o.Words, "words", 0, "also choose the best sentences within this many words (JSON: summary)")
	c.Flags().StringVar(&o.Length, "length", "", "line, short or full")
	return c
}

func checkOptions(o digest.Options) error {
	if o.Words < 0 {
		return usageError{fmt.Errorf("--words %d is not possible; give a number above 0", o.Words)}
	}
	switch o.Length {
	case "", "line", "short", "full":
		return nil
	}
	return usageError{fmt.Errorf("--length %q is not possible; it is line, short or full", o.Length)}
}

// input opens the named file, or standard input for none and "-".
func (g *global) input(args []string) (io.Reader, func() error, error) {
	if len(args) == 0 || args[0] == "-" {
		return g.std.in, func() error { return nil }, nil
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, nil, digest.Errorf(digest.NotFound, "%v", err)
	}
	return f, f.Close, nil
}

// briefOf writes the brief of what the argument names: a file, a web address,
// or the id of a stored article or story.
func (g *global) briefOf(ctx context.Context, arg string, o digest.Options) (digest.Brief, error) {
	if _, err := os.Stat(arg); err == nil || arg == "-" {
		articles, err := g.readArticles(arg)
		if err != nil {
			return digest.Brief{}, err
		}
		s := digest.Story{ID: articles[0].ID, Articles: articles, FirstSeen: articles[0].Arrived}
		return brief.Extractive{}.Brief(ctx, s, o)
	}
	a, err := g.open(ctx, openOptions{})
	if err != nil {
		return digest.Brief{}, err
	}
	defer a.close()
	var s digest.Story
	if strings.Contains(arg, "://") {
		page, err := pageReader{a}.Article(ctx, arg)
		if err != nil {
			return digest.Brief{}, err
		}
		s = digest.Story{ID: page.ID, Articles: []digest.Article{page}, FirstSeen: page.Arrived}
	} else if s, err = a.commands.Find(ctx, digest.Local, arg); err != nil {
		if digest.KindOf(err) == digest.NotFound {
			err = digest.Errorf(digest.NotFound, "there is no file %q, and no stored article or story has that id", arg)
		}
		return digest.Brief{}, err
	}
	return brief.Extractive{}.Brief(ctx, s, o)
}

// readArticles reads the articles of one file; "-" is standard input.
func (g *global) readArticles(path string) ([]digest.Article, error) {
	var body []byte
	var err error
	if path == "-" {
		body, err = io.ReadAll(io.LimitReader(g.std.in, maxLine))
	} else {
		body, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, digest.Errorf(digest.Invalid, "%v", err)
	}
	articles, results := intake.Parse(intake.Input{Name: path, Body: body, Workspace: digest.Local, Now: clock()()})
	if len(articles) == 0 {
		for _, r := range results {
			return nil, digest.Errorf(digest.Invalid, "%s: %s", r.Where, r.Reason)
		}
		return nil, digest.Errorf(digest.Invalid, "%s holds no article", path)
	}
	return articles, nil
}

// decodeStory reads one line of a filter into finished articles. Without an
// id of its own, an article keeps the one it was given.
func decodeStory(line []byte, now time.Time) (string, []digest.Article, error) {
	id, articles, err := intake.DecodeStory(line)
	if err == nil && len(articles) == 0 {
		err = digest.Errorf(digest.Invalid, "the line has no article")
	}
	for i := range articles {
		if err != nil {
			break
		}
		articles[i], err = intake.Finish(articles[i], now)
		if articles[i].GUID != "" {
			articles[i].ID = articles[i].GUID
		}
	}
	return id, articles, err
}

// briefLines is the filter: one output line for each input line, in order.
func briefLines(ctx context.Context, in io.Reader, out io.Writer, o digest.Options, now time.Time) error {
	w := bufio.NewWriter(out)
	defer w.Flush()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return eachLine(in, func(n int, line []byte) error {
		id, articles, err := decodeStory(line, now)
		if err != nil {
			return enc.Encode(failure{id, fmt.Sprintf("line %d: %s", n, digest.Explain(err))})
		}
		b, err := brief.Extractive{}.Brief(ctx, digest.Story{ID: id, Articles: articles}, o)
		if err != nil {
			return enc.Encode(failure{id, fmt.Sprintf("line %d: %s", n, digest.Explain(err))})
		}
		return enc.Encode(b)
	})
}

// eachLine calls f for each line that is not blank; n counts from 1.
func eachLine(in io.Reader, f func(n int, line []byte) error) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for scanner.Scan() {
		n++
		line := scanner.Bytes()
		if len(strings.TrimSpace(string(line))) == 0 {
			continue
		}
		if err := f(n, line); err != nil {
			return err
		}
	}
	if err := scanner.Err(); err != nil {
		return digest.Errorf(digest.TooLarge, "line %d cannot be read: %v; a line may have %d MB at most", n+1, err, maxLine>>20)
	}
	return nil
}

// assignment is one output line of the stories filter.
type assignment struct {
	ID    string `json:"id"`
	Story string `json:"story"`
}

func (g *global) storiesCommand() *cobra.Command {
	var asLines, asJSON bool
	var days int
	c := &cobra.Command{
		Use:   "stories [FILE]",
		Short: "Group articles into stories, or list the stored stories",
		Long:  "With --jsonl it is a filter: it reads all JSON articles, one a line, and prints {\"id\",\"story\"} in input order.\nWithout, it lists the stored stories of the last days.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !asLines {
				if len(args) > 0 {
					return usageError{fmt.Errorf("a file needs --jsonl; see nutgraf stories --help")}
				}
				return g.listStories(c.Context(), days, asJSON)
			}
			in, closeIn, err := g.input(args)
			if err != nil {
				return err
			}
			defer closeIn()
			return storyLines(in, g.std.out, clock()())
		},
	}
	c.Flags().BoolVar(&asLines, "jsonl", false, "read JSON lines, from the file or from standard input, and print JSON lines")
	c.Flags().BoolVar(&asJSON, "json", false, "list as JSON lines")
	c.Flags().IntVar(&days, "days", 4, "how many days back to list")
	return c
}

// storyLines is the filter: it groups all lines and prints one line for each.
func storyLines(in io.Reader, out io.Writer, now time.Time) error {
	type row struct {
		id, key string
		err     error
	}
	var rows []row
	taken := make(map[string]bool)
	var articles []digest.Article
	err := eachLine(in, func(n int, line []byte) error {
		id, one, err := decodeStory(line, now)
		if err == nil && len(one) != 1 {
			err = digest.Errorf(digest.Invalid, "give one article a line")
		}
		if err != nil {
			rows = append(rows, row{id: id, err: fmt.Errorf("line %d: %s", n, digest.Explain(err))})
			return nil
		}
		a := one[0]
		if a.ID = id; id == "" || taken[id] { // input ids need not be unique
			a.ID = fmt.Sprintf("%s line %d", id, n)
		}
		taken[a.ID] = true
		rows = append(rows, row{id: id, key: a.ID})
		articles = append(articles, a)
		return nil
	})
	if err != nil {
		return err
	}
	of := make(map[string]string, len(articles))
	for _, s := range story.Group(articles, nil) {
		for _, a := range s.Articles {
			of[a.ID] = s.ID
		}
	}
	w := bufio.NewWriter(out)
	defer w.Flush()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range rows {
		var line any = assignment{r.id, of[r.key]}
		if r.err != nil {
			line = failure{r.id, r.err.Error()}
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func orDefault(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
