package slack

import (
	"context"
	"time"

	"nutgraf/digest"
)

// Installs keeps which workspaces installed the app, with their tokens, which
// are sealed. A workspace is named like a tenant: "slack:T012ABC".
type Installs interface {
	PutInstall(ctx context.Context, i digest.Install) error
	Install(ctx context.Context, workspace string) (digest.Install, error) // Kind NotFound when it is none
	Installs(ctx context.Context, platform string) ([]digest.Install, error)
	DeleteInstall(ctx context.Context, workspace string) error
}

// installAge is how long what the store says of an install is believed: another
// replica may learn of its end.
const installAge = time.Minute

// install is what was read of the store; workspace is nil where the app is not
// installed.
type install struct {
	*workspace
	sealed string
	read   time.Time
}

// installedIn returns the workspace of a team that installed the app, or nil.
func (p *Platform) installedIn(ctx context.Context, team string) (*workspace, error) {
	if p.cfg.Installs == nil || team == "" {
		return nil, nil
	}
	now := p.now()
	p.mu.Lock()
	known, ok := p.installed[team]
	p.mu.Unlock()
	if age := now.Sub(known.read); ok && age >= 0 && age < installAge {
		return known.workspace, nil
	}
	kept, err := p.cfg.Installs.Install(ctx, tenant(team))
	switch {
	case digest.KindOf(err) == digest.NotFound:
		p.remember(team, install{read: now})
		return nil, nil
	case err != nil:
		return nil, err
	case known.workspace != nil && known.sealed == kept.Sealed:
		p.remember(team, install{known.workspace, kept.Sealed, now})
		return known.workspace, nil
	}
	token, err := p.cfg.TokenKey.open(kept.Workspace, kept.Sealed)
	if err != nil {
		return nil, err
	}
	w := p.workspace(token)
	p.remember(team, install{w, kept.Sealed, now})
	return w, nil
}

func (p *Platform) remember(team string, i install) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.installed == nil {
		p.installed = make(map[string]install)
	}
	p.installed[team] = i
}

// uninstalled forgets the token of a workspace that removed the app.
func (p *Platform) uninstalled(ctx context.Context, team string) {
	p.mu.Lock()
	delete(p.installed, team)
	p.mu.Unlock()
	if p.cfg.Installs == nil {
		return
	}
	if err := p.cfg.Installs.DeleteInstall(ctx, tenant(team)); err != nil {
		p.log.Error("the token of a workspace that removed the app could not be deleted", "workspace", team, "error", err)
	}
}

// tenant names a workspace as the store does.
func tenant(team string) string { return digest.Address{Platform: "slack", Workspace: team}.Tenant() }
