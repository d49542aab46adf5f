package command

import (
	"strings"

	"github.com/pelletier/go-toml/v2"

	"nutgraf/digest"
)

// exported is a configuration as it is written: what people made in chat, for
// the file.
type exported struct {
	Sources       []exportedSource       `toml:"source,omitempty"`
	Subscriptions []exportedSubscription `toml:"subscription,omitempty"`
}

type exportedSource struct {
	ID       string  `toml:"id"`
	Kind     string  `toml:"kind"`
	URL      string  `toml:"url"`
	Name     string  `toml:"name,omitempty"`
	Category string  `toml:"category,omitempty"`
	Language string  `toml:"language,omitempty"`
	Weight   float64 `toml:"weight,omitempty"`
}

type exportedSubscription struct {
	ID         string   `toml:"id"`
	Name       string   `toml:"name"`
	Channels   []string `toml:"channels"`
	Cron       string   `toml:"cron"`
	Zone       string   `toml:"zone"`
	Sources    []string `toml:"sources,omitempty"`
	Categories []string `toml:"categories,omitempty"`
	Languages  []string `toml:"languages,omitempty"`
	Include    []string `toml:"include,omitempty"`
	Exclude    []string `toml:"exclude,omitempty"`
	DaysOff    []string `toml:"days_off,omitempty"`
	Language   string   `toml:"language,omitempty"`
	Stories    int      `toml:"stories,omitempty"`
	Length     string   `toml:"length,omitempty"`
	Thread     string   `toml:"thread,omitempty"`
	Images     bool     `toml:"images,omitempty"`
	Ping       string   `toml:"ping,omitempty"`
	Silent     bool     `toml:"silent,omitempty"`
	Empty      string   `toml:"empty,omitempty"`
	OnUnknown  string   `toml:"on_unknown,omitempty"`
}

// asConfig writes feeds and subscriptions as the configuration has them.
func asConfig(sources []digest.Source, subs []digest.Subscription) ([]byte, error) {
	var out exported
	for _, s := range sources {
		out.Sources = append(out.Sources, exportedSource{s.ID, s.Kind, s.Address, s.Name, s.Category, s.Language, s.Weight})
	}
	for _, s := range subs {
		row := exportedSubscription{ID: strings.ToLower(s.ID), Name: s.Name, Cron: s.Cron, Zone: s.Zone, Sources: s.Sources, Categories: s.Categories, Languages: s.Languages,
			Include: s.Include, Exclude: s.Exclude, DaysOff: s.DaysOff, Language: s.Language, Stories: s.Layout.Stories, Length: s.Layout.Length,
			Thread: s.Layout.Thread, Images: s.Layout.Images, Ping: s.Layout.Ping, Silent: s.Layout.Silent, Empty: s.Empty, OnUnknown: s.OnUnknown}
		for _, a := range s.Channels {
			row.Channels = append(row.Channels, a.String())
		}
		out.Subscriptions = append(out.Subscriptions, row)
	}
	return toml.Marshal(out)
}
