package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Scopes lists what the app must be allowed to do: post, hear its command,
// know channels and people, look for its own messages after a failure, write
// direct messages, and take and hand over files.
func Scopes() []string {
	return []string{"chat:write", "commands", "channels:read", "groups:read", "channels:history", "groups:history", "users:read",
		"im:read", "im:write", "im:history", "files:read", "files:write"}
}

// ManifestOptions say how the app is called.
type ManifestOptions struct {
	Name    string // shown beside its messages, at most 35 characters; "" is "Nutgraf"
	Command string // the slash command; "" is DefaultCommand
	URL     string // where Slack reaches Routes from outside; "" for the transport Socket
	Install string // where Slack sends people back who install the app, without path; "" where they cannot
	PKCE    bool   // installs use PKCE
}

// AppManifest describes the app to Slack: pasted under “Create New App”, “From
// a manifest”, it makes one with everything that this package needs.
// https://docs.slack.dev/reference/app-manifest
type AppManifest struct {
	Display struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Color       string `json:"background_color"`
	} `json:"display_information"`
	Features struct {
		Home struct {
			HomeTab     bool `json:"home_tab_enabled"`
			MessagesTab bool `json:"messages_tab_enabled"`
			ReadOnly    bool `json:"messages_tab_read_only_enabled"`
		} `json:"app_home"`
		BotUser struct {
			DisplayName  string `json:"display_name"`
			AlwaysOnline bool   `json:"always_online"`
		} `json:"bot_user"`
		Shortcuts     []manifestShortcut `json:"shortcuts"`
		SlashCommands []manifestCommand  `json:"slash_commands"`
	} `json:"features"`
	OAuth struct {
		RedirectURLs []string `json:"redirect_urls,omitempty"`
		PKCE         bool     `json:"pkce_enabled,omitempty"`
		Scopes       struct {
			Bot []string `json:"bot"`
		} `json:"scopes"`
	} `json:"oauth_config"`
	Settings struct {
		Events struct {
			URL       string   `json:"request_url,omitempty"`
			BotEvents []string `json:"bot_events"`
		} `json:"event_subscriptions"`
		Interactivity struct {
			Enabled bool   `json:"is_enabled"`
			URL     string `json:"request_url,omitempty"`
			Options string `json:"message_menu_options_url,omitempty"`
		} `json:"interactivity"`
		OrgDeploy     bool `json:"org_deploy_enabled"`
		SocketMode    bool `json:"socket_mode_enabled"`
		TokenRotation bool `json:"token_rotation_enabled"`
	} `json:"settings"`
}

type manifestShortcut struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	CallbackID  string `json:"callback_id"`
	Description string `json:"description"`
}

type manifestCommand struct {
	Command      string `json:"command"`
	URL          string `json:"url,omitempty"`
	Description  string `json:"description"`
	UsageHint    string `json:"usage_hint"`
	ShouldEscape bool   `json:"should_escape"`
}

// Manifest returns the app's manifest.
func Manifest(o ManifestOptions) AppManifest {
	if o.Name == "" {
		o.Name = "Nutgraf"
	}
	if o.Command == "" {
		o.Command = DefaultCommand
	}
	var m AppManifest
	m.Display.Name = clipExact(o.Name, 35)
	m.Display.Description = "Posts one digest of the news a day and finds stories on demand"
	m.Display.Color = "#1f2933"
	m.Features.BotUser.DisplayName = clipExact(o.Name, 35)
	m.Features.BotUser.AlwaysOnline = true
	m.Features.Home.HomeTab, m.Features.Home.MessagesTab = true, true
	m.Features.Shortcuts = []manifestShortcut{
		{"Summarise this link", "message", SummarizeShortcut, "Write a brief of the first link in the message"},
		{"Save to next digest", "message", SaveShortcut, "Put the first link in the message into the channel's next digest"},
		{"Already covered?", "message", CoveredShortcut, "Ask which digest had the first link in the message"},
		{"Subscribe", "global", SubscribeShortcut, "Post a digest to a channel regularly"},
	}
	m.Features.SlashCommands = []manifestCommand{{
		Command: o.Command, Description: "Search the news, read a story, summarize a link", UsageHint: "search port strike · story 3 · summarize https://… · help",
	}}
	m.OAuth.Scopes.Bot = Scopes()
	m.Settings.Interactivity.Enabled = true
	m.Settings.Events.BotEvents = Events()
	m.Settings.SocketMode = o.URL == ""
	if base := strings.TrimSuffix(o.URL, "/"); base != "" {
		m.Features.SlashCommands[0].URL = base + CommandsPath
		m.Settings.Events.URL = base + EventsPath
		m.Settings.Interactivity.URL, m.Settings.Interactivity.Options = base+InteractivePath, base+InteractivePath
	}
	if base := strings.TrimSuffix(o.Install, "/"); base != "" {
		m.OAuth.RedirectURLs, m.OAuth.PKCE = []string{base + RedirectPath}, o.PKCE
	}
	return m
}

func clipExact(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// JSON returns the manifest in indented JSON.
func (m AppManifest) JSON() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return out.Bytes(), err
}

// YAML returns the manifest in YAML, in the same order.
func (m AppManifest) YAML() ([]byte, error) {
	b, err := m.JSON()
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil { // the opening brace
		return nil, err
	}
	if err := yamlObject(&out, dec, 0, false); err != nil {
		return nil, err
	}
	return []byte(out.String()), nil
}

// yamlObject writes the members of an object whose opening brace is read. In a
// list its first member stands behind the dash.
func yamlObject(out *strings.Builder, dec *json.Decoder, depth int, inList bool) error {
	for first := true; dec.More(); first = false {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		if !first || !inList {
			out.WriteString(strings.Repeat("  ", depth))
		}
		fmt.Fprintf(out, "%s:", key)
		if err := yamlValue(out, dec, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// yamlValue writes what stands behind a key.
func yamlValue(out *strings.Builder, dec *json.Decoder, depth int) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('{'):
		out.WriteString("\n")
		return yamlObject(out, dec, depth, false)
	case json.Delim('['):
		out.WriteString("\n")
		return yamlList(out, dec, depth)
	}
	return yamlScalar(out, t)
}

// yamlList writes the elements of a list whose opening bracket is read.
func yamlList(out *strings.Builder, dec *json.Decoder, depth int) error {
	for dec.More() {
		out.WriteString(strings.Repeat("  ", depth) + "-")
		t, err := dec.Token()
		if err != nil {
			return err
		}
		if t == json.Delim('{') {
			out.WriteString(" ")
			err = yamlObject(out, dec, depth+1, true)
		} else {
			err = yamlScalar(out, t)
		}
		if err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// yamlScalar writes a value. Strings are quoted as in JSON, which YAML reads.
func yamlScalar(out *strings.Builder, t json.Token) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(t)
	out.WriteString(" " + b.String())
	return err
}
