package intake

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
)

// maxLine is the length in bytes above which one item is refused.
const maxLine = 8 << 20

//go:embed article.schema.json
var schema []byte

// Schema returns the JSON Schema of one article in interchange JSON.
func Schema() []byte { return bytes.Clone(schema) }

// unreadable stands for a date that was given but cannot be read; Finish makes
// it the arrival.
var unreadable = time.Unix(-1, 0).UTC()

// timeOrBad reads a time; what cannot be read becomes one that Finish does not
// believe.
func timeOrBad(s string) time.Time {
	if t, ok := ParseTime(s); ok {
		return t
	}
	return unreadable
}

// Decode reads one article in interchange JSON and recognises its sections.
// It is not finished: see Finish.
func Decode(item []byte) (digest.Article, error) {
	o, err := decodeObject(item)
	if err != nil {
		return digest.Article{}, err
	}
	return o.article()
}

// DecodeStory reads what is to become one brief: a single article, or
// {"id": …, "articles": [article, …]}. The text may also be called "body".
// The articles are not finished. The id is returned even with an error, as far
// as it could be read.
func DecodeStory(line []byte) (id string, articles []digest.Article, err error) {
	o, err := decodeObject(line)
	if err != nil {
		return "", nil, err
	}
	if id, err = o.str("id"); err != nil {
		return "", nil, err
	}
	list, several := o["articles"]
	if !several {
		a, err := o.article()
		if err != nil {
			return id, nil, err
		}
		return id, []digest.Article{a}, nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil || len(items) == 0 {
		return id, nil, digest.Errorf(digest.Invalid, `"articles" must be a list with at least one article.`)
	}
	for i, item := range items {
		a, err := Decode(item)
		if err != nil {
			return id, nil, digest.Errorf(digest.KindOf(err), "Article %d: %s", i+1, digest.Explain(err))
		}
		articles = append(articles, a)
	}
	return id, articles, nil
}

// object is a JSON object with its values unread. Of a repeated key the last
// one counts.
type object map[string]json.RawMessage

func decodeObject(item []byte) (object, error) {
	item = bytes.TrimSpace(item)
	if len(item) > maxLine {
		return nil, digest.Errorf(digest.TooLarge, "The article is larger than %d MB; shorten it.", maxLine>>20)
	}
	var o object
	if err := json.Unmarshal(item, &o); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return nil, digest.Errorf(digest.Invalid, "An article must be a JSON object with title and text, this is a JSON %s.", kind.Value)
		}
		return nil, digest.Errorf(digest.Invalid, "This is not JSON (%s); write one object such as {\"title\": \"…\", \"text\": \"…\"}.", syntax(err))
	}
	if o == nil {
		return nil, digest.Errorf(digest.Invalid, "An article must be a JSON object with title and text, this is null.")
	}
	return o, nil
}

// syntax words an error of the JSON decoder.
func syntax(err error) string {
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return fmt.Sprintf("%s, at byte %d", strings.TrimPrefix(s.Error(), "json: "), s.Offset)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// article reads the fields of interchange JSON.
func (o object) article() (digest.Article, error) {
	var a digest.Article
	var body, html, published string
	var err error
	fields := []struct {
		key  string
		into *string
	}{
		{"id", &a.GUID}, {"url", &a.URL}, {"title", &a.Title}, {"text", &body}, {"html", &html}, {"source", &a.Outlet}, {"publisher", &a.Publisher},
		{"language", &a.Language}, {"category", &a.Category}, {"image", &a.Image}, {"published", &published},
	}
	for _, f := range fields {
		if *f.into, err = o.str(f.key); err != nil {
			return a, err
		}
	}
	if a.Authors, err = o.list("authors"); err != nil {
		return a, err
	}
	if len(a.Authors) == 1 {
		if names := splitNames(byPrefix.ReplaceAllString(a.Authors[0], "")); names != nil {
			a.Authors = names
		}
	}
	if a.Tags, err = o.list("tags"); err != nil {
		return a, err
	}
	if body == "" {
		if body, err = o.str("body"); err != nil {
			return a, err
		}
	}
	if published != "" {
		a.Published = timeOrBad(published)
	}
	if strings.TrimSpace(body) == "" {
		body = HTMLText(html)
	}
	a = recognise(a, body)
	if a.Title == "" && a.Text == "" {
		return a, digest.Errorf(digest.Invalid, `The article has neither title nor text; add "title", "text" or "html".`)
	}
	return a, nil
}

// str reads a string; numbers count as their digits, null as absent.
func (o object) str(key string) (string, error) {
	raw := bytes.TrimSpace(o[key])
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	if c := raw[0]; (c == '-' || c >= '0' && c <= '9') && slices.Contains([]string{"id", "published"}, key) {
		return string(raw), nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", digest.Errorf(digest.Invalid, "%q must be a string, not %s.", key, typeName(raw))
	}
	return s, nil
}

// list reads a list of strings, or of objects with a name; a string counts as
// a list of one.
func (o object) list(key string) ([]string, error) {
	raw := bytes.TrimSpace(o[key])
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	if raw[0] == '"' {
		s, err := o.str(key)
		return []string{s}, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, digest.Errorf(digest.Invalid, "%q must be a list of strings, not %s.", key, typeName(raw))
	}
	var out []string
	for _, item := range items {
		var s string
		var named struct{ Name string }
		if json.Unmarshal(item, &s) != nil {
			if json.Unmarshal(item, &named) != nil || named.Name == "" {
				return nil, digest.Errorf(digest.Invalid, "%q must be a list of strings, but holds %s.", key, typeName(item))
			}
			s = named.Name
		}
		out = append(out, s)
	}
	return out, nil
}

func typeName(raw []byte) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	case '"':
		return "a string"
	}
	return "a number"
}

// lines reads one article a line. A file that is one JSON document over
// several lines is read as such.
func (r *reader) lines(body []byte) {
	if first, _, _ := bytes.Cut(bytes.TrimSpace(body), []byte("\n")); !json.Valid(first) && json.Valid(body) {
		r.json(body)
		return
	}
	n := 0
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		n++
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.object(r.line(n), line)
		}
	}
}

// object reads one article, or the list under "articles".
func (r *reader) object(where string, item []byte) {
	o, err := decodeObject(item)
	if err != nil {
		r.refuse(where, "", err)
		return
	}
	a, err := o.article()
	if err != nil {
		r.refuse(where, a.Title, err)
		return
	}
	r.add(where, a)
}

// json reads an object, an array, or an object with "articles". What stands
// before a syntax error is taken.
func (r *reader) json(body []byte) {
	body = bytes.TrimSpace(body)
	d := json.NewDecoder(bytes.NewReader(body))
	t, err := d.Token()
	switch {
	case err == nil && t == json.Delim('{'):
		if !toArticles(d) {
			if oneObjectPerLine(body) && !json.Valid(body) {
				r.lines(body)
				return
			}
			r.object(r.in.Name, body)
			return
		}
	case err != nil || t != json.Delim('['):
		r.refuse(r.in.Name, "", digest.Errorf(digest.Invalid, "The file must hold a JSON object, a list of objects, or {\"articles\": […]}."))
		return
	}
	n := 0
	for d.More() {
		n++
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			r.broken(n, body, d.InputOffset(), err)
			return
		}
		r.object(r.item(n), item)
	}
	if _, err := d.Token(); err != nil {
		r.broken(n+1, body, d.InputOffset(), err)
		return
	}
	if n == 0 {
		r.refuse(r.in.Name, "", digest.Errorf(digest.Invalid, "The list of articles is empty; nothing was imported."))
	}
}

// toArticles moves a decoder behind the bracket that opens the list under
// "articles" of the object it stands in; false when there is none.
func toArticles(d *json.Decoder) bool {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false
		}
		if key == "articles" {
			t, err := d.Token()
			return err == nil && t == json.Delim('[')
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return false
		}
	}
	return false
}

// broken reports a syntax error, behind which nothing can be read.
func (r *reader) broken(n int, body []byte, at int64, err error) {
	why := syntax(err)
	var s *json.SyntaxError
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		why = "it ends too early"
	} else if errors.As(err, &s) {
		at = s.Offset
	}
	line := 1 + bytes.Count(body[:min(int(at), len(body))], []byte("\n"))
	r.refuse(r.item(n), "", digest.Errorf(digest.Invalid, "This is not JSON near line %d (%s); the articles before it were read, those after it were not.", line, why))
}

// interchange is an article as interchange JSON writes it.
type interchange struct {
	ID        string   `json:"id,omitempty"`
	URL       string   `json:"url,omitempty"`
	Title     string   `json:"title,omitempty"`
	Text      string   `json:"text,omitempty"`
	Authors   []string `json:"authors,omitempty"`
	Source    string   `json:"source,omitempty"`
	Publisher string   `json:"publisher,omitempty"`
	Published string   `json:"published,omitempty"`
	Language  string   `json:"language,omitempty"`
	Tags      []string `json:"tags,omitempty"`
	Category  string   `json:"category,omitempty"`
	Image     string   `json:"image,omitempty"`
}

// Encode writes an article as one line of interchange JSON, without newline.
// Sections get English headings, so that Decode finds them again. "id" is the
// source's own, as Decode reads it, and absent when there is none.
func Encode(a digest.Article) ([]byte, error) {
	out := interchange{
		ID: a.GUID, URL: a.URL, Title: a.Title, Text: headedText(a), Authors: a.Authors, Source: a.Outlet, Publisher: a.Publisher,
		Language: a.Language, Tags: a.Tags, Category: a.Category, Image: a.Image,
	}
	if a.Title == digest.Untitled && a.Text != "" {
		out.Title = ""
	}
	if !a.Published.IsZero() {
		out.Published = a.Published.UTC().Format("2006-01-02T15:04:05.999Z07:00")
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return nil, digest.Errorf(digest.Internal, "encode article %s: %w", a.ID, err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// headedText returns the text with a heading before each marked section.
func headedText(a digest.Article) string {
	var b strings.Builder
	at := 0
	for _, m := range a.Marks {
		if m.Start < at || m.End > len(a.Text) || m.End < m.Start {
			continue
		}
		b.WriteString(a.Text[at:m.Start])
		switch m.Section {
		case digest.Why:
			b.WriteString("Why It Matters\n\n")
		case digest.Know:
			b.WriteString("What To Know\n\n")
		case digest.People:
			b.WriteString("What People Are Saying\n\n")
		case digest.Next:
			b.WriteString("What’s Next\n\n")
		}
		at = m.Start
	}
	b.WriteString(a.Text[at:])
	return b.String()
}
