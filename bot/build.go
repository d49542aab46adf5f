package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/terminal"
	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

func (g *global) buildCommand() *cobra.Command {
	var at, id string
	var asJSON, post bool
	c := &cobra.Command{
		Use:   "build",
		Short: "Build a digest from the store and print it",
		Long: "Builds the digest that a subscription would have at a time, and prints it. Nothing is posted,\n" +
			"unless --post asks for it: then the digest is queued for the subscription's channels, and\n" +
			"delivered here when no serve is running.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return g.withStore(c.Context(), func(a *app) error {
				sub, err := a.subscriptionFor(c.Context(), id)
				if err != nil {
					return err
				}
				when, err := instant(at, sub.Zone)
				if err != nil {
					return err
				}
				if when.IsZero() {
					when = a.now()
				}
				if post {
					return a.buildAndPost(c.Context(), sub, when)
				}
				e, err := a.news.Preview(c.Context(), sub, when)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(g.std.out, e)
				}
				g.show(chat.Layout(e, chat.LocaleFor(e.Language, e.Zone)))
				return nil
			})
		},
	}
	c.Flags().StringVar(&at, "at", "", "as if it were this time: RFC 3339, or the subscription's local time (default now)")
	c.Flags().StringVar(&id, "subscription", "", "id of the subscription (default the only one, or one over all sources)")
	c.Flags().BoolVar(&asJSON, "json", false, "print the edition as JSON")
	c.Flags().BoolVar(&post, "post", false, "post it to the subscription's channels")
	return c
}

// subscriptionFor returns the subscription with an id; "" is the only one
// there is, or else one over all sources.
func (a *app) subscriptionFor(ctx context.Context, id string) (digest.Subscription, error) {
	subs, err := a.subscriptions(ctx)
	if err != nil {
		return digest.Subscription{}, err
	}
	var names []string
	for _, s := range subs {
		if s.ID == id || id == "" && len(subs) == 1 {
			return s, nil
		}
		names = append(names, s.ID)
	}
	if id == "" {
		return a.commands.Default, nil
	}
	return digest.Subscription{}, usageError{fmt.Errorf("there is no subscription %q%s", id, didYouMean(id, names))}
}

// buildAndPost queues a digest for the slot of an instant, and delivers it
// unless another process holds the store's lock: that one delivers it then.
func (a *app) buildAndPost(ctx context.Context, sub digest.Subscription, at time.Time) error {
	if len(sub.Channels) == 0 {
		return usageError{fmt.Errorf("there is no subscription to post for; name one with --subscription")}
	}
	plan, err := schedule.Parse(sub.Cron, sub.Zone)
	if err != nil {
		return err
	}
	if r, err := a.store.Restored(ctx); err != nil || r.Fenced() {
		return errors.Join(err, errFenced(r))
	}
	at = at.Truncate(time.Minute)
	slot := digest.Slot{Subscription: sub.ID, Key: at.In(plan.Zone()).Format(schedule.KeyLayout), At: at, State: digest.SlotDue, Decided: a.now()}
	n, err := a.store.PutSlots(ctx, []digest.Slot{slot})
	if err != nil {
		return err
	}
	if n == 0 {
		return digest.Errorf(digest.Conflict, "%s had its digest of %s already; see nutgraf slots", sub.ID, slot.Key)
	}
	release, err := a.store.Lock()
	if digest.KindOf(err) == digest.Conflict {
		fmt.Fprintf(a.std.out, "queued the digest of %s; the running serve delivers it\n", slot.Key)
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	if err := errors.Join(a.connect(), a.store.VoidLeases(ctx)); err != nil { // leases of a killed serve
		return err
	}
	if err := a.drain(ctx); err != nil {
		return err
	}
	slots, err := a.store.Slots(ctx, digest.SlotFilter{Subscription: sub.ID})
	if err != nil {
		return err
	}
	for _, s := range slots {
		if s.Key == slot.Key {
			fmt.Fprintf(a.std.out, "%s of %s: %s %s\n", s.Key, sub.ID, s.State, s.Reason)
		}
	}
	return nil
}

// show prints messages on the terminal.
func (g *global) show(messages []chat.Message) {
	terminal.Write(g.std.out, messages, width(), isTerminal(g.std.out) && os.Getenv("NO_COLOR") == "")
}

// width returns the terminal's width as the shell tells it, or 100 columns.
func width() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n >= 40 {
		return min(n, 120)
	}
	return 100
}
