package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

func (g *global) searchCommand() *cobra.Command {
	var q digest.SearchQuery
	var since, until string
	var asJSON bool
	c := &cobra.Command{
		Use:   "search WORDS...",
		Short: "Search the stored articles, newest first",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			return g.withStore(c.Context(), func(a *app) error {
				q.Words = strings.Join(args, " ")
				if q.Since, err = instant(since, a.cfg.Defaults.Zone.Name); err != nil {
					return err
				}
				if q.Until, err = instant(until, a.cfg.Defaults.Zone.Name); err != nil {
					return err
				}
				hits, err := a.store.Search(c.Context(), q)
				if err != nil {
					return err
				}
				for _, h := range hits {
					if asJSON {
						g.line(hitLine(h))
						continue
					}
					fmt.Fprintf(g.std.out, "%s  %s\n  %s · %s\n", h.Article.ID, h.Article.Title, h.Article.Voice(), dated(h.Article).Format("2006-01-02 15:04"))
					if h.Snippet != "" {
						fmt.Fprintf(g.std.out, "  %s\n", h.Snippet)
					}
				}
				if len(hits) == 0 && !asJSON {
					fmt.Fprintf(g.std.out, "nothing was found for %q\n", q.Words)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&q.Workspace, "workspace", digest.Local, "workspace whose articles are searched, besides the shared ones")
	c.Flags().StringVar(&q.Source, "source", "", "only this source or outlet")
	c.Flags().StringVar(&since, "since", "", "not older than this date")
	c.Flags().StringVar(&until, "until", "", "older than this date")
	c.Flags().IntVar(&q.Limit, "limit", 10, "how many at most")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	return c
}

// dated returns when an article was published or, undated, when it arrived.
func dated(a digest.Article) time.Time {
	if a.Published.IsZero() {
		return a.Arrived
	}
	return a.Published
}

func hitLine(h digest.Hit) map[string]any {
	return map[string]any{"id": h.Article.ID, "title": h.Article.Title, "source": h.Article.Voice(), "url": h.Article.URL,
		"published": dated(h.Article), "snippet": h.Snippet, "story": h.Story}
}

// line prints one JSON line.
func (g *global) line(v any) {
	enc := json.NewEncoder(g.std.out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // a reader that went away ends the program by SIGPIPE
}

// instant reads RFC 3339, or a local date or date and time of a zone; "" is zero.
func instant(s, zone string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, usageError{err}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("%q is no time; write 2026-05-03, 2026-05-03T08:00 or 2026-05-03T08:00:00Z", s)}
}

func (g *global) listStories(ctx context.Context, days int, asJSON bool) error {
	return g.withStore(ctx, func(a *app) error {
		stories, err := a.store.Stories(ctx, digest.Local, a.now().AddDate(0, 0, -days))
		if err != nil {
			return err
		}
		for _, s := range stories {
			if asJSON {
				ids := make([]string, len(s.Articles))
				for i, art := range s.Articles {
					ids[i] = art.ID
				}
				g.line(map[string]any{"story": s.ID, "first_seen": s.FirstSeen, "articles": ids})
				continue
			}
			title := ""
			if len(s.Articles) > 0 {
				title = s.Articles[0].Title
			}
			fmt.Fprintf(g.std.out, "%s  %s  %s\n", s.ID, plural(len(s.Articles), "article", "articles"), title)
		}
		return nil
	})
}

func (g *global) slotsCommand() *cobra.Command {
	var cron, zone, from, to string
	var f digest.SlotFilter
	var states []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "slots",
		Short: "List when subscriptions are due, or when a schedule would be",
		Long: "With --cron it lists the slots of a schedule between --from and --to.\n" +
			"Without, it lists what became of the stored slots, newest first, and why.\n" +
			"What was to be posted for one, nutgraf deliveries --slot shows and repairs.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if cron != "" {
				return g.plannedSlots(cron, zone, from, to, asJSON)
			}
			f.States, err = statesOf(states, digest.SlotDue, digest.SlotSelected, digest.SlotBuilt, digest.SlotDone, digest.SlotPartial,
				digest.SlotMissed, digest.SlotUndeliverable, digest.SlotExpired, digest.SlotEmpty)
			if err != nil {
				return err
			}
			return g.storedSlots(c.Context(), f, asJSON)
		},
	}
	c.Flags().StringVar(&cron, "cron", "", "five cron fields, as in \"0 8 * * *\"")
	c.Flags().StringVar(&zone, "zone", "UTC", "IANA time zone of the schedule")
	c.Flags().StringVar(&from, "from", "", "first instant or local date (default now)")
	c.Flags().StringVar(&to, "to", "", "end, not included (default seven days later)")
	c.Flags().StringVar(&f.Subscription, "subscription", "", "only this subscription")
	c.Flags().StringVar(&f.Workspace, "workspace", "", "only this workspace's, and the shared ones")
	c.Flags().StringVar(&f.Key, "slot", "", "only this local date and time, as in 2026-05-03T08:00")
	c.Flags().StringSliceVar(&states, "state", nil, "only these states, as in missed,partial")
	c.Flags().IntVar(&f.Limit, "limit", 100, "how many at most")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	return c
}

// statesOf reads the states that a flag names.
func statesOf[T ~string](given []string, known ...T) ([]T, error) {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	var out []T
	for _, s := range given {
		if !slices.Contains(names, s) {
			return nil, usageError{fmt.Errorf("there is no state %q; there are %s%s", s, strings.Join(names, ", "), didYouMean(s, names))}
		}
		out = append(out, T(s))
	}
	return out, nil
}

func (g *global) plannedSlots(cron, zone, from, to string, asJSON bool) error {
	plan, err := schedule.Parse(cron, zone)
	if err != nil {
		return usageError{err}
	}
	start, err := instant(from, zone)
	if err != nil {
		return err
	}
	if start.IsZero() {
		start = clock()()
	}
	end, err := instant(to, zone)
	if err != nil {
		return err
	}
	if end.IsZero() {
		end = start.AddDate(0, 0, 7)
	}
	// Between leaves its first instant out and takes its last one in.
	for _, s := range plan.Between(start.Add(-time.Millisecond), end.Add(-time.Millisecond)) {
		g.printSlot(s, asJSON)
	}
	return nil
}

func (g *global) storedSlots(ctx context.Context, f digest.SlotFilter, asJSON bool) error {
	return g.withStore(ctx, func(a *app) error {
		slots, err := a.store.Slots(ctx, f)
		if err != nil {
			return err
		}
		if len(slots) == 0 && !asJSON {
			fmt.Fprintln(g.std.out, "there is no such slot")
		}
		for _, s := range slots {
			g.printSlot(s, asJSON)
		}
		return nil
	})
}

// slotLine is one slot as scripts read it. Only key and at stand there for a
// slot that is merely planned.
type slotLine struct {
	Key          string           `json:"key"`
	At           string           `json:"at"`
	Subscription string           `json:"subscription,omitempty"`
	State        digest.SlotState `json:"state,omitempty"`
	Reason       string           `json:"reason,omitempty"`
	Edition      string           `json:"edition,omitempty"`
	Late         bool             `json:"late,omitempty"`
	From         time.Time        `json:"from,omitzero"` // of the window, once that is fixed
	To           time.Time        `json:"to,omitzero"`
	Decided      time.Time        `json:"decided,omitzero"`
	Closed       time.Time        `json:"closed,omitzero"`
}

func (g *global) printSlot(s digest.Slot, asJSON bool) {
	l := slotLine{s.Key, s.At.UTC().Format(time.RFC3339), s.Subscription, s.State, s.Reason, s.Edition, s.Late, s.From, s.To, s.Decided, s.Closed}
	if asJSON {
		g.line(l)
		return
	}
	state := string(l.State)
	if l.Late {
		state += " (late)"
	}
	fmt.Fprintln(g.std.out, strings.TrimRight(fmt.Sprintf("%s  %s  %s  %s  %s", l.Key, l.At, l.Subscription, state, l.Reason), " "))
}
