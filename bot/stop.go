package main

import (
	"context"
	"errors"
	"time"
)

// Posts in flight have seven seconds to end when the program is told to stop,
// see newsroom.Timing.Grace; what else runs has two more.
const stopLimit = 9 * time.Second

// errCutOff says that something did not end in time.
var errCutOff = errors.New("something did not end in time and was cut off")

// endsWithin waits for work to end, and for at most limit from the end of ctx on.
func endsWithin(ctx context.Context, limit time.Duration, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errCutOff
	}
}
