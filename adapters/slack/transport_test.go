package slack

import (
	"testing"
	"time"
)

// TestWait reads how long a 429 asks to wait, in every form it is said.
func TestWait(t *testing.T) {
	at := time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)
	for after, want := range map[string]time.Duration{
		"30": 30 * time.Second, "1.5": 2 * time.Second, "0": time.Second, " 7 ": 7 * time.Second, "1e99": longestWait,
		"Sun, 03 May 2026 08:01:00 GMT": time.Minute, "Sun, 03 May 2026 07:00:00 GMT": time.Second,
		"": defaultWait, "soon": defaultWait, "NaN": defaultWait, "-3": defaultWait,
	} {
		x := exchange{after: after, at: at}
		if got := x.wait(); got != want {
			t.Errorf("%q: got %v, want %v", after, got, want)
		}
	}
}
