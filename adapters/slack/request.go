package slack

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack/socketmode"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// SummarizeShortcut is the callback id of the message shortcut.
const SummarizeShortcut = "summarize_link"

// request is one thing that a person asked for, whichever way.
type request struct {
	line          string // as chat.Parse reads it
	problem       error  // there is no line, for this reason
	team, channel string
	direct        bool
	user, name    string
	respond       string // response_url
	thread        string // ts of the thread it was asked in, "" for none
	trigger       string // trigger_id, unique for every request
	suffix        string // tells several requests of one envelope apart
}

// command parses the request's line.
func (r request) command(specs []chat.Spec) (chat.Command, error) {
	if r.problem != nil {
		return chat.Command{}, r.problem
	}
	cmd, err := chat.Parse(specs, r.line)
	if err != nil {
		return chat.Command{}, err
	}
	cmd.Address = digest.Address{Platform: "slack", Workspace: r.team, Channel: r.channel}
	cmd.Direct = r.direct
	return cmd, nil
}

// slash is what we read of a slash command.
type slash struct {
	TeamID      string `json:"team_id"`
	ChannelID   string `json:"channel_id"`
	ChannelName string `json:"channel_name"`
	UserID      string `json:"user_id"`
	UserName    string `json:"user_name"`
	Text        string `json:"text"`
	ResponseURL string `json:"response_url"`
	TriggerID   string `json:"trigger_id"`
}

// interaction is what we read of a pressed button or a shortcut.
type interaction struct {
	Type        string          `json:"type"`
	CallbackID  string          `json:"callback_id"`
	ResponseURL string          `json:"response_url"`
	TriggerID   string          `json:"trigger_id"`
	Message     json.RawMessage `json:"message"`
	Team        struct {
		ID string `json:"id"`
	} `json:"team"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		TeamID   string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"channel"`
	Container struct {
		ThreadTS string `json:"thread_ts"`
	} `json:"container"`
	Actions []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
	} `json:"actions"`
}

// requests returns what an envelope asks for. Presses of link buttons ask for
// nothing.
func (p *Platform) requests(e socketmode.Request) []request {
	switch e.Type {
	case socketmode.RequestTypeSlashCommands:
		var s slash
		if err := json.Unmarshal(e.Payload, &s); err != nil {
			p.log.Warn("a slash command could not be read", "error", err)
			return nil
		}
		return []request{{
			line: unlinked(s.Text), team: s.TeamID, channel: s.ChannelID, direct: direct(s.ChannelID, s.ChannelName),
			user: s.UserID, name: s.UserName, respond: s.ResponseURL, trigger: s.TriggerID,
		}}
	case socketmode.RequestTypeInteractive:
		var i interaction
		if err := json.Unmarshal(e.Payload, &i); err != nil {
			p.log.Warn("an interaction could not be read", "error", err)
			return nil
		}
		return i.requests()
	}
	return nil
}

func (i interaction) requests() []request {
	base := request{
		team: i.Team.ID, channel: i.Channel.ID, direct: direct(i.Channel.ID, i.Channel.Name), user: i.User.ID, name: i.User.Username,
		respond: i.ResponseURL, thread: i.Container.ThreadTS, trigger: i.TriggerID,
	}
	var out []request
	switch {
	case i.Type == "block_actions":
		for n, a := range i.Actions {
			if strings.HasPrefix(a.ActionID, runAction) && a.Value != "" {
				r := base
				r.line, r.suffix = a.Value, fmt.Sprint("#", n)
				if n > 0 {
					r.trigger += r.suffix
				}
				out = append(out, r)
			}
		}
	case i.Type == "message_action" && i.CallbackID == SummarizeShortcut:
		var m struct {
			ThreadTS string `json:"thread_ts"`
		}
		if json.Unmarshal(i.Message, &m) == nil {
			base.thread = m.ThreadTS
		}
		if url := firstLink(i.Message); url != "" {
			base.line = "summarize " + url
		} else {
			base.problem = digest.Errorf(digest.Invalid, "There is no link in this message that could be summarised.")
		}
		out = []request{base}
	}
	return out
}

// bracketed matches an address as Slack marks it up in commands, where the
// app's settings ask for that.
var bracketed = regexp.MustCompile(`<(https?://[^\s<>|]+)(?:\|[^<>]*)?>`)

// unlinked takes the markup off the addresses in a command.
func unlinked(line string) string {
	return bracketed.ReplaceAllStringFunc(line, func(s string) string {
		return html.UnescapeString(bracketed.FindStringSubmatch(s)[1])
	})
}

// direct reports whether a channel is a direct message.
func direct(id, name string) bool { return strings.HasPrefix(id, "D") || name == "directmessage" }

// address matches an address in a text, with or without Slack's brackets.
var address = regexp.MustCompile(`https?://[^\s<>|"]+`)

// firstLink returns the first address in a message: of its text, else of its
// blocks and attachments.
func firstLink(message json.RawMessage) string {
	var m struct {
		Text        string `json:"text"`
		Blocks      any    `json:"blocks"`
		Attachments any    `json:"attachments"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return ""
	}
	for _, raw := range address.FindAllString(m.Text, -1) {
		if url := chat.WebURL(strings.TrimRight(html.UnescapeString(raw), ".,;:!?)'")); url != "" {
			return url
		}
	}
	if url := linkIn(m.Blocks); url != "" {
		return url
	}
	return linkIn(m.Attachments)
}

// linkKeys are the keys under which blocks and attachments name addresses.
var linkKeys = []string{"url", "original_url", "from_url", "title_link"}

// linkIn returns the first address in blocks or attachments.
func linkIn(v any) string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if url := linkIn(e); url != "" {
				return url
			}
		}
	case map[string]any:
		for _, key := range linkKeys {
			if s, ok := v[key].(string); ok && chat.WebURL(s) != "" {
				return s
			}
		}
		for _, key := range []string{"elements", "text", "accessory", "fields", "blocks"} {
			if url := linkIn(v[key]); url != "" {
				return url
			}
		}
	case string:
		return chat.WebURL(strings.TrimRight(html.UnescapeString(address.FindString(v)), ".,;:!?)'"))
	}
	return ""
}

// memory remembers ids of requests that were taken.
type memory struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

const (
	memoryAge  = time.Hour
	memorySize = 20_000
)

// add reports whether none of the ids was added before, and remembers them.
func (m *memory) add(now time.Time, ids ...string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = make(map[string]time.Time)
	}
	for _, id := range ids {
		if at, ok := m.seen[id]; ok && id != "" && now.Sub(at) < memoryAge {
			return false
		}
	}
	if len(m.seen) >= memorySize {
		for id, at := range m.seen {
			if now.Sub(at) >= memoryAge/6 {
				delete(m.seen, id)
			}
		}
		if len(m.seen) >= memorySize {
			clear(m.seen)
		}
	}
	for _, id := range ids {
		m.seen[id] = now
	}
	return true
}
