package slack

import (
	"context"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// Gap is for newsroom.Manners: the time that Slack wants between two posts to
// one channel.
const Gap = time.Second

// DefaultAPIURL is where Slack's own methods are.
const DefaultAPIURL = "https://slack.com/api/"

// DefaultCommand is the slash command unless the configuration says otherwise.
const DefaultCommand = "/digest"

// The deadlines of a call.
const (
	callTimeout   = 10 * time.Second
	headerTimeout = 8 * time.Second
)

// The ways on which Slack's requests come.
const (
	Socket = "socket" // we open a WebSocket
	HTTP   = "http"   // Slack calls the handlers of Routes
)

// Config configures a Platform.
type Config struct {
	BotToken      digest.Secret                                           // xoxb-…, of the app installed in the workspace; may be missing where Installs are kept
	AppToken      digest.Secret                                           // xapp-… with connections:write; only the transport Socket needs it
	Transport     string                                                  // Socket or HTTP; "" is Socket
	SigningSecret digest.Secret                                           // with which Slack signs what it sends; only the transport HTTP needs it
	APIURL        string                                                  // "" is DefaultAPIURL; plain http is accepted only towards this machine
	Command       string                                                  // "" is DefaultCommand
	Managers      []string                                                // ids of users who may change subscriptions beside admins and owners
	Thread        string                                                  // "yes" or "no": whether stories go under the header; "" is yes
	Egress        egress.Options                                          // proxy and user agent; the deadlines are set here
	Heard         func()                                                  // called when Listen has a connection; nil for nothing
	Gone          func(ctx context.Context, a digest.Address, why string) // called when a channel, or without one a workspace, is closed to the app; nil for nothing
	Back          func(ctx context.Context)                               // called when something that was closed may be open again; nil for nothing
	Inbox         chat.Inbox                                              // notes requests that change something; nil: they are kept in memory alone

	// The rest lets other workspaces install the app; all but the lists are needed for that.
	Installs     Installs         // where their tokens are kept; nil: none can
	ClientID     string           // of the app
	ClientSecret digest.Secret    // of the app
	TokenKey     Key              // seals the tokens
	PublicURL    string           // where /slack/oauth can be reached from outside
	PKCE         bool             // the app's settings have PKCE switched on
	Workspaces   []string         // ids of those that may install the app; empty: all
	Now          func() time.Time // the clock; must be set
	Log          *slog.Logger     // nil for none
}

// Threads reports whether stories go under the header unless a layout says
// otherwise, for newsroom.Manners.
func (c Config) Threads() bool { return c.Thread != "no" }

// commandName is what Slack takes for a slash command.
var commandName = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)

// complete fills in the defaults and refuses what cannot work.
func (c Config) complete() (Config, error) {
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	if !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
	if c.Command == "" {
		c.Command = DefaultCommand
	}
	if c.Transport == "" {
		c.Transport = Socket
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Egress.Timeout, c.Egress.HeaderTimeout = callTimeout, headerTimeout
	u, err := url.Parse(c.APIURL)
	switch {
	case c.BotToken.IsZero() && c.Installs == nil:
		return c, digest.Errorf(digest.Invalid, "Slack's bot token is missing; copy the one that begins with xoxb- from “OAuth & Permissions” of the app's settings")
	case !c.BotToken.IsZero() && !strings.HasPrefix(c.BotToken.Reveal(), "xoxb-"):
		return c, digest.Errorf(digest.Invalid, "Slack's bot token does not begin with xoxb-; copy the “Bot User OAuth Token” from “OAuth & Permissions” of the app's settings")
	case !c.AppToken.IsZero() && !strings.HasPrefix(c.AppToken.Reveal(), "xapp-"):
		return c, digest.Errorf(digest.Invalid, "Slack's app token does not begin with xapp-; make an app-level token with the scope connections:write under “Basic Information” of the app's settings")
	case !commandName.MatchString(c.Command):
		return c, digest.Errorf(digest.Invalid, "%q is no name for a slash command; write for example \"/digest\": a slash, then at most 31 lower-case letters, digits or hyphens", c.Command)
	case c.Thread != "" && c.Thread != "yes" && c.Thread != "no":
		return c, digest.Errorf(digest.Invalid, "thread is %q; write \"yes\" or \"no\"", c.Thread)
	case c.Now == nil:
		return c, digest.Errorf(digest.Internal, "the Slack platform has no clock")
	case err != nil:
		return c, digest.Errorf(digest.Invalid, "%q is not the address of an API; write it as https://host/path/", c.APIURL)
	}
	if err := c.checkInbound(); err != nil {
		return c, err
	}
	if q := u.RawQuery + u.Fragment; q != "" || u.User != nil {
		return c, digest.Errorf(digest.Invalid, "the address of Slack's API may hold neither a user name nor a query; write it as https://host/path/")
	}
	return c, nil
}

// checkInbound refuses ways in that could not tell Slack from others, and
// installs that could not be kept.
func (c Config) checkInbound() error {
	u, err := url.Parse(c.PublicURL)
	switch {
	case c.Transport != Socket && c.Transport != HTTP:
		return digest.Errorf(digest.Invalid, "Slack's transport is %q; write \"socket\" or \"http\"", clip(c.Transport, 40))
	case c.Transport == HTTP && c.SigningSecret.IsZero():
		return digest.Errorf(digest.Invalid, "Slack's signing secret is missing, without which anybody could give commands; copy the “Signing Secret” from “Basic Information” of the app's settings")
	case c.Installs == nil:
		return nil
	case c.ClientID == "" || c.ClientSecret.IsZero() || c.TokenKey.IsZero():
		return digest.Errorf(digest.Invalid, "Slack's installs need client_id, client_secret_env and token_key_env; the first two stand under “Basic Information” of the app's settings")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return digest.Errorf(digest.Invalid, "Slack's installs need public_url under [web], as in https://news.example.org: Slack sends people back there")
	}
	return nil
}
