package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"nutgraf/digest"
)

// entry is an article with what it is known by.
type entry struct {
	digest.Article
	unfit               string // why the database cannot take it
	canonical, titleKey string
}

func entryOf(a digest.Article) entry {
	e := entry{Article: a, unfit: unfit(a)}
	if e.unfit == "" {
		e.canonical, e.titleKey = identifying(a.URL), digest.TitleKey(a)
	}
	return e
}

// unfit says why the database cannot take an article, "" when it can.
func unfit(a digest.Article) string {
	switch {
	case a.ID == "":
		return "the article has neither address, title nor text to know it by"
	case a.Workspace == "":
		return "the article belongs to no workspace"
	case len(a.Text) > maxText:
		return fmt.Sprintf("the text has %d bytes, more than the %d that are stored; shorten it", len(a.Text), maxText)
	}
	fields := slices.Concat([]string{a.ID, a.Source, a.GUID, a.URL, a.Title, a.Text, a.Publisher, a.Desk, a.Outlet, a.Category, a.Language, a.Image}, a.Authors, a.Tags)
	for _, f := range fields {
		if !utf8.ValidString(f) || strings.ContainsRune(f, 0) {
			return "the article holds bytes that are no text; save it as UTF-8"
		}
	}
	return ""
}

// identifying returns the canonical form of an address, "" for that of a whole
// site, which many articles share.
func identifying(raw string) string {
	address := digest.CanonicalURL(raw)
	if strings.Count(address, "/") > 2 || strings.Contains(address, "?") {
		return address
	}
	return ""
}

// twin is what is stored of the same article.
type twin struct {
	n                                        int64 // grows with age among the stored, above those for the fresh
	workspace, id, source, guid              string
	canonical, titleKey, title, hash, editor string
	size                                     int
	waits                                    bool // to be inserted
}

// twins finds stored articles by what they are known by. It holds those that
// the articles at hand may be, and these themselves.
type twins struct {
	all                  map[[2]string]*twin   // by workspace and id
	byGUID               map[[2]string][]*twin // by source and GUID
	byURL, byTitle, byID map[string][]*twin
	next                 int64
}

// loadTwins reads all that the articles may be already, by few statements.
func loadTwins(ctx context.Context, tx *transaction, entries []entry) (twins, error) {
	ts := twins{all: make(map[[2]string]*twin), byGUID: make(map[[2]string][]*twin), byURL: make(map[string][]*twin),
		byTitle: make(map[string][]*twin), byID: make(map[string][]*twin), next: math.MaxInt64 / 2}
	workspaces, ids := []string{digest.Shared}, make([]string, 0, len(entries))
	var urls, titles []string
	guids := make(map[string][]string)
	for _, e := range entries {
		if e.unfit != "" {
			continue
		}
		workspaces, ids = append(workspaces, e.Workspace), append(ids, e.ID)
		urls, titles = append(urls, e.canonical), append(titles, e.titleKey)
		guids[e.Source] = append(guids[e.Source], e.GUID)
	}
	workspaces = distinct(workspaces)
	for _, rule := range []struct {
		column string
		keys   []string
	}{{"canonical", urls}, {"title_key", titles}, {"id", ids}} {
		if err := ts.load(ctx, tx, workspaces, rule.column, rule.keys, ""); err != nil {
			return ts, err
		}
	}
	for source, keys := range guids {
		if err := ts.load(ctx, tx, workspaces, "guid", keys, source); err != nil {
			return ts, err
		}
	}
	return ts, nil
}

// distinct returns the different texts among keys that are not empty.
func distinct(keys []string) []string {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == "" })
	slices.Sort(keys)
	return slices.Compact(keys)
}

// load reads what has one of keys in a column; with GUIDs of one source only.
func (ts *twins) load(ctx context.Context, tx *transaction, workspaces []string, column string, keys []string, source string) error {
	for some := range slices.Chunk(distinct(keys), 500) {
		var args arguments
		query := `SELECT n, workspace, id, source, guid, canonical, title_key, title, hash, edited_by, size FROM article WHERE workspace IN ` +
			list(&args, workspaces) + fmt.Sprintf(` AND %s IN %s AND %[1]s <> ''`, column, list(&args, some))
		if column == "guid" {
			query += ` AND source = ` + args.add(source)
		}
		_, err := collect(ctx, tx, func(row scanner) (struct{}, error) {
			t := new(twin)
			err := row.Scan(&t.n, &t.workspace, &t.id, &t.source, &t.guid, &t.canonical, &t.titleKey, &t.title, &t.hash, &t.editor, &t.size)
			if err == nil && ts.all[[2]string{t.workspace, t.id}] == nil {
				ts.put(t)
			}
			return struct{}{}, err
		}, query, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// add takes in an article that is about to be stored.
func (ts *twins) add(t *twin) {
	ts.next++
	t.n, t.waits = ts.next, true
	ts.put(t)
}

func (ts *twins) put(t *twin) {
	ts.all[[2]string{t.workspace, t.id}] = t
	if t.guid != "" {
		key := [2]string{t.source, t.guid}
		ts.byGUID[key] = insorted(ts.byGUID[key], t)
	}
	ts.byID[t.id] = insorted(ts.byID[t.id], t)
	if t.titleKey != "" {
		ts.byTitle[t.titleKey] = insorted(ts.byTitle[t.titleKey], t)
	}
	if t.canonical != "" {
		ts.byURL[t.canonical] = insorted(ts.byURL[t.canonical], t)
	}
}

// readdress notes that a stored article has another address.
func (ts *twins) readdress(t *twin, canonical string) {
	ts.byURL[t.canonical] = slices.DeleteFunc(ts.byURL[t.canonical], func(o *twin) bool { return o == t })
	t.canonical = canonical
	ts.byURL[canonical] = insorted(ts.byURL[canonical], t)
}

// insorted adds t to twins that are in order of age.
func insorted(among []*twin, t *twin) []*twin {
	at, _ := slices.BinarySearchFunc(among, t, func(a, b *twin) int { return cmp.Compare(a.n, b.n) })
	return slices.Insert(among, at, t)
}

// of finds the stored article with the identity of a, by the rules in their
// order: source and GUID where URL or title agrees, URL, title and day, id.
// Those of the workspace go before shared ones, older before newer.
func (ts *twins) of(a entry) *twin {
	if a.GUID != "" {
		for _, t := range visible(ts.byGUID[[2]string{a.Source, a.GUID}], a.Workspace) {
			if a.canonical != "" && t.canonical == a.canonical || strings.EqualFold(t.title, a.Title) {
				return t
			}
		}
	}
	for _, rule := range []struct {
		among map[string][]*twin
		key   string
	}{{ts.byURL, a.canonical}, {ts.byTitle, a.titleKey}, {ts.byID, a.ID}} {
		if rule.key == "" {
			continue
		}
		if found := visible(rule.among[rule.key], a.Workspace); len(found) > 0 {
			return found[0]
		}
	}
	return nil
}

// visible returns those that a workspace sees, its own first.
func visible(among []*twin, workspace string) []*twin {
	var out []*twin
	for _, ws := range sees(workspace) {
		for _, t := range among {
			if t.workspace == ws {
				out = append(out, t)
			}
		}
	}
	return out
}
