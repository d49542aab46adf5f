package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
)

// Platform is one bot. It is safe for concurrent use.
type Platform struct {
	cfg       Config
	http      *http.Client            // to the API, through transport
	transport *transport              // keeps to the limits
	files     map[string]*http.Client // to where people's files are, by scheme and host
	key       ed25519.PublicKey       // of the application; nil when it is not needed
	rest      *discordgo.Session      // through http; it opens no gateway
	log       *slog.Logger
	now       func() time.Time
	line      chat.Hotline // of Listen

	mu        sync.Mutex
	me        string               // the bot's user id, "" until asked
	app       string               // the application's id, "" until asked
	opened    map[string]bool      // threads that are there, by header message
	swept     time.Time            // when seen was last tidied
	seen      map[string]time.Time // interactions that were handled, by id
	forms     map[string]window    // by the key in their custom_id
	venues    map[string]venue     // by the id of the channel
	attending *listener            // of Routes
}

// New returns the platform of a configuration. It calls nobody; Check tells
// whether Discord agrees.
func New(c Config) (*Platform, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	client, err := egress.Operator(c.APIURL, c.Egress)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(c.APIURL)
	if err != nil {
		return nil, err
	}
	t := &transport{base: base, next: client.Transport, limit: &limiter{now: c.Now, sleep: c.sleep}}
	client.Transport = t
	files, err := c.fileClients()
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(c.PublicKey)
	if err != nil {
		return nil, err
	}
	p := &Platform{cfg: c, files: files, key: key, http: client, transport: t, log: c.Log, now: c.Now, app: c.Application}
	p.rest, err = p.session()
	return p, err
}

// session returns a session of the library with everything off that acts by
// itself: retries, reconnects, caches and its log, which prints payloads.
func (p *Platform) session() (*discordgo.Session, error) {
	s, err := discordgo.New("Bot " + p.cfg.Token.Reveal())
	if err != nil {
		return nil, err
	}
	s.Client = p.http
	s.StateEnabled, s.Compress = false, false
	s.ShouldReconnectOnError, s.ShouldReconnectVoiceOnSessionError = false, false
	s.ShouldRetryOnRateLimit, s.MaxRestRetries = false, 0
	s.SyncEvents = true
	s.LogLevel = -1
	return s, nil
}

// self returns the bot's user id.
func (p *Platform) self(ctx context.Context) (string, error) {
	return p.once(ctx, &p.me, "users/@me")
}

// application returns the application's id.
func (p *Platform) application(ctx context.Context) (string, error) {
	return p.once(ctx, &p.app, "oauth2/applications/@me")
}

// once asks for an id and keeps it.
func (p *Platform) once(ctx context.Context, field *string, path string) (string, error) {
	p.mu.Lock()
	id := *field
	p.mu.Unlock()
	if id != "" {
		return id, nil
	}
	var answer struct {
		ID string `json:"id"`
	}
	if err := p.call(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	*field = answer.ID
	return answer.ID, nil
}
