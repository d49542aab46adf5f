package main

import (
	"context"
	"errors"
	"net/http"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// heartbeat asks for the address of [heartbeat] at its intervals while all is
// well: whoever watches that address learns from silence. Why it stays silent is
// in the log.
func (a *app) heartbeat(ctx context.Context) error {
	h := a.cfg.Heartbeat
	client, err := egress.Operator(h.URL, egressOptions(a.cfg))
	if err != nil {
		return err
	}
	failing := false
	for {
		err := a.health.ready(ctx)
		if err == nil {
			err = sendHeartbeat(ctx, client, h.URL)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errStarting):
			wait(ctx, beatAgain)
			continue
		case err != nil && !failing:
			a.log.Warn("no heartbeat is sent", "host", digest.Host(h.URL), "error", digest.Explain(err)) // the path is a secret
		case err == nil && failing:
			a.log.Info("the heartbeat is sent again")
		}
		failing = err != nil
		pause := h.Every.Duration
		if failing {
			pause = min(pause, beatEvery) // all may be well again
		}
		wait(ctx, pause)
	}
}

func sendHeartbeat(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return digest.Errorf(digest.Unavailable, "the address does not answer")
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return digest.Errorf(digest.Unavailable, "the address answers %s", resp.Status)
	}
	return nil
}
