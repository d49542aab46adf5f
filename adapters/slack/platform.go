package slack

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// Platform is one app, in the workspace of the configured token and in those
// that installed it. It is safe for concurrent use.
type Platform struct {
	cfg  Config
	http *http.Client // to the API
	log  *slog.Logger
	now  func() time.Time
	home *workspace // of the configured token; nil without one

	reopen   time.Duration // least time between two connections of Listen
	silence  time.Duration // without a sign of life, after which a connection is left
	farewell time.Duration // for what is still being answered when Listen ends
	noting   time.Duration // that the inbox has for a request
	line     chat.Hotline  // of Listen

	mu        sync.Mutex
	opened    time.Time               // when the last connection was asked for
	hooks     map[string]*http.Client // to the hosts of response_urls, by base address
	attending *listener               // of Routes
	installed map[string]install      // what was read of the store, by workspace
}

// New returns the platform of a configuration. It calls nobody; Check tells
// whether Slack agrees.
func New(c Config) (*Platform, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	client, err := egress.Operator(c.APIURL, c.Egress)
	if err != nil {
		return nil, err
	}
	p := &Platform{cfg: c, http: client, log: c.Log, now: c.Now, reopen: 1500 * time.Millisecond, silence: silence, farewell: farewell, noting: chat.NotingTime}
	if !c.BotToken.IsZero() {
		p.home = p.workspace(c.BotToken)
	}
	return p, nil
}

// Connection tells how the platform listens at the moment.
func (p *Platform) Connection() chat.Connection { return p.line.Connection() }

// client returns the library's client on top of an HTTP client. The library's
// retries stay off: it would send a post again that Slack may have stored.
func (p *Platform) client(h httpDoer, token digest.Secret) *slack.Client {
	return slack.New(token.Reveal(),
		slack.OptionAppLevelToken(p.cfg.AppToken.Reveal()),
		slack.OptionAPIURL(p.cfg.APIURL),
		slack.OptionHTTPClient(h),
		slack.OptionLog(silent{}))
}

// httpDoer is what the library asks of an HTTP client.
type httpDoer interface {
	Do(*http.Request) (*http.Response, error)
}

// silent takes the library's log. It is not kept: with debugging on it would
// print whole answers.
type silent struct{}

// Output drops a line.
func (silent) Output(int, string) error { return nil }
