package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/text"
)

// Personal keeps what single people think and keep, and what channels were
// shown.
type Personal interface {
	PutVote(ctx context.Context, v digest.Vote) error
	ClearVotes(ctx context.Context, a digest.Address) error
	PutBookmark(ctx context.Context, b digest.Bookmark) (bool, error)
	Bookmarks(ctx context.Context, workspace, user string, n int) ([]digest.Bookmark, error)
	ArticleByURL(ctx context.Context, workspace, url string) (digest.Article, error)
	CatchUp(ctx context.Context, channel digest.Address, user string) (time.Time, error)
	Appearances(ctx context.Context, channel digest.Address, article string) ([]digest.Appearance, error)
}

const mostBookmarks = 25 // that are listed

// personal lists the commands for the single reader, most of them behind
// buttons.
func personal() []entry {
	id := chat.Option{Name: "id", Help: "of a story", Required: true}
	url := chat.Option{Name: "url", Help: "of a page", Required: true}
	quiet := func(name string, run func(*Commands, context.Context, chat.Command) ([]chat.Message, error), options ...chat.Option) entry {
		return entry{Spec: chat.Spec{Name: name, Private: true, Hidden: true, Options: options}, run: run}
	}
	changing := func(e entry) entry { e.Changes = true; return e }
	return []entry{
		{Spec: chat.Spec{Name: "dm", Help: "Get a digest of your own by direct message, or end it", Private: true, Changes: true,
			Options: []chat.Option{{Name: "switch", Help: "on or off", Required: true, Choices: []string{"on", "off"}},
				{Name: "time", Help: "as in 08:00 or weekdays 8:30; 08:00 when not given"},
				keyed(suggested(chat.Option{Name: "zone", Help: "time zone, as in Europe/Berlin"}))}}, run: (*Commands).dm},
		quiet("references", (*Commands).references, id),
		changing(quiet("keep", (*Commands).keep, id)),
		changing(quiet("useful", (*Commands).useful, id)),
		changing(quiet("useless", (*Commands).useless, id)),
		changing(quiet("save", (*Commands).save, url)),
		quiet("covered", (*Commands).covered, url),
		hidden("forget-votes", (*Commands).forgetVotes),
	}
}

// references lists the articles of a story.
func (c *Commands) references(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	b, err := c.briefOf(ctx, cmd, cmd.Args["id"])
	if err != nil {
		return nil, err
	}
	return []chat.Message{chat.Say(b.Headline, chat.References(b, c.locale(ctx, cmd))...)}, nil
}

// briefOf returns the brief of a story as the channel was last shown it, or a
// new one.
func (c *Commands) briefOf(ctx context.Context, cmd chat.Command, id string) (digest.Brief, error) {
	if e, err := c.Desk.LatestEdition(ctx, cmd.Address); err == nil {
		for _, it := range e.Items {
			switch {
			case it.Brief.ID != id:
			case it.Correction == digest.Withdrawn:
				return it.Brief, digest.Errorf(digest.Gone, "Story %d was withdrawn.", it.N)
			default:
				return it.Brief, nil
			}
		}
	}
	s, err := c.Find(ctx, workspace(cmd), id)
	if err != nil {
		return digest.Brief{}, err
	}
	return c.Writer.Brief(ctx, s, digest.Options{Now: c.Now()})
}

// keep bookmarks a story for the person, or takes the bookmark back.
func (c *Commands) keep(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	b, err := c.briefOf(ctx, cmd, cmd.Args["id"])
	if err != nil {
		return nil, err
	}
	kept, err := c.Personal.PutBookmark(ctx, digest.Bookmark{Workspace: cmd.Address.Tenant(), User: cmd.User.ID, Story: b.ID, Headline: b.Headline, URL: b.URL})
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	if !kept {
		return []chat.Message{chat.Note(loc.T("“%s” is not kept any more.", b.Headline))}, nil
	}
	return []chat.Message{chat.Note(loc.T("“%s” is kept for you; `latest saved:yes` lists what you keep.", b.Headline))}, nil
}

// kept lists what a person keeps.
func (c *Commands) kept(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	list, err := c.Personal.Bookmarks(ctx, cmd.Address.Tenant(), cmd.User.ID, mostBookmarks)
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	if len(list) == 0 {
		return []chat.Message{chat.Note(loc.T("You keep no stories yet; press Save under one."))}, nil
	}
	block := chat.Block{Kind: chat.Bullets}
	for _, b := range list {
		block.Items = append(block.Items, chat.Line(chat.Linked(b.Headline, b.URL), chat.Plain(" · "), loc.Stamp(b.At), chat.Plain(" · "), chat.Mono(b.Story)))
	}
	return []chat.Message{chat.Say(loc.T("What you keep"), block)}, nil
}

// useful votes for a story, useless against it.
func (c *Commands) useful(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.vote(ctx, cmd, 1)
}

func (c *Commands) useless(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.vote(ctx, cmd, -1)
}

func (c *Commands) vote(ctx context.Context, cmd chat.Command, value int) ([]chat.Message, error) {
	b, err := c.briefOf(ctx, cmd, cmd.Args["id"])
	if err != nil {
		return nil, err
	}
	keys := digest.VoteKeys(b.Outlets, b.Category)
	if err := c.Personal.PutVote(ctx, digest.Vote{Address: cmd.Address, User: cmd.User.ID, Story: b.ID, Value: value, Keys: keys}); err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	m := chat.Note(loc.T("Noted. The next digests of this channel rank what is like “%s” higher; `why` shows by how much.", b.Headline))
	if value < 0 {
		m = chat.Note(loc.T("Noted. The next digests of this channel rank what is like “%s” lower; `why` shows by how much.", b.Headline))
	}
	return []chat.Message{m}, nil
}

// forgetVotes takes all votes of the channel back.
func (c *Commands) forgetVotes(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	if err := c.Personal.ClearVotes(ctx, cmd.Address); err != nil {
		return nil, err
	}
	c.record(ctx, cmd, cmd.Address.String(), "")
	return []chat.Message{chat.Note(c.locale(ctx, cmd).T("The votes of this channel are forgotten; they move nothing any more."))}, nil
}

// save puts a page into the workspace's next digests, with the name of the
// person.
func (c *Commands) save(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	if cmd.Direct {
		return nil, digest.Errorf(digest.Invalid, "Direct messages have no digest to save to; use this in a channel.")
	}
	a, err := c.Pages.Article(ctx, link(cmd.Args["url"]))
	if err != nil {
		return nil, err
	}
	who := text.Line(orElse(cmd.User.Name, cmd.User.ID), longestName)
	a.Workspace, a.Source, a.Arrived, a.ID = workspace(cmd), digest.SavedSource, c.Now(), ""
	a.Tags = append(slices.DeleteFunc(a.Tags, digest.IsCredit), digest.CreditTag(who))
	a.ID = digest.NewID(a)
	results, err := c.Newsroom.Accept(ctx, []digest.Article{a})
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	if len(results) == 1 && results[0].Verdict == digest.Duplicate {
		return []chat.Message{chat.Note(loc.T("“%s” is saved already.", a.Title))}, nil
	}
	c.record(ctx, cmd, a.Title, a.URL)
	return []chat.Message{chat.Note(loc.T("“%s” is saved: the next digest here considers it, with your name.", a.Title))}, nil
}

// covered says whether a page was in the channel's digests, and what is like it.
func (c *Commands) covered(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	loc, address := c.locale(ctx, cmd), link(cmd.Args["url"])
	a, err := c.Personal.ArticleByURL(ctx, workspace(cmd), address)
	switch {
	case digest.KindOf(err) == digest.NotFound:
		return c.related(ctx, cmd, digest.Article{URL: address}, chat.Lines(chat.Text, loc.T("This page is not in the archive.")))
	case err != nil:
		return nil, err
	}
	shown, err := c.Personal.Appearances(ctx, cmd.Address, a.ID)
	if err != nil {
		return nil, err
	}
	blocks := []chat.Block{chat.Lines(chat.Text, loc.T("It is in the archive, but was in no digest of this channel."))}
	if len(shown) > 0 {
		list := chat.Block{Kind: chat.Bullets}
		for _, s := range shown {
			list.Items = append(list.Items, chat.Line(chat.Strong(s.Headline), chat.Plain(" · "), loc.Stamp(s.At), chat.Plain(" · "), chat.Mono(s.Story)))
		}
		blocks = []chat.Block{chat.Lines(chat.Text, loc.T("Yes, this channel was shown it:")), list}
	}
	return c.related(ctx, cmd, a, blocks...)
}

// related adds the newest articles that are about the same.
func (c *Commands) related(ctx context.Context, cmd chat.Command, a digest.Article, blocks ...chat.Block) ([]chat.Message, error) {
	loc := c.locale(ctx, cmd)
	list := chat.Block{Kind: chat.Bullets}
	if a.ID != "" {
		of, err := c.Archive.StoryOf(ctx, workspace(cmd), a.ID)
		if err == nil && of != "" {
			s, err := c.Archive.Story(ctx, workspace(cmd), of)
			if err != nil {
				return nil, err
			}
			for _, other := range s.Articles {
				if other.ID != a.ID && len(list.Items) < 5 {
					list.Items = append(list.Items, articleLine(other, loc))
				}
			}
		}
	}
	if len(list.Items) > 0 {
		blocks = append(blocks, chat.Lines(chat.Heading, loc.T("The same story elsewhere")), list)
	}
	return []chat.Message{chat.Say(orElse(a.Title, a.URL), blocks...)}, nil
}

// dm switches the person's own digest on or off. It sees shared sources only.
func (c *Commands) dm(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	loc := c.locale(ctx, cmd)
	sub := c.Default
	sub.Workspace = cmd.Address.Platform + ":" + cmd.Address.Workspace + "@" + cmd.User.ID
	if cmd.Address.Platform == "discord" { // a person is the same one on all servers, and in direct messages
		sub.Workspace = "discord:@" + cmd.User.ID
	}
	sum := sha256.Sum256([]byte(sub.Workspace))
	sub.ID = "dm-" + hex.EncodeToString(sum[:12])
	if cmd.Args["switch"] == "off" {
		ended, err := c.endOwn(ctx, sub, orElse(text.Line(cmd.User.Name, longestName), cmd.User.ID))
		if err != nil {
			return nil, err
		}
		if !ended {
			return []chat.Message{chat.Note(loc.T("You have no digest by direct message."))}, nil
		}
		return []chat.Message{chat.Note(loc.T("Your digest by direct message has ended."))}, nil
	}
	if c.Direct == nil {
		return nil, digest.Errorf(digest.Unavailable, "There are no direct messages here; use this on Slack or Discord.")
	}
	sub.Cron, sub.Zone, sub.Language, sub.Name, sub.Origin = "", c.Zone, loc.Language, loc.T("Your digest"), fromChat
	if here, ok := c.subscription(ctx, cmd); ok {
		sub.Zone = here.Zone
	}
	timed := cmd
	timed.Args = map[string]string{"time": orElse(cmd.Args["time"], "08:00"), "zone": cmd.Args["zone"]}
	if err := retime(&sub, timed); err != nil {
		return nil, err
	}
	channel, err := c.Direct(ctx, cmd.Address, cmd.User.ID)
	if err != nil {
		return nil, err
	}
	now := c.Now()
	sub.Channels, sub.Since, sub.Changed, sub.Disabled = []digest.Address{channel}, now, now, ""
	err = c.Manager.ChangeSubscriptions(ctx, sub.Workspace, func(all []digest.Subscription) ([]digest.Subscription, error) {
		for _, s := range all { // one that was off begins anew: what came meanwhile is not made up for
			if s.ID == sub.ID && s.Disabled == "" {
				sub.Since, sub.Changed = s.Since, s.Changed
			}
		}
		return []digest.Subscription{sub}, nil
	})
	if err != nil {
		return nil, err
	}
	return c.planned(ctx, cmd, sub, chat.P("You get a digest by direct message %s (%s); `dm off` ends it.", inWords(sub.Cron), sub.Zone))
}

// endOwn ends a person's own digest, and reports whether there is one.
func (c *Commands) endOwn(ctx context.Context, sub digest.Subscription, who string) (known bool, err error) {
	err = c.Manager.ChangeSubscriptions(ctx, sub.Workspace, func(all []digest.Subscription) ([]digest.Subscription, error) {
		i := slices.IndexFunc(all, func(s digest.Subscription) bool { return s.ID == sub.ID })
		if known = i >= 0; !known {
			return nil, nil
		}
		all[i].Disabled = unsubscribed + who
		return all[i : i+1], nil
	})
	return known, err
}

// weekAgo bounds what topics looks at.
const weekAgo = 7 * 24 * time.Hour

// topics counts what the articles of the last days are about.
func (c *Commands) topics(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	filed, err := c.Archive.CountByCategory(ctx, workspace(cmd), c.Now().Add(-weekAgo))
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	count := make(map[string]int)
	spelt := make(map[string]string)
	for _, category := range slices.Sorted(maps.Keys(filed)) {
		for part := range strings.FieldsFuncSeq(category, func(r rune) bool { return strings.ContainsRune(",/;|&", r) }) {
			part = strings.TrimSpace(part)
			if key := strings.ToLower(part); key != "" {
				count[key] += filed[category]
				spelt[key] = part
			}
		}
	}
	if len(count) == 0 {
		return []chat.Message{chat.Note(loc.T("The articles of the last seven days have no categories."))}, nil
	}
	var keys []string
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	fields := chat.Block{Kind: chat.Fields}
	for _, k := range keys {
		fields.Items = append(fields.Items, chat.Field(spelt[k], chat.Plain(loc.N(count[k], "%d article", "%d articles"))))
	}
	return []chat.Message{chat.Say(loc.T("Topics of the last seven days"), firstOf(fields, mostSuggested, loc))}, nil
}
