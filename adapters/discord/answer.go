package discord

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	ackTimeout    = 2500 * time.Millisecond // of an acknowledgement; Discord waits 3 s
	tokenLife     = 15 * time.Minute        // of an interaction
	tokenMargin   = 5 * time.Second
	maxFollowUps  = 20 // messages of one answer; the rest is not worth a flood
	maxAnswering  = 1000
	rememberedFor = 20 * time.Minute // ids of interactions
	catchUp       = 250 * time.Millisecond
	catchUps      = 8
)

// The kinds of answers to an interaction.
const (
	answerMessage  = 4
	answerPong     = 1
	answerDeferred = 5 // "… is thinking"
	answerQuiet    = 6 // nothing changes, or not yet
	answerReplace  = 7 // takes the place of the message under which a button was pressed
	answerChoices  = 8
	answerForm     = 9
)

// callback is the first answer to an interaction.
type callback struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// flags is the data of a deferred answer.
type flags struct {
	Flags int `json:"flags"`
}

// serve answers one interaction: at once when the handler is quick, otherwise
// with a deferred answer first. A handler that panics costs its own answer only.
func (p *Platform) serve(ctx context.Context, h chat.Handler, specs []chat.Spec, i interaction) {
	switch {
	case i.bot():
		return
	case i.Type == typing:
		p.acknowledge(ctx, i, p.suggest(ctx, h, i))
		return
	case i.Type == usedComponent && strings.HasPrefix(i.Data.CustomID, markerPrefix):
		p.acknowledge(ctx, i, callback{Type: answerQuiet})
		return
	case i.Type != usedCommand && i.Type != usedComponent && i.Type != submittedForm:
		return
	}
	r, err := p.request(i, specs)
	file, attached := i.attached()
	if err == nil && !attached && i.Type != submittedForm {
		var form *modal
		if form, err = p.opening(ctx, h, r.spec, r.Command, r.write); form != nil && err == nil {
			p.acknowledge(ctx, i, callback{answerForm, form})
			return
		}
	}
	if err != nil {
		loc := chat.LocaleOf(ctx, h, r.Command)
		p.acknowledge(ctx, i, callback{answerMessage, answers(p.reopen(loc.Problem(err), r.again, loc), true)[0]})
		return
	}
	p.run(ctx, i, r, chat.PatienceOf(h), func(ctx context.Context) chat.Reply {
		if attached {
			if r.File, err = p.download(ctx, file); err != nil {
				return chat.LocaleOf(ctx, h, r.Command).Problem(err)
			}
		}
		reply := h.Handle(ctx, r.Command)
		if reply.Failed && r.again != nil {
			reply = p.reopen(reply, r.again, chat.LocaleOf(ctx, h, r.Command))
		}
		return reply
	})
}

// run runs a command and answers with what it replies, or says after a time that
// the answer comes later.
func (p *Platform) run(ctx context.Context, i interaction, r request, wait time.Duration, handle func(context.Context) chat.Reply) {
	work, cancel := context.WithTimeout(ctx, tokenLife)
	defer cancel()
	ctx = context.WithoutCancel(ctx) // an answer is given also while the program stops
	done := make(chan chat.Reply, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				p.log.Error("a command failed inside the program", "command", r.Name, "panic", v, "stack", string(debug.Stack()))
				done <- chat.LocaleFor(r.User.Locale, "").Problem(fmt.Errorf("panic: %v", v))
			}
		}()
		done <- handle(work)
	}()
	slow := time.NewTimer(max(wait-p.now().Sub(i.received), 0)) // looking for a form took its time
	defer slow.Stop()
	select {
	case reply := <-done:
		list := answers(reply, r.spec.Private)
		if list[0].file != nil && i.inline != nil { // a file cannot go into the answer to Discord's own request
			if p.acknowledge(ctx, i, deferred(r.spec.Private)) {
				p.complete(ctx, i, reply, r.spec.Private)
			}
			return
		}
		first := callback{answerMessage, list[0]}
		if reply.Replace && i.private() && list[0].file == nil {
			first = callback{answerReplace, list[0].revised()}
		}
		if p.acknowledge(ctx, i, first) {
			p.followUp(ctx, i, list[1:])
		}
		return
	case <-slow.C:
	}
	later := deferred(r.spec.Private)
	if i.private() && r.spec.Hidden { // it may take the place of the message
		later = callback{Type: answerQuiet}
	}
	if !p.acknowledge(ctx, i, later) {
		return
	}
	if reply := <-done; later.Type == answerQuiet && !reply.Replace {
		p.followUp(ctx, i, answers(reply, true))
	} else {
		p.complete(ctx, i, reply, r.spec.Private)
	}
}

func deferred(private bool) callback {
	if private {
		return callback{answerDeferred, flags{ephemeral}}
	}
	return callback{Type: answerDeferred}
}

// complete fills in a deferred answer.
func (p *Platform) complete(ctx context.Context, i interaction, reply chat.Reply, private bool) {
	if p.late(i) {
		return
	}
	list := answers(reply, private)
	if err := p.within(ctx, i, http.MethodPatch, "/messages/@original", list[0]); err != nil {
		p.log.Error("an answer could not be given", "interaction", i.ID, "error", err)
		return
	}
	p.followUp(ctx, i, list[1:])
}

// followUp posts the messages of an answer behind the first.
func (p *Platform) followUp(ctx context.Context, i interaction, list []body) {
	for n, b := range list {
		if p.late(i) {
			return
		}
		if err := p.within(ctx, i, http.MethodPost, "", b); err != nil {
			p.log.Error("an answer could not be given in full", "interaction", i.ID, "missing", len(list)-n, "error", err)
			return
		}
	}
}

// late reports, and logs, that an interaction cannot be answered any more.
func (p *Platform) late(i interaction) bool {
	if p.now().Sub(i.received) < tokenLife-tokenMargin {
		return false
	}
	p.log.Error("an answer came too late: Discord takes it for 15 minutes only", "interaction", i.ID, "after", p.now().Sub(i.received))
	return true
}

// acknowledge gives the first answer, once: Discord takes no second one, and
// none after three seconds. It reports whether Discord may have it: where
// nobody knows, what comes after it is tried, so that nobody waits for ever.
func (p *Platform) acknowledge(ctx context.Context, i interaction, answer callback) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
	defer cancel()
	if i.inline != nil {
		if i.inline.give(answer) {
			return true
		}
		p.log.Error("an answer came too late, or twice: Discord does not wait for it any more", "interaction", i.ID, "after", p.now().Sub(i.received))
		return false
	}
	path := "interactions/" + url.PathEscape(i.ID) + "/" + url.PathEscape(i.Token) + "/callback"
	send := func(answer callback) error {
		var file *chat.Attachment
		if b, ok := answer.Data.(body); ok {
			file = b.file
		}
		return p.callWith(ctx, http.MethodPost, path, answer, file, nil)
	}
	err := send(answer)
	if b, ok := answer.Data.(body); ok && refusals[codeOf(err)].action == digest.ActPlain {
		p.log.Warn("Discord does not take an answer; it is sent as plain text", "interaction", i.ID, "error", err)
		err = send(callback{answer.Type, b.plain()})
	}
	if err != nil {
		p.log.Error("an interaction could not be acknowledged", "interaction", i.ID, "after", p.now().Sub(i.received), "error", err)
	}
	return err == nil || verdict(err).Class == digest.Ambiguous
}

// within answers through the webhook of an interaction. A limit is waited for
// once, when the interaction lives that long; nothing else is tried again but
// the form of a message, as plain text, and what Discord cannot know yet.
func (p *Platform) within(ctx context.Context, i interaction, method, rest string, b body) error {
	app := i.Application
	if app == "" {
		app = p.cfg.Application
	}
	path := "webhooks/" + url.PathEscape(app) + "/" + url.PathEscape(i.Token) + rest
	send := func(b body) error {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		if method == http.MethodPatch { // who sees it was settled when it was deferred
			return p.callWith(ctx, method, path, b.revised(), b.file, nil)
		}
		return p.callWith(ctx, method, path, b, b.file, nil)
	}
	err := send(b)
	// The answer to Discord's own request may be on its way to those who look
	// after webhooks, when the next one is there already.
	for n := 0; n < catchUps && i.inline != nil && codeOf(err) == 10015 && p.cfg.sleep(catchUp, ctx.Done()); n++ {
		err = send(b)
	}
	if refusals[codeOf(err)].action == digest.ActPlain {
		err = send(b.plain())
	}
	if o := verdict(err); err != nil && o.After > 0 && o.After < time.Minute && p.cfg.sleep(o.After, ctx.Done()) && !p.late(i) {
		err = send(b)
	}
	return err
}

// answers renders a reply; there is at least one message.
func answers(reply chat.Reply, private bool) []body {
	var out []body
	loc := chat.LocaleFor(reply.Language, "")
	for _, m := range reply.Messages {
		m.Ping, m.Silent = "", false // a preview calls nobody
		out = append(out, bodies(m)...)
	}
	out = gather(out)
	if len(out) == 0 {
		out = bodies(chat.Note(loc.T("There is nothing to show.")))
	}
	if len(out) > maxFollowUps {
		more := bodies(chat.Note(loc.T("The answer is too long for a chat; ask for less at a time.")))
		out = append(out[:maxFollowUps-1], more...)
	}
	handOut(&out[0], reply.File)
	for i := range out {
		if private || reply.Private {
			out[i].Flags |= ephemeral
		}
	}
	return out
}

// gather puts answers together that fit into one message, so that a short
// answer of several parts comes in one piece.
func gather(list []body) []body {
	var out []body
	for _, b := range list {
		if n := len(out); n > 0 && len(out[n-1].Components) == 0 && len(b.Components) == 0 &&
			len(out[n-1].Embeds)+len(b.Embeds) <= maxEmbedCount && weigh(out[n-1])+weigh(b) <= maxEmbeds && !repeats(out[n-1], b) {
			out[n-1].Embeds = append(out[n-1].Embeds, b.Embeds...)
			continue
		}
		out = append(out, b)
	}
	return out
}

// weigh counts the characters of all embeds of a message.
func weigh(b body) int {
	n := 0
	for _, e := range b.Embeds {
		n += size(e.Title) + size(e.Description)
		if e.Author != nil {
			n += size(e.Author.Name)
		}
		if e.Footer != nil {
			n += size(e.Footer.Text)
		}
	}
	return n
}

// repeats reports whether two messages have embeds of the same address, of
// which Discord would show the first only.
func repeats(a, b body) bool {
	for _, x := range a.Embeds {
		for _, y := range b.Embeds {
			if x.URL != "" && x.URL == y.URL {
				return true
			}
		}
	}
	return false
}
