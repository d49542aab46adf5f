package sqlstore

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
)

// TestAmend has many change a value at the same time: no change is lost.
func TestAmend(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		more := func(value string) (string, error) {
			n, err := strconv.Atoi("0" + value)
			return strconv.Itoa(n + 1), err
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { must(t, s.Amend(ctx, "count", more)) })
		}
		all.Wait()
		refused := errors.New("no")
		if err := s.Amend(ctx, "count", func(string) (string, error) { return "7", refused }); !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
		got := ""
		must(t, s.Amend(ctx, "count", func(value string) (string, error) { got = value; return value, nil }))
		if got != "20" {
			t.Errorf("got %q, want 20", got)
		}
	})
}
