package slack

import (
	"context"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// again is how often the inbox is asked about an event that somebody else is at.
const again = 100 * time.Millisecond

// changes reports whether a request may change what is stored.
func (l *listener) changes(r request) bool {
	cmd, err := r.command(l.specs)
	return r.team != "" && err == nil && l.spec(cmd.Name).Changes
}

// note tells whether a request came before. What changes something is noted in
// the inbox, within the time for that; finish must be called when a fresh one
// is finished. All others are kept in memory, by their ids.
func (l *listener) note(ctx context.Context, changes bool, r digest.Receipt, ids ...string) (standing digest.Standing, finish func(), err error) {
	in := l.p.cfg.Inbox
	if !changes || in == nil || r.ID == "" {
		if !l.seen.add(l.p.now(), ids...) {
			standing = digest.Done
		}
		return standing, func() {}, nil
	}
	asked, cancel := context.WithTimeout(ctx, l.p.noting)
	defer cancel()
	if standing, err = in.Receive(asked, r); err != nil {
		return standing, nil, chat.NotNoted(err)
	}
	return standing, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		if err := in.Finish(ctx, r); err != nil {
			l.p.log.Warn("that a request is finished could not be noted", "id", r.ID, "error", err)
		}
	}, nil
}

// noteEvent is note for an event, with time to wait for whoever is at it.
func (l *listener) noteEvent(ctx context.Context, changes bool, r digest.Receipt, ids ...string) (standing digest.Standing, finish func(), err error) {
	for {
		standing, finish, err = l.note(ctx, changes, r, ids...)
		if err != nil || standing != digest.Working {
			return standing, finish, err
		}
		pause(ctx, again)
		if ctx.Err() != nil {
			return standing, nil, digest.Errorf(digest.Conflict, "the event %s is being worked on", clip(r.ID, 40))
		}
	}
}

// sorry tells a person that a request could not be taken.
func (l *listener) sorry(r request, err error) {
	defer l.survive("a refusal")
	l.p.log.Warn("a request could not be taken", "channel", r.channel, "error", err)
	l.p.answer(l.life, r, l.hurried(l.life, r).Problem(err), true)
}

// hurried returns the language of an answer that cannot wait for the store.
func (l *listener) hurried(ctx context.Context, r request) chat.Locale {
	ctx, cancel := context.WithTimeout(ctx, formTime/2)
	defer cancel()
	return l.locale(ctx, chat.Command{Address: digest.Address{Platform: "slack", Workspace: r.team, Channel: r.channel}, Direct: r.direct})
}
