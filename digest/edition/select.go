package edition

import (
	"cmp"
	"math"
	"slices"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/story"
)

// DefaultStories is how many stories a digest shows that does not say.
const DefaultStories = 8

const (
	cutStories = 5
	perSource  = 10 // articles of one source and newsroom that a digest takes in a day: a feed that floods is cut
)

// Input is all that an edition is made from. Nothing else is looked at: no
// clock, no store.
type Input struct {
	Subscription digest.Subscription
	Slot         digest.Slot
	Articles     []digest.Article      // all that arrived in the grouping window (four days or more), heads or full
	Prior        []digest.Story        // stories saved before, whose ids live on
	Shown        []digest.Shown        // what the channel was shown
	Sources      []digest.SourceStatus // the sources the workspace sees
	Votes        map[string]int        // what the channel's people voted for and against, by digest.VoteKeys
}

// Ranked is a story with its rank and what is new about it.
type Ranked struct {
	Story  digest.Story
	Score  digest.Score
	Update bool      // the channel was shown the story before
	New    int       // for updates: articles the channel has not been shown
	Since  time.Time // for updates: when the channel was last shown the story
}

// Selection is the outcome of Select.
type Selection struct {
	Stories  []digest.Story // all groups, to be saved
	Shown    []Ranked       // the stories of the edition, best first
	Cut      []Ranked       // the stories just below the line
	Coverage digest.Coverage
}

// Select chooses and ranks the stories of an edition. It groups all articles
// that it is given, so that yesterday's story is known again; then it takes the
// stories with something new for the channel from the slot's window
// [From, To), as far as the subscription's filters let articles pass. The order
// of the input makes no difference.
func Select(in Input) Selection { return Group(in).Select() }

// Grouping is the stories of an Input, before those of the edition are chosen.
type Grouping struct {
	in      Input
	filter  filter
	words   *story.Window
	stories []digest.Story
	passing map[string]bool // articles that the filters let pass
}

// Group groups all articles of an input, of which heads are enough.
func Group(in Input) *Grouping {
	g := &Grouping{in: in, filter: newFilter(in.Subscription, in.Slot.To), words: story.NewWindow(in.Articles), passing: make(map[string]bool)}
	g.stories = g.words.Stories(in.Prior)
	for _, st := range g.stories {
		for _, a := range st.Articles {
			g.Read(a)
		}
	}
	return g
}

// Unread returns the ids of the articles whose texts the subscription's filters
// look into and that are not there: those of stories with something in the
// window, as far as other filters let them pass.
func (g *Grouping) Unread() []string {
	if !g.filter.reads() {
		return nil
	}
	var out []string
	for _, st := range g.stories {
		var some []string
		current := false
		for _, a := range st.Articles {
			if !g.filter.takes(a) {
				continue
			}
			current = current || fresh(a, g.in.Slot)
			if a.Text == "" {
				some = append(some, a.ID)
			}
		}
		if current {
			out = append(out, some...)
		}
	}
	return out
}

// Read has the filters look at an article with its text.
func (g *Grouping) Read(a digest.Article) { g.passing[a.ID] = g.filter.pass(a) }

// fresh reports whether an article arrived in the window of a slot.
func fresh(a digest.Article, slot digest.Slot) bool {
	return !a.Arrived.Before(slot.From) && a.Arrived.Before(slot.To)
}

// Select chooses and ranks, as the function Select does. Of articles whose text
// is not there, the titles are looked at alone.
func (g *Grouping) Select() Selection {
	in, stories := g.in, g.stories
	s := newSieve(g)
	var candidates []Ranked
	for _, st := range stories {
		if r, ok := s.candidate(st); ok {
			candidates = append(candidates, r)
		}
	}
	limit := in.Subscription.Layout.Stories
	if limit <= 0 {
		limit = DefaultStories
	}
	candidates = s.best(candidates, limit+cutStories)
	shown := candidates[:min(limit, len(candidates))]
	rest := candidates[len(shown):]
	return Selection{
		Stories: stories,
		Shown:   shown,
		Cut:     rest[:min(cutStories, len(rest))],
		Coverage: coverage(in, digest.Coverage{
			Articles: s.fresh,
			Stories:  s.touched,
			Shown:    len(shown),
		}),
	}
}

// sieve knows which articles and stories are for the edition.
type sieve struct {
	slot    digest.Slot
	words   *story.Window        // to compare articles and stories
	passing map[string]bool      // articles the filters let pass
	muted   map[string]bool      // stories that are not shown
	window  map[string]bool      // those of them that arrived in the window, flooding cut
	told    map[string]time.Time // when the channel was last shown a story
	seen    map[string]time.Time // when it was last shown an article, in whichever story
	weight  map[string]float64   // of sources
	votes   map[string]int
	fresh   int // articles that pass and arrived in the window
	touched int // stories with an article in the window
}

func newSieve(g *Grouping) *sieve {
	in := g.in
	s := &sieve{
		slot:    in.Slot,
		words:   g.words,
		passing: g.passing,
		window:  make(map[string]bool),
		told:    make(map[string]time.Time),
		seen:    make(map[string]time.Time),
		weight:  make(map[string]float64),
		votes:   in.Votes,
	}
	for _, src := range in.Sources {
		s.weight[src.ID] = src.Weight
	}
	s.muted = set(g.filter.stories)
	var arrived []digest.Article
	copied := make(map[string]bool)
	for _, st := range g.stories {
		for _, id := range st.Copies {
			copied[id] = true
		}
		for _, a := range st.Articles {
			if s.passing[a.ID] && fresh(a, in.Slot) {
				arrived = append(arrived, a)
			}
		}
	}
	s.admit(arrived, copied)
	s.fresh = len(arrived)
	for _, sh := range in.Shown {
		s.told[sh.Story] = later(s.told[sh.Story], sh.At)
		for _, id := range sh.Articles {
			s.seen[id] = later(s.seen[id], sh.At)
		}
	}
	return s
}

// admit takes the newest articles of every source and newsroom into the window,
// originals before reprints, perSource for each day that it spans.
func (s *sieve) admit(arrived []digest.Article, copied map[string]bool) {
	slices.SortFunc(arrived, func(a, b digest.Article) int {
		return cmp.Or(order(copied[a.ID], copied[b.ID]), b.Arrived.Compare(a.Arrived), b.Published.Compare(a.Published), cmp.Compare(a.ID, b.ID))
	})
	most := perSource * max(1, int(math.Ceil(s.slot.To.Sub(s.slot.From).Hours()/24)))
	taken := make(map[[2]string]int)
	for _, a := range arrived {
		from := [2]string{a.Source, a.Voice()}
		if taken[from] < most {
			taken[from]++
			s.window[a.ID] = true
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func set(ids []string) map[string]bool {
	m := make(map[string]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

// order compares booleans, false first.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// candidate returns a story as the edition would show it: with the articles
// that pass the filters up to the slot's end. It reports false for a story
// without news for the channel.
func (s *sieve) candidate(st digest.Story) (Ranked, bool) {
	if s.muted[st.ID] {
		return Ranked{}, false
	}
	kept, copied := st, set(st.Copies)
	kept.Articles, kept.Copies = nil, nil
	_, update := s.told[st.ID]
	current := false
	for _, a := range st.Articles {
		if _, ok := s.seen[a.ID]; ok {
			update = true
		}
		if s.window[a.ID] {
			current = true
		} else if !s.passing[a.ID] || !a.Arrived.Before(s.slot.From) {
			continue // filtered, cut, or later than the slot
		}
		kept.Articles = append(kept.Articles, a)
		if copied[a.ID] {
			kept.Copies = append(kept.Copies, a.ID)
		}
	}
	if !current {
		return Ranked{}, false
	}
	s.touched++
	lead(&kept)
	r := Ranked{Story: kept, Update: update}
	if update {
		if r = s.remember(r); r.New == 0 {
			return Ranked{}, false
		}
	}
	r.Score = s.score(r)
	return r, true
}

// remember says what the channel knows of a story that it was shown: the
// articles, since when, and how many say something new.
func (s *sieve) remember(r Ranked) Ranked {
	r.Since, r.Story.Known = later(r.Since, s.told[r.Story.ID]), nil
	for _, a := range r.Story.Articles {
		if at, ok := s.seen[a.ID]; ok {
			r.Story.Known = append(r.Story.Known, a.ID)
			r.Since = later(r.Since, at)
		}
	}
	r.New = s.news(r.Story)
	return r
}

// news counts the articles of the window that the channel has not been shown
// and that add something: neither reprints nor near repeats of what it was shown.
func (s *sieve) news(st digest.Story) int {
	var old []digest.Article
	for _, a := range st.Articles {
		if _, seen := s.seen[a.ID]; seen {
			old = append(old, a)
		}
	}
	n, copied := 0, set(st.Copies)
	for _, a := range st.Articles {
		if _, seen := s.seen[a.ID]; s.window[a.ID] && !seen && !copied[a.ID] && !s.words.Repeats(a, old) {
			n++
		}
	}
	return n
}

// lead makes the first article of a story stand for itself: a reprint whose
// original was filtered out is an original to this channel.
func lead(st *digest.Story) {
	if i := slices.Index(st.Copies, st.Articles[0].ID); i >= 0 {
		st.Copies = slices.Delete(st.Copies, i, i+1)
	}
}
