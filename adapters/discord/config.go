package discord

import (
	"context"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// Quiet is for newsroom.Manners: how long after an attempt a message may still
// appear. It is short because a repeat within the nonce's window is harmless.
const Quiet = 2 * time.Second

// DefaultAPIURL is where Discord's own API is.
const DefaultAPIURL = "https://discord.com"

// DefaultCommand is the name of the slash command unless the configuration
// says otherwise.
const DefaultCommand = "digest"

// The deadlines of a call.
const (
	callTimeout   = 10 * time.Second
	headerTimeout = 8 * time.Second
)

// Config configures a Platform.
type Config struct {
	Token       digest.Secret    // of the bot
	Application string           // id; "" asks Discord with the token
	APIURL      string           // "" is DefaultAPIURL, the part before /api; plain http is accepted only towards this machine
	Command     string           // "" is DefaultCommand; a slash in front is taken off
	Transport   string           // Socket or HTTP; "" is Socket
	PublicKey   string           // of the application, for HTTP: 64 hexadecimal digits
	LinkCommand string           // command whose first option takes the link that the message menu "Summarise this link" found; "" is "summarize"
	Thread      string           // "yes" or "no": whether stories go into a thread under the header; "" is no
	Egress      egress.Options   // proxy; the deadlines are set here
	Identifies  Identifies       // budget of gateway logins; nil keeps it in memory
	Inbox       chat.Inbox       // notes interactions that change something; nil: they are kept in memory alone
	Heard       func()           // called when Listen has a connection; nil for nothing
	Now         func() time.Time // the clock; must be set

	// Gone is called when a channel, or without one a server, is closed to the
	// bot, with the reason for people; nil for nothing.
	Gone func(ctx context.Context, a digest.Address, why string)

	Log *slog.Logger // nil for none

	sleep  func(d time.Duration, done <-chan struct{}) bool // of this package's tests; reports whether it slept the whole time
	noting time.Duration                                    // of this package's tests: that the inbox has for an interaction
	pulse  time.Duration                                    // of this package's tests: silence of the gateway after which it is left
	pause  time.Duration                                    // of this package's tests: unit of the wait between two connections

	farewell time.Duration // for answers on their way when the program stops; this package's tests shorten it
}

// Threads reports whether stories go into a thread under the header unless a
// layout says otherwise, for newsroom.Manners.
func (c Config) Threads() bool { return c.Thread == "yes" }

var (
	commandName = regexp.MustCompile(`^[-_\p{Ll}\p{Lo}\p{N}]{1,32}$`)
	publicKey   = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	snowflake   = regexp.MustCompile(`^[0-9]{1,20}$`)
)

// complete fills in the defaults and refuses what cannot work.
func (c Config) complete() (Config, error) {
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	if c.Command = strings.TrimPrefix(c.Command, "/"); c.Command == "" {
		c.Command = DefaultCommand
	}
	if c.LinkCommand == "" {
		c.LinkCommand = "summarize"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	if c.noting == 0 {
		c.noting = chat.NotingTime
	}
	if c.farewell == 0 {
		c.farewell = farewell
	}
	c.Egress.Timeout, c.Egress.HeaderTimeout = callTimeout, headerTimeout
	token := c.Token.Reveal()
	u, err := url.Parse(c.APIURL)
	switch {
	case c.Token.IsZero():
		return c, digest.Errorf(digest.Invalid, "Discord's bot token is missing; copy it from “Bot” in the application's settings at https://discord.com/developers/applications")
	case strings.HasPrefix(token, "Bot ") || strings.ContainsAny(token, " \t\r\n"):
		return c, digest.Errorf(digest.Invalid, "Discord's bot token holds a blank; give the token alone, without “Bot” in front and without line breaks")
	case c.Application != "" && !snowflake.MatchString(c.Application):
		return c, digest.Errorf(digest.Invalid, "%q is no application id of Discord; copy the number from “General Information” of the application's settings", c.Application)
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return c, digest.Errorf(digest.Invalid, "api_url %q is no address; leave it out, or write it as https://host", c.APIURL)
	case !commandName.MatchString(c.Command):
		return c, digest.Errorf(digest.Invalid, "%q is no name for a command; write for example \"digest\": at most 32 lower-case letters, digits, hyphens or underscores", c.Command)
	case c.Thread != "" && c.Thread != "yes" && c.Thread != "no":
		return c, digest.Errorf(digest.Invalid, "thread is %q; write \"yes\" or \"no\"", c.Thread)
	case c.Transport != "" && c.Transport != Socket && c.Transport != HTTP:
		return c, digest.Errorf(digest.Invalid, "transport is %q; write \"socket\" or \"http\"", c.Transport)
	case c.Transport == HTTP && c.PublicKey == "":
		return c, digest.Errorf(digest.Invalid, "transport = \"http\" needs public_key, without which anybody could speak in Discord's name; copy the “Public Key” from “General Information” of the application's settings")
	case c.PublicKey != "" && !publicKey.MatchString(c.PublicKey):
		return c, digest.Errorf(digest.Invalid, "public_key is no key of Discord's, which has 64 hexadecimal digits; copy the “Public Key” from “General Information” of the application's settings")
	case c.Now == nil:
		return c, digest.Errorf(digest.Internal, "the Discord platform has no clock")
	}
	if c.Identifies == nil {
		c.Identifies = &Budget{}
	}
	return c, nil
}

// sleep waits for d, or until done is closed.
func sleep(d time.Duration, done <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-done:
		return false
	}
}

// InstallLink returns the address at which somebody who manages a server adds
// the bot to it, with exactly the permissions that it uses.
func InstallLink(application string) string {
	return "https://discord.com/oauth2/authorize?client_id=" + url.QueryEscape(application) +
		"&scope=bot+applications.commands&permissions=" + strconv.FormatUint(uint64(needed|forThreads), 10)
}
