package chat

import (
	"sync"
	"time"
)

// Connection is how a platform listens for commands at a moment.
type Connection struct {
	Up     bool
	Since  time.Time // of the last change; zero before the first connection
	Opened int       // connections that were opened by this process
}

// Hotline keeps the Connection of a platform. The zero value was never up. It is
// safe for concurrent use.
type Hotline struct {
	mu  sync.Mutex
	now Connection
}

// Opened notes that a connection was opened.
func (l *Hotline) Opened(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = Connection{Up: true, Since: at, Opened: l.now.Opened + 1}
}

// Closed notes that there is no connection any more.
func (l *Hotline) Closed(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.Up {
		l.now.Up, l.now.Since = false, at
	}
}

// Connection returns the state of now.
func (l *Hotline) Connection() Connection {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}
