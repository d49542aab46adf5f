package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// desk is an archive and a board in memory.
type desk struct {
	mu       sync.Mutex
	editions []digest.Edition
	stories  map[string]digest.Story
	articles map[string]digest.Article
	board    []digest.Part
	err      error
}

func (d *desk) Editions(context.Context, string, int) ([]digest.Edition, error) {
	return d.editions, d.err
}

func (d *desk) Edition(_ context.Context, _, id string) (digest.Edition, error) {
	for _, e := range d.editions {
		if e.ID == id {
			return e, d.err
		}
	}
	return digest.Edition{}, digest.Errorf(digest.NotFound, "There is no edition %s here.", id)
}

func (d *desk) Story(_ context.Context, _, id string) (digest.Story, error) {
	if s, ok := d.stories[id]; ok {
		return s, d.err
	}
	return digest.Story{}, digest.Errorf(digest.NotFound, "There is no story %s here.", id)
}

func (d *desk) Article(_ context.Context, _, id string) (digest.Article, error) {
	if a, ok := d.articles[id]; ok {
		return a, d.err
	}
	return digest.Article{}, digest.Errorf(digest.NotFound, "There is no article %s here.", id)
}

func (d *desk) Board(_ context.Context, channel string, _ int) ([]digest.Part, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []digest.Part
	for _, p := range d.board {
		if p.Channel == channel {
			out = append(out, p)
		}
	}
	return out, d.err
}

func (d *desk) Show(_ context.Context, p digest.Part) error {
	if shown, err := d.Posted(context.Background(), p.Key); shown || err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.board = append(d.board, p)
	return nil
}

func (d *desk) Revise(_ context.Context, key string, payload digest.Payload) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.board {
		if d.board[i].Key == key {
			d.board[i].Payload = payload
			return true, d.err
		}
	}
	return false, d.err
}

func (d *desk) Posted(_ context.Context, key string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.board {
		if p.Key == key {
			return true, d.err
		}
	}
	return false, d.err
}

var noon = time.Date(2026, 5, 5, 6, 0, 0, 0, time.UTC)

func said(texts ...string) []digest.Sentence {
	var out []digest.Sentence
	for i, t := range texts {
		out = append(out, digest.Sentence{Text: t, Article: "a1", Sentence: i})
	}
	return out
}

func hoursAgo(h int) *time.Time {
	t := noon.Add(-time.Duration(h) * time.Hour)
	return &t
}

// curfew is a brief with all sections.
func curfew() digest.Brief {
	return digest.Brief{
		ID: "s7curfew", Headline: "Port of Linden weighs night curfew for freight trains", Category: "Harbor, city",
		Publisher: "Linden Ledger", Desk: "Transport Desk", Authors: []string{"Maya Lind", "Jon Park"}, Source: "Linden Wire",
		URL: "https://ledger.example/harbor/night-curfew", Language: "en", Published: hoursAgo(9),
		Lede: said("The Port of Linden is drafting rules that would halt freight trains between midnight and five, according to two people briefed on the plan.",
			"The port authority declined to comment."),
		WhyItMatters: said("The line carries a third of the region’s grain exports.", "A curfew would push 40 trains a day onto daytime slots already used by commuters."),
		WhatToKnow: said("The draft, dated May 3, follows a year of noise complaints.", "Rail operators say two extra sidings would cost 18 million crowns.",
			"Night traffic has doubled since the eastern terminal opened in 2023."),
		Quotes: []digest.Quote{
			{Text: "Nobody sleeps within a mile of that yard. That ends this year.", Speaker: "Ana Reyes", Role: "Port director", Context: "told reporters"},
			{Text: "You cannot park a harvest.", Speaker: "Tom Okafor", Role: "Freight union chair", Context: "said at a hearing"},
		},
		WhatsNext: said("The board votes on June 12.", "It is unclear whether operators will be heard before."),
		Outlets:   []string{"Linden Ledger", "Linden Wire", "Harbor Post"},
		Articles: []digest.Reference{
			{ID: "a1", Outlet: "Linden Wire", Title: "Port of Linden weighs night curfew for freight trains", URL: "https://ledger.example/harbor/night-curfew", Published: hoursAgo(9)},
			{ID: "a2", Outlet: "Harbor Post", Title: "Freight curfew: what the draft says", URL: "https://post.example/curfew", Published: hoursAgo(6)},
			{ID: "a3", Outlet: "Linden Ledger", Title: "Night trains may stop at Linden", Published: hoursAgo(4), Copy: true},
		},
		Writer: "extractive",
	}
}

// morning is an edition as a team would see it.
func morning() digest.Edition {
	score := func(total float64) digest.Score {
		return digest.Score{Total: total, Parts: []digest.ScorePart{
			{Name: "outlets", Value: 2, Note: "3 outlets"}, {Name: "recency", Value: total / 2, Note: "newest 9 h ago"}, {Name: "source", Value: 1}, {Name: "novelty", Value: 1, Note: "not shown before"}}}
	}
	briefs := []digest.Brief{curfew(),
		{ID: "s2glacier", Headline: "Alpine reservoirs open the season at their lowest level in thirty years", Category: "Climate", Authors: []string{"Ilse Brandt"}, Source: "Summit Review",
			URL:          "https://summit.example/water/reservoirs",
			Lede:         said("Reservoirs above 1,500 metres held 41 percent of their spring average on Monday, the regional water office said."),
			WhyItMatters: said("Four valleys draw their drinking water from the basins, and two power plants have already cut output by a fifth."),
			WhatToKnow:   said("Snow cover melted 19 days earlier than the long-term mean.", "The office asked farmers to delay the first irrigation until May 20."),
			Outlets:      []string{"Summit Review", "The Valley Mirror"}},
		{ID: "s3chips", Headline: "Regulator clears merger of Corvo and Hallstatt chip works, with conditions", Category: "Business", Source: "Market Courier",
			URL:       "https://courier.example/corvo-hallstatt",
			Lede:      said("The competition office approved the merger on the condition that both foundries stay open to outside customers for eight years."),
			Quotes:    []digest.Quote{{Text: "A foundry that serves only its owner is a locked door.", Speaker: "Petra Nowak", Role: "Head of the competition office", Context: "said in a statement"}},
			WhatsNext: said("The companies have until July 1 to accept."), Outlets: []string{"Market Courier"}},
		{ID: "s4tram", Headline: "Night trams return to the northern line after two years of repairs", Category: "City", Authors: []string{"Noor Haddad"}, Source: "Linden Ledger",
			URL: "https://ledger.example/trams", Lede: said("The first tram leaves Birkenplatz at 00:40 on Friday; the line will then run every twenty minutes until dawn."), Outlets: []string{"Linden Ledger", "City Radio"}},
		{ID: "s5vaccine", Headline: "Single-dose measles booster passes its last trial", Category: "Health", Source: "Medical Letter",
			URL: "https://letter.example/booster", Lede: said("The booster protected 96 percent of 8,200 volunteers for three years, researchers reported."),
			WhyItMatters: said("Countries without cold chains could store it at room temperature for a month."), Outlets: []string{"Medical Letter", "Linden Wire", "Summit Review", "Harbor Post"}},
	}
	e := digest.Edition{
		ID: "e5morning", Subscription: "daily", Name: "The Morning Brief", Workspace: digest.Local, Slot: "2026-05-05T08:00", Due: noon,
		From: noon.Add(-24 * time.Hour), To: noon, Zone: "Europe/Berlin", Language: "en",
		Coverage: digest.Coverage{SourcesOK: 14, Sources: 16, Failed: []string{"Harbor Post", "City Radio"}, Articles: 212, Stories: 41, Shown: len(briefs)},
		Cut:      []digest.Cut{{Story: "s9", Headline: "Library extends its opening hours", Score: score(0.61)}},
	}
	for i, b := range briefs {
		e.Items = append(e.Items, digest.Item{N: i + 1, Brief: b, Score: score(3.2 - float64(i)/2), Update: i == 3, New: 2 * (i / 3)})
	}
	return e
}

func specs() []chat.Spec {
	return []chat.Spec{
		{Name: "search", Help: "Search the archive", Options: []chat.Option{{Name: "words", Required: true, Help: "what to look for"}, {Name: "since", Type: chat.SinceOption}}},
		{Name: "subscribe", Help: "Order a digest", OpensForm: true, For: chat.Managers, Options: []chat.Option{
			{Name: "name", Required: true, Help: "title of the digest"}, {Name: "length", Choices: []string{"line", "short", "full"}}, {Name: "stories", Type: chat.IntOption, Min: 1, Max: 20}}},
		{Name: "sources", Help: "List the sources"}, {Name: "status", Help: "Show how things are"}, {Name: "story", Help: "Show one story", Options: []chat.Option{{Name: "id", Required: true}}},
		{Name: "help", Help: "List the commands"},
	}
}

// echo answers with what it was asked.
func echo(_ context.Context, c chat.Command) chat.Reply {
	if c.Name == "story" && c.Args["id"] == curfew().ID {
		m := chat.Brief(curfew(), "full", chat.Locale{})
		m.Blocks = append(m.Blocks, chat.References(curfew(), chat.Locale{})...)
		return chat.Reply{Messages: []chat.Message{m}}
	}
	rows := chat.Block{Kind: chat.Fields, Items: []chat.Item{
		chat.Field("name", chat.Plain(c.Name)), chat.Field("channel", chat.Plain(c.Address.String())), chat.Field("user", chat.Plain(c.User.Name))}}
	for _, spec := range specs() {
		for _, o := range spec.Options {
			if v := c.Args[o.Name]; v != "" && spec.Name == c.Name {
				rows.Items = append(rows.Items, chat.Field(o.Name, chat.Plain(v)))
			}
		}
	}
	return chat.Reply{Messages: []chat.Message{chat.Say("Echo", rows, chat.Block{Kind: chat.Rule}, chat.Lines(chat.Code, "a line", "another"))}}
}

// heads returns the articles that a brief names.
func heads(b digest.Brief) []digest.Article {
	var out []digest.Article
	for _, r := range b.Articles {
		a := digest.Article{ID: r.ID, Title: r.Title, URL: r.URL, Outlet: r.Outlet}
		if r.Published != nil {
			a.Published = *r.Published
		}
		out = append(out, a)
	}
	return out
}

func newDesk() *desk {
	b := curfew()
	text := "The Port of Linden is drafting rules.\n\nThe line carries a third of the region’s grain exports."
	return &desk{
		editions: []digest.Edition{morning()},
		stories:  map[string]digest.Story{b.ID: {ID: b.ID, Articles: heads(b), Copies: []string{"a3"}}},
		articles: map[string]digest.Article{"a1": {ID: "a1", Title: b.Headline, Text: text, URL: b.URL, Category: b.Category, Authors: b.Authors, Outlet: b.Source, Language: "en",
			Published: *b.Published, Marks: []digest.Mark{{Section: digest.Lede, Start: 0, End: 37}, {Section: digest.Why, Start: 39, End: len(text)}}}},
	}
}

// newServer returns a server over d; change may alter its options.
func newServer(t testing.TB, d *desk, change func(*Options)) *Server {
	t.Helper()
	o := Options{Archive: d, Handler: chat.HandlerFunc(echo), Specs: specs(), Open: true,
		Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Language: "en", Zone: "Europe/Berlin"}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// call sends one request; a body makes it a POST of a form.
func call(s http.Handler, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if body != "" {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
