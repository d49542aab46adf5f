package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	maxAnswering = 1000             // commands that are answered at once
	responseLife = 30 * time.Minute // of a response_url
	formTime     = time.Second      // that a handler has for a form, and for suggestions
)

// delivery is one thing that Slack sent, by whichever transport.
type delivery struct {
	kind    string // slash_commands, interactive or events_api
	id      string // of the envelope, or the signature of the request
	payload json.RawMessage
	inline  *instant // takes an answer that comes soon enough; nil where there is no such way
	told    bool     // the person is told when it cannot be taken: the sender has no way to hear it
}

// listener takes what Slack delivers and has it answered.
type listener struct {
	p       *Platform
	handler chat.Handler
	specs   []chat.Spec
	free    chan struct{}
	busy    sync.WaitGroup
	seen    memory
	life    context.Context    // of what is at work: longer than that of the connection it came by
	end     context.CancelFunc // of life
}

func (p *Platform) listener(h chat.Handler, specs []chat.Spec) *listener {
	life, end := context.WithCancel(context.Background())
	return &listener{p: p, handler: h, specs: specs, free: make(chan struct{}, maxAnswering), life: life, end: end}
}

// drain waits a little for handlers that are still at work, and ends those that
// take longer.
func (l *listener) drain() {
	defer l.end()
	done := make(chan struct{})
	go func() { l.busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(l.p.farewell):
		l.p.log.Warn("commands were still being answered when the program stopped")
	}
}

// survive keeps a panic from ending the program; it must be deferred.
func (l *listener) survive(what string) {
	if v := recover(); v != nil {
		l.p.log.Error(what+" failed inside the program", "panic", v, "stack", string(debug.Stack()))
	}
}

// take has a delivery answered, once for each id. What it returns is the
// acknowledgement's content; nil is none. It waits for nothing but that, and
// for the note of what changes something. What it returns an error for was not
// taken, and must not be acknowledged.
func (l *listener) take(ctx context.Context, d delivery) (any, error) {
	switch d.kind {
	case "slash_commands":
		var s slash
		if err := json.Unmarshal(d.payload, &s); err != nil {
			l.p.log.Warn("a slash command could not be read", "error", err)
			return nil, nil
		}
		r := s.request()
		r.inline = d.inline
		return nil, l.start(d, r)
	case "interactive":
		var i interaction
		if err := json.Unmarshal(d.payload, &i); err != nil {
			l.p.log.Warn("an interaction could not be read", "error", err)
			return nil, nil
		}
		switch i.Type {
		case "view_submission":
			return l.submitted(ctx, d, i)
		case "block_suggestion":
			return l.suggest(ctx, i), nil
		}
		for _, r := range i.requests() {
			if err := l.start(d, r); err != nil {
				return nil, err
			}
		}
	case "events_api":
		return nil, l.event(d)
	}
	return nil, nil
}

// start answers a request beside all others, unless it was answered before or
// there are too many. Its error says that the request could not be taken.
func (l *listener) start(d delivery, r request) error {
	id := d.id + r.suffix
	n := digest.Receipt{Workspace: tenant(r.team), ID: cmp.Or(r.trigger, id), Hold: chat.CommandTime}
	standing, finish, err := l.note(l.life, l.changes(r), n, id, r.trigger)
	switch {
	case err != nil && d.told:
		l.busy.Go(func() { l.sorry(r, err) })
		return nil
	case err != nil:
		r.inline.close()
		return err
	case standing != digest.Fresh:
		l.p.log.Info("a request came twice and is answered once", "id", n.ID)
		r.inline.close()
		return nil
	}
	l.busy.Add(1)
	select {
	case l.free <- struct{}{}:
		go func() {
			defer func() { finish(); <-l.free; l.busy.Done() }()
			defer l.survive("a command")
			l.serve(r)
		}()
	default:
		go func() {
			defer func() { finish(); l.busy.Done() }()
			defer l.survive("a command")
			l.p.answer(l.life, r, chat.Problem(digest.Errorf(digest.RateLimited, "Too many commands at once; try again in a minute.")), true)
		}()
	}
	return nil
}

// serve answers one request. A handler that panics costs its own answer only.
func (l *listener) serve(r request) {
	ctx, cancel := context.WithTimeout(l.life, responseLife)
	defer cancel()
	defer r.inline.close()
	defer func() {
		if v := recover(); v != nil {
			l.p.log.Error("a command failed inside the program", "line", clip(r.line, 80), "panic", v, "stack", string(debug.Stack()))
			reply, private := l.refuse(ctx, r, fmt.Errorf("panic: %v", v))
			l.p.answer(ctx, r, *reply, private)
		}
	}()
	reply, private := l.reply(ctx, &r)
	if reply != nil {
		l.p.answer(ctx, r, *reply, private)
	}
}

// reply returns the answer to a request; nil when a form was opened instead.
func (l *listener) reply(ctx context.Context, r *request) (*chat.Reply, bool) {
	if r.team == "" { // without one it would be of this machine's own workspace
		return l.refuse(ctx, *r, errNoPlace)
	}
	cmd, err := r.command(l.specs)
	if err != nil {
		return l.refuse(ctx, *r, err)
	}
	if r.home != "" && !l.p.member(ctx, r.team, r.user, r.channel) {
		return l.refuse(ctx, *r, digest.Errorf(digest.Forbidden, "You are not in the channel of this digest."))
	}
	spec := l.spec(cmd.Name)
	cmd.User = l.p.user(ctx, r.team, r.user, r.name)
	if spec.OpensForm && r.filled == nil {
		switch opened, err := l.openForm(ctx, *r, cmd); {
		case err != nil:
			return l.refuse(ctx, *r, err)
		case opened:
			return nil, true
		}
	}
	if r.channel == "" {
		return l.refuse(ctx, *r, errNoPlace)
	}
	if r.home != "" {
		l.p.await(ctx, r)
	}
	if r.filled != nil {
		if cmd.File, err = l.p.attached(ctx, r.team, r.filled); err != nil {
			return l.refuse(ctx, *r, err)
		}
	}
	reply := l.handler.Handle(ctx, cmd)
	if reply.File.Data != nil {
		reply = l.p.handOver(ctx, *r, reply, l.locale(ctx, cmd))
	}
	l.p.log.Log(ctx, slog.LevelDebug, "command answered", "command", cmd.Name, "channel", cmd.Address.String())
	return &reply, spec.Private
}

// errNoPlace is the error of a request of which nobody knows where it was made.
var errNoPlace = digest.Errorf(digest.Invalid, "Use this in a channel.")

// refuse returns the answer to a request that came to nothing.
func (l *listener) refuse(ctx context.Context, r request, err error) (*chat.Reply, bool) {
	cmd := chat.Command{Address: digest.Address{Platform: "slack", Workspace: r.team, Channel: r.channel}, Direct: r.direct}
	reply := l.locale(ctx, cmd).Problem(err)
	return &reply, true
}

// spec returns the spec of a command, or the zero Spec.
func (l *listener) spec(name string) chat.Spec {
	if i := slices.IndexFunc(l.specs, func(s chat.Spec) bool { return s.Name == name }); i >= 0 {
		return l.specs[i]
	}
	return chat.Spec{}
}

// locale returns the language in which a command is answered.
func (l *listener) locale(ctx context.Context, cmd chat.Command) chat.Locale {
	return chat.LocaleOf(ctx, l.handler, cmd)
}
