package newsroom

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nutgraf/digest"
)

// fenced tells whether the store came out of a backup and was not let send yet.
// That is said once in the log of a process.
func (n *Newsroom) fenced(ctx context.Context) (bool, error) {
	r, err := n.Store.Restored(ctx)
	if err != nil || !r.Fenced() {
		return false, err
	}
	n.mu.Lock()
	said := n.saidFenced
	n.saidFenced = true
	n.mu.Unlock()
	if !said {
		n.log().Warn("nothing is built or sent: this store was restored from a backup; when no other Nutgraf sends for it any more, run nutgraf deliveries resume", "backup", r.Backup)
	}
	return true, nil
}

// sentBefore looks whether the digest of a slot was sent after the backup that
// the store came out of. Channels in which it is are taken out of sub; when none
// is left, the slot is closed and done is true. It asks after the quiet time,
// since somebody else may have been posting until the store was let send again.
func (n *Newsroom) sentBefore(ctx context.Context, slot digest.Slot, sub *digest.Subscription, claim digest.Claim) (done bool, err error) {
	r, err := n.Store.Restored(ctx)
	if err != nil || !r.Doubts(slot.At) {
		return false, err
	}
	var open []digest.Address
	unknown := 0
	for _, address := range sub.Channels {
		platform, ok := n.Platforms[address.Platform]
		if !ok {
			open = append(open, address) // building says what is wrong with it
			continue
		}
		quiet := n.manners(address.Platform).Quiet
		if err := sleep(ctx, min(r.Resumed.Add(quiet).Sub(n.now()), quiet)); err != nil {
			return false, err
		}
		finding, err := n.lookFor(ctx, platform, digest.Part{Subscription: sub.ID, Slot: slot.Key, Address: address}, slot.At)
		switch {
		case err != nil:
			return false, fmt.Errorf("the store was restored, and %s could not be searched for what was sent: %w", address, err)
		case finding == digest.Absent, finding == digest.CannotTell && sub.OnUnknown == "resend":
			open = append(open, address)
		case finding == digest.CannotTell:
			unknown++
		}
	}
	found := len(sub.Channels) - len(open) - unknown
	n.log().Info("the channels of a restored slot were searched", "subscription", sub.ID, "slot", slot.Key, "found", found, "absent", len(open), "unknown", unknown)
	sub.Channels = slices.Clip(open)
	switch {
	case len(open) > 0:
		return false, nil
	case unknown > 0:
		return true, n.Store.CloseSlot(ctx, claim, slot, digest.SlotUndeliverable, "the store was restored, and nobody can tell whether this digest was posted before")
	}
	return true, n.Store.CloseSlot(ctx, claim, slot, digest.SlotDone, "found in the channel after the store was restored")
}

// lookFor searches a channel for any part of a slot. The search begins well
// before the slot: no repeat of a request may make an absence harmless.
func (n *Newsroom) lookFor(ctx context.Context, platform Platform, p digest.Part, at time.Time) (finding digest.Finding, err error) {
	p.Key = Mark(n.Store.InstallID(), p)
	ctx, cancel := context.WithTimeout(ctx, n.timing().Timeout)
	defer cancel()
	err = n.safely("searching on "+p.Platform, func() (err error) {
		_, finding, err = platform.Find(ctx, p, at.Add(-5*time.Minute))
		return err
	})
	return finding, err
}
