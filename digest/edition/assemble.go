package edition

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"slices"

	"nutgraf/digest"
)

// idLength is the number of characters of an edition's id.
const idLength = 20

// Assemble puts the briefs of the shown stories together into an edition. A
// shown story without a brief is left out, and the items are numbered from 1.
// The id is a hash of everything else: the same input gives the same edition,
// byte for byte.
func Assemble(in Input, sel Selection, briefs []digest.Brief) digest.Edition {
	e := digest.Edition{
		Subscription: in.Subscription.ID,
		Name:         in.Subscription.Name,
		Workspace:    in.Subscription.Workspace,
		Slot:         in.Slot.Key,
		Due:          in.Slot.At.UTC(),
		From:         in.Slot.From.UTC(),
		To:           in.Slot.To.UTC(),
		Zone:         in.Subscription.Zone,
		Language:     in.Subscription.Language,
		Late:         in.Slot.Late,
		Layout:       in.Subscription.Layout,
		Coverage:     sel.Coverage,
		Items:        []digest.Item{},
	}
	for _, r := range sel.Shown {
		i := slices.IndexFunc(briefs, func(b digest.Brief) bool { return b.ID == r.Story.ID })
		if i < 0 {
			continue
		}
		e.Items = append(e.Items, digest.Item{N: len(e.Items) + 1, Brief: briefs[i], Score: r.Score, Update: r.Update, New: r.New, Since: r.Since.UTC()})
	}
	e.Coverage.Shown = len(e.Items)
	for _, r := range sel.Cut {
		e.Cut = append(e.Cut, digest.Cut{Story: r.Story.ID, Headline: headline(r.Story), Score: r.Score})
	}
	e.ID = identify(e)
	return e
}

// Renumber numbers the items of an edition that somebody changed anew, and
// makes its id.
func Renumber(e digest.Edition) digest.Edition {
	e.ID, e.Coverage.Shown = "", len(e.Items)
	for i := range e.Items {
		e.Items[i].N = i + 1
	}
	e.ID = identify(e)
	return e
}

// headline returns the first title of a story.
func headline(s digest.Story) string {
	for _, a := range s.Articles {
		if a.Title != "" {
			return a.Title
		}
	}
	return ""
}

// identify hashes an edition whose id is empty. encoding/json writes the fields
// in the order of the struct, which makes the bytes canonical.
func identify(e digest.Edition) string {
	b, err := json.Marshal(e)
	if err != nil { // a number that JSON does not know; no edition has one
		b = []byte(e.Subscription + "\x00" + e.Slot)
	}
	sum := sha256.Sum256(b)
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(sum[:])[:idLength]
}
