package command

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// Archive is what the commands look things up in.
type Archive interface {
	Search(ctx context.Context, q digest.SearchQuery) ([]digest.Hit, error)
	ArticlesByID(ctx context.Context, workspace string, ids []string) ([]digest.Article, error)
	Articles(ctx context.Context, q digest.ArticleQuery) ([]digest.Article, error)
	Story(ctx context.Context, workspace, id string) (digest.Story, error)
	StoryOf(ctx context.Context, workspace, article string) (string, error)
	Counts(ctx context.Context, workspace string) (digest.Counts, error)
	CountBySource(ctx context.Context, workspace string) (map[string]int, error)
	CountByCategory(ctx context.Context, workspace string, since time.Time) (map[string]int, error)
}

// Desk knows the sources, the subscriptions and what was published.
type Desk interface {
	Sources(ctx context.Context, workspace string) ([]digest.SourceStatus, error)
	Subscriptions(ctx context.Context, workspace string) ([]digest.Subscription, error)
	Edition(ctx context.Context, workspace, id string) (digest.Edition, error)
	LatestEdition(ctx context.Context, channel digest.Address) (digest.Edition, error)
	EditionsTo(ctx context.Context, channel digest.Address, f digest.EditionFilter) ([]digest.Edition, error)
	Slots(ctx context.Context, f digest.SlotFilter) ([]digest.Slot, error)
	Deliveries(ctx context.Context, f digest.PartFilter) ([]digest.Part, error)
}

// Manager changes subscriptions and sources.
type Manager interface {
	ChangeSources(ctx context.Context, workspace string, change func(seen []digest.Source) ([]digest.Source, error)) error
	ChangeSubscriptions(ctx context.Context, workspace string, change func(all []digest.Subscription) ([]digest.Subscription, error)) error
	LastSlot(ctx context.Context, sub string) (digest.Slot, error)
}

// Auditor keeps the record of who changed what.
type Auditor interface {
	Record(ctx context.Context, a digest.Audit) error
	Audits(ctx context.Context, workspace string, n int) ([]digest.Audit, error)
}

// Newsroom builds previews and takes in single articles.
type Newsroom interface {
	Preview(ctx context.Context, sub digest.Subscription, at time.Time) (digest.Edition, error)
	PostNow(ctx context.Context, sub digest.Subscription) (digest.Slot, error)
	Accept(ctx context.Context, articles []digest.Article) ([]digest.Result, error)
}

// Pages fetches web pages that people name.
type Pages interface {
	Article(ctx context.Context, url string) (digest.Article, error)
}

// Commands answers slash commands. All fields must be set.
type Commands struct {
	Archive    Archive
	Desk       Desk
	Manager    Manager
	Auditor    Auditor
	Personal   Personal
	Editing    Editing
	Redrafting Redrafting
	Newsroom   Newsroom
	Pages      Pages
	Feeds      Feeds
	Writer     digest.Writer
	Now        func() time.Time
	NewID      func() string // makes the ids of subscriptions; random, of 128 bits at least
	Log        *slog.Logger
	Version    string
	Zone       string // of answers where no subscription says otherwise
	Language   string
	Belongs    func(ctx context.Context, a digest.Address) error                                   // says what is wrong with a channel that a person named: it must be of the address's workspace, and let the bot in; nil where no channel can be named
	Direct     func(ctx context.Context, near digest.Address, user string) (digest.Address, error) // the direct messages with a user of the platform; nil where there are none
	Default    digest.Subscription                                                                 // stands in for `now` in a channel without a subscription; subscribe takes what it is not told from here
}

// entry is one row of the command table.
type entry struct {
	chat.Spec
	run   func(c *Commands, ctx context.Context, cmd chat.Command) ([]chat.Message, error)
	reply func(c *Commands, ctx context.Context, cmd chat.Command) (chat.Reply, error) // instead of run, for answers that hold a file
	form  func(c *Commands, ctx context.Context, cmd chat.Command) (*chat.Form, error) // nil: it opens none
}

// table lists the commands in the order in which help shows them.
func table() []entry {
	text := func(name, help string, required bool) chat.Option {
		return chat.Option{Name: name, Help: help, Required: required}
	}
	return append([]entry{
		{Spec: chat.Spec{Name: "latest", Help: "Show the latest digest of this channel, or that of a day", Private: true,
			Options: []chat.Option{text("category", "only this category", false),
				keyed(suggested(chat.Option{Name: "date", Help: "of the digest, as in 2026-05-03 or yesterday", Type: chat.DateOption})),
				keyed(chat.Option{Name: "saved", Help: "what you keep instead", Type: chat.BoolOption})}}, run: (*Commands).latest},
		{Spec: chat.Spec{Name: "search", Help: "Search the archive, newest first", Private: true, OpensForm: true,
			Options: []chat.Option{text("words", "what to look for", true), suggested(text("source", "only this source or outlet", false)),
				{Name: "since", Help: "not older than, as in 3d or 2026-05-01", Type: chat.SinceOption, Suggest: true},
				{Name: "until", Help: "not newer than", Type: chat.SinceOption}}}, run: (*Commands).search, form: (*Commands).searchForm},
		{Spec: chat.Spec{Name: "story", Help: "Show one story in full", Private: true,
			Options: []chat.Option{suggested(text("id", "its number in the latest digest, or its id", true))}}, run: (*Commands).story},
		{Spec: chat.Spec{Name: "summarize", Help: "Write a brief of a web page, an article or a story", Private: true,
			Options: []chat.Option{text("target", "a link, or the id of an article or story", true),
				keyed(chat.Option{Name: "length", Help: "full when not given", Choices: []string{"full", "short", "line"}})}}, run: (*Commands).summarize},
		{Spec: chat.Spec{Name: "since", Help: "Catch up with this channel's digests since a day, each story once", Private: true, Changes: true,
			Options: []chat.Option{{Name: "since", Help: "as in 3d, monday or 2026-05-01; since you last caught up when not given", Type: chat.SinceOption, Suggest: true}}}, run: (*Commands).since},
		{Spec: chat.Spec{Name: "topics", Help: "Show what the articles of the last days are about", Private: true}, run: (*Commands).topics},
		{Spec: chat.Spec{Name: "why", Help: "Explain why these stories are in a digest, and what was just below the line", Private: true,
			Options: []chat.Option{text("edition", "its id; the channel's latest one when not given", false)}}, run: (*Commands).why},
		{Spec: chat.Spec{Name: "now", Help: "Preview what the digest would be right now", Private: true,
			Options: []chat.Option{suggested(text("name", "which digest, where there are several", false))}}, run: (*Commands).now},
		{Spec: chat.Spec{Name: "sources", Help: "List where the articles come from, and how each source is doing", Private: true}, run: (*Commands).sources},
		{Spec: chat.Spec{Name: "status", Help: "Show what is stored, what is due next and what needs attention", Private: true}, run: (*Commands).status},
		{Spec: chat.Spec{Name: "help", Help: "List the commands, or explain one", Private: true,
			Options: []chat.Option{text("command", "the command to explain", false)}}, run: (*Commands).help},
	}, slices.Concat(managing(), feeding(), personal(), editing())...)
}

// Specs returns the commands as platforms register them.
func Specs() []chat.Spec {
	var out []chat.Spec
	for _, e := range table() {
		out = append(out, e.Spec)
	}
	return out
}

// Handle runs one command. Errors and panics become a private answer; what is
// not meant for people goes to the log.
func (c *Commands) Handle(ctx context.Context, cmd chat.Command) (reply chat.Reply) {
	defer func() {
		if v := recover(); v != nil {
			c.Log.Error("command panicked", "command", cmd.Name, "panic", v, "stack", string(debug.Stack()))
			reply = c.locale(ctx, cmd).Problem(fmt.Errorf("panic: %v", v))
		}
	}()
	loc := c.locale(ctx, cmd)
	for _, e := range table() {
		if e.Name != cmd.Name {
			continue
		}
		if e.For == chat.Everybody { // nothing of this changes meanwhile
			ctx = context.WithValue(ctx, spokenKey{}, loc)
		}
		err := c.refuse(e, cmd)
		switch {
		case err != nil:
		case e.reply != nil:
			reply, err = e.reply(c, ctx, cmd)
		default:
			reply.Messages, err = e.run(c, ctx, cmd)
		}
		if err != nil {
			c.logFailure(cmd, err)
			return loc.Problem(err)
		}
		// What people think of a story or keep of it leaves the story where it is.
		reply.Private, reply.Replace = e.Private, e.Hidden && e.For == chat.Managers && cmd.Under != ""
		reply.Language = loc.Language
		return reply
	}
	return loc.Problem(digest.Errorf(digest.NotFound, "There is no command %q; help lists those there are.", cmd.Name))
}

// refuse says why a person may not use a command here, if so.
func (c *Commands) refuse(e entry, cmd chat.Command) error {
	switch {
	case e.For == chat.Managers && cmd.Direct:
		return digest.Errorf(digest.Invalid, "Direct messages have no digests; use %s in the channel that it is for.", e.Name)
	case e.For == chat.Managers && !cmd.User.Manager:
		return digest.Errorf(digest.Forbidden, "Only people who manage this server or workspace may use %s.", e.Name)
	}
	return nil
}

func (c *Commands) logFailure(cmd chat.Command, err error) {
	switch digest.KindOf(err) {
	case digest.Internal, digest.Unavailable:
		c.Log.Warn("command failed", "command", cmd.Name, "channel", cmd.Address.String(), "error", err)
	}
}

// workspace returns the tenant whose rows the command may see.
func workspace(cmd chat.Command) string {
	if cmd.Direct {
		return digest.Shared
	}
	return cmd.Address.Tenant()
}

// Locale returns language and zone of the answer to a command, for what
// platforms say about it before it runs.
func (c *Commands) Locale(ctx context.Context, cmd chat.Command) chat.Locale {
	return c.locale(ctx, cmd)
}

// spokenKey is the key under which the context of a command that only looks
// holds its locale.
type spokenKey struct{}

// own returns the language of the person, where the platform tells it with each
// command, as Discord does, and browsers.
func own(cmd chat.Command) (language string, ok bool) {
	tells := cmd.Address.Platform == "discord" || cmd.Address.Platform == "web"
	return cmd.User.Locale, tells && chat.Speaks(cmd.User.Locale)
}

// locale returns language and zone of the answer: those of the channel's
// subscription where it has one. Where the language of the person is known,
// answers come in that.
func (c *Commands) locale(ctx context.Context, cmd chat.Command) chat.Locale {
	if loc, ok := ctx.Value(spokenKey{}).(chat.Locale); ok {
		return loc
	}
	language, zone := c.Language, c.Zone
	if sub, ok := c.subscription(ctx, cmd); ok {
		language, zone = orElse(sub.Language, c.Language), sub.Zone
	}
	if wish, ok := own(cmd); ok {
		language = wish
	}
	return chat.LocaleFor(language, zone)
}

// subscription returns the first active subscription that posts to the
// command's channel.
func (c *Commands) subscription(ctx context.Context, cmd chat.Command) (digest.Subscription, bool) {
	subs, err := c.Desk.Subscriptions(ctx, workspace(cmd))
	if err != nil {
		c.Log.Warn("subscriptions cannot be read", "error", err)
	}
	for _, s := range subs {
		if s.Disabled != "" {
			continue
		}
		for _, a := range s.Channels {
			if a == cmd.Address {
				return s, true
			}
		}
	}
	return digest.Subscription{}, false
}
