package story

import (
	"maps"
	"slices"
	"time"

	"nutgraf/digest"
)

const (
	recent  = 256                // articles looked at per term, the newest
	lasting = 4 * 24 * time.Hour // how long other articles can join one
	growth  = 256                // so many new articles, and half of the old ones, and rarities are counted anew
)

// Stream puts articles into stories as they arrive, so that a story exists at
// once: each article joins the story that it resembles most, on average over
// its articles, or begins one. Window.Stories, which sees all articles together,
// decides better; given what Stream said as prior, it keeps the ids.
//
// A Stream must not be used by two goroutines at the same time.
type Stream struct {
	docs    []doc // in order of arrival, without texts
	trait   []trait
	lists   map[uint32][]int32   // the docs that have a term among their top ones
	keys    map[string]int32     // the latest doc that has a key
	story   map[string]string    // id of an article's story
	members map[string][]int32   // the docs of a story
	lang    map[string][2]byte   // of a story
	first   map[string]time.Time // when a story was first seen
	census  map[[2]byte]census
	counted int // docs in the census
	finder  finder
}

// NewStream takes up the articles of the last days and the stories that they
// were put in. It returns the articles that are in none, to be added.
func NewStream(articles []digest.Article, stories []digest.Story) (s *Stream, rest []digest.Article) {
	s = &Stream{story: make(map[string]string), first: make(map[string]time.Time)}
	for _, st := range stories {
		s.first[st.ID] = st.FirstSeen
		for _, a := range st.Articles {
			s.story[a.ID] = st.ID
		}
	}
	docs := sorted(articles)
	each(docs, (*doc).draw)
	s.count(docs)
	for i := range docs {
		if a := docs[i].article; s.story[a.ID] == "" {
			rest = append(rest, a)
		}
	}
	return s, rest
}

// Add puts articles into stories and returns the stories that changed by it,
// with all that the last days have of them, by id. An article that was added
// before is passed over. The order of the articles makes no difference.
func (s *Stream) Add(articles []digest.Article) []digest.Story {
	fresh := slices.DeleteFunc(sorted(articles), func(d doc) bool { return s.story[d.article.ID] != "" })
	if len(fresh) == 0 {
		return nil
	}
	each(fresh, (*doc).draw)
	if len(s.docs)+len(fresh) > s.counted+s.counted/2+growth {
		latest := fresh[len(fresh)-1].at
		kept := slices.DeleteFunc(slices.Clone(s.docs), func(d doc) bool { return latest.Sub(d.at) > lasting })
		s.count(slices.Concat(kept, fresh))
	}
	changed := make(map[string]bool)
	for _, d := range fresh {
		d.vector = d.sketch.vector(s.census[d.sketch.lang()])
		id := s.place(&d)
		for salt := 0; id == ""; salt++ {
			if id = mint(d.article.ID, salt); s.members[id] != nil {
				id = ""
			}
		}
		s.put(d, id)
		changed[id] = true
	}
	out := make([]digest.Story, 0, len(changed))
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		out = append(out, s.tell(id))
	}
	return out
}

// count starts anew with docs: it counts how rare their words are, and takes
// in those that have a story.
func (s *Stream) count(docs []doc) {
	sketches := make([]sketch, len(docs))
	for i := range docs {
		sketches[i] = docs[i].sketch
	}
	s.census, s.counted = take(sketches), len(docs)
	story, first := s.story, s.first
	s.docs, s.trait, s.finder = nil, nil, finder{fades: hourly()}
	s.lists, s.keys = make(map[uint32][]int32), make(map[string]int32)
	s.story, s.members = make(map[string]string), make(map[string][]int32)
	s.lang, s.first = make(map[string][2]byte), make(map[string]time.Time)
	for _, d := range docs {
		if id := story[d.article.ID]; id != "" {
			d.vector = d.sketch.vector(s.census[d.sketch.lang()])
			s.first[id] = first[id]
			s.put(d, id)
		}
	}
}

// put makes a doc part of a story.
func (s *Stream) put(d doc, id string) {
	k := int32(len(s.docs))
	for _, t := range strongest(d.vector) {
		h := d.vector.hashes[t]
		s.lists[h] = append(s.lists[h], k)
	}
	for _, key := range d.keys() {
		s.keys[key] = k
	}
	if s.lang[id] == [2]byte{} {
		s.lang[id] = d.vector.lang
	}
	d.article.Text, d.article.Marks = "", nil
	s.docs, s.trait = append(s.docs, d), append(s.trait, d.trait())
	s.story[d.article.ID], s.members[id] = id, append(s.members[id], k)
}

// place returns the id of the story that a doc belongs to, "" when it is news.
func (s *Stream) place(d *doc) string {
	for _, key := range d.keys() {
		if k, ok := s.keys[key]; ok && max(d.at.Sub(s.docs[k].at), s.docs[k].at.Sub(d.at)) <= sameText {
			return s.story[s.docs[k].article.ID]
		}
	}
	own := d.trait()
	sims := make(map[string]int64)
	for _, k := range s.near(d, own) {
		id := s.story[s.docs[k].article.ID]
		if !compatible(s.lang[id], own.lang) {
			continue
		}
		if sim := factor(own, s.trait[k]) * cosine(d.vector, s.docs[k].vector); sim >= faint {
			sims[id] += int64(sim * unit)
		}
	}
	best, most := "", joins*unit
	for _, id := range slices.Sorted(maps.Keys(sims)) {
		if mean := float64(sims[id]) / float64(len(s.members[id])); mean >= most && (mean > most || best == "") {
			best, most = id, mean
		}
	}
	return best
}

// near returns the docs that a new one may resemble, by its top terms.
func (s *Stream) near(d *doc, own trait) []int32 {
	f := &s.finder
	f.begin(len(s.docs))
	for _, t := range strongest(d.vector) {
		list := s.lists[d.vector.hashes[t]]
		for _, k := range list[max(0, len(list)-recent):] {
			v := &s.docs[k].vector
			if at, ok := slices.BinarySearch(v.hashes, d.vector.hashes[t]); ok {
				f.add(k, v.weight[at]*d.vector.weight[t])
			}
		}
	}
	return f.nearest(own, s.trait)
}

// tell returns a story as Window.Stories would.
func (s *Stream) tell(id string) digest.Story {
	docs := make([]doc, 0, len(s.members[id]))
	for _, k := range s.members[id] {
		docs = append(docs, s.docs[k])
	}
	slices.SortFunc(docs, inTime)
	all := make([]int32, len(docs))
	for i := range all {
		all[i] = int32(i)
	}
	st := tell(docs, all, fold(docs))
	st.ID = id
	if at := s.first[id]; !at.IsZero() && at.Before(st.FirstSeen) {
		st.FirstSeen = at
	}
	return st
}
