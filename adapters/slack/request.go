package slack

import (
	"encoding/json"
	"fmt"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// The callback ids of the shortcuts: of a message, and of the whole workspace.
const (
	SummarizeShortcut = "summarize_link"
	SaveShortcut      = "save_link"
	CoveredShortcut   = "already_covered"
	SubscribeShortcut = "subscribe"
)

// linkShortcuts are the commands of the message shortcuts: what they begin with
// goes on with the first link of the message.
func linkShortcut(callback string) (command string, ok bool) {
	command, ok = map[string]string{SummarizeShortcut: "summarize", SaveShortcut: "save", CoveredShortcut: "covered"}[callback]
	return command, ok
}

// request is one thing that a person asked for, whichever way.
type request struct {
	line          string // as chat.Parse reads it
	problem       error  // there is no line, for this reason
	filled        *form  // instead of a line: a form that was filled in
	team, channel string
	direct        bool
	user, name    string
	respond       string // response_url
	thread        string // ts of the thread it was asked in, "" for none
	under         string // ts of the message under which something was pressed, "" for none
	private       bool   // that message is for the person only
	home          string // kind of the view in which something was pressed, home or modal; "" for none
	view          string // id of the modal that shows the answer, "" for none
	text          string // of the message that a shortcut was used on
	trigger       string // trigger_id, unique for every request
	suffix        string // tells several requests of one envelope apart
	inline        *instant
}

// command parses the request's line.
func (r request) command(specs []chat.Spec) (chat.Command, error) {
	if r.problem != nil {
		return chat.Command{}, r.problem
	}
	cmd := chat.Command{}
	var err error
	if r.filled != nil {
		cmd, err = r.filled.command(specs)
	} else {
		cmd, err = chat.Parse(specs, r.line)
	}
	if err != nil {
		return chat.Command{}, err
	}
	cmd.Address = digest.Address{Platform: "slack", Workspace: r.team, Channel: r.channel}
	cmd.Direct, cmd.Under, cmd.Text = r.direct, r.under, r.text
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

func (s slash) request() request {
	return request{
		line: unlinked(s.Text), team: s.TeamID, channel: s.ChannelID, direct: direct(s.ChannelID, s.ChannelName),
		user: s.UserID, name: s.UserName, respond: s.ResponseURL, trigger: s.TriggerID,
	}
}

// interaction is what we read of a pressed button, a shortcut or a form.
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
		Name     string `json:"name"`
		TeamID   string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"channel"`
	Container struct {
		Type      string `json:"type"` // message or view
		ThreadTS  string `json:"thread_ts"`
		MessageTS string `json:"message_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Actions []struct {
		Type     string `json:"type"`
		ActionID string `json:"action_id"`
		BlockID  string `json:"block_id"`
		Value    string `json:"value"`
		Selected struct {
			Value string `json:"value"`
		} `json:"selected_option"`
	} `json:"actions"`
	View         view `json:"view"`
	ResponseURLs []struct {
		ChannelID string `json:"channel_id"`
		URL       string `json:"response_url"`
	} `json:"response_urls"`
	ActionID string `json:"action_id"` // of a suggestion
	Value    string `json:"value"`     // typed, of a suggestion
}

// view is what we read of a view.
type view struct {
	ID       string `json:"id"`
	Type     string `json:"type"` // modal or home
	Callback string `json:"callback_id"`
	Metadata string `json:"private_metadata"`
	Team     string `json:"app_installed_team_id"`
	State    struct {
		Values map[string]map[string]field `json:"values"` // by block and action
	} `json:"state"`
}

// base returns what all requests of an interaction have in common.
func (i interaction) base() request {
	r := request{
		team: i.Team.ID, channel: i.Channel.ID, direct: direct(i.Channel.ID, i.Channel.Name), user: i.User.ID, name: i.User.Username,
		respond: i.ResponseURL, thread: i.Container.ThreadTS, trigger: i.TriggerID,
	}
	if r.name == "" {
		r.name = i.User.Name
	}
	switch {
	case i.View.Team != "":
		r.team = i.View.Team
	case r.team == "": // an organisation installed the app
		r.team = i.User.TeamID
	}
	return r
}

// requests returns what an interaction asks for. Presses of link buttons ask
// for nothing.
func (i interaction) requests() []request {
	base := i.base()
	command, ok := linkShortcut(i.CallbackID)
	switch {
	case i.Type == "block_actions":
		return i.presses(base)
	case i.Type == "message_action" && ok:
		var m struct {
			ThreadTS string `json:"thread_ts"`
			Text     string `json:"text"`
		}
		if json.Unmarshal(i.Message, &m) == nil {
			base.thread, base.text = m.ThreadTS, m.Text
		}
		if url := firstLink(i.Message); url != "" {
			base.line = command + " " + url
		} else {
			base.problem = digest.Errorf(digest.Invalid, "There is no link in this message.")
		}
		return []request{base}
	case i.Type == "shortcut" && i.CallbackID == SubscribeShortcut:
		base.line = "subscribe"
		return []request{base}
	}
	return nil
}

// presses returns a request for each button that was pressed and each menu
// from which something was chosen.
func (i interaction) presses(base request) []request {
	base.under, base.private = i.Container.MessageTS, i.Container.Ephemeral
	if i.Container.Type == "view" {
		base.home = i.View.Type
		if base.home == "modal" {
			base.view = i.View.ID
		}
	}
	var out []request
	for n, a := range i.Actions {
		r := base
		switch line, menu := strings.CutPrefix(a.ActionID, menuAction); {
		case menu && a.Selected.Value != "":
			_, line, _ = strings.Cut(line, ":")
			r.line = line + " " + quoteWord(a.Selected.Value)
		case strings.HasPrefix(a.ActionID, runAction) && a.Value != "":
			r.line = a.Value
		default:
			continue
		}
		if channel, ok := channelOf(a.BlockID); ok && base.home != "" {
			r.channel, r.direct = channel, direct(channel, "")
		}
		if r.suffix = fmt.Sprint("#", n); n > 0 {
			r.trigger += r.suffix
		}
		out = append(out, r)
	}
	return out
}

// quoteWord makes a value one word of a command line, which is no key.
func quoteWord(value string) string {
	return `"` + strings.NewReplacer(`"`, "'", "“", "'", "”", "'").Replace(value) + `"`
}

// direct reports whether a channel is a direct message.
func direct(id, name string) bool { return strings.HasPrefix(id, "D") || name == "directmessage" }
