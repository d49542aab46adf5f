package command

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// latest shows the channel's latest edition or that of a day, or its stories of
// one category.
func (c *Commands) latest(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	if cmd.Args["saved"] == "true" {
		return c.kept(ctx, cmd)
	}
	category := cmd.Args["category"]
	e, err := c.editionOf(ctx, cmd)
	switch {
	case digest.KindOf(err) == digest.NotFound && cmd.Args["date"] == "":
		return c.headlines(ctx, cmd, category)
	case err != nil:
		return nil, err
	}
	if category != "" {
		if e.Items, err = ofCategory(e.Items, category); err != nil {
			return nil, err
		}
	}
	return chat.Layout(e, chat.LocaleFor(e.Language, e.Zone)), nil
}

// editionOf returns the channel's latest edition, or the last one of the day
// that the command names.
func (c *Commands) editionOf(ctx context.Context, cmd chat.Command) (digest.Edition, error) {
	if cmd.Args["date"] == "" {
		return c.Desk.LatestEdition(ctx, cmd.Address)
	}
	loc := c.locale(ctx, cmd)
	day, err := chat.SinceValue(cmd.Args["date"], c.Now(), loc)
	if err != nil {
		return digest.Edition{}, err
	}
	list, err := c.Desk.EditionsTo(ctx, cmd.Address, digest.EditionFilter{From: day, Until: day.AddDate(0, 0, 1)})
	if err != nil {
		return digest.Edition{}, err
	}
	if len(list) == 0 {
		return digest.Edition{}, digest.Errorf(digest.NotFound, "There was no digest here on %s.", chat.Day{At: day, Zone: loc.Place().String()})
	}
	return list[0], nil
}

// firstCatchUp is how far back since goes for people who never caught up, and
// at most for those who did.
const firstCatchUp = 7 * 24 * time.Hour

// mostCaughtUp is how many stories since shows.
const mostCaughtUp = 20

// since shows the stories of the channel's editions that were posted since a
// day, or since the person caught up last, each once as it was told last, the
// best first.
func (c *Commands) since(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	loc := c.locale(ctx, cmd)
	from, err := chat.SinceValue(cmd.Args["since"], c.Now(), loc)
	if err != nil {
		return nil, err
	}
	last, err := c.Personal.CatchUp(ctx, cmd.Address, cmd.User.ID)
	if err != nil {
		return nil, err
	}
	if from.IsZero() {
		from = c.Now().Add(-firstCatchUp)
		if last.After(from) {
			from = last
		}
	}
	list, err := c.Desk.EditionsTo(ctx, cmd.Address, digest.EditionFilter{PostedAfter: from})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, digest.Errorf(digest.NotFound, "There was no digest here since %s.", chat.Day{At: from, Zone: loc.Place().String()})
	}
	var items []digest.Item
	seen := make(map[string]bool)
	for _, e := range list { // newest first
		for _, it := range e.Items {
			if !seen[it.Brief.ID] {
				seen[it.Brief.ID] = true
				items = append(items, it)
			}
		}
	}
	slices.SortStableFunc(items, func(a, b digest.Item) int { return cmp.Compare(b.Score.Total, a.Score.Total) })
	all := len(items)
	items = items[:min(len(items), mostCaughtUp)]
	block := chat.Block{Kind: chat.Numbered}
	for _, it := range items {
		line := chat.Line(loc.Foreign(it.Brief.Language, chat.Linked(it.Brief.Headline, it.Brief.URL)))
		if len(it.Brief.Lede) > 0 {
			line.Spans = append(line.Spans, chat.Plain(" · "), loc.Foreign(it.Brief.Language, chat.Plain(it.Brief.Lede[0].Text)))
		}
		line.Spans = append(line.Spans, chat.Plain(" · "), chat.Mono(it.Brief.ID))
		block.Items = append(block.Items, line)
	}
	head := loc.T("%s in %s since %s", chat.Count{N: all, One: "%d story", Many: "%d stories"}, chat.Count{N: len(list), One: "%d digest", Many: "%d digests"},
		chat.Day{At: from, Zone: loc.Place().String()})
	return []chat.Message{chat.Say(head, block)}, nil
}

// ofCategory returns the items of a category, compared without regard to case
// and by parts: "city" finds "Harbor, city".
func ofCategory(items []digest.Item, category string) ([]digest.Item, error) {
	want := strings.ToLower(strings.TrimSpace(category))
	var out []digest.Item
	var there []string
	for _, it := range items {
		have := it.Brief.Category
		if have != "" {
			there = append(there, have)
		}
		if strings.EqualFold(have, want) || hasPart(have, want) {
			out = append(out, it)
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case len(there) == 0:
		return nil, digest.Errorf(digest.NotFound, "The stories of the latest digest have no categories.")
	}
	return nil, digest.Errorf(digest.NotFound, "The latest digest has nothing of the category %q; it has %s.", category, strings.Join(unique(there), " · "))
}

func hasPart(category, want string) bool {
	for _, part := range strings.FieldsFunc(strings.ToLower(category), func(r rune) bool { return strings.ContainsRune(",/;|&", r) }) {
		if strings.TrimSpace(part) == want {
			return true
		}
	}
	return false
}

func unique(words []string) []string {
	var out []string
	seen := make(map[string]bool)
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// headlines stands in for the latest digest where none was posted yet.
func (c *Commands) headlines(ctx context.Context, cmd chat.Command, category string) ([]chat.Message, error) {
	articles, err := c.Archive.Articles(ctx, digest.ArticleQuery{Workspace: workspace(cmd), Category: category, Limit: 10, Newest: true})
	if err != nil {
		return nil, err
	}
	if len(articles) == 0 {
		if category != "" {
			return nil, digest.Errorf(digest.NotFound, "No digest was posted here yet, and no stored article has the category %q.", category)
		}
		return nil, digest.Errorf(digest.NotFound, "No digest was posted here yet, and nothing is stored; see sources.")
	}
	loc := c.locale(ctx, cmd)
	block := chat.Block{Kind: chat.Numbered}
	for _, a := range articles {
		block.Items = append(block.Items, articleLine(a, loc))
	}
	return []chat.Message{chat.Say(loc.T("No digest was posted here yet; the newest articles are"), block)}, nil
}

func articleLine(a digest.Article, loc chat.Locale) chat.Item {
	at := a.Published
	if at.IsZero() {
		at = a.Arrived
	}
	by := " · "
	if v := a.Voice(); v != "" {
		by = " · " + v + " · "
	}
	return chat.Line(loc.Foreign(a.Language, chat.Linked(a.Title, a.URL)), chat.Plain(by), chat.Span{Text: loc.DateTime(at), Time: at},
		chat.Plain(" · "), chat.Span{Text: a.ID, Code: true})
}

// searchForm asks for the words to look for.
func (c *Commands) searchForm(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	if cmd.Args["words"] != "" {
		return nil, nil
	}
	loc := c.locale(ctx, cmd)
	return &chat.Form{Title: loc.T("Search"), Submit: loc.T("Search"), Command: "search", Fields: []chat.Input{
		{Option: chat.Option{Name: "words", Help: "what to look for", Required: true}, Label: loc.T("Words")},
		{Option: chat.Option{Name: "source", Suggest: true}, Label: loc.T("Source or outlet")},
		{Option: chat.Option{Name: "since", Help: "as in 3d or 2026-05-01"}, Label: loc.T("Not older than")},
	}}, nil
}

// search finds articles.
func (c *Commands) search(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	if cmd.Args["words"] == "" {
		return nil, digest.Errorf(digest.Invalid, "Write what to look for, as in `search port strike`.")
	}
	q := digest.SearchQuery{Workspace: workspace(cmd), Words: cmd.Args["words"], Source: cmd.Args["source"], Limit: 10}
	var err error
	loc := c.locale(ctx, cmd)
	if q.Since, err = chat.SinceValue(cmd.Args["since"], c.Now(), loc); err != nil {
		return nil, err
	}
	if q.Until, err = chat.SinceValue(cmd.Args["until"], c.Now(), loc); err != nil {
		return nil, err
	}
	hits, err := c.Archive.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(hits) == 0 {
		return []chat.Message{chat.Note(loc.T("Nothing was found for %q; try fewer or other words.", q.Words))}, nil
	}
	blocks := make([]chat.Block, 0, 2*len(hits))
	for i, h := range hits {
		blocks = append(blocks, chat.Block{Kind: chat.Numbered, Start: i + 1, Items: []chat.Item{articleLine(h.Article, loc)}})
		if h.Snippet != "" {
			blocks = append(blocks, chat.Block{Kind: chat.Text, Items: []chat.Item{chat.Line(loc.Foreign(h.Article.Language, chat.Plain(h.Snippet)))}})
		}
	}
	return []chat.Message{chat.Say(loc.T("Found for %q", q.Words), blocks...)}, nil
}

// story shows a story: a number of the latest edition, a story id, or the id
// of one of its articles.
func (c *Commands) story(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	id := strings.TrimPrefix(strings.TrimSpace(cmd.Args["id"]), "#")
	loc := c.locale(ctx, cmd)
	if n, err := strconv.Atoi(id); err == nil && len(id) <= 3 {
		item, err := c.numbered(ctx, cmd, n)
		if err != nil {
			return nil, err
		}
		return []chat.Message{withSources(item.Brief, loc)}, nil
	}
	s, err := c.Find(ctx, workspace(cmd), id)
	if err != nil {
		return nil, err
	}
	return c.write(ctx, s, cmd, loc)
}

// numbered returns story n of the channel's latest edition.
func (c *Commands) numbered(ctx context.Context, cmd chat.Command, n int) (digest.Item, error) {
	e, err := c.Desk.LatestEdition(ctx, cmd.Address)
	switch {
	case digest.KindOf(err) == digest.NotFound:
		return digest.Item{}, digest.Errorf(digest.NotFound, "No digest was posted here yet, so it has no story %d; give a story's id instead.", n)
	case err != nil:
		return digest.Item{}, err
	}
	for _, it := range e.Items {
		if it.N == n && it.Correction == digest.Withdrawn {
			return digest.Item{}, digest.Errorf(digest.Gone, "Story %d was withdrawn.", n)
		}
		if it.N == n {
			return it, nil
		}
	}
	return digest.Item{}, digest.Errorf(digest.NotFound, "The latest digest has %d stories, so there is no story %d.", len(e.Items), n)
}

// Find finds a story by its id or by the id of an article; an article
// that is in no story yet makes one of its own.
func (c *Commands) Find(ctx context.Context, ws, id string) (digest.Story, error) {
	s, err := c.Archive.Story(ctx, ws, id)
	if digest.KindOf(err) != digest.NotFound {
		return s, err
	}
	found, err := c.Archive.ArticlesByID(ctx, ws, []string{id})
	if err != nil {
		return s, err
	}
	if len(found) == 0 {
		return s, digest.Errorf(digest.NotFound, "There is no story and no article with the id %q here; search finds them.", id)
	}
	of, err := c.Archive.StoryOf(ctx, ws, id)
	switch {
	case err == nil && of != "":
		return c.Archive.Story(ctx, ws, of)
	case err != nil && digest.KindOf(err) != digest.NotFound:
		return s, err
	}
	return single(found[0]), nil
}

// single returns the story of one article.
func single(a digest.Article) digest.Story {
	return digest.Story{ID: a.ID, Workspace: a.Workspace, Articles: []digest.Article{a}, FirstSeen: a.Arrived}
}

func (c *Commands) write(ctx context.Context, s digest.Story, cmd chat.Command, loc chat.Locale) ([]chat.Message, error) {
	length := cmd.Args["length"]
	b, err := c.Writer.Brief(ctx, s, digest.Options{Now: c.Now(), Length: length})
	if err != nil {
		return nil, err
	}
	if length == "short" || length == "line" {
		return []chat.Message{chat.Brief(b, length, loc)}, nil
	}
	return []chat.Message{withSources(b, loc)}, nil
}

// withSources lays a brief out in full, with the list of its articles.
func withSources(b digest.Brief, loc chat.Locale) chat.Message {
	m := chat.Brief(b, "full", loc)
	m.Blocks = append(m.Blocks, chat.References(b, loc)...)
	return m
}

// summarize writes a brief of a link, an article or a story. A link is stored
// for its workspace, where search and story find it again.
func (c *Commands) summarize(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	target := strings.Trim(strings.TrimSpace(cmd.Args["target"]), "<>")
	loc := c.locale(ctx, cmd)
	if !strings.Contains(target, "://") && !strings.HasPrefix(target, "www.") {
		return c.story(ctx, chat.Command{Name: "story", Args: map[string]string{"id": target, "length": cmd.Args["length"]}, Address: cmd.Address, User: cmd.User, Direct: cmd.Direct})
	}
	if strings.HasPrefix(target, "www.") {
		target = "https://" + target
	}
	a, err := c.Pages.Article(ctx, target)
	if err != nil {
		return nil, err
	}
	a.Workspace, a.Source = cmd.Address.Tenant(), digest.LinkSource
	a.ID = digest.NewID(a)
	if !cmd.Direct {
		results, err := c.Newsroom.Accept(ctx, []digest.Article{a})
		if err != nil {
			return nil, err
		}
		if len(results) == 1 && results[0].ID != "" {
			a.ID = results[0].ID
		}
	}
	return c.write(ctx, single(a), cmd, loc)
}
