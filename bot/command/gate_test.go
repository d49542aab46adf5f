package command_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

var (
	_ chat.Forms     = (*command.Gate)(nil)
	_ chat.Suggester = (*command.Gate)(nil)
	_ chat.Pacer     = (*command.Gate)(nil)
)

// TestPeopleAskSoOften counts what of many commands of one person is let
// through, which of another person, and which a minute later.
func TestPeopleAskSoOften(t *testing.T) {
	for _, tt := range []struct {
		command chat.Command
		want    int // of 200
	}{
		{chat.Command{Name: "save", Args: map[string]string{"url": "https://harbour.example/seals"}}, 5},
		{chat.Command{Name: "covered", Args: map[string]string{"url": "https://harbour.example/seals"}}, 5},
		{chat.Command{Name: "feed add", Args: map[string]string{"url": "https://harbour.example/feed"}}, 5},
		{chat.Command{Name: "feed test", Args: map[string]string{"url": "https://harbour.example/feed"}}, 5},
		{chat.Command{Name: "summarize", Args: map[string]string{"target": "https://harbour.example/seals"}}, 5},
		{chat.Command{Name: "summarize", Args: map[string]string{"target": "<www.harbour.example>"}}, 5},
		{chat.Command{Name: "summarize", Args: map[string]string{"target": "1"}}, 120},
		{chat.Command{Name: "help"}, 120},
	} {
		c, _ := desk(t)
		now := morning
		c.Now = func() time.Time { return now }
		g := command.NewGate(c)
		ask := func(user string) bool {
			cmd := tt.command
			cmd.Address, cmd.User = news, chat.User{ID: user, Manager: true}
			return !strings.Contains(text(g.Handle(t.Context(), cmd)), "within a minute; try again in ")
		}
		got := 0
		for range 200 {
			if ask("U1") {
				got++
			}
		}
		if got != tt.want {
			t.Errorf("%s %v: %d of 200 were let through, want %d", tt.command.Name, tt.command.Args, got, tt.want)
		}
		if !ask("U2") {
			t.Errorf("%s: another person is not let through", tt.command.Name)
		}
		now = now.Add(59 * time.Second)
		early := ask("U1")
		now = now.Add(time.Second)
		if later := ask("U1"); early || !later {
			t.Errorf("%s: let through after 59 s %v, after a minute %v; want false and true", tt.command.Name, early, later)
		}
	}
}

// TestRefusalsAreSpoken holds that those who ask too often are told so in the
// language of the channel, once it was answered there, without a look into the
// store.
func TestRefusalsAreSpoken(t *testing.T) {
	c, store := desk(t)
	c.Language = "fr"
	if err := store.PutSubscriptions(t.Context(), []digest.Subscription{
		{ID: "j", Workspace: team.Tenant(), Name: "J", Channels: []digest.Address{team}, Cron: "0 9 * * *", Zone: "UTC", Language: "ja"}}, "chat"); err != nil {
		t.Fatal(err)
	}
	g := command.NewGate(c)
	ask := func(where digest.Address, locale string) string {
		return text(g.Handle(t.Context(), chat.Command{Name: "help", Address: where, User: chat.User{ID: "U1", Locale: locale}}))
	}
	for range 120 {
		ask(team, "")
	}
	for _, tt := range []struct {
		where        digest.Address
		locale, want string
	}{
		{team, "", "1 分間に 120 件"},
		{lounge, "", "120 commandes en une minute"},
		{lounge, "de", "120 commandes en une minute"}, // Slack does not tell
	} {
		if got := ask(tt.where, tt.locale); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q in it", tt.where, got, tt.want)
		}
	}
}

// TestFetchesAreTogether sees that the commands that fetch share one allowance.
func TestFetchesAreTogether(t *testing.T) {
	c, _ := desk(t)
	g := command.NewGate(c)
	var got []bool
	for i := range 6 {
		name, option := "save", "url"
		if i%2 == 0 {
			name, option = "summarize", "target"
		}
		reply := g.Handle(t.Context(), chat.Command{Name: name, Args: map[string]string{option: "https://harbour.example/seals"}, Address: news, User: chat.User{ID: "U1"}})
		got = append(got, !strings.Contains(text(reply), "within a minute"))
	}
	if want := "[true true true true true false]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// slowPages answers when it is told to.
type slowPages struct {
	open chan struct{}
	busy atomic.Int32
}

func (p *slowPages) Article(ctx context.Context, url string) (digest.Article, error) {
	p.busy.Add(1)
	defer p.busy.Add(-1)
	select {
	case <-p.open:
	case <-ctx.Done():
	}
	return digest.Article{}, digest.Errorf(digest.Unavailable, "%s cannot be reached", url)
}

// TestTooManyAtOnce lets three thousand people ask for pages that do not come: so
// many are fetched at a time, so many wait, the others are told, and who looks
// something up is not held up.
func TestTooManyAtOnce(t *testing.T) {
	c, _ := desk(t)
	p := &slowPages{}
	c.Pages = p
	synctest.Test(t, func(t *testing.T) {
		p.open = make(chan struct{})
		g := command.NewGate(c)
		var refused, done atomic.Int32
		for i := range 3000 {
			go func() {
				reply := g.Handle(t.Context(), chat.Command{Name: "summarize", Args: map[string]string{"target": "https://slow.example/"},
					Address: news, User: chat.User{ID: fmt.Sprint("U", i)}})
				if strings.Contains(text(reply), "Too many commands at once") {
					refused.Add(1)
				}
				done.Add(1)
			}()
		}
		synctest.Wait()
		if got := []int32{p.busy.Load(), refused.Load(), done.Load()}; fmt.Sprint(got) != "[8 992 992]" {
			t.Errorf("fetched, refused and done: got %v, want [8 992 992]", got)
		}
		if got := text(g.Handle(t.Context(), chat.Command{Name: "help", Address: news, User: chat.User{ID: "V"}})); strings.Contains(got, "Too many") {
			t.Errorf("somebody who looks something up is refused: %s", got)
		}
		time.Sleep(11 * time.Second) // of the bubble's clock
		if got := done.Load(); got != 2992 {
			t.Errorf("%d are answered when patience is over, want 2992", got)
		}
		close(p.open)
	})
}

// stuckArchive answers no search until it is opened.
type stuckArchive struct {
	command.Archive
	open chan struct{}
}

func (a stuckArchive) Search(context.Context, digest.SearchQuery) ([]digest.Hit, error) {
	<-a.open
	return nil, nil
}

// TestBusy has platforms acknowledge first when there is more to do than there
// are threads, and not when there is not.
func TestBusy(t *testing.T) {
	c, _ := desk(t)
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		c.Archive = stuckArchive{c.Archive, open}
		g := command.NewGate(c)
		var got []time.Duration
		for i := range runtime.GOMAXPROCS(0) {
			got = append(got, chat.PatienceOf(g))
			go g.Handle(t.Context(), chat.Command{Name: "search", Args: map[string]string{"words": "seals"}, Address: news, User: chat.User{ID: fmt.Sprint("U", i)}})
			synctest.Wait()
		}
		for i, d := range got {
			if d != chat.Patience {
				t.Errorf("with %d commands at work: got %v, want %v", i, d, chat.Patience)
			}
		}
		if d := chat.PatienceOf(g); d > 50*time.Millisecond {
			t.Errorf("with as many as there are threads: got %v", d)
		}
		close(open)
		synctest.Wait()
		if d := chat.PatienceOf(g); d != chat.Patience {
			t.Errorf("when all are answered: got %v, want %v", d, chat.Patience)
		}
	})
}
