package discord

import (
	"regexp"
	"slices"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// LinkMenu, SaveMenu and CoveredMenu are the entries of a message's menu. Each
// runs a command on the first link in the message.
const (
	LinkMenu    = "Summarise this link"
	SaveMenu    = "Save to next digest"
	CoveredMenu = "Already covered?"
)

// entry is one of them.
type entry struct {
	title   chat.Phrase
	command string
}

// menus returns the entries.
func (c Config) menus() []entry {
	return []entry{{chat.P(LinkMenu), c.LinkCommand}, {chat.P(SaveMenu), "save"}, {chat.P(CoveredMenu), "covered"}}
}

// menuSpec returns the command that an entry of the message menu runs, or nil
// where there is none that takes a link first.
func (p *Platform) menuSpec(name string, specs []chat.Spec) *chat.Spec {
	for _, m := range p.cfg.menus() {
		at := slices.IndexFunc(specs, func(s chat.Spec) bool { return s.Name == m.command })
		if m.title.English == name && at >= 0 && len(specs[at].Options) > 0 && specs[at].Options[0].Type == chat.TextOption {
			return &specs[at]
		}
	}
	return nil
}

// shortcut reads an entry of the message menu: it takes the first link of the
// message.
func (p *Platform) shortcut(i interaction, specs []chat.Spec) (chat.Command, error) {
	spec := p.menuSpec(i.Data.Name, specs)
	if spec == nil {
		return chat.Command{}, digest.Errorf(digest.NotFound, "The bot does not know this entry of the menu any more; reload Discord to see what there is.")
	}
	m := i.Data.Resolved.Messages[i.Data.Target]
	link := firstLink(m)
	if link == "" {
		return chat.Command{Name: spec.Name}, digest.Errorf(digest.Invalid, "This message has no link; choose one that has.")
	}
	return chat.Check(*spec, chat.Command{Name: spec.Name, Args: map[string]string{spec.Options[0].Name: link}, Text: m.Content})
}

var webLink = regexp.MustCompile(`https?://[^\s<>"` + "`" + `]+`)

// firstLink returns the first web address of a message, "" when it has none.
func firstLink(m message) string {
	texts := []string{m.Content}
	for _, e := range m.Embeds {
		texts = append(texts, e.URL, e.Description)
	}
	for _, s := range m.Snapshots { // of a message that was passed on
		texts = append(texts, s.Message.Content)
	}
	for _, text := range texts {
		for _, found := range webLink.FindAllString(text, -1) {
			if url := chat.WrittenURL(found); url != "" {
				return url
			}
		}
	}
	return ""
}
