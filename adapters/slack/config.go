package slack

import (
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"

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

// Config configures a Platform.
type Config struct {
	BotToken digest.Secret    // xoxb-…, of the app installed in the workspace
	AppToken digest.Secret    // xapp-… with connections:write; only Listen and Check need it
	APIURL   string           // "" is DefaultAPIURL; plain http is accepted only towards this machine
	Command  string           // "" is DefaultCommand
	Managers []string         // ids of users who may change subscriptions beside admins and owners
	Thread   string           // "yes" or "no": whether stories go under the header; "" is yes
	Egress   egress.Options   // proxy and user agent; the deadlines are set here
	Heard    func()           // called when Listen has a connection; nil for nothing
	Now      func() time.Time // the clock; must be set
	Log      *slog.Logger     // nil for none
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
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Egress.Timeout, c.Egress.HeaderTimeout = callTimeout, headerTimeout
	u, err := url.Parse(c.APIURL)
	switch {
	case c.BotToken.IsZero():
		return c, digest.Errorf(digest.Invalid, "Slack's bot token is missing; copy the one that begins with xoxb- from “OAuth & Permissions” of the app's settings")
	case !strings.HasPrefix(c.BotToken.Reveal(), "xoxb-"):
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
	if q := u.RawQuery + u.Fragment; q != "" || u.User != nil {
		return c, digest.Errorf(digest.Invalid, "the address of Slack's API may hold neither a user name nor a query; write it as https://host/path/")
	}
	return c, nil
}
