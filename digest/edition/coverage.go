package edition

import (
	"cmp"
	"slices"

	"nutgraf/digest"
)

// coverage fills in how many of the selected sources delivered.
func coverage(in Input, c digest.Coverage) digest.Coverage {
	for _, s := range in.Sources {
		if s.Disabled || len(in.Subscription.Sources) > 0 && !slices.Contains(in.Subscription.Sources, s.ID) {
			continue
		}
		c.Sources++
		if delivered(s, in.Slot) {
			c.SourcesOK++
			continue
		}
		c.Failed = append(c.Failed, cmp.Or(s.Name, s.Address, s.ID))
	}
	slices.Sort(c.Failed)
	return c
}

// delivered reports whether a source was fetched with success in the window or
// later. Sources that are not fetched by the clock are well as long as nothing
// went wrong.
func delivered(s digest.SourceStatus, slot digest.Slot) bool {
	switch s.Kind {
	case "folder", "sample":
		return s.Problem == "" && !s.LastOK.IsZero()
	case "push", "page", "mail":
		return s.Problem == ""
	}
	return !s.LastOK.IsZero() && !s.LastOK.Before(slot.From)
}
