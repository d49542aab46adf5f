package discord

import (
	"context"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// changes reports whether an interaction may change what is stored.
func (l *listener) changes(i interaction) bool {
	switch {
	case i.bot(), i.Type != usedCommand && i.Type != usedComponent && i.Type != submittedForm:
		return false
	case i.Type == usedComponent && strings.HasPrefix(i.Data.CustomID, markerPrefix):
		return false
	}
	r, err := l.p.request(i, l.specs)
	return err == nil && r.spec.Changes
}

// note tells whether an interaction is the first of its id. What changes
// something is noted in the inbox, within the time for that; finish must be
// called when the first one is finished. All others are kept in memory.
func (l *listener) note(i interaction) (first bool, finish func(), err error) {
	in := l.p.cfg.Inbox
	if in == nil || !l.changes(i) {
		return l.p.first(i), func() {}, nil
	}
	r := digest.Receipt{Workspace: i.address().Tenant(), ID: i.ID, Hold: chat.CommandTime}
	asked, cancel := context.WithTimeout(l.life, l.p.cfg.noting)
	defer cancel()
	standing, err := in.Receive(asked, r)
	if err != nil {
		return false, nil, chat.NotNoted(err)
	}
	return standing == digest.Fresh, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(l.life), callTimeout)
		defer cancel()
		if err := in.Finish(ctx, r); err != nil {
			l.p.log.Warn("that an interaction is finished could not be noted", "interaction", i.ID, "error", err)
		}
	}, nil
}

// first reports whether an interaction was not seen before.
func (p *Platform) first(i interaction) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, again := p.seen[i.ID]; again {
		return false
	}
	if p.seen == nil {
		p.seen = make(map[string]time.Time)
	}
	if len(p.seen) >= manyRoutes && i.received.Sub(p.swept) > time.Minute {
		p.swept = i.received
		for id, at := range p.seen {
			if i.received.Sub(at) > rememberedFor {
				delete(p.seen, id)
			}
		}
	}
	p.seen[i.ID] = i.received
	return true
}
