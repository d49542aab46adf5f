package edition

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"nutgraf/digest"
)

const (
	halfLife = 18 * time.Hour // a story half a day older ranks by a third lower
	known    = 0.5            // novelty of a story the channel was shown, before its new articles count
)

// score ranks a story: outlets × recency × source weight × novelty, and what
// the channel's people voted where they did.
func (s *sieve) score(r Ranked) digest.Score {
	parts := []digest.ScorePart{s.outlets(r.Story), s.recency(r.Story), s.sources(r.Story), s.novelty(r)}
	if p, ok := s.opinion(r.Story); ok {
		parts = append(parts, p)
	}
	total := 1.0
	for i := range parts {
		parts[i].Value = round(parts[i].Value)
		total *= parts[i].Value
	}
	return digest.Score{Total: round(total), Parts: parts}
}

// round keeps six decimals: enough to rank by, the same on every machine.
func round(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// outlets counts the newsrooms of a story, reprints aside.
func (s *sieve) outlets(st digest.Story) digest.ScorePart {
	copied, voices := set(st.Copies), make(map[string]bool)
	for _, a := range st.Articles {
		if !copied[a.ID] {
			voices[a.Voice()] = true
		}
	}
	note := count(len(voices), "outlet")
	if n := len(st.Copies); n > 0 {
		note += ", " + count(n, "reprint") + " not counted"
	}
	return digest.ScorePart{Name: "outlets", Value: math.Log2(1 + float64(len(voices))), Note: note}
}

// recency halves the rank for every halfLife since the newest article, counted
// to the end of the window. Articles without a date count from their arrival.
func (s *sieve) recency(st digest.Story) digest.ScorePart {
	var newest time.Time
	for _, a := range st.Articles {
		at := a.Published
		if at.IsZero() || at.After(a.Arrived) {
			at = a.Arrived
		}
		if at.After(newest) {
			newest = at
		}
	}
	if newest.IsZero() || s.slot.To.IsZero() {
		return digest.ScorePart{Name: "recency", Value: 1, Note: "undated"}
	}
	age := max(s.slot.To.Sub(newest), 0)
	return digest.ScorePart{Name: "recency", Value: math.Exp2(-age.Hours() / halfLife.Hours()), Note: "newest " + ago(age)}
}

// sources takes the greatest weight among the sources of a story.
func (s *sieve) sources(st digest.Story) digest.ScorePart {
	best := 0.0
	for _, a := range st.Articles {
		w := s.weight[a.Source]
		if w <= 0 {
			w = 1
		}
		best = max(best, w)
	}
	return digest.ScorePart{Name: "source", Value: best, Note: fmt.Sprintf("source weight %.3g", best)}
}

const (
	perVote  = 0.05 // what one vote moves a rank by
	mostMove = 0.3  // what all votes together do at most
)

// opinion is the mean of the votes for and against what a story is about.
func (s *sieve) opinion(st digest.Story) (digest.ScorePart, bool) {
	category := ""
	for _, a := range st.Articles {
		category = cmp.Or(category, a.Category)
	}
	keys := digest.VoteKeys(st.Outlets(), category)
	sum, best := 0, ""
	for _, k := range keys {
		n := s.votes[k]
		sum += n
		if n != 0 && (best == "" || max(n, -n) > max(s.votes[best], -s.votes[best])) {
			best = k
		}
	}
	if best == "" {
		return digest.ScorePart{}, false
	}
	move := perVote * float64(sum) / math.Sqrt(float64(len(keys)))
	return digest.ScorePart{Name: "votes", Value: 1 + min(max(move, -mostMove), mostMove), Note: fmt.Sprintf("votes %+d for the %s", s.votes[best], best)}, true
}

// novelty lowers what the channel was shown already, less so the more is new.
func (s *sieve) novelty(r Ranked) digest.ScorePart {
	if !r.Update {
		return digest.ScorePart{Name: "novelty", Value: 1, Note: "not shown before"}
	}
	share := float64(r.New) / float64(r.New+max(len(r.Story.Known), 1))
	note := count(r.New, "new article")
	if !r.Since.IsZero() {
		note += " since " + r.Since.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	return digest.ScorePart{Name: "novelty", Value: known + (1-known)*share, Note: note}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
