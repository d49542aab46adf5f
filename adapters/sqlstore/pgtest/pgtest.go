//go:build unix

// Package pgtest gives tests fresh databases on a PostgreSQL server: the one
// that TEST_POSTGRES_URL names, or a private one that it starts.
package pgtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Server is the server of one test binary. It starts when the first database
// is asked for; the zero value is ready for use.
type Server struct {
	once    sync.Once
	err     error
	bin     string // where the server's programs are
	admin   *url.URL
	dir     string // of a private server
	as      *syscall.SysProcAttr
	watcher *exec.Cmd // ends the private server when the tests end, however they do
	leash   io.Closer
}

// Database makes an empty database, which is dropped at the end of the test,
// and returns its address, which has parameters already. Without a server the
// test is skipped, or fails when NUTGRAF_TEST_REQUIRE contains "postgres".
// NUTGRAF_TEST_EXEC_MODE chooses how statements are sent, see
// default_query_exec_mode.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.ready(t)
	name := "test_" + strings.ToLower(rand.Text())
	if err := s.psql("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.psql("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Log(err)
		}
	})
	address := *s.admin
	address.Path = "/" + name
	parameters := address.Query()
	if mode := os.Getenv("NUTGRAF_TEST_EXEC_MODE"); mode != "" {
		parameters.Set("default_query_exec_mode", mode)
	}
	if parameters.Get("sslmode") == "" {
		parameters.Set("sslmode", "prefer") // the default; now there are parameters
	}
	address.RawQuery = parameters.Encode()
	return address.String()
}

// Restart stops the private server as a crash does and starts it again. With a
// server that is not ours the test is skipped.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.ready(t)
	if s.dir == "" {
		t.Skip("the server that TEST_POSTGRES_URL names is not restarted")
	}
	if err := s.control("-m", "immediate", "restart"); err != nil {
		t.Fatal(err)
	}
}

// Stop ends the private server and removes its files. It belongs to the end of
// TestMain.
func (s *Server) Stop() {
	if s.leash != nil {
		_ = s.leash.Close() // the watcher sees it and does the rest
		_ = s.watcher.Wait()
	}
}

// ready starts the server once, and skips or fails the test without one.
func (s *Server) ready(t testing.TB) {
	t.Helper()
	s.once.Do(func() { s.err = s.start() })
	switch {
	case s.err == nil:
	case strings.Contains(os.Getenv("NUTGRAF_TEST_REQUIRE"), "postgres"):
		t.Fatalf("NUTGRAF_TEST_REQUIRE asks for PostgreSQL: %v", s.err)
	default:
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", s.err)
	}
}

func (s *Server) start() error {
	servers, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // a malformed pattern is the only error
	if len(servers) > 0 {
		s.bin = filepath.Dir(servers[len(servers)-1])
	}
	if address := os.Getenv("TEST_POSTGRES_URL"); address != "" {
		var err error
		s.admin, err = url.Parse(address)
		return err
	}
	if s.bin == "" {
		return errors.New("no server in /usr/lib/postgresql (apt-get install postgresql), and TEST_POSTGRES_URL is not set")
	}
	if err := s.settle(); err != nil {
		return err
	}
	if err := s.run(filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "nutgraf", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	s.admin = &url.URL{Scheme: "postgres", User: url.User("nutgraf"), Host: "127.0.0.1:" + port, Path: "/postgres", RawQuery: "sslmode=disable"}
	options := "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 " +
		"-c fsync=off -c full_page_writes=off -c max_wal_size=256MB"
	return s.control("-o", options, "start")
}

// settle makes the server's folder, and the watcher that removes it. A server
// does not run as root, so it runs as one of the users that own nothing.
func (s *Server) settle() (err error) {
	if s.dir, err = os.MkdirTemp("", "nutgraf-pg-"); err != nil {
		return err
	}
	// Reading ends when this process does.
	s.watcher = exec.Command("/bin/sh", "-c", `read nothing
		pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" && while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
		rm -rf "$0"`, s.dir)
	s.watcher.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt from the keyboard is not for it
	if s.leash, err = s.watcher.StdinPipe(); err != nil {
		return err
	}
	if err := s.watcher.Start(); err != nil || os.Getuid() != 0 {
		return err
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		return os.Chown(s.dir, int(uid), int(gid))
	}
	return errors.New("there is no user postgres or nobody to run the server as")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// control starts, stops or restarts the private server and waits for it.
func (s *Server) control(args ...string) error {
	return s.run(filepath.Join(s.bin, "pg_ctl"), append([]string{"-D", s.data(), "-w", "-t", "60", "-l", filepath.Join(s.dir, "log")}, args...)...)
}

// psql runs a statement on the server.
func (s *Server) psql(statement string) error {
	program := "psql"
	if s.bin != "" {
		program = filepath.Join(s.bin, program)
	}
	return s.run(program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", s.admin.String(), "-c", statement)
}

// run runs a program to its end. Its output goes to a file, because a server
// that it leaves behind would keep a pipe open.
func (s *Server) run(program string, args ...string) error {
	out, err := os.CreateTemp("", "nutgraf-pg-out-")
	if err != nil {
		return err
	}
	defer func() {
		_ = out.Close()
		_ = os.Remove(out.Name())
	}()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = s.dir, out, out, s.as
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name()) // the error says something already
		return fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, said)
	}
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
