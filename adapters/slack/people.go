package slack

import (
	"context"
	"slices"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// identity is who we are in the workspace.
type identity struct{ team, name, bot, user, scopes string }

// posted reports whether a message is ours.
func (i identity) posted(m found) bool { return m.BotID != "" && m.BotID == i.bot }

// identity asks Slack who we are, once.
func (w *workspace) identity(ctx context.Context) (identity, error) {
	w.mu.Lock()
	me := w.self
	w.mu.Unlock()
	if me != (identity{}) {
		return me, nil
	}
	ctx, x := watch(ctx)
	got, err := w.api.AuthTestContext(ctx)
	if err != nil {
		return identity{}, x.failure(err, 0)
	}
	if got.BotID == "" || got.TeamID == "" {
		return identity{}, digest.Errorf(digest.Invalid, "Slack's bot token belongs to no bot; copy the “Bot User OAuth Token” from “OAuth & Permissions” of the app's settings")
	}
	me = identity{team: got.TeamID, name: got.Team, bot: got.BotID, user: got.UserID, scopes: x.scopes}
	w.mu.Lock()
	w.self = me
	w.mu.Unlock()
	return me, nil
}

// anew asks who we are although it may be known: whether Slack still takes the
// token.
func (w *workspace) anew(ctx context.Context) (identity, error) {
	w.mu.Lock()
	w.self = identity{}
	w.mu.Unlock()
	return w.identity(ctx)
}

// personAge is how long what is known of a person is believed.
const personAge = 5 * time.Minute

// maxPeople is how many people are remembered.
const maxPeople = 10_000

// person is what is known of a user.
type person struct {
	locale string
	admin  bool     // of a workspace that is among teams
	teams  []string // that the user belongs to; several in an organisation
	asked  time.Time
}

// user returns the person who gave a command. Managers are the workspace's
// admins and owners and those that the configuration names; who cannot be
// looked up, and who belongs to another workspace, is none by rank.
func (p *Platform) user(ctx context.Context, team, id, name string) chat.User {
	u := chat.User{ID: id, Name: name, Manager: slices.Contains(p.cfg.Managers, id)}
	w, err := p.in(ctx, team)
	if err != nil {
		p.log.Warn("a user could not be looked up and counts as an ordinary member", "user", id, "error", err)
		return u
	}
	known, err := w.person(ctx, id)
	if err != nil {
		p.log.Warn("a user could not be looked up and counts as an ordinary member", "user", id, "error", err)
		return u
	}
	u.Locale = known.locale
	if known.admin {
		me, err := w.identity(ctx)
		u.Manager = u.Manager || err == nil && me.team == team && slices.Contains(known.teams, team)
	}
	return u
}

// person looks a user up, or remembers it.
func (w *workspace) person(ctx context.Context, id string) (person, error) {
	now := w.p.now()
	w.mu.Lock()
	known, ok := w.people[id]
	w.mu.Unlock()
	if age := now.Sub(known.asked); ok && age >= 0 && age < personAge {
		return known, nil
	}
	ctx, x := watch(ctx)
	got, err := w.api.GetUserInfoContext(ctx, id)
	if err != nil {
		return person{}, x.failure(err, 0)
	}
	known = person{locale: got.Locale, teams: append([]string{got.TeamID}, got.Enterprise.Teams...), asked: now}
	known.admin = (got.IsAdmin || got.IsOwner || got.IsPrimaryOwner) && !got.IsStranger && !got.Deleted
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.people == nil || len(w.people) >= maxPeople {
		w.people = make(map[string]person)
	}
	w.people[id] = known
	return known, nil
}
