package main

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/web"
	"nutgraf/bot/command"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

//go:embed assets
var stageAssets embed.FS

// Where the digest of a trial goes on the pretended platforms.
const (
	stageSlackChannel   = "C1"
	stageGuild          = "2000000000000000001"
	stageDiscordChannel = "2000000000000000002"
	stageDiscordToken   = "token-of-a-pretended-bot"
)

// stage is a Slack and a Discord on this machine, and the page that shows a
// channel of each.
type stage struct {
	slack   *slackfake.Server
	discord *discordfake.Server
	now     func() time.Time
	page    *template.Template
	style   []byte

	mu    sync.Mutex
	asked []asked
}

// asked is something that a person did on the page.
type asked struct {
	At          time.Time
	Platform    string
	Who         string
	Line        string // what was typed, or the label of the button that was pressed
	Press       bool
	Problem     string // why the platform did not let it through
	Interaction string // its id on Discord
	Thread      string // in which it was done on Slack, "" for the channel
	Form        string // title and fields of the form that the platform opened, "" for none
}

// newStage starts both platforms.
func newStage(now func() time.Time) (*stage, error) {
	st := &stage{now: now}
	var err error
	if st.page, err = template.New("").Funcs(stageFunctions()).ParseFS(stageAssets, "assets/*.html"); err != nil {
		return nil, err
	}
	if st.style, err = stageAssets.ReadFile("assets/platforms.css"); err != nil {
		return nil, err
	}
	if st.slack, err = slackfake.New(now); err != nil {
		return nil, err
	}
	if st.discord, err = discordfake.New(discordfake.Options{Token: stageDiscordToken, Now: now}); err != nil {
		st.slack.Close()
		return nil, err
	}
	st.discord.AddChannel(stageGuild, stageDiscordChannel, "news", discordfake.All)
	return st, nil
}

// close ends both platforms.
func (st *stage) close() {
	st.slack.Close()
	_ = st.discord.Close() // the program ends
}

// configure makes a trial post to both platforms and listen on them. Each has
// a subscription of its own, because the people of a workspace can look up only
// what was made for their workspace.
func (st *stage) configure(cfg *Config) {
	cfg.Slack = &SlackConfig{APIURL: st.slack.URL(), bot: digest.NewSecret(slackfake.BotToken), app: digest.NewSecret(slackfake.AppToken)}
	cfg.Discord = &DiscordConfig{APIURL: st.discord.URL, token: digest.NewSecret(stageDiscordToken)}
	for id, channel := range map[string]string{
		"try-slack":   "slack:" + slackfake.Team + "/" + stageSlackChannel,
		"try-discord": "discord:" + stageGuild + "/" + stageDiscordChannel,
	} {
		sub := cfg.Subscriptions[0]
		sub.ID, sub.Channels = id, []string{channel}
		cfg.Subscriptions = append(cfg.Subscriptions, sub)
	}
}

// hurry drops the pause between two posts, for which nobody asks here.
func (st *stage) hurry(manners map[string]newsroom.Manners) {
	for name, m := range manners {
		m.Gap = 0
		manners[name] = m
	}
}

// register adds the page to a server.
func (st *stage) register(s *web.Server) {
	s.Handle("GET /platforms", web.Loopback(), http.HandlerFunc(st.show))
	s.Handle("POST /platforms", web.Loopback(), http.HandlerFunc(st.act))
	s.Handle("GET /platforms.css", web.Public(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(st.style))
	}))
}

// show answers with the page.
func (st *stage) show(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	if err := st.page.ExecuteTemplate(&b, "platforms.html", st.columns()); err != nil {
		http.Error(w, "This page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = w.Write(b.Bytes()) // the asker is gone; nobody is left to tell
}

// act lets a person type a command or press a button, waits a moment for the
// answer and shows the page again.
func (st *stage) act(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form could not be read; shorten what you wrote.", http.StatusBadRequest)
		return
	}
	a := asked{At: st.now(), Platform: r.PostForm.Get("platform"), Who: r.PostForm.Get("who"), Line: oneLine(r.PostForm.Get("line"))}
	run := map[string]func(context.Context, *asked, string) error{"slack": st.onSlack, "discord": st.onDiscord}[a.Platform]
	if run == nil || a.Who != "member" && a.Who != "manager" {
		http.Error(w, "There is no such platform or person.", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if err := run(ctx, &a, r.PostForm.Get("press")); err != nil {
		a.Problem = digest.Explain(err)
	}
	st.mu.Lock()
	st.asked = append(st.asked, a)
	st.mu.Unlock()
	http.Redirect(w, r, "/platforms#"+a.Platform+"-last", http.StatusSeeOther)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// onSlack does on Slack what was asked. Slack sends on whatever is typed.
func (st *stage) onSlack(ctx context.Context, a *asked, press string) error {
	user := map[string]string{"member": "U1", "manager": "U3"}[a.Who]
	for _, u := range st.slack.Users() {
		if u.ID == user {
			a.Who = u.Name
		}
	}
	if !soon(ctx, func() bool { return st.slack.Sockets() > 0 }) {
		return digest.Errorf(digest.Unavailable, "Nutgraf is not connected to this Slack at the moment; try again in a few seconds.")
	}
	var v *slackfake.Invocation
	var err error
	open := len(st.slack.Windows(user))
	if ts, action, ok := strings.Cut(press, " "); ok {
		a.Press, a.Line = true, "a button that is gone"
		for _, p := range st.slack.Posts(stageSlackChannel) {
			if p.TS == ts {
				a.Line, a.Thread = slackLabel(p.Look(), action), p.ThreadTS
				v, err = st.slack.Press(user, p, action)
			}
		}
	} else {
		a.Line = "/digest " + bare(a.Line)
		v, err = st.slack.Slash(user, stageSlackChannel, bare(a.Line))
	}
	if err == nil && v != nil {
		windows := func() []slackfake.View { return st.slack.Windows(user) }
		soon(ctx, func() bool { return len(st.slack.Responses(v)) > 0 || len(windows()) > open }) // a later answer is on the next page
		if list := windows(); len(list) > open {
			a.Form = list[open].Label()
		}
	}
	return err
}

// onDiscord does on Discord what was asked. Discord lets only what it knows
// from the registered commands be typed.
func (st *stage) onDiscord(ctx context.Context, a *asked, press string) error {
	u := discordfake.User{ID: "3000000000000000001", Name: "ana", Locale: "en-US", Permissions: discordfake.View}
	if a.Who == "manager" {
		u = discordfake.User{ID: "3000000000000000003", Name: "maya", Locale: "en-GB", Permissions: discordfake.View | discordfake.ManageGuild}
	}
	a.Who = u.Name
	if !soon(ctx, func() bool { return st.discord.Connected() > 0 }) {
		return digest.Errorf(digest.Unavailable, "Nutgraf is not connected to this Discord at the moment; try again in a few seconds.")
	}
	if message, action, ok := strings.Cut(press, " "); ok {
		a.Press, a.Line = true, "a button that is gone"
		for _, m := range st.discord.Posts(stageDiscordChannel) {
			if m.ID == message {
				a.Line = discordLabel(m.Look(), action)
				a.Interaction = st.discord.Click(u, stageGuild, stageDiscordChannel, action)
			}
		}
	} else {
		a.Line = "/digest " + bare(a.Line)
		c, err := chat.Parse(command.Specs(), a.Line)
		if err != nil {
			return err
		}
		a.Interaction = st.discord.Slash(u, stageGuild, stageDiscordChannel, "digest", c.Name, discordOptions(c))
	}
	soon(ctx, func() bool { // a later answer is on the next page
		i, err := st.discord.Interaction(a.Interaction)
		a.Form = i.FormTitle()
		return err != nil || i.Answer != nil || a.Form != "" || i.Type == discordQuiet
	})
	return nil
}

// discordQuiet is the type of an acknowledgement with which nothing is shown.
const discordQuiet = 6

// soon waits until cond holds, and reports whether it did before ctx ended.
func soon(ctx context.Context, cond func() bool) bool {
	for !cond() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}

// bare returns a command line without the name of the command in front.
func bare(line string) string {
	return strings.TrimSpace(strings.TrimPrefix(line, "/digest"))
}

// discordOptions returns the options of a command with the types that Discord
// gives them.
func discordOptions(c chat.Command) map[string]any {
	out := make(map[string]any)
	for _, spec := range command.Specs() {
		for _, o := range spec.Options {
			v, ok := c.Args[o.Name]
			if spec.Name != c.Name || !ok || v == "" {
				continue
			}
			out[o.Name] = v
			switch o.Type {
			case chat.IntOption:
				if n, err := strconv.Atoi(v); err == nil {
					out[o.Name] = n
				}
			case chat.BoolOption:
				if b, err := strconv.ParseBool(v); err == nil {
					out[o.Name] = b
				}
			}
		}
	}
	return out
}
