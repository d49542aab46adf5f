package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

// troubled makes a store with one digest of three parts: sent, rejected after
// two attempts, and unknown.
func troubled(t *testing.T) (store string) {
	t.Helper()
	store = filepath.Join(t.TempDir(), "news.db")
	now := time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)
	s, err := sqlstore.Open(t.Context(), store, sqlstore.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	channel := digest.Address{Platform: "slack", Workspace: "T1", Channel: "C1"}
	must(s.PutSubscriptions(ctx, []digest.Subscription{{ID: "morning", Workspace: "slack:T1", Name: "Morning", Channels: []digest.Address{channel}, Cron: "0 8 * * *", Zone: "UTC"}}, "chat"))
	slot := digest.Slot{Subscription: "morning", Key: "2026-05-03T08:00", At: now, State: digest.SlotDue}
	_, err = s.PutSlots(ctx, []digest.Slot{slot})
	must(err)
	_, _, held, _, err := s.ClaimSlot(ctx, "w", time.Minute)
	must(err)
	var parts []digest.Part
	for n := 1; n <= 3; n++ {
		parts = append(parts, digest.Part{Key: fmt.Sprintf("part%d", n), Edition: "e1", Subscription: "morning", Slot: slot.Key, Address: channel, N: n, Of: 3, Payload: digest.Payload(`{"text":"Port & harbour"}`)})
	}
	must(s.FreezeEdition(ctx, held, slot, digest.Edition{ID: "e1", Subscription: "morning", Workspace: "slack:T1", Slot: slot.Key, Due: now}, parts))
	next := func() (digest.Part, digest.Claim) {
		p, c, ok, err := s.ClaimPart(ctx, "w", []string{"slack"}, time.Minute)
		if err != nil || !ok {
			t.Fatalf("no part: %v", err)
		}
		must(s.MarkSending(ctx, c, p))
		now = now.Add(250 * time.Millisecond)
		return p, c
	}
	p, c := next()
	must(s.MarkSent(ctx, c, p, "1777.1"))
	p, c = next()
	p.Plain = true
	must(s.MarkRetry(ctx, c, p, now, "invalid_blocks: Slack refused it: [ERROR] too odd"))
	p, c = next()
	must(s.MarkFinal(ctx, c, p, digest.PartRejected, "invalid_blocks: Slack refused it; as plain text: no_text: Slack refused it"))
	p, c = next()
	must(s.MarkFinal(ctx, c, p, digest.PartUnknown, "nobody can tell whether it was posted: missing_scope"))
	return store
}

// workers are different in every run.
var workers = regexp.MustCompile(`"worker":"[^"]*"`)

// TestOperatorsCommands shows and repairs parts and slots from the command line.
func TestOperatorsCommands(t *testing.T) {
	store := troubled(t)
	var log bytes.Buffer
	do := func(line string) {
		var out, problems bytes.Buffer
		args := append(strings.Fields(line), "--store", store)
		code := run(args, stdio{in: strings.NewReader(""), out: &out, err: &problems})
		fmt.Fprintf(&log, "$ nutgraf %s\n%s%s", line, workers.ReplaceAllString(out.String(), `"worker":"w"`), problems.String())
		if code != 0 {
			fmt.Fprintf(&log, "exit code %d\n", code)
		}
		log.WriteString("\n")
	}
	t.Setenv("NUTGRAF_CLOCK", "2026-05-03T09:00:00Z")
	for _, line := range []string{
		"slots", "slots --json", "slots --state missed,expired", "slots --state mised",
		"deliveries", "deliveries list --state rejected,unknown --json", "deliveries --state unknwn",
		"deliveries --workspace slack:T2", "deliveries --slot 2026-05-03T08:00 --channel slack:T1/C1 --state sent",
		"deliveries show part2", "deliveries show part2 --json", "deliveries show part9", "deliveries show",
		"deliveries retry part1", "deliveries retry part3", "deliveries resolve part3 maybe", "deliveries resolve part3 resend --message 1",
		"deliveries resolve part3 sent --message 1777.3", "deliveries resolve part3 discard", "slots",
		"deliveries retry part2", "deliveries retry part2 --json", "slots", "deliveries resolve part2 discard", "slots",
	} {
		do(line)
	}
	path := filepath.Join("testdata", "deliveries.golden")
	got := regexp.MustCompile(`"next":"[^"]*"`).ReplaceAllString(log.String(), `"next":"soon"`)
	compareGolden(t, path, got)
}

// compareGolden compares text with a file of this package.
func compareGolden(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
