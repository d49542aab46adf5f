package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"nutgraf/digest"
)

// TestConversations plays the scripts of testdata/conversations on Slack and on
// Discord, over their sockets and over HTTP, and on the web page: who says,
// presses, chooses or fills in what, and what everybody sees then. Everything but
// the platforms is the real program; the clock is the script's. A script is a list
// of steps, one a line:
//
//	ana: search curfew                  she types a command in #news
//	tom in editors: pause               … in another channel
//	ana in direct: help                 … in her direct messages with the bot
//	tom attaches subs.opml: import      … with a file of the script
//	ana presses More                    the newest button of that label that she sees
//	ana presses More under Storm cuts   … of a message that holds a text
//	tom presses it again                the same button once more, whatever became of it
//	tom in editors presses it again     … as if it had been there
//	ana and tom press Approve           both at once
//	tom chooses short from Length       from a menu
//	tom fills in time=09:00 name="A B"  the form that is open, and sends it off
//	tom repeats that                    the platform delivers the same once more
//	ana uses Save on https://a.example  a shortcut on a message with that link
//	the next command takes 5s           its handler, by the script's clock
//	tom types ber into zone of subscribe   and is offered what an option may be
//	the channel is deleted              #news is
//	the trigger expires                 of the next form, where there is such a thing
//	articles more.jsonl                 arrive
//	at 2026-05-04T08:01                 the clock goes on to that time, in UTC
//	ana sees TEXT, ana sees no TEXT     since the last thing that somebody did
//	everybody sees TEXT                 ana and tom do
//	ana sees nothing                    nothing new
//
// Texts are compared without marks, with single blanks; /x/ is a pattern. A step
// after [slack] or [slack web] is for these platforms; slack is slack-socket and
// slack-http, discord likewise. Over HTTP, everybody sees the very same. $FEED is the address of a
// server that serves the files of the script, $EDITORS the id of #editors. Ana is a member, tom is a manager, eve
// manages another workspace or server.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	same := &transcripts{seen: make(map[string][]string)}
	t.Cleanup(func() {
		for _, d := range same.differences() {
			t.Error(d)
		}
	})
	for n, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := readScript(archive)
		for _, v := range venues {
			if !v.among(s.on) || testing.Short() && (v.platform != "web" || n%3 > 0) {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+v.String(), func(t *testing.T) {
				t.Parallel()
				k := newTalk(t, v, archive)
				k.room = v.room(k)
				for _, one := range s.steps {
					if v.among(one.on) {
						k.step(one)
					}
				}
				k.room.oracle()
				if s.differs == "" && !k.atOnce { // who was first is chance
					same.add(k)
				}
			})
		}
	}
}

// venue is where scripts are played: a platform, and how it reaches the program.
type venue struct {
	platform  string
	transport string // socket or http, "" for the page
	room      func(*talk) room
}

// venues are all of them.
var venues = []venue{{"slack", "socket", newSlackRoom}, {"slack", "http", newSlackRoom}, {"discord", "socket", newDiscordRoom}, {"discord", "http", newDiscordRoom}, {"web", "", newWebRoom}}

// String returns the venue's name.
func (v venue) String() string {
	if v.transport == "" {
		return v.platform
	}
	return v.platform + "-" + v.transport
}

// among reports whether the venue or its platform is in a list; nil is all.
func (v venue) among(list []string) bool {
	return list == nil || slices.Contains(list, v.platform) || slices.Contains(list, v.String())
}

// script is a list of steps.
type script struct {
	steps   []step
	on      []string // platforms or venues; nil: all
	differs string   // why something else is seen over HTTP than over a socket, "" for nothing else
}

// step is one line of a script.
type step struct {
	line int
	on   []string
	text string
}

// readScript reads a script. Before its steps may stand what it is for, as in
// "only slack discord", and "over HTTP differs …" with a reason.
func readScript(a *txtar.Archive) (out script) {
	for i, line := range strings.Split(string(a.Comment), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "only "); ok {
			out.on = strings.Fields(rest)
			continue
		}
		if rest, ok := strings.CutPrefix(line, "over HTTP differs "); ok {
			out.differs = rest
			continue
		}
		s := step{line: i + 1, text: line}
		if where, rest, ok := strings.Cut(line, "] "); ok && line[0] == '[' {
			s.on, s.text = strings.Fields(where[1:]), strings.TrimSpace(rest)
		}
		out.steps = append(out.steps, s)
	}
	return out
}

// verbs are the forms of steps, with what they do. Their groups are handed on.
var verbs = []struct {
	form *regexp.Regexp
	run  func(k *talk, m []string) error
}{
	{regexp.MustCompile(`^(everybody|ana|tom|eve) sees nothing$`), func(k *talk, m []string) error { return k.silent(m[1]) }},
	{regexp.MustCompile(`^(everybody|ana|tom|eve) sees no (.+)$`), func(k *talk, m []string) error { return k.unseen(m[1], m[2]) }},
	{regexp.MustCompile(`^(everybody|ana|tom|eve) sees (.+)$`), func(k *talk, m []string) error { return k.sees(m[1], m[2]) }},
	{regexp.MustCompile(`^at (\S+)$`), func(k *talk, m []string) error { return k.at(m[1]) }},
	{regexp.MustCompile(`^articles (\S+)$`), func(k *talk, m []string) error { return k.articles(k.file(m[1])) }},
	{regexp.MustCompile(`^the next command takes (\S+)$`), func(k *talk, m []string) (err error) { k.takes, err = time.ParseDuration(m[1]); return err }},
	{regexp.MustCompile(`^(ana|tom|eve) types (\S+) into (\S+) of (.+)$`), func(k *talk, m []string) error { return k.offered(m[1], m[4], m[3], m[2]) }},
	{regexp.MustCompile(`^the channel is deleted$`), func(k *talk, _ []string) error { return k.removed() }},
	{regexp.MustCompile(`^the trigger expires$`), func(k *talk, _ []string) error { return k.room.expire() }},
	{regexp.MustCompile(`^(ana|tom|eve)(?: in (\w+))? presses it again$`), func(k *talk, m []string) error {
		return k.act(func() error { return k.room.press(m[1], orDefault(m[2], k.pressedIn), k.pressed) })
	}},
	{regexp.MustCompile(`^(ana|tom|eve) and (ana|tom|eve) press (.+?)(?: under (.+))?$`), func(k *talk, m []string) error { return k.both(m[1:3], m[3], m[4]) }},
	{regexp.MustCompile(`^(ana|tom|eve) presses (.+?)(?: under (.+))?$`), func(k *talk, m []string) error { return k.press(m[1], m[2], m[3]) }},
	{regexp.MustCompile(`^(ana|tom|eve) chooses (.+) from (.+?)$`), func(k *talk, m []string) error { return k.choose(m[1], m[2], m[3]) }},
	{regexp.MustCompile(`^(ana|tom|eve) fills in ?(.*)$`), func(k *talk, m []string) error {
		return k.act(func() error { return k.room.fill(m[1], values(m[2])) })
	}},
	{regexp.MustCompile(`^(ana|tom|eve) repeats that$`), func(k *talk, _ []string) error { return k.act(k.room.repeat) }},
	{regexp.MustCompile(`^(ana|tom|eve) uses (.+) on (.+)$`), func(k *talk, m []string) error {
		return k.act(func() error { return k.room.shortcut(m[1], m[2], k.fill(m[3])) })
	}},
	{regexp.MustCompile(`^(ana|tom|eve)(?: in (\w+))?(?: attaches (\S+))?: (.*)$`), func(k *talk, m []string) error {
		var file *attached
		if m[3] != "" {
			file = &attached{m[3], k.file(m[3])}
		}
		return k.act(func() error { return k.room.say(m[1], orDefault(m[2], "news"), k.fill(m[4]), file) })
	}},
}

// step takes one step of the script. A step that fails ends it, with what was
// seen since the last thing that somebody did.
func (k *talk) step(s step) {
	k.t.Helper()
	for _, v := range verbs {
		m := v.form.FindStringSubmatch(s.text)
		if m == nil {
			continue
		}
		if err := v.run(k, m); err != nil {
			k.t.Fatalf("line %d: %s\n%v\nana saw: %s\ntom saw: %s\nlog:\n%s", s.line, s.text, err, strings.Join(k.fresh("ana"), "\n  "), strings.Join(k.fresh("tom"), "\n  "), k.log)
		}
		return
	}
	k.t.Fatalf("line %d: nobody knows how to %q", s.line, s.text)
}

// act has somebody do something, and returns when it was answered in full. What
// is seen is seen anew from then on. A handler that is to take its time is waited
// for by the script's clock.
func (k *talk) act(do func() error) error {
	k.mark()
	takes := k.takes
	k.takes = 0
	if takes == 0 {
		return errors.Join(do(), k.answered(), k.pump())
	}
	k.slow.hold()
	done := make(chan error, 1)
	go func() { done <- do() }()
	if !until(patience, func() bool { return k.slow.waiting() && k.room.acknowledged() }) {
		k.slow.release()
		return errors.New("the command did not get to the handler, or was not acknowledged")
	}
	k.clock.turn(takes)
	k.slow.release()
	return errors.Join(<-done, k.answered(), k.pump())
}

// answered waits until the program has given the whole of its answers.
func (k *talk) answered() error {
	if !until(patience, k.slow.idle) {
		return errors.New("the answer does not come to an end")
	}
	return nil
}

// press has somebody press a button that they see.
func (k *talk) press(who, label, under string) error {
	var c control
	if !until(patience, func() bool { c = k.find(who, label, under, false); return c.label != "" }) {
		return fmt.Errorf("%s sees no button %q", who, label)
	}
	k.pressed, k.pressedIn = c, c.place
	return k.act(func() error { return k.room.press(who, c.place, c) })
}

// both has two people press the same button at once.
func (k *talk) both(who []string, label, under string) error {
	k.atOnce = true
	var c control
	if !until(patience, func() bool { c = k.find(who[0], label, under, false); return c.label != "" }) {
		return fmt.Errorf("%s sees no button %q", who[0], label)
	}
	k.pressed, k.pressedIn = c, c.place
	return k.act(func() error {
		before := k.slow.came() // the answer to one may be seen before the other is there
		var both sync.WaitGroup
		errs := make([]error, len(who))
		for i, w := range who {
			both.Go(func() { errs[i] = k.room.press(w, c.place, c) })
		}
		both.Wait()
		if !until(patience, func() bool { return k.slow.came() >= before+len(who) }) {
			errs = append(errs, errors.New("not all that was pressed got to the handler"))
		}
		return errors.Join(errs...)
	})
}

// choose has somebody choose from a menu.
func (k *talk) choose(who, value, label string) error {
	var c control
	if !until(patience, func() bool { c = k.find(who, label, "", true); return c.label != "" }) {
		return fmt.Errorf("%s sees no menu %q", who, label)
	}
	for _, o := range c.options {
		if o[0] == value || o[1] == value || strings.Contains(o[1], value) {
			return k.act(func() error { return k.room.choose(who, c, o[0]) })
		}
	}
	return fmt.Errorf("the menu %s has no %q: %q", label, value, c.options)
}

// find returns the newest button or menu of a label that somebody sees.
func (k *talk) find(who, label, under string, menu bool) control {
	for _, m := range slices.Backward(k.room.seen(who)) {
		if under != "" && !strings.Contains(m.text, under) {
			continue
		}
		for _, c := range m.controls {
			if c.menu == menu && strings.Contains(c.label, label) {
				return c
			}
		}
	}
	return control{}
}

// values reads name=value and name="a value".
func values(written string) map[string]string {
	out := make(map[string]string)
	for _, m := range regexp.MustCompile(`([\w-]+)=(?:"([^"]*)"|(\S*))`).FindAllStringSubmatch(written, -1) {
		out[m[1]] = m[2] + m[3]
	}
	return out
}

// people are those whom a step means.
func people(who string) []string {
	if who == "everybody" {
		return []string{"ana", "tom"}
	}
	return []string{who}
}

// sees waits until somebody sees a text.
func (k *talk) sees(who, want string) error {
	for _, w := range people(who) {
		if !until(patience, func() bool { return k.saw(w, want) }) {
			return fmt.Errorf("%s does not see it", w)
		}
	}
	return nil
}

func (k *talk) unseen(who, unwanted string) error {
	k.settle()
	for _, w := range people(who) {
		if k.saw(w, unwanted) {
			return fmt.Errorf("%s sees it", w)
		}
	}
	return nil
}

func (k *talk) silent(who string) error {
	k.settle()
	for _, w := range people(who) {
		if got := k.fresh(w); len(got) > 0 {
			return fmt.Errorf("%s sees %q", w, got)
		}
	}
	return nil
}

// saw reports whether somebody has seen a text since the mark.
func (k *talk) saw(who, want string) bool {
	want = k.fill(want)
	all := strings.Join(k.fresh(who), "\n")
	if pattern, ok := strings.CutPrefix(want, "/"); ok && strings.HasSuffix(pattern, "/") {
		return regexp.MustCompile("(?s)" + strings.TrimSuffix(pattern, "/")).MatchString(all)
	}
	return strings.Contains(all, plainly(want))
}

// offered has somebody type into an option; they see what is offered.
func (k *talk) offered(who, name, option, typed string) error {
	k.mark()
	list, err := k.room.offers(who, name, option, typed)
	k.offer = "offered: " + strings.Join(list, ", ")
	return err
}

// removed has #news deleted, and waits until that is known to the program where
// it is told.
func (k *talk) removed() error {
	if err := k.act(k.room.remove); err != nil {
		return err
	}
	if k.venue.String() == "discord-http" { // nobody tells it; the next post finds out
		return nil
	}
	if !until(patience, func() bool {
		subs, err := k.app.store.Subscriptions(context.Background(), "")
		return err == nil && slices.ContainsFunc(subs, func(s digest.Subscription) bool { return s.Disabled != "" })
	}) {
		return errors.New("its digest is not disabled")
	}
	return nil
}

// plainly leaves out of a text what platforms show differently.
func plainly(s string) string {
	s = strings.NewReplacer("`", "", "\u200b", "", "\u2060", "").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

// file returns a file of the script.
func (k *talk) file(name string) []byte {
	for _, f := range k.archive.Files {
		if f.Name == name {
			return []byte(k.fill(string(f.Data)))
		}
	}
	k.t.Fatalf("the script has no file %s", name)
	return nil
}

// fill puts the address of the script's files and the id of the editors' channel
// into a text.
func (k *talk) fill(s string) string {
	return strings.NewReplacer("$FEED", k.feed, "$EDITORS", k.editors).Replace(s)
}

// at lets the clock go on to a time, and the newsroom do what is due then.
func (k *talk) at(written string) error {
	at, err := time.Parse("2006-01-02T15:04", written)
	if err != nil || at.Before(k.clock.Now()) {
		return fmt.Errorf("no time to come: %v", err)
	}
	k.mark()
	k.clock.set(at)
	return k.pump()
}

// articles takes articles in.
func (k *talk) articles(jsonl []byte) error {
	k.mark()
	path := filepath.Join(k.t.TempDir(), "articles.jsonl")
	if err := os.WriteFile(path, jsonl, 0o600); err != nil {
		return err
	}
	run := importer{app: k.app, source: "import", workspace: digest.Shared, counts: make(map[digest.Verdict]int)}
	return errors.Join(run.file(context.Background(), path), k.pump())
}
