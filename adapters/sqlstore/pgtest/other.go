//go:build !unix

package pgtest

import "testing"

// Server stands for a server where none can be started.
type Server struct{}

// Database skips the test.
func (*Server) Database(t testing.TB) string {
	t.Skip("NOT TESTED ON POSTGRESQL: private servers are started on Unix only")
	return ""
}

// Restart skips the test.
func (*Server) Restart(t testing.TB) { t.Skip("no server to restart") }

// Stop does nothing.
func (*Server) Stop() {}
