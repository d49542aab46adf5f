package newsroom

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"sync"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// Notices keeps what operators were told, so that replicas and restarts do not
// tell it again.
type Notices interface {
	AddNotice(ctx context.Context, n digest.Notice, state digest.NoticeState) (fresh bool, err error)
	ClearNotice(ctx context.Context, n digest.Notice) (cleared bool, err error)
	ClaimNotice(ctx context.Context, worker string, lease time.Duration) (digest.Notice, digest.Claim, bool, error)
	MarkNotice(ctx context.Context, c digest.Claim, n digest.Notice, state digest.NoticeState, next time.Time) error
}

// Notify tells the operators of a workspace something, once for its workspace,
// cause and subject until Clear: in the log at once, and soon after in their
// admin channel where there is one. It never fails and never waits for a
// channel. While the store cannot be written, a notice goes to the channel
// directly, once for every process.
func (n *Newsroom) Notify(ctx context.Context, notice digest.Notice) {
	notice.At = n.now()
	notice.Key = n.noticeKey(notice)
	address, reachable := n.admin(notice)
	state := digest.NoticeNew
	if !reachable || n.loose(notice, false) {
		state = digest.NoticeTold
	}
	fresh, err := n.Store.AddNotice(ctx, notice, state)
	direct := err != nil && n.loose(notice, true)
	if fresh && state == digest.NoticeNew || direct || fresh && !reachable {
		n.log().Error("operators are told", "workspace", notice.Workspace, "cause", notice.Cause, "subject", notice.Subject, "text", notice.Text)
	}
	switch {
	case direct && reachable:
		n.log().Warn("the notice goes out without being recorded", "subject", notice.Subject, "error", err)
		go func() { _, _ = n.postNotice(context.WithoutCancel(ctx), address, notice) }() // one try; it is in the log
	case fresh:
		n.wake(deliverLoop)
	}
}

// Clear ends the cause of a notice: a later recurrence is told again. Only the
// workspace, the cause and the subject count.
func (n *Newsroom) Clear(ctx context.Context, notice digest.Notice) {
	n.mu.Lock()
	delete(n.unstored, name(notice))
	n.mu.Unlock()
	cleared, err := n.Store.ClearNotice(ctx, notice)
	switch {
	case err != nil:
		n.log().Warn("a notice was not cleared", "cause", notice.Cause, "subject", notice.Subject, "error", err)
	case cleared:
		n.log().Info("the cause of a notice has ended", "workspace", notice.Workspace, "cause", notice.Cause, "subject", notice.Subject)
	}
}

// loose reports whether this process told a notice that the store did not take,
// or, with add, remembers that it does now and reports whether that is new.
func (n *Newsroom) loose(notice digest.Notice, add bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	told := n.unstored[name(notice)]
	if !add {
		return told
	}
	if n.unstored == nil {
		n.unstored = make(map[string]bool)
	}
	n.unstored[name(notice)] = true
	return !told
}

// name tells notices apart.
func name(n digest.Notice) string {
	return strings.Join([]string{n.Workspace, string(n.Cause), n.Subject}, "\x00")
}

// noticeKey returns the idempotency key of a notice's message.
func (n *Newsroom) noticeKey(notice digest.Notice) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"notice", n.Store.InstallID(), name(notice), notice.At.Format(time.RFC3339Nano)}, "|")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:24]
}

// admin returns the channel in which a notice is told: that of its workspace,
// else that of the whole installation. What keeps a workspace or platform from
// being posted to is told elsewhere where that is possible.
func (n *Newsroom) admin(notice digest.Notice) (digest.Address, bool) {
	admins := n.admins()
	own, ok := admins[notice.Workspace]
	general, other := admins[digest.Shared]
	apart := general.Tenant() != notice.Subject && general.Platform != notice.Subject
	switch notice.Cause {
	case digest.CauseWorkspace, digest.CauseToken:
		if other && apart {
			return general, true
		}
	}
	if ok {
		return own, true
	}
	return general, other
}

// SetAdmins changes where the operators of workspaces are told, at any time.
func (n *Newsroom) SetAdmins(admins map[string]digest.Address) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.Admins = admins
}

func (n *Newsroom) admins() map[string]digest.Address {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.Admins
}

// tell claims the notices that are to be told and has each told by a goroutine
// of its own.
func (n *Newsroom) tell(ctx, work context.Context, all *sync.WaitGroup) error {
	for ctx.Err() == nil {
		notice, claim, ok, err := n.Store.ClaimNotice(ctx, n.Worker, n.timing().Lease)
		if err != nil || !ok {
			return err
		}
		all.Go(func() {
			defer n.wake(deliverLoop)
			err := n.safely("notice "+notice.Key, func() error { return n.tellOne(work, notice, claim) })
			if err != nil {
				n.log().Error("notice not told", "subject", notice.Subject, "error", err)
			}
		})
	}
	return nil
}

// tellOne takes a notice a step on: after a doubt it looks for it, else it
// posts it. Where nobody can tell whether it is there, it is not told again.
func (n *Newsroom) tellOne(ctx context.Context, notice digest.Notice, claim digest.Claim) error {
	address, ok, err := n.addressee(ctx, notice)
	if err != nil {
		return err // it is told when the claim has run out
	}
	platform, set := n.Platforms[address.Platform]
	now, t := n.now(), n.timing()
	mark := func(state digest.NoticeState, wait time.Duration) error {
		n.wakeAfter(deliverLoop, wait)
		return n.Store.MarkNotice(context.WithoutCancel(ctx), claim, notice, state, now.Add(wait))
	}
	switch {
	case !ok:
		return mark(digest.NoticeTold, 0)
	case !set:
		return mark(digest.NoticeNew, t.Lease) // another process may have the platform
	case !notice.Doubt.IsZero():
		ctx, cancel := context.WithTimeout(ctx, t.Timeout)
		defer cancel()
		_, finding, err := platform.Find(ctx, n.noticePart(address, notice, nil), notice.Doubt.Add(-slack))
		if err == nil && finding == digest.Absent {
			return mark(digest.NoticeNew, 0)
		}
		return mark(digest.NoticeTold, 0)
	}
	_, err = n.postNotice(ctx, address, notice)
	o := digest.OutcomeOf(err)
	switch {
	case err == nil || o.Class == digest.Sent:
		return mark(digest.NoticeTold, 0)
	case o.Class == digest.Ambiguous:
		return mark(digest.NoticeSending, n.manners(address.Platform).Quiet)
	case o.Class == digest.Rejected:
		n.log().Error("a notice cannot be told in the admin channel; it is in the log alone", "channel", address.String(), "subject", notice.Subject, "error", err)
		return mark(digest.NoticeTold, 0)
	}
	return mark(digest.NoticeNew, max(o.After, t.backoff(notice.Key, notice.Attempts)))
}

// postNotice posts a notice as one message.
func (n *Newsroom) postNotice(ctx context.Context, address digest.Address, notice digest.Notice) (digest.MessageRef, error) {
	platform, ok := n.Platforms[address.Platform]
	if !ok {
		return "", digest.Errorf(digest.Unavailable, "the platform of the admin channel %s is not set up", address)
	}
	payloads, err := platform.Render([]chat.Message{n.noticeMessage(ctx, notice)})
	if err != nil || len(payloads) == 0 {
		return "", &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: "not rendered"}, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, n.timing().Timeout)
	defer cancel()
	return platform.Post(ctx, n.noticePart(address, notice, payloads[0]))
}

// noticePart is a notice as the platforms take it.
func (n *Newsroom) noticePart(address digest.Address, notice digest.Notice, payload digest.Payload) digest.Part {
	return digest.Part{Key: notice.Key, Address: address, N: 1, Of: 1, Payload: payload, State: digest.PartSending, Attempts: notice.Attempts, Started: n.now()}
}

// addressee returns the channel in which a notice is told: drafts go to their
// editors.
func (n *Newsroom) addressee(ctx context.Context, notice digest.Notice) (a digest.Address, ok bool, err error) {
	if notice.Cause != digest.CauseDraft {
		a, ok = n.admin(notice)
		return a, ok, nil
	}
	d, err := n.Store.Draft(ctx, notice.Subject)
	switch {
	case digest.KindOf(err) == digest.NotFound:
		return a, false, nil
	case err != nil:
		return a, false, err
	}
	a, problem := digest.ParseAddress(d.Channel)
	return a, problem == nil, nil
}

// noticeMessage is how a notice looks.
func (n *Newsroom) noticeMessage(ctx context.Context, notice digest.Notice) chat.Message {
	if notice.Cause == digest.CauseDraft {
		if d, err := n.Store.Draft(ctx, notice.Subject); err == nil {
			return chat.Draft(d, chat.LocaleFor(d.Edition.Language, d.Edition.Zone))
		}
	}
	return chat.Message{Kind: chat.Notice, Blocks: []chat.Block{
		{Kind: chat.Text, Items: []chat.Item{chat.Line(chat.Strong("Nutgraf: "+string(notice.Cause)), chat.Plain(" · "+notice.Subject))}},
		chat.Lines(chat.Text, notice.Text),
	}}
}
