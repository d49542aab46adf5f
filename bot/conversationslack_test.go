package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// slackRoom is a Slack workspace.
type slackRoom struct {
	k    *talk
	fake *slackfake.Server

	mu   sync.Mutex
	last *slackfake.Invocation
	told []seen // what windows said to people at once
	whom []string
}

// slackPeople are ana, a member, tom, an admin, and eve of another workspace.
var slackPeople = map[string]string{"ana": "U1", "tom": "U2", "eve": "U4"}

// slackPlaces are the channels of the scripts.
var slackPlaces = map[string]string{"news": "C1", "editors": "G1", "direct": "D1", "far": "C2"}

func newSlackRoom(k *talk) room {
	k.t.Helper()
	fake, err := slackfake.New(k.clock.Now)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(fake.Close)
	fake.SetScopes(slack.Scopes()...)
	k.cfg.Slack = &SlackConfig{APIURL: fake.URL(), bot: digest.NewSecret(slackfake.BotToken), app: digest.NewSecret(slackfake.AppToken)}
	overHTTP := k.venue.transport == slack.HTTP
	if overHTTP {
		k.cfg.Slack.Transport, k.cfg.Slack.SigningSecretFile = slack.HTTP, k.secret(slackfake.SigningSecret)
	}
	k.editors = slackPlaces["editors"]
	k.open()
	if overHTTP {
		address, client := k.call()
		fake.Call(address, client.Do)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.app.slack.Listen(ctx, k.slow, command.Specs()) }()
	k.t.Cleanup(func() { cancel(); <-done })
	if !until(patience, func() bool { return fake.Sockets() > 0 || overHTTP && k.app.slack.Connection().Up }) {
		k.t.Fatalf("Slack is not heard: %s", k.log)
	}
	return &slackRoom{k: k, fake: fake}
}

// do does something and waits until Slack shows what answers it.
func (r *slackRoom) do(who string, what func() (*slackfake.Invocation, error)) error {
	windows, before := len(r.fake.Windows(slackPeople[who])), r.k.texts(who)
	r.mu.Lock()
	r.last = nil
	r.mu.Unlock()
	v, err := what()
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.last = v
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return r.fake.Await(ctx, "an answer", func() bool {
		return len(r.fake.Responses(v)) > 0 || len(r.fake.Windows(slackPeople[who])) > windows || r.k.texts(who) != before
	})
}

func (r *slackRoom) say(who, place, line string, file *attached) error {
	err := r.do(who, func() (*slackfake.Invocation, error) { return r.fake.Slash(slackPeople[who], slackPlaces[place], line) })
	if err != nil || file == nil {
		return err
	}
	return r.fill(who, map[string]string{"file": r.fake.Attach(file.name, file.data)})
}

func (r *slackRoom) press(who, place string, c control) error {
	p := c.under.(slackfake.Posted)
	p.Channel = slackPlaces[place]
	return r.do(who, func() (*slackfake.Invocation, error) { return r.fake.Press(slackPeople[who], p, c.id) })
}

func (r *slackRoom) choose(who string, c control, value string) error {
	return r.do(who, func() (*slackfake.Invocation, error) {
		return r.fake.Choose(slackPeople[who], c.under.(slackfake.Posted), c.id, value)
	})
}

// fill fills the newest window of a person in. Values are named by option, which
// is the beginning of the blocks' ids.
func (r *slackRoom) fill(who string, values map[string]string) error {
	windows := r.fake.Windows(slackPeople[who])
	if len(windows) == 0 {
		return fmt.Errorf("%s has no window open", who)
	}
	v := windows[len(windows)-1]
	named := make(map[string]string)
	for name, value := range values {
		i := slices.IndexFunc(v.Inputs(), func(in slackfake.Input) bool { return strings.HasSuffix(in.Block, ":"+name) })
		if i < 0 {
			return fmt.Errorf("the window has no %s: %s", name, v.Label())
		}
		named[v.Inputs()[i].Block] = value
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	before := r.posted(who)
	wrong, inv, err := r.fake.Submit(ctx, v, named)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		for field, problem := range wrong {
			r.told, r.whom = append(r.told, seen{text: plainly(field + ": " + problem)}), append(r.whom, who)
		}
		return nil
	}
	r.mu.Lock()
	r.last = inv
	r.mu.Unlock()
	return r.fake.Await(ctx, "an answer", func() bool { return r.posted(who) != before })
}

// posted is all that stands in the channels for a person, without windows.
func (r *slackRoom) posted(who string) string {
	var out strings.Builder
	for _, m := range r.messages(who) {
		out.WriteString(m.text + "\x00")
	}
	return out.String()
}

func (r *slackRoom) shortcut(who, name, text string) error {
	ids := map[string]string{"Summarise this link": slack.SummarizeShortcut, "Save to next digest": slack.SaveShortcut, "Already covered?": slack.CoveredShortcut}
	p := r.fake.Write("C1", "U3", text)
	return r.do(who, func() (*slackfake.Invocation, error) { return r.fake.Shortcut(slackPeople[who], p, ids[name]) })
}

func (r *slackRoom) repeat() error {
	if r.last == nil {
		return errors.New("nothing was done yet")
	}
	return r.fake.Again(r.last)
}

func (r *slackRoom) expire() error {
	r.fake.Fail("views.open", slackfake.Refuse("expired_trigger_id"))
	return nil
}

func (r *slackRoom) remove() error {
	_, err := r.fake.Event(map[string]any{"type": "channel_deleted", "channel": "C1"})
	return err
}

// offers opens the form of a command: there Slack asks what is to be offered.
func (r *slackRoom) offers(who, name, option, typed string) ([]string, error) {
	if err := r.say(who, "news", name, nil); err != nil {
		return nil, err
	}
	windows := r.fake.Windows(slackPeople[who])
	if len(windows) == 0 {
		return nil, errors.New("no window opens")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return r.fake.Suggest(ctx, windows[len(windows)-1], "in:"+option, typed)
}

func (r *slackRoom) acknowledged() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last != nil && r.fake.Acknowledged(r.last)
}

// messages are those that a person sees.
func (r *slackRoom) messages(who string) []seen {
	var out []seen
	for _, place := range places {
		id := slackPlaces[place]
		if place == "editors" && who != "tom" || place == "direct" && who != "ana" || place == "far" && who != "eve" || who == "eve" && place == "editors" {
			continue
		}
		for _, p := range r.fake.Posts(id) {
			if (p.User == slackfake.BotUser || p.User == slackfake.Slackbot) && (p.For == "" || p.For == slackPeople[who]) {
				out = append(out, seenOnSlack(p, place))
			}
		}
	}
	return out
}

func (r *slackRoom) seen(who string) []seen {
	out := r.messages(who)
	for _, v := range r.fake.Windows(slackPeople[who]) {
		text := v.Label()
		for _, in := range v.Inputs() {
			text += " " + in.Hint + " " + in.Initial
		}
		out = append(out, seen{text: plainly(text)})
	}
	for _, f := range r.fake.Files() {
		if f.Channel == slackPlaces["direct"] && who != "ana" {
			continue // it was handed to her
		}
		out = append(out, seen{text: plainly("file " + f.Name + " " + string(f.Data))})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, m := range r.told {
		if r.whom[i] == who {
			out = append(out, m)
		}
	}
	return out
}

// seenOnSlack returns what a message shows.
func seenOnSlack(p slackfake.Posted, place string) seen {
	var words strings.Builder
	for _, b := range p.Look().Blocks {
		for _, line := range b.Lines {
			for _, s := range line {
				words.WriteString(s.Text)
			}
			words.WriteByte('\n')
		}
	}
	type text struct{ Text string }
	var blocks []struct {
		Elements []struct {
			Type        string
			ActionID    string `json:"action_id"`
			Text        json.RawMessage
			Placeholder text
			Options     []struct {
				Text  text
				Value string
			}
		}
	}
	_ = json.Unmarshal(p.Blocks, &blocks) // the fake checked it
	out := seen{}
	for i, b := range blocks {
		for _, e := range b.Elements {
			e.ActionID = strconv.Itoa(i) + "@" + e.ActionID
			var label text
			_ = json.Unmarshal(e.Text, &label) // of elements that are no buttons it is a string
			switch e.Type {
			case "button":
				out.controls = append(out.controls, control{label: label.Text, id: e.ActionID, place: place, under: p})
			case "static_select":
				c := control{label: e.Placeholder.Text, id: e.ActionID, place: place, menu: true, under: p}
				for _, o := range e.Options {
					c.options = append(c.options, [2]string{o.Value, o.Text.Text})
				}
				out.controls = append(out.controls, c)
			}
		}
	}
	for _, c := range out.controls {
		words.WriteString(" [" + c.label + "]")
	}
	out.text = plainly(words.String())
	return out
}

// texts is all that a person sees.
func (k *talk) texts(who string) string {
	var out []string
	for _, m := range k.room0(who) {
		out = append(out, m.text)
	}
	return strings.Join(out, "\x00")
}
