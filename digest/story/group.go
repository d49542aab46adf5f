package story

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"time"

	"nutgraf/digest"
)

// The parameters of grouping, chosen on four labelled collections at once; see
// TestQuality.
const (
	titleWeight   = 2.5
	numberWeight  = 1.15
	joins         = 0.155          // two clusters merge at this mean similarity
	spread        = 36 * time.Hour // standard deviation of the time between articles of a story
	undated       = 0.85           // stands for the time factor of a pair without both times
	sameDay       = 1.05           // factor for two articles that name the same weekday
	otherDay      = 0.7            // and for two that name different ones only: another event, or another day of it
	reprintPlaces = 24             // of 64
	sameText      = 2 * spread     // within this, equal addresses, titles or sketches are one article
	distinct      = 8              // terms from which equal sketches are no chance
)

// doc is an article on its way into a story.
type doc struct {
	article digest.Article
	sketch  sketch
	vector  vector
	at      time.Time // published, else arrived: for order only
}

func (d *doc) dated() bool { return !d.article.Published.IsZero() }

// Window is the articles of some days, prepared to be grouped: how much a word
// tells of an article depends on how many others have it too.
type Window struct {
	docs   []doc
	census map[[2]byte]census // by language
}

// Group sorts articles into stories; it is NewWindow and Stories in one.
func Group(articles []digest.Article, prior []digest.Story) []digest.Story {
	return NewWindow(articles).Stories(prior)
}

// NewWindow prepares articles. They need a Sketch, or the title and text to
// make one from; one id counts once.
func NewWindow(articles []digest.Article) *Window {
	docs := sorted(articles)
	sketches := make([]sketch, len(docs))
	each(docs, func(d *doc) { d.draw() })
	for i := range docs {
		sketches[i] = docs[i].sketch
	}
	w := &Window{docs: docs, census: take(sketches)}
	each(docs, func(d *doc) { d.vector = d.sketch.vector(w.census[d.sketch.lang()]) })
	return w
}

// Stories sorts the articles into stories by what they say and when, oldest
// story first. The outcome depends neither on the order of the articles nor on
// anything outside of the arguments. Articles with one canonical address, or
// one title at one outlet on one day, are always together; two languages never
// are. A story keeps the id of the prior story most of whose articles it holds.
// Reprints stand behind the article they repeat and are listed in Copies.
func (w *Window) Stories(prior []digest.Story) []digest.Story {
	docs := w.docs
	head := fold(docs)
	var nodes []int32 // docs that are their own head
	for i, h := range head {
		if int(h) == i {
			nodes = append(nodes, h)
		}
	}
	langs := make([][2]byte, len(nodes))
	for k, i := range nodes {
		langs[k] = docs[i].vector.lang
	}
	into := cluster(langs, thin(docs, nodes, link(docs, nodes)), joins)
	place := make([]int32, len(docs)) // head doc → lowest doc of its story
	for k, i := range nodes {
		place[i] = nodes[into[k]]
	}
	members := make(map[int32][]int32)
	for i, h := range head {
		members[place[h]] = append(members[place[h]], int32(i))
	}
	stories := make([]digest.Story, 0, len(members))
	for _, i := range nodes {
		if m := members[i]; place[i] == i {
			stories = append(stories, tell(docs, m, head))
		}
	}
	name(stories, prior)
	slices.SortFunc(stories, func(a, b digest.Story) int {
		return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), cmp.Compare(a.ID, b.ID))
	})
	return stories
}

// sorted returns the articles in their canonical order, each id once.
func sorted(articles []digest.Article) []doc {
	order := make([]*doc, len(articles))
	for i, a := range articles {
		order[i] = &doc{article: a, at: a.Published}
		if a.Published.IsZero() {
			order[i].at = a.Arrived
		}
	}
	slices.SortStableFunc(order, func(a, b *doc) int {
		return cmp.Or(cmp.Compare(a.article.ID, b.article.ID), a.at.Compare(b.at), cmp.Compare(a.article.Source, b.article.Source))
	})
	order = slices.CompactFunc(order, func(a, b *doc) bool { return a.article.ID == b.article.ID })
	docs := make([]doc, len(order))
	for i, d := range order {
		docs[i] = *d
	}
	slices.SortFunc(docs, inTime)
	return docs
}

// inTime is the canonical order of docs with different ids.
func inTime(a, b doc) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.article.ID, b.article.ID))
}

// each does something to every doc, on all processors.
func each(docs []doc, do func(*doc)) {
	var wg sync.WaitGroup
	for part := range slices.Chunk(docs, len(docs)/runtime.GOMAXPROCS(0)+1) {
		wg.Go(func() {
			for i := range part {
				do(&part[i])
			}
		})
	}
	wg.Wait()
}

// draw takes the article's sketch, or makes it where there is none or one of
// another version.
func (d *doc) draw() {
	var ok bool
	if d.sketch, ok = read(d.article.Sketch); !ok {
		d.sketch = sketch(Sketch(d.article))
	}
}

// fold returns for each doc the earliest one that is the same article for
// certain: by canonical address, by title, outlet and day, by an equal sketch
// nearby in time, or as its reprint. Such articles take part in the clustering
// as one.
func fold(docs []doc) []int32 {
	head := make([]int32, len(docs))
	same := func(a, b int32) {
		a, b = root(head, a), root(head, b)
		head[max(a, b)] = min(a, b)
	}
	seen, like := make(map[string]int32, 2*len(docs)), make(copies)
	for k := range docs {
		i := int32(k)
		head[i] = i
		for _, key := range docs[i].keys() {
			last, ok := seen[key]
			seen[key] = i
			if ok && docs[i].at.Sub(docs[last].at) <= sameText {
				same(i, last)
			}
		}
		for _, original := range like.of(docs, i) {
			same(i, original)
		}
	}
	for i := range head {
		head[i] = head[head[i]] // lower docs come first and are resolved
	}
	return head
}

func root(head []int32, i int32) int32 {
	for head[i] != i {
		i = head[i]
	}
	return i
}

// keys returns what no two different articles have in common.
func (d *doc) keys() []string {
	var keys []string
	if u := digest.CanonicalURL(d.article.URL); u != "" {
		keys = append(keys, "url "+u)
	}
	if d.article.Title != "" && digest.Host(d.article.URL) != "" {
		keys = append(keys, "title "+digest.TitleKey(d.article))
	}
	if len(d.vector.hashes) >= distinct {
		keys = append(keys, "text "+string(d.sketch))
	}
	return keys
}

// tell makes a story of docs, given in canonical order.
func tell(docs []doc, members []int32, head []int32) digest.Story {
	s := digest.Story{Workspace: digest.Shared}
	follow := make(map[int32][]int32)
	var heads []int32
	for _, i := range members {
		if h, ok := original(docs, i, head[i], heads); ok {
			follow[h] = append(follow[h], i)
			s.Copies = append(s.Copies, docs[i].article.ID)
		} else {
			heads = append(heads, i)
		}
	}
	for _, h := range heads {
		for _, i := range append([]int32{h}, follow[h]...) {
			a := docs[i].article
			s.Articles = append(s.Articles, a)
			if s.FirstSeen.IsZero() || a.Arrived.Before(s.FirstSeen) {
				s.FirstSeen = a.Arrived
			}
			if a.Workspace != "" && a.Workspace != digest.Shared {
				s.Workspace = a.Workspace
			}
		}
	}
	return s
}

// original returns which of the heads doc i repeats, the earliest first.
func original(docs []doc, i, folded int32, heads []int32) (int32, bool) {
	for _, h := range heads {
		if h == folded || reprint(docs[h].vector, docs[i].vector) {
			return h, true
		}
	}
	return 0, false
}
