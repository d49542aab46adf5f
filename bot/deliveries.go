package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/digest"
)

// deliveriesCommand shows and repairs the outbox. Every change fences off
// whoever works on the part, so that it is safe while serve runs.
func (g *global) deliveriesCommand() *cobra.Command {
	var f digest.PartFilter
	var states []string
	var asJSON bool
	list := func(c *cobra.Command, _ []string) (err error) {
		f.States, err = statesOf(states, digest.PartReady, digest.PartSending, digest.PartSent, digest.PartRejected, digest.PartUnknown, digest.PartExpired)
		if err != nil {
			return err
		}
		return g.withStore(c.Context(), func(a *app) error {
			parts, err := a.store.Deliveries(c.Context(), f)
			if len(parts) == 0 && err == nil && !asJSON {
				fmt.Fprintln(g.std.out, "there is no such part")
			}
			for _, p := range parts {
				g.printPart(p, asJSON)
			}
			return err
		})
	}
	c := &cobra.Command{
		Use:   "deliveries",
		Short: "List what was sent to the channels, newest first, and settle what is in doubt",
		Long: "Each line begins with the key of a part: one message of a digest in one channel. Ready parts wait to be\n" +
			"posted, sending ones are on their way or being looked for, unknown ones wait for your word, rejected and\n" +
			"expired ones were given up. All of this may be done while serve runs.",
		Args: cobra.NoArgs,
		RunE: list,
	}
	c.PersistentFlags().StringVar(&f.Workspace, "workspace", "", "only this workspace")
	c.PersistentFlags().StringVar(&f.Subscription, "subscription", "", "only this subscription")
	c.PersistentFlags().StringVar(&f.Slot, "slot", "", "only this slot, as in 2026-05-03T08:00")
	c.PersistentFlags().StringVar(&f.Channel, "channel", "", "only this channel, as in slack:T012/C345")
	c.PersistentFlags().StringSliceVar(&states, "state", nil, "only these states: ready, sending, sent, rejected, unknown, expired")
	c.PersistentFlags().IntVar(&f.Limit, "limit", 100, "how many at most")
	c.PersistentFlags().BoolVar(&asJSON, "json", false, "print JSON lines")
	c.AddCommand(
		&cobra.Command{Use: "list", Short: "List parts, newest first", Args: cobra.NoArgs, RunE: list},
		&cobra.Command{Use: "show KEY", Short: "Show a part with its payload, its reason and every attempt to post it", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return g.withStore(c.Context(), func(a *app) error { return a.showPart(c.Context(), args[0], asJSON) })
			}},
		&cobra.Command{Use: "retry KEY", Short: "Try a part at once that waits or was given up", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return g.withStore(c.Context(), func(a *app) error { return a.resolve(c.Context(), args[0], "retry", "", asJSON) })
			}},
		g.resolveCommand(&asJSON),
		g.resumeCommand(),
	)
	return c
}

func (g *global) resolveCommand(asJSON *bool) *cobra.Command {
	var ref string
	c := &cobra.Command{
		Use:       "resolve KEY sent|resend|discard",
		Short:     "Settle a part whose delivery is unknown",
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"sent", "resend", "discard"},
		RunE: func(c *cobra.Command, args []string) error {
			if args[1] == "retry" || ref != "" && args[1] != "sent" {
				return usageError{fmt.Errorf("%q does not go here; resolve a part as sent (with --message where you know it), resend or discard", args[1])}
			}
			return g.withStore(c.Context(), func(a *app) error { return a.resolve(c.Context(), args[0], args[1], ref, *asJSON) })
		},
	}
	c.Flags().StringVar(&ref, "message", "", "with sent: the message's id on its platform (Slack's ts), under which the stories go")
	return c
}

// withStore runs f on the opened program.
func (g *global) withStore(ctx context.Context, f func(a *app) error) error {
	a, err := g.open(ctx, openOptions{})
	if err != nil {
		return err
	}
	defer a.close()
	return f(a)
}

// resolve carries out an operator's verdict and says what it did.
func (a *app) resolve(ctx context.Context, key, verdict, ref string, asJSON bool) error {
	if err := a.store.ResolvePart(ctx, key, verdict, digest.MessageRef(ref)); err != nil {
		return err
	}
	p, _, err := a.store.Part(ctx, key)
	if err != nil {
		return err
	}
	if asJSON {
		(&global{std: a.std}).printPart(p, true)
		return nil
	}
	done := map[string]string{
		"sent":    "counts as sent now",
		"discard": "is given up and will not be posted",
		"resend":  "is ready and posted at once, or by the next serve",
		"retry":   "is ready and posted at once, or by the next serve",
	}[verdict]
	fmt.Fprintf(a.std.out, "part %d of %d of %s, due %s, for %s %s\n", p.N, p.Of, p.Subscription, p.Slot, p.Address, done)
	pauses, err := a.store.Pauses(ctx)
	if reason := pauses[p.Tenant()]; reason != "" && p.State == digest.PartReady {
		fmt.Fprintf(a.std.out, "its workspace is paused, so that it waits: %s\n", reason)
	}
	return err
}

// partLine is one part as scripts read it.
type partLine struct {
	Key          string            `json:"key"`
	Subscription string            `json:"subscription"`
	Slot         string            `json:"slot"`
	Channel      string            `json:"channel"`
	N            int               `json:"n"`
	Of           int               `json:"of"`
	State        digest.PartState  `json:"state"`
	Attempts     int               `json:"attempts"`
	Ref          digest.MessageRef `json:"ref"`
	Reason       string            `json:"reason"`
	Next         time.Time         `json:"next,omitzero"` // of ready and sending parts: not to be touched before
}

func lineOfPart(p digest.Part) partLine {
	l := partLine{p.Key, p.Subscription, p.Slot, p.Address.String(), p.N, p.Of, p.State, p.Attempts, p.Ref, p.Reason, time.Time{}}
	if p.State == digest.PartReady || p.State == digest.PartSending {
		l.Next = p.Next
	}
	return l
}

func (g *global) printPart(p digest.Part, asJSON bool) {
	if asJSON {
		g.line(lineOfPart(p))
		return
	}
	fmt.Fprintln(g.std.out, strings.TrimRight(fmt.Sprintf("%s  %s  %s  %s  %d/%d  %s  %s", p.Key, p.Subscription, p.Slot, p.Address, p.N, p.Of, p.State, p.Reason), " "))
}

// attemptLine is one attempt as scripts read it.
type attemptLine struct {
	N       int       `json:"n"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason,omitempty"`
	Worker  string    `json:"worker"`
}

// showPart prints everything about a part.
func (a *app) showPart(ctx context.Context, key string, asJSON bool) error {
	p, attempts, err := a.store.Part(ctx, key)
	if err != nil {
		return err
	}
	if asJSON {
		history := make([]attemptLine, 0, len(attempts))
		for _, t := range attempts {
			history = append(history, attemptLine{t.N, t.Started, t.Ended, t.Outcome, t.Reason, t.Worker})
		}
		var payload any = string(p.Payload)
		if json.Valid(p.Payload) {
			payload = json.RawMessage(p.Payload)
		}
		(&global{std: a.std}).line(struct {
			partLine
			Edition string        `json:"edition"`
			Parent  string        `json:"parent,omitempty"`
			Plain   bool          `json:"plain,omitempty"`
			History []attemptLine `json:"history"`
			Payload any           `json:"payload"`
		}{lineOfPart(p), p.Edition, string(p.Parent), p.Plain, history, payload})
		return nil
	}
	writePart(a.std.out, p, attempts)
	return nil
}

// writePart prints a part for people.
func writePart(w io.Writer, p digest.Part, attempts []digest.Attempt) {
	row := func(name, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); text != "" {
			fmt.Fprintf(w, "%-9s %s\n", name, text)
		}
	}
	row("part", "%s", p.Key)
	row("digest", "%s, due %s, edition %s", p.Subscription, p.Slot, p.Edition)
	row("channel", "%s, part %d of %d", p.Address, p.N, p.Of)
	row("state", "%s", p.State)
	row("reason", "%s", p.Reason)
	row("message", "%s", p.Ref)
	row("under", "%s", p.Parent)
	if p.Plain {
		row("form", "plain text, because the platform did not take the other one")
	}
	if p.State == digest.PartReady || p.State == digest.PartSending {
		row("next", "%s", p.Next.Format(time.RFC3339))
	}
	for _, t := range attempts {
		outcome := t.Outcome
		if outcome == "" {
			outcome = "not known yet"
		} else {
			outcome += fmt.Sprintf(" after %s", t.Ended.Sub(t.Started))
		}
		if t.Reason != "" {
			outcome += ": " + t.Reason
		}
		row(fmt.Sprintf("attempt %d", t.N), "%s  %s", t.Started.Format("2006-01-02T15:04:05.000Z07:00"), outcome)
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, p.Payload, "", "  ") != nil {
		pretty.Reset()
		pretty.Write(p.Payload)
	}
	fmt.Fprintf(w, "payload\n%s\n", pretty.String())
}
