// Package folder reads articles from the files of a folder.
package folder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// The limits of a folder.
const (
	MaxFile  = 10 << 20 // bytes of one file
	maxFetch = 64 << 20 // bytes that one Fetch reads; the rest waits for the next
	maxFiles = 50000    // files that are looked at
	maxDepth = 32       // folders inside one another
)

// kinds are the extensions of the files that are read.
var kinds = []string{".txt", ".text", ".md", ".markdown", ".html", ".htm", ".json", ".jsonl", ".ndjson"}

// Options says whose articles the files are.
type Options struct {
	ID        string // of the source, set on every article
	Workspace string // set on every article; "" means digest.Shared
	Language  string // ISO 639-1 of articles that do not say theirs, "" to detect
	Category  string // of articles that have none
	Now       func() time.Time
}

// Source reads the articles of one folder.
type Source struct {
	dir string
	o   Options
}

// New returns a Source for the files below dir.
func New(dir string, o Options) *Source { return &Source{dir, o} }

// file is what the cursor remembers of one file.
type file struct {
	Size int64  `json:"s"`
	Time int64  `json:"t"` // of the last change, in Unix milliseconds
	Hash string `json:"h"`
}

// Fetch reads the files that are new or changed since c, in the order of
// their paths. Symbolic links are followed inside of the folder only; hidden
// files and other kinds of files are passed over. A file that is refused is
// reported once, until it changes.
func (s *Source) Fetch(ctx context.Context, c digest.Cursor) (digest.Batch, error) {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return digest.Batch{}, problem(s.dir, err)
	}
	defer root.Close()
	names, err := s.list(ctx, root)
	if err != nil {
		return digest.Batch{}, err
	}
	w := walk{Source: s, root: root, known: recall(c.State), next: make(map[string]file), left: maxFetch}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return digest.Batch{}, err
		}
		w.visit(name)
	}
	state, err := json.Marshal(w.next)
	if err != nil {
		return digest.Batch{}, err
	}
	w.batch.Cursor = c
	w.batch.Cursor.Source, w.batch.Cursor.State, w.batch.Cursor.Fetched = s.o.ID, string(state), true
	w.batch.Unchanged = w.read == 0 && c.Fetched && w.batch.Dropped == 0
	return w.batch, nil
}

// list returns the paths of the files to read, sorted.
func (s *Source) list(ctx context.Context, root *os.Root) ([]string, error) {
	var names []string
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return err
		case err != nil:
			return nil // a folder that may not be read holds nothing for us
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && strings.Count(name, "/") >= maxDepth:
			return fs.SkipDir
		case d.IsDir() || !slices.Contains(kinds, strings.ToLower(path.Ext(name))):
			return nil
		case len(names) >= maxFiles:
			return digest.Errorf(digest.TooLarge, "%s holds more than %d files; spread them over several sources", s.dir, maxFiles)
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return nil, problem(s.dir, err)
	}
	slices.Sort(names)
	return names, nil
}

// walk is the state of one Fetch.
type walk struct {
	*Source
	root  *os.Root
	known map[string]file
	next  map[string]file
	batch digest.Batch
	left  int64
	read  int
}

// visit reads one file unless it is as it was.
func (w *walk) visit(name string) {
	info, err := w.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		w.refuse(name, file{Hash: "unreadable"}, "The file cannot be read: it is missing, locked, or a link that leads out of the folder.")
		return
	}
	before, seen := w.known[name]
	f := file{Size: info.Size(), Time: info.ModTime().UnixMilli()}
	if seen && before.Size == f.Size && before.Time == f.Time {
		w.next[name] = before
		return
	}
	if f.Size > MaxFile {
		w.refuse(name, f, tooLarge)
		return
	}
	if f.Size > w.left {
		w.batch.Dropped++
		if seen {
			w.next[name] = before
		}
		return
	}
	w.left -= f.Size
	body, err := w.load(name)
	if err != nil {
		w.refuse(name, file{Hash: "unreadable"}, digest.Explain(err))
		return
	}
	sum := sha256.Sum256(body)
	f.Hash = hex.EncodeToString(sum[:8])
	w.next[name] = f
	if seen && before.Hash == f.Hash {
		return
	}
	w.read++
	articles, results := parse(filepath.Join(w.dir, filepath.FromSlash(name)), body, w.o)
	w.batch.Articles = append(w.batch.Articles, articles...)
	w.batch.Refused = append(w.batch.Refused, results...)
}

// refuse reports a file, unless it was reported before.
func (w *walk) refuse(name string, f file, reason string) {
	w.next[name] = f
	if before, seen := w.known[name]; seen && before == f {
		return
	}
	w.read++
	w.batch.Refused = append(w.batch.Refused, digest.Result{Verdict: digest.Refused, Where: filepath.Join(w.dir, filepath.FromSlash(name)), Reason: reason})
}

func (w *walk) load(name string) ([]byte, error) {
	f, err := w.root.Open(name)
	if err != nil {
		return nil, problem(name, err)
	}
	defer f.Close()
	return load(f, name)
}

// ReadFile reads the articles of one file, whatever folder it is in. Its error
// means that the file could not be read at all.
func ReadFile(name string, o Options) ([]digest.Article, []digest.Result, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, problem(name, err)
	}
	if info.IsDir() {
		return nil, nil, digest.Errorf(digest.Invalid, "%s is a folder; name a file in it", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, problem(name, err)
	}
	defer f.Close()
	body, err := load(f, name)
	if err != nil {
		return nil, nil, err
	}
	articles, results := parse(name, body, o)
	return articles, results, nil
}

const tooLarge = "The file is larger than 10 MB; split it, or use JSON lines in several files."

func load(r io.Reader, name string) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, problem(name, err)
	}
	if len(body) > MaxFile {
		return nil, &digest.Error{Kind: digest.TooLarge, Msg: tooLarge, Err: fmt.Errorf("%s", name)}
	}
	return body, nil
}

func parse(name string, body []byte, o Options) ([]digest.Article, []digest.Result) {
	return intake.Parse(intake.Input{Name: name, Body: body, Source: o.ID, Workspace: o.Workspace, Language: o.Language, Category: o.Category, Now: o.Now()})
}

// problem says in words why a path cannot be read.
func problem(name string, err error) error {
	var known *digest.Error
	switch {
	case errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return digest.Errorf(digest.NotFound, "%s does not exist; check the path", name)
	case errors.Is(err, fs.ErrPermission):
		return digest.Errorf(digest.Forbidden, "%s may not be read by this user; change its permissions", name)
	}
	return &digest.Error{Kind: digest.Unavailable, Msg: name + " cannot be read; check that it is a folder or file on a working disk", Err: err}
}

// recall reads the state of a cursor; one that cannot be read forgets all.
func recall(state string) map[string]file {
	known := make(map[string]file)
	if state == "" || json.Unmarshal([]byte(state), &known) != nil {
		return make(map[string]file)
	}
	return known
}
