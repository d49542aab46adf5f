package digest

import (
	"strings"
	"time"
)

// Edition is the digest built for one slot: frozen and content-addressed.
type Edition struct {
	ID           string    `json:"id"` // hash prefix of everything below
	Subscription string    `json:"subscription"`
	Name         string    `json:"name"` // title of the digest
	Workspace    string    `json:"workspace"`
	Slot         string    `json:"slot"` // local date and time it was due, "2026-03-29T02:30"
	Due          time.Time `json:"due"`
	From         time.Time `json:"from"` // window of arrival, [From, To)
	To           time.Time `json:"to"`
	Zone         string    `json:"zone"`
	Language     string    `json:"language"` // of the labels
	Late         bool      `json:"late,omitempty"`
	Layout       Layout    `json:"layout"`
	Coverage     Coverage  `json:"coverage"`
	Items        []Item    `json:"items"`
	Cut          []Cut     `json:"cut,omitempty"` // the stories just below the line
}

// Coverage is the line "14 of 16 sources · 212 articles → 41 stories → 8 shown".
type Coverage struct {
	SourcesOK int      `json:"sources_ok"`
	Sources   int      `json:"sources"`
	Failed    []string `json:"failed,omitempty"` // names of the sources without a successful fetch in the window
	Articles  int      `json:"articles"`
	Stories   int      `json:"stories"`
	Shown     int      `json:"shown"`
}

// Item is one story of an edition.
type Item struct {
	N           int       `json:"n"` // from 1
	Brief       Brief     `json:"brief"`
	Score       Score     `json:"score"`
	Update      bool      `json:"update,omitempty"`     // the channel was shown the story before
	New         int       `json:"new,omitempty"`        // for updates: articles the channel has not been shown
	Since       time.Time `json:"since,omitzero"`       // for updates: when the channel was last shown the story
	Retitled    bool      `json:"retitled,omitempty"`   // its headline is that of an editor
	Correction  string    `json:"correction,omitempty"` // kind of the correction made since, "" for none
	Into        string    `json:"into,omitempty"`       // for merged stories: headline under which they go on
	CorrectedAt time.Time `json:"corrected_at,omitzero"`
}

// Correct puts a correction in the place of what was frozen. The id of the
// edition stays: it names what was published first.
func (e *Edition) Correct(c Correction) {
	for i := range e.Items {
		it := &e.Items[i]
		if it.Brief.ID != c.Story {
			continue
		}
		it.Correction, it.Into, it.CorrectedAt = c.Kind, c.Into, c.At
		switch c.Kind {
		case Corrected:
			it.Brief = c.Brief
		case Withdrawn:
			it.Brief = Brief{ID: it.Brief.ID} // nothing of it stays
		}
	}
}

// Cut is a story that was ranked below the line.
type Cut struct {
	Story    string `json:"story"`
	Headline string `json:"headline"`
	Score    Score  `json:"score"`
}

// Here calls all members of a channel who are online.
const Here = "here"

// CheckPing returns what is wrong with Layout.Ping: it is empty, Here, or the
// id of a role or user group.
func CheckPing(ping string) error {
	if len(ping) <= 32 && strings.Trim(ping, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" || ping == Here {
		return nil
	}
	return Errorf(Invalid, "%.40q cannot be called; give the id of a role of Discord, as in 123456789012345678, of a user group of Slack, as in S012ABC, or here.", ping)
}

// MaxTag is the most characters of Layout.Tag.
const MaxTag = 20

// Layout says how an edition looks.
type Layout struct {
	Stories int    `json:"stories"` // at most; 0 means 8
	Length  string `json:"length"`  // of each brief: "line", "short", "full"; "" is "full"
	Thread  string `json:"thread"`  // "yes", "no", "" for the platform's default
	Images  bool   `json:"images,omitempty"`
	Ping    string `json:"ping,omitempty"`    // whom the header calls: a role of Discord, a user group of Slack, by id; "here" for all who are there
	Silent  bool   `json:"silent,omitempty"`  // posts notify nobody, where the platform can do that
	Publish bool   `json:"publish,omitempty"` // posts go on to the channels that follow an announcement channel of Discord
	Tag     string `json:"tag,omitempty"`     // name of the tag of posts in a forum of Discord
}
