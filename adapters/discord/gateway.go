package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	openTimeout = 20 * time.Second // for a connection to say hello and ready
	silence     = 95 * time.Second // without a heartbeat's answer: two of Discord's intervals and some more
	lastWait    = 300              // longest wait between two connections, in pauses of a second
	settled     = time.Minute      // a connection that lasted this long begins the waits anew
	farewell    = 5 * time.Second  // for answers on their way when the program stops
)

// fatalCloses are the codes after which a login will never succeed, with what
// to do about them.
// https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway
var fatalCloses = map[int]string{
	4004: "Discord refuses the token; make a new one under “Bot” in the application's settings",
	4010: "Discord refuses the shard; this is a fault of the program",
	4011: "the bot is in too many servers for one connection; it must leave some",
	4012: "Discord does not speak this version of its gateway any more; update the program",
	4013: "Discord refuses the intents; this is a fault of the program",
	4014: "Discord refuses the intents; this is a fault of the program",
}

// listener is one run of Listen.
type listener struct {
	p       *Platform
	handler chat.Handler
	specs   []chat.Spec
	free    chan struct{}
	working sync.WaitGroup
	life    context.Context    // of what is at work: longer than that of Listen
	end     context.CancelFunc // of life
}

func (p *Platform) listener(h chat.Handler, specs []chat.Spec) *listener {
	life, end := context.WithCancel(context.Background())
	return &listener{p: p, handler: h, specs: specs, free: make(chan struct{}, maxAnswering), life: life, end: end}
}

// Listen registers the commands and answers them, buttons and the message menu
// over the gateway until ctx ends. It connects again for ever, except when
// Discord says that no login will succeed; that is its only error. With the
// transport HTTP the handlers of Routes answer, and there is no connection.
func (p *Platform) Listen(ctx context.Context, h chat.Handler, specs []chat.Spec) error {
	l := p.listener(h, specs)
	defer l.drain()
	if err := p.register(ctx, specs); err != nil {
		if e := l.fatal(err); e != nil {
			return e
		}
		l.working.Go(func() { l.registerLater(ctx, err) })
	}
	if p.cfg.Transport == HTTP {
		p.attend(ctx)
		return nil
	}
	for failures := 0; ctx.Err() == nil; failures++ {
		began := p.now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			break
		}
		if e := l.fatal(err); e != nil {
			return e
		}
		if p.now().Sub(began) > settled {
			failures = 0
		}
		wait := l.wait(failures)
		p.log.Warn("the connection to Discord ended", "error", err, "again in", wait)
		p.cfg.sleep(wait, ctx.Done())
	}
	return nil
}

// registerLater tries until the commands are registered. Commands that were
// registered before are answered meanwhile.
func (l *listener) registerLater(ctx context.Context, err error) {
	for failures := 2; err != nil && ctx.Err() == nil; failures++ {
		wait := l.wait(failures)
		l.p.log.Error("the commands could not be registered with Discord", "error", err, "again in", wait)
		if l.p.cfg.sleep(wait, ctx.Done()) {
			err = l.p.register(ctx, l.specs)
		}
	}
}

// wait is how long to wait after a number of failures in a row.
func (l *listener) wait(failures int) time.Duration {
	unit := time.Second
	if l.p.cfg.pause > 0 {
		unit = l.p.cfg.pause
	}
	return time.Duration(min(1<<min(failures, 10), lastWait)) * unit
}

// fatal returns the error for people of a failure that will not pass, or nil.
func (l *listener) fatal(err error) error {
	var closed *websocket.CloseError
	if errors.As(err, &closed) && fatalCloses[closed.Code] != "" {
		if closed.Code == 4004 {
			l.p.transport.refused.Store(true) // no request will pass either
		}
		return digest.Errorf(digest.Forbidden, "The bot cannot listen to Discord (code %d): %s.", closed.Code, fatalCloses[closed.Code])
	}
	var refused *discordgo.RESTError
	if tokenRefused(err) || errors.Is(err, errRefused) || errors.As(err, &refused) && refused.Response.StatusCode == http.StatusUnauthorized {
		return digest.Errorf(digest.Forbidden, "The bot cannot listen to Discord: %s.", fatalCloses[4004])
	}
	return nil
}

// drain waits a little for what is still at work, and ends what takes longer.
func (l *listener) drain() {
	defer l.end()
	done := make(chan struct{})
	go func() {
		l.working.Wait()
		close(done)
	}()
	sleep(l.p.cfg.farewell, done)
}

// session holds one connection until it ends. Every connection is a login of
// its own: the library would resume on the wrong host, and log in uncounted
// when that fails.
func (l *listener) session(ctx context.Context) error {
	if err := l.budget(ctx); err != nil {
		return err
	}
	s, err := l.p.session()
	if err != nil {
		return err
	}
	s.Dialer = l.p.dialer()
	s.Identify.Intents = discordgo.IntentsGuilds // interactions need none; it tells what is closed to the bot
	var ready atomic.Int32
	var refused atomic.Bool
	ended := make(chan struct{}, 1)
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		defer l.survive("an event of the gateway")
		switch e.Type {
		case "READY":
			if ready.Add(1) > 1 {
				l.uncounted(ctx)
			}
		case "INTERACTION_CREATE":
			l.interact(e.RawData)
		case "GUILD_DELETE", "CHANNEL_DELETE", "THREAD_DELETE":
			l.closed(ctx, e.Type, e.RawData)
		}
	})
	s.AddHandler(func(*discordgo.Session, *discordgo.Connect) {
		// The first answer to a login is READY. If it was not, it was a refusal,
		// after which the library logged in once more.
		refused.Store(ready.Load() == 0)
	})
	s.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) {
		select {
		case ended <- struct{}{}:
		default:
		}
	})
	if err := open(ctx, s); err != nil {
		return err
	}
	defer leave(s)
	if refused.Load() {
		l.uncounted(ctx)
		return errors.New("the session was refused by Discord; the next login is spaced")
	}
	l.p.log.Info("the bot listens to Discord")
	l.p.line.Opened(l.p.now())
	defer func() { l.p.line.Closed(l.p.now()) }()
	if l.p.cfg.Heard != nil {
		l.p.cfg.Heard()
	}
	return l.watch(ctx, s, ended)
}

// survive keeps a panic from ending the program; it must be deferred.
func (l *listener) survive(what string) {
	if v := recover(); v != nil {
		l.p.log.Error(what+" failed inside the program", "panic", v, "stack", string(debug.Stack()))
	}
}

// Connection tells how the platform listens at the moment.
func (p *Platform) Connection() chat.Connection { return p.line.Connection() }

// budget waits until a login is allowed.
func (l *listener) budget(ctx context.Context) error {
	for {
		wait, err := l.p.cfg.Identifies.Identify(ctx, l.p.now())
		switch {
		case err != nil && wait > 0:
			l.p.log.Error("the bot may not log in to Discord for now", "error", err, "again in", wait)
		case err != nil:
			return fmt.Errorf("the logins could not be counted: %w", err)
		case wait == 0:
			return ctx.Err()
		}
		if !l.p.cfg.sleep(wait, ctx.Done()) {
			return ctx.Err()
		}
	}
}

// uncounted counts a login that the library made by itself.
func (l *listener) uncounted(ctx context.Context) {
	if _, err := l.p.cfg.Identifies.Identify(ctx, l.p.now()); err != nil {
		l.p.log.Warn("a login to Discord could not be counted", "error", err)
	}
}

// open opens a session within openTimeout. The library cannot be interrupted
// while it waits for the other side; a session that opens too late is closed.
func open(ctx context.Context, s *discordgo.Session) error {
	opened := make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		err := s.Open()
		select {
		case <-gone:
			if err == nil {
				leave(s)
			}
		default:
			opened <- err
		}
	}()
	limit := time.NewTimer(openTimeout)
	defer limit.Stop()
	select {
	case err := <-opened:
		return err
	case <-limit.C:
		close(gone)
		return errors.New("the gateway took the connection and did not say hello")
	case <-ctx.Done():
		close(gone)
		return ctx.Err()
	}
}

// leave closes a session. The library waits a second there.
func leave(s *discordgo.Session) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Close() // the connection is given up either way
	}()
	sleep(farewell, done)
}

// watch returns when the session ended, or when Discord does not answer its
// heartbeats any more.
func (l *listener) watch(ctx context.Context, s *discordgo.Session, ended <-chan struct{}) error {
	limit := silence
	if l.p.cfg.pulse > 0 {
		limit = l.p.cfg.pulse
	}
	tick := time.NewTicker(limit / 4)
	defer tick.Stop()
	s.RLock()
	last, heard := s.LastHeartbeatAck, time.Duration(0)
	s.RUnlock()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return errors.New("the connection was closed")
		case <-tick.C:
		}
		s.RLock()
		now := s.LastHeartbeatAck
		s.RUnlock()
		if heard += limit / 4; !now.Equal(last) {
			last, heard = now, 0
		}
		if heard >= limit {
			return errors.New("the gateway does not answer heartbeats")
		}
	}
}

// interact takes an interaction that came over the gateway. It may not block:
// the heartbeats' answers come through the same door.
func (l *listener) interact(raw json.RawMessage) {
	var i interaction
	if err := json.Unmarshal(raw, &i); err != nil || i.ID == "" || i.Token == "" {
		l.p.log.Error("an interaction could not be read", "interaction", i.ID)
		return
	}
	i.received = l.p.now()
	l.working.Go(func() {
		defer l.survive("an interaction")
		first, finish, err := l.note(i)
		switch {
		case err != nil:
			l.p.log.Warn("an interaction could not be taken", "interaction", i.ID, "error", err)
			sorry := chat.LocaleFor(i.Locale, "").Problem(err)
			l.p.acknowledge(l.life, i, callback{answerMessage, answers(sorry, true)[0]})
		case first:
			defer finish()
			l.attend(i)
		}
	})
}

// attend answers an interaction.
func (l *listener) attend(i interaction) {
	select {
	case l.free <- struct{}{}:
		defer func() { <-l.free }()
		l.p.serve(l.life, l.handler, l.specs, i)
	default:
		busy := chat.LocaleFor(i.Locale, "").Problem(digest.Errorf(digest.RateLimited, "The bot has too much to do at the moment; try again in a minute."))
		l.p.acknowledge(l.life, i, callback{answerMessage, answers(busy, true)[0]})
	}
}

// dialer returns what opens the WebSocket. Its proxy function sees every
// address before it is dialled, and lets only Discord's own pass.
func (p *Platform) dialer() *websocket.Dialer {
	return &websocket.Dialer{
		HandshakeTimeout: callTimeout,
		Proxy: func(req *http.Request) (*url.URL, error) {
			if !p.trusted(req.URL) {
				return nil, digest.Errorf(digest.Forbidden, "Discord names a gateway on %s, which is not Discord's; it is not used", clip(req.URL.Hostname(), 80))
			}
			return p.cfg.Egress.Proxy, nil
		},
	}
}

// trusted reports whether an address that Discord named is Discord's own, or on
// the host of the configured API.
func (p *Platform) trusted(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	api, err := url.Parse(p.cfg.APIURL)
	if err == nil && u.Scheme == api.Scheme && strings.EqualFold(u.Host, api.Host) {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && (host == "discord.gg" || strings.HasSuffix(host, ".discord.gg"))
}
