package chat

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"nutgraf/digest"
)

// maxOutlets is how many outlets are named above a story.
const maxOutlets = 6

// Layout lays an edition out: a Header, then one Story message for each item,
// in order. An edition without items becomes one Notice. The zero Locale takes
// language and zone from the edition. The same edition always gives the same
// messages.
func Layout(e digest.Edition, loc Locale) []Message {
	if loc == (Locale{}) {
		loc = LocaleFor(e.Language, e.Zone)
	}
	var out []Message
	if len(e.Items) == 0 {
		out = []Message{empty(e, loc)}
	} else {
		out = []Message{header(e, loc)}
		out[0].Ping = e.Layout.Ping
	}
	for _, item := range e.Items {
		out = append(out, StoryMessage(item, e.Layout, loc))
	}
	out[0].Tag = e.Layout.Tag
	for i := range out {
		out[i].Silent, out[i].Publish = e.Layout.Silent, e.Layout.Publish
	}
	return out
}

// header opens an edition: name, date, coverage and the numbered headlines.
func header(e digest.Edition, loc Locale) Message {
	m := Message{Kind: Header, ID: e.ID, Language: loc.language(), Blocks: append(masthead(e, loc), Block{Kind: Numbered, Start: e.Items[0].N})}
	toc := &m.Blocks[len(m.Blocks)-1]
	for _, item := range e.Items {
		line := Line(loc.Foreign(item.Brief.Language, Linked(item.Brief.Headline, item.Brief.URL)))
		if item.Correction == digest.Withdrawn {
			toc.Items = append(toc.Items, Line(Emph(loc.T("Withdrawn"))))
			continue
		}
		if mark := mark(item, loc); mark != "" {
			line.Spans = append(line.Spans, Plain(" "), Emph("("+mark+")"))
		}
		toc.Items = append(toc.Items, line)
	}
	if e.ID != "" {
		m.Buttons = []Button{{Label: loc.labels().WhyThese, Line: "why " + e.ID}, {Label: loc.labels().Search, Line: "search"},
			{Label: loc.labels().CatchUp, Line: "since"}}
	}
	return m
}

// mark says in a word what is special about an item, "" for nothing.
func mark(item digest.Item, loc Locale) string {
	switch {
	case item.Correction == digest.Corrected:
		return loc.T("corrected")
	case item.Correction == digest.Merged:
		return loc.T("goes on")
	case item.Update:
		return loc.labels().Update
	}
	return ""
}

// masthead is the top of every edition.
func masthead(e digest.Edition, loc Locale) []Block {
	dateline := Line(Span{Text: loc.Date(e.Due) + ", " + loc.Clock(e.Due), Time: e.Due.UTC()})
	if e.Late {
		late := strings.ReplaceAll(loc.labels().Late, "{clock}", loc.Clock(e.Due))
		dateline = Line(Plain(loc.Date(e.Due)+" · "), Strong(late))
	}
	return []Block{
		Lines(Title, e.Name),
		{Kind: Meta, Items: []Item{dateline, Line(Plain(loc.Coverage(e.Coverage)))}},
	}
}

// empty is what an edition without stories shows.
func empty(e digest.Edition, loc Locale) Message {
	blocks := append(masthead(e, loc), Lines(Text, loc.labels().Nothing))
	return Message{Kind: Notice, ID: e.ID, Language: loc.language(), Blocks: blocks}
}

// withdrawn is what stands in the place of a story that no article tells any
// more.
func withdrawn(item digest.Item, loc Locale) Message {
	return Message{Kind: Story, ID: item.Brief.ID, Language: loc.language(), Blocks: []Block{
		{Kind: Title, Items: []Item{{Label: number(item), Spans: []Span{Plain(loc.T("Withdrawn"))}}}},
		Lines(Text, loc.T("The report on which this was based was withdrawn on %s. What was written here is gone.", Moment{item.CorrectedAt, loc.zone().String()})),
	}}
}

// number is the label of an item's title.
func number(item digest.Item) string {
	if item.N > 0 {
		return strconv.Itoa(item.N)
	}
	return ""
}

// StoryMessage lays one item of an edition out.
func StoryMessage(item digest.Item, layout digest.Layout, loc Locale) Message {
	if item.Correction == digest.Withdrawn {
		return withdrawn(item, loc)
	}
	m := Brief(item.Brief, layout.Length, loc)
	m.Threaded = layout.Thread == "yes"
	if layout.Images {
		m.Image = WebURL(item.Brief.Image)
	}
	title := slices.IndexFunc(m.Blocks, func(b Block) bool { return b.Kind == Title })
	m.Blocks[title].Items[0].Label = number(item)
	if id := item.Brief.ID; id != "" {
		words := loc.labels()
		m.Buttons = []Button{{Label: words.More, Line: "story " + id}, {Label: words.SourceList, Line: "references " + id}, {Label: words.Mute, Line: "mute story " + id},
			{Label: words.Save, Line: "keep " + id}, {Label: words.Useful, Line: "useful " + id}, {Label: words.Useless, Line: "useless " + id}}
	}
	switch item.Correction {
	case digest.Corrected:
		m.Blocks = slices.Insert(m.Blocks, title+1, Block{Kind: Meta, Items: []Item{Line(Strong(loc.T("Corrected on %s", Moment{item.CorrectedAt, loc.zone().String()})))}})
	case digest.Merged:
		m.Blocks = slices.Insert(m.Blocks, title+1, Block{Kind: Meta, Items: []Item{Line(Strong(loc.T("This story goes on as “%s”", item.Into)))}})
	}
	if item.Update {
		label := loc.labels().Update
		if item.New > 0 {
			label += ": " + loc.plural(loc.labels().NewArticles, item.New)
		}
		if title == 0 {
			m.Blocks = slices.Insert(m.Blocks, 0, Block{Kind: Kicker})
		}
		m.Blocks[0].Items = append(m.Blocks[0].Items, Line(Strong(label)))
		loc.since(m.Blocks, item.Since)
	}
	return m
}

// since puts the day on which the channel last saw a story over what is new.
func (l Locale) since(blocks []Block, at time.Time) {
	i := slices.IndexFunc(blocks, func(b Block) bool { return b.Kind == Heading && b.Section == digest.New })
	if i >= 0 && !at.IsZero() {
		blocks[i].Items = Lines(Heading, strings.ReplaceAll(l.labels().NewSince, "{date}", l.Date(at))).Items
	}
}

// Brief lays one brief out as a Story message: category, headline, outlets,
// what is new in an update, lede, the sections it has, byline, "Read more". Length is "full" (or ""),
// "short" (lede and why it matters) or "line" (the first sentence only). A
// brief with a Summary shows that instead of its sections.
func Brief(b digest.Brief, length string, loc Locale) Message {
	m := Message{Kind: Story, ID: b.ID, Language: loc.language()}
	if b.Category != "" {
		m.Blocks = append(m.Blocks, Lines(Kicker, b.Category))
	}
	m.Blocks = append(m.Blocks, Block{Kind: Title, Items: []Item{Line(Linked(b.Headline, b.URL))}})
	if outlets := loc.outlets(b.Outlets); outlets != "" {
		m.Blocks = append(m.Blocks, Lines(Meta, outlets))
	}
	m.Blocks = append(m.Blocks, body(b, length, loc)...)
	loc.foreign(b.Language, m.Blocks)
	if by := loc.Byline(b.Authors, b.Source); by != "" {
		m.Blocks = append(m.Blocks, Lines(Meta, by))
	}
	if b.SavedBy != "" {
		m.Blocks = append(m.Blocks, Lines(Meta, loc.T("saved by %s", b.SavedBy)))
	}
	if link := WebURL(b.URL); link != "" {
		m.More = Link{Text: loc.labels().ReadMore, URL: link}
	}
	if b.ID != "" && len(b.Articles) > 1 {
		m.Buttons = []Button{{Label: loc.labels().AllSources, Line: "story " + b.ID}}
	}
	return m
}

// body is what a brief says, in the wanted length.
func body(b digest.Brief, length string, loc Locale) []Block {
	if len(b.Summary) > 0 {
		return []Block{sentences(Text, b.Summary)}
	}
	var out []Block
	add := func(s digest.Section, block Block) {
		if len(block.Items) > 0 {
			heading := Lines(Heading, loc.Section(s))
			heading.Section, block.Section = s, s
			out = append(out, heading, block)
		}
	}
	add(digest.New, sentences(Text, b.Changed))
	if len(b.Lede) > 0 {
		lede := b.Lede
		if length == "line" {
			lede = lede[:1]
		}
		first := sentences(Text, lede)
		first.Section = digest.Lede
		out = append(out, first)
	}
	if length == "line" {
		return out
	}
	add(digest.Why, sentences(Text, b.WhyItMatters))
	if length == "short" {
		return out
	}
	add(digest.Know, sentences(Bullets, b.WhatToKnow))
	add(digest.People, quotes(b.Quotes))
	add(digest.Next, sentences(Text, b.WhatsNext))
	return out
}

// foreign marks the words of a brief among its labels.
func (l Locale) foreign(language string, blocks []Block) {
	for _, b := range blocks {
		switch b.Kind {
		case Title, Text, Bullets, Quotes:
			for _, item := range b.Items {
				for i, s := range item.Spans {
					item.Spans[i] = l.Foreign(language, s)
				}
			}
		}
	}
}

func sentences(k BlockKind, list []digest.Sentence) Block {
	b := Block{Kind: k}
	for _, s := range list {
		b.Items = append(b.Items, Line(Plain(s.Text)))
	}
	return b
}

func quotes(list []digest.Quote) Block {
	b := Block{Kind: Quotes}
	for _, q := range list {
		if strings.HasSuffix(q.Role, ".") { // a title: "Sen.", "Florida Gov."
			q.Speaker, q.Role = q.Role+" "+q.Speaker, ""
		}
		b.Items = append(b.Items, Item{Spans: []Span{Plain(q.Text)}, Speaker: q.Speaker, Role: q.Role, Context: q.Context})
	}
	return b
}

// outlets names the outlets of a story, a few of them when they are many.
func (l Locale) outlets(names []string) string {
	if len(names) > maxOutlets {
		more := l.plural(l.labels().Outlets, len(names)-maxOutlets+1)
		names = append(slices.Clone(names[:maxOutlets-1]), more)
	}
	return l.List(names)
}

// Sources is the Section of the blocks that References makes.
const Sources digest.Section = "sources"

// References lists the articles of a story under a heading: linked title,
// outlet, time, and whether it is a reprint.
func References(b digest.Brief, loc Locale) []Block {
	list := Block{Kind: Bullets}
	for _, a := range b.Articles {
		line := Line(Linked(a.Title, a.URL))
		if a.Outlet != "" {
			line.Spans = append(line.Spans, Plain(" · "+a.Outlet))
		}
		if a.Published != nil {
			line.Spans = append(line.Spans, Plain(" · "), loc.Stamp(*a.Published))
		}
		if a.Copy {
			line.Spans = append(line.Spans, Plain(" · "), Emph(loc.labels().Reprint))
		}
		list.Items = append(list.Items, line)
	}
	if len(list.Items) == 0 {
		return nil
	}
	heading := Lines(Heading, loc.labels().SourceList)
	heading.Section, list.Section = Sources, Sources
	return []Block{heading, list}
}
