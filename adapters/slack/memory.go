package slack

import (
	"sync"
	"time"
)

// memory remembers ids of requests that were taken.
type memory struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

const (
	memoryAge  = 24 * time.Hour
	memorySize = 20_000
)

// add reports whether none of the ids was added before, and remembers them.
func (m *memory) add(now time.Time, ids ...string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = make(map[string]time.Time)
	}
	for _, id := range ids {
		if at, ok := m.seen[id]; ok && id != "" && now.Sub(at) < memoryAge {
			return false
		}
	}
	if len(m.seen) >= memorySize {
		for id, at := range m.seen {
			if now.Sub(at) >= memoryAge/6 {
				delete(m.seen, id)
			}
		}
		if len(m.seen) >= memorySize {
			clear(m.seen)
		}
	}
	for _, id := range ids {
		m.seen[id] = now
	}
	return true
}
