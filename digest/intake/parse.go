package intake

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"nutgraf/digest"
)

// maxBody is the length in bytes above which an input is refused as a whole.
const maxBody = 256 << 20

// Input is one file or one push: bytes with what is known about them.
type Input struct {
	Name      string    // path or URL, for messages; its extension tells the type
	Body      []byte    // as read; byte order marks, UTF-16 and windows-1252 are understood
	Source    string    // id of the source it came in by
	Workspace string    // "" means digest.Shared
	Language  string    // ISO 639-1 of the source, "" to detect
	Category  string    // for articles that bring none
	Now       time.Time // arrival of undated articles, reference for bad dates
	Fresh     bool      // news that just came in, as by push: every article arrives Now, not when it was published
}

// reader collects what Parse finds.
type reader struct {
	in       Input
	articles []digest.Article
	refused  []digest.Result
}

// Parse reads the articles of an input: plain text, Markdown, HTML, or
// interchange JSON, alone, in an array, under "articles", or one a line. An
// article that cannot be taken becomes a refused Result that says where it
// stands and what to do; it never keeps the others out. Imported articles
// arrive when they were published, unless the input is Fresh.
func Parse(in Input) ([]digest.Article, []digest.Result) {
	r := &reader{in: in}
	if r.in.Workspace == "" {
		r.in.Workspace = digest.Shared
	}
	if len(in.Body) > maxBody {
		r.refuse(in.Name, "", digest.Errorf(digest.TooLarge, "The file is larger than %d MB; split it.", maxBody>>20))
		return nil, r.refused
	}
	body, err := decodeBody(in.Body)
	if err != nil {
		r.refuse(in.Name, "", err)
		return nil, r.refused
	}
	if len(bytes.TrimSpace(body)) == 0 {
		r.refuse(in.Name, "", digest.Errorf(digest.Invalid, "The file is empty; give it a title or text."))
		return nil, r.refused
	}
	switch typeOf(in.Name, body) {
	case "jsonl":
		r.lines(body)
	case "json":
		r.json(body)
	case "html":
		r.add(in.Name, htmlPage(body))
	default:
		r.plain(body)
	}
	return r.articles, r.refused
}

// typeOf tells the type by extension, else by what the body looks like.
func typeOf(name string, body []byte) string {
	name, _, _ = strings.Cut(name, "?")
	name, _, _ = strings.Cut(name, "#")
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".json":
		return "json"
	case ".html", ".htm", ".xhtml":
		return "html"
	case ".txt", ".md", ".markdown", ".text":
		return "text"
	}
	head := bytes.TrimSpace(body)
	head = head[:min(len(head), 2048)]
	switch {
	case head[0] == '{' && oneObjectPerLine(body):
		return "jsonl"
	case head[0] == '{', head[0] == '[' && bytes.ContainsAny(head[:min(len(head), 64)], "{]"):
		return "json"
	}
	low := bytes.ToLower(head)
	if bytes.HasPrefix(low, []byte("<!doctype html")) || bytes.Contains(low, []byte("<html")) || head[0] == '<' && anyTag.Match(body[:min(len(body), 1<<16)]) {
		return "html"
	}
	return "text"
}

// oneObjectPerLine tells whether the first line is a whole object and another
// line follows.
func oneObjectPerLine(body []byte) bool {
	first, rest, _ := bytes.Cut(bytes.TrimSpace(body), []byte("\n"))
	return bytes.HasSuffix(bytes.TrimSpace(first), []byte("}")) && bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{"))
}

// add finishes an article and takes it, or refuses it.
func (r *reader) add(where string, a digest.Article) {
	a.Source, a.Workspace = r.in.Source, r.in.Workspace
	if a.Category == "" {
		a.Category = r.in.Category
	}
	if a.Language == "" {
		a.Language = r.in.Language
	}
	a.Arrived = r.in.Now
	if !r.in.Fresh && !a.Published.IsZero() {
		a.Arrived = a.Published
	}
	done, err := Finish(a, r.in.Now)
	if err != nil {
		r.refuse(where, a.Title, err)
		return
	}
	r.articles = append(r.articles, done)
}

func (r *reader) refuse(where, title string, err error) {
	r.refused = append(r.refused, digest.Result{Verdict: digest.Refused, Where: where, Title: title, Reason: digest.Explain(err)})
}

// item names the nth item of the input, from 1.
func (r *reader) item(n int) string {
	if r.in.Name == "" {
		return fmt.Sprintf("item %d", n)
	}
	return fmt.Sprintf("item %d of %s", n, r.in.Name)
}

// line names a line of the input, from 1.
func (r *reader) line(n int) string {
	if r.in.Name == "" {
		return fmt.Sprintf("line %d", n)
	}
	return fmt.Sprintf("%s:%d", r.in.Name, n)
}
