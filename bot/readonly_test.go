//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadOnlyStoreAtBoot starts serve as somebody who may not write the store:
// it ends within five seconds, with a sentence that says what to change.
func TestReadOnlyStoreAtBoot(t *testing.T) {
	t.Parallel()
	const nobody = 65534
	for _, tt := range []struct {
		name         string
		folder, file os.FileMode
		want         string
	}{
		{"folder", 0o555, 0o444, "must be able to write"},
		{"file", 0o777, 0o444, "cannot be written"},
		{"unreadable", 0o777, 0o000, "cannot be opened"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, d := range []string{filepath.Dir(dir), dir} { // whoever it is must reach the program
				if err := os.Chmod(d, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			exe, err := os.ReadFile("/proc/self/exe")
			if err != nil {
				t.Skip("NOT TESTED: ", err)
			}
			program := filepath.Join(dir, "nutgraf")
			if err := os.WriteFile(program, exe, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "config.toml"), "[store]\nurl = \"store/news.db\"\n")
			store := filepath.Join(dir, "store")
			if err := os.Mkdir(store, 0o755); err != nil {
				t.Fatal(err)
			}
			imported(t, dir, invented(1, time.Now()))
			path := filepath.Join(store, "news.db")
			if err := errors.Join(os.Chmod(path, tt.file), os.Chmod(store, tt.folder)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(store, 0o755) })
			cmd := exec.Command(program, "serve", "--config", filepath.Join(dir, "config.toml"), "--listen", "")
			if os.Getuid() == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			}
			timer := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			defer timer.Stop()
			began := time.Now()
			said, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if took := time.Since(began); !errors.As(err, &exit) || exit.ExitCode() != exitFailed || took > 5*time.Second {
				t.Errorf("ended after %v with %v, want exit %d within 5 s", took, err, exitFailed)
			}
			if got := string(said); !strings.Contains(got, tt.want) || strings.Count(got, "\n") != 1 {
				t.Errorf("it says %q, want one sentence with %q", got, tt.want)
			}
		})
	}
}
