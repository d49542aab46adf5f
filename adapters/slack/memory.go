package slack

import (
	"sync"
	"time"
)

// memory remembers ids of requests that were taken: at least the last half of
// memorySize.
type memory struct {
	mu           sync.Mutex
	seen, before map[string]time.Time // seen fills up, and becomes before then
}

const (
	memoryAge  = 24 * time.Hour
	memorySize = 20_000
)

// add reports whether none of the ids was added before, and remembers them.
func (m *memory) add(now time.Time, ids ...string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		for _, known := range []map[string]time.Time{m.seen, m.before} {
			if at, ok := known[id]; ok && now.Sub(at) < memoryAge {
				return false
			}
		}
	}
	for _, id := range ids {
		if id == "" {
			continue
		}
		if m.seen == nil || len(m.seen) >= memorySize/2 {
			m.seen, m.before = make(map[string]time.Time), m.seen
		}
		m.seen[id] = now
	}
	return true
}
