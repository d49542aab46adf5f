package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/text"
)

const (
	mostFeeds    = 200 // that a workspace may add
	shownOfFeed  = 3   // headlines that a test shows
	feedsChanged = 10  // names that an answer lists
)

// Feeds finds feeds on the web, and reads and writes lists of them.
type Feeds interface {
	Probe(ctx context.Context, address string) (digest.Source, digest.Batch, error)
	ReadList(data []byte) ([]digest.Source, error)
	WriteList(title string, sources []digest.Source) ([]byte, error)
}

// feeding lists the commands around the workspace's own feeds.
func feeding() []entry {
	url := chat.Option{Name: "url", Help: "of the feed, or of a page that has one", Required: true}
	return []entry{
		{Spec: chat.Spec{Name: "feed add", Help: "Add a feed, or the feed of a site", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{url, keyed(chat.Option{Name: "category", Help: "of its articles when they have none"})}}, run: (*Commands).feedAdd},
		{Spec: chat.Spec{Name: "feed list", Help: "List the feeds with their addresses", Private: true}, run: (*Commands).feedList},
		{Spec: chat.Spec{Name: "feed test", Help: "Show what a feed holds, without adding it", Private: true,
			Options: []chat.Option{url}}, run: (*Commands).feedTest},
		{Spec: chat.Spec{Name: "feed remove", Help: "Remove a feed that was added here", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{suggested(chat.Option{Name: "source", Help: "its name or id", Required: true})}}, run: (*Commands).feedRemove},
		{Spec: chat.Spec{Name: "import", Help: "Add the feeds of an OPML file", Private: true, OpensForm: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{{Name: "file", Help: "OPML, as feed readers export it", File: true}}}, run: (*Commands).importFeeds, form: (*Commands).importForm},
		{Spec: chat.Spec{Name: "export", Help: "Hand out the feeds, or feeds and digests for the configuration", Private: true, For: chat.Managers,
			Options: []chat.Option{{Name: "format", Help: "opml when not given", Choices: []string{"opml", "toml"}}}}, reply: (*Commands).export},
	}
}

// feedAdd adds the feed at an address to the workspace.
func (c *Commands) feedAdd(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	src, batch, err := c.Feeds.Probe(ctx, link(cmd.Args["url"]))
	if err != nil {
		return nil, err
	}
	src.Name = text.Line(src.Name, longestName)
	src.Category = text.Line(cmd.Args["category"], longestName)
	added, known, err := c.addFeeds(ctx, cmd, []digest.Source{src})
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	if len(added) == 0 {
		return []chat.Message{chat.Note(loc.T("“%s” is there already.", sourceName(digest.SourceStatus{Source: known[0]})))}, nil
	}
	name := orElse(src.Name, src.Address)
	done := loc.T("“%s” was added. It holds %s; digests of all sources show them from the next one on.", name, chat.Count{N: len(batch.Articles), One: "%d article", Many: "%d articles"})
	return []chat.Message{chat.Say(name, append([]chat.Block{chat.Lines(chat.Text, done)}, newest(loc, batch)...)...)}, nil
}

// link makes an address of what people write.
func link(written string) string {
	written = strings.Trim(strings.TrimSpace(written), "<>")
	if address, _, ok := strings.Cut(written, "|"); ok { // as Slack writes links
		written = address
	}
	if written != "" && !strings.Contains(written, "://") {
		written = "https://" + written
	}
	return written
}

// addFeeds stores the feeds that the workspace does not see yet, and returns
// which those are and which it knew. A feed that was removed comes back.
func (c *Commands) addFeeds(ctx context.Context, cmd chat.Command, list []digest.Source) (added, known []digest.Source, err error) {
	err = c.Manager.ChangeSources(ctx, workspace(cmd), func(seen []digest.Source) ([]digest.Source, error) {
		added, known = nil, nil
		own := 0
		at := make(map[string]digest.Source)
		for _, s := range seen {
			if s.Workspace == workspace(cmd) && !s.Disabled {
				own++
			}
			if old, ok := at[digest.CanonicalURL(s.Address)]; !ok || old.Disabled {
				at[digest.CanonicalURL(s.Address)] = s
			}
		}
		for _, src := range list {
			src.Address = digest.FetchURL(src.Address)
			key := digest.CanonicalURL(src.Address)
			old, ok := at[key]
			if ok && !old.Disabled {
				known = append(known, old)
				continue
			}
			src.ID, src.Workspace, src.Kind = "feed-"+strings.ToLower(c.NewID()), workspace(cmd), "feed"
			if ok && old.Workspace == workspace(cmd) {
				src.ID = old.ID
			}
			at[key] = src
			added = append(added, src)
		}
		if own+len(added) > mostFeeds {
			return nil, digest.Errorf(digest.TooLarge, "A workspace has at most %d feeds of its own, and has %d now; remove some with `feed remove`.", mostFeeds, own)
		}
		return added, nil
	})
	if err != nil {
		return nil, nil, err
	}
	for _, src := range added {
		c.record(ctx, cmd, orElse(src.Name, src.Address)+" ("+src.ID+")", src.Address)
	}
	return added, known, nil
}

// newest shows the first headlines of a feed.
func newest(loc chat.Locale, batch digest.Batch) []chat.Block {
	list := chat.Block{Kind: chat.Bullets}
	for _, a := range batch.Articles[:min(len(batch.Articles), shownOfFeed)] {
		line := chat.Line(loc.Foreign(a.Language, chat.Linked(a.Title, a.URL)))
		if !a.Published.IsZero() {
			line.Spans = append(line.Spans, chat.Plain(" · "), loc.Stamp(a.Published))
		}
		list.Items = append(list.Items, line)
	}
	if len(list.Items) == 0 {
		return nil
	}
	return []chat.Block{chat.Lines(chat.Heading, loc.T("Newest")), list}
}

// feedTest shows what is at an address.
func (c *Commands) feedTest(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	src, batch, err := c.Feeds.Probe(ctx, link(cmd.Args["url"]))
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	fields := chat.Block{Kind: chat.Fields, Items: []chat.Item{
		chat.Field(loc.T("Address"), chat.Plain(src.Address)),
		chat.Field(loc.T("Articles"), chat.Plain(loc.Number(len(batch.Articles)))),
	}}
	if n := batch.Dropped; n > 0 {
		fields.Items = append(fields.Items, chat.Field(loc.T("Left out"), chat.Plain(loc.T("%d older ones", n))))
	}
	if n := len(batch.Refused); n > 0 {
		fields.Items = append(fields.Items, chat.Field(loc.T("Cannot be read"), chat.Plain(loc.T("%d, the first because: %s", n, batch.Refused[0].Reason))))
	}
	return []chat.Message{chat.Say(orElse(text.Line(src.Name, longestName), src.Address), append([]chat.Block{fields}, newest(loc, batch)...)...)}, nil
}

// feedList lists the feeds that the workspace sees.
func (c *Commands) feedList(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	list, err := c.Desk.Sources(ctx, workspace(cmd))
	if err != nil {
		return nil, err
	}
	stored, err := c.Archive.CountBySource(ctx, workspace(cmd))
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	block := chat.Block{Kind: chat.Fields}
	for _, s := range illFirst(list) {
		if s.Disabled || s.Kind != "feed" {
			continue
		}
		origin := loc.T("from the configuration")
		if s.Workspace == workspace(cmd) {
			origin = loc.T("made in chat")
		}
		block.Items = append(block.Items, chat.Field(sourceName(s), chat.Plain(strings.Join([]string{shownAddress(cmd, s.Address), sourceState(s, stored[s.ID], loc), origin, ""}, " · ")), chat.Mono(s.ID)))
	}
	if len(block.Items) == 0 {
		return []chat.Message{chat.Note(loc.T("There are no feeds yet; add one with `feed add https://…`."))}, nil
	}
	return []chat.Message{chat.Say(loc.T("Feeds"), firstOf(block, mostRows, loc))}, nil
}

// shownAddress is what a person may see of a feed's address: its query may hold
// a key, which is for managers.
func shownAddress(cmd chat.Command, address string) string {
	if before, _, ok := strings.Cut(address, "?"); ok && !cmd.User.Manager {
		return before + "?…"
	}
	return address
}

// feedRemove ends a feed of the workspace. Its articles stay.
func (c *Commands) feedRemove(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	ids, err := c.sourceIDs(ctx, workspace(cmd), cmd.Args["source"])
	if err != nil {
		return nil, err
	}
	var src digest.Source
	err = c.Manager.ChangeSources(ctx, workspace(cmd), func(seen []digest.Source) ([]digest.Source, error) {
		i := slices.IndexFunc(seen, func(s digest.Source) bool { return len(ids) == 1 && s.ID == ids[0] })
		if i < 0 {
			return nil, digest.Errorf(digest.Invalid, "Write one feed, by its name or id; `feed list` shows them.")
		}
		if src = seen[i]; src.Workspace != workspace(cmd) {
			return nil, digest.Errorf(digest.Forbidden, "“%s” is set up in the configuration; remove the [[source]] with id = %q there, or leave it out here with `mute source`.", sourceName(digest.SourceStatus{Source: src}), src.ID)
		}
		src.Disabled = true
		return []digest.Source{src}, nil
	})
	if err != nil {
		return nil, err
	}
	name := sourceName(digest.SourceStatus{Source: src})
	c.record(ctx, cmd, name+" ("+src.ID+")", src.Address)
	loc := c.locale(ctx, cmd)
	done := []string{loc.T("“%s” was removed; its articles stay.", name)}
	subs, err := c.managed(ctx, cmd)
	if err != nil {
		return nil, err
	}
	for _, s := range subs {
		if len(s.Sources) == 1 && s.Sources[0] == src.ID {
			done = append(done, loc.T("“%s” had no other source, and will be empty.", s.Name))
		}
	}
	return []chat.Message{chat.Note(strings.Join(done, " "))}, nil
}

// importForm asks for the file when none came with the command.
func (c *Commands) importForm(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	if cmd.File != nil {
		return nil, nil
	}
	loc := c.locale(ctx, cmd)
	return &chat.Form{Title: loc.T("Import feeds"), Submit: loc.T("Import"), Command: "import",
		Fields: []chat.Input{{Option: chat.Option{Name: "file", Help: "OPML, as feed readers export it", File: true, Required: true}, Label: loc.T("OPML file")}}}, nil
}

// importFeeds adds the feeds of an OPML file.
func (c *Commands) importFeeds(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	if cmd.File == nil {
		return nil, digest.Errorf(digest.Invalid, "Attach an OPML file, as feed readers export it.")
	}
	list, err := c.Feeds.ReadList(cmd.File)
	if err != nil {
		return nil, err
	}
	var good []digest.Source
	var refused chat.Names
	for _, s := range list {
		if s.Address = link(s.Address); chat.WebURL(s.Address) == "" {
			refused = append(refused, clip(s.Address))
			continue
		}
		s.Name, s.Category, s.Language = text.Line(s.Name, longestName), text.Line(s.Category, longestName), ""
		good = append(good, s)
	}
	added, known, err := c.addFeeds(ctx, cmd, good)
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	lines := []string{loc.T("%d added, %d there already, %d that are no web addresses.", len(added), len(known), len(refused))}
	if len(refused) > 0 {
		lines = append(lines, loc.T("Not taken: %s", refused[:min(len(refused), feedsChanged)]))
	}
	return []chat.Message{chat.Note(strings.Join(lines, " "))}, nil
}

// export hands out what the workspace has.
func (c *Commands) export(ctx context.Context, cmd chat.Command) (chat.Reply, error) {
	all, err := c.Desk.Sources(ctx, workspace(cmd))
	if err != nil {
		return chat.Reply{}, err
	}
	var sources []digest.Source
	for _, s := range all {
		if s.Kind == "feed" && !s.Disabled {
			sources = append(sources, s.Source)
		}
	}
	loc := c.locale(ctx, cmd)
	day := c.Now().Format(time.DateOnly)
	if cmd.Args["format"] == "toml" {
		subs, err := c.managed(ctx, cmd)
		if err != nil {
			return chat.Reply{}, err
		}
		data, err := asConfig(sources, subs)
		if err != nil {
			return chat.Reply{}, err
		}
		return chat.Reply{Messages: []chat.Message{chat.Note(loc.T("%d feeds and %d digests, as [[source]] and [[subscription]] of a configuration.", len(sources), len(subs)))},
			File: chat.Attachment{Name: "nutgraf-" + day + ".toml", Type: "application/toml", Data: data}}, nil
	}
	data, err := c.Feeds.WriteList("Nutgraf", sources)
	if err != nil {
		return chat.Reply{}, err
	}
	return chat.Reply{Messages: []chat.Message{chat.Note(loc.N(len(sources), "%d feed as OPML, which feed readers import.", "%d feeds as OPML, which feed readers import."))},
		File: chat.Attachment{Name: fmt.Sprintf("feeds-%s.opml", day), Type: "text/x-opml", Data: data}}, nil
}
