package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// TestDamagedStoreAtBoot sees that serve refuses a store that is damaged or
// cannot be written: within five seconds, with a sentence that says what to do,
// and without touching anything.
func TestDamagedStoreAtBoot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		damage func(path string, whole []byte) error
		want   string
	}{
		{"header", func(path string, whole []byte) error {
			return os.WriteFile(path, append(bytes.Repeat([]byte("junk"), 25), whole[100:]...), 0o600)
		}, "nutgraf restore"},
		{"page", func(path string, whole []byte) error {
			for at := 20 * 4096; at < len(whole); at += 2 * 4096 {
				copy(whole[at:], bytes.Repeat([]byte{0xA5}, 4096))
			}
			return os.WriteFile(path, whole, 0o600)
		}, "nutgraf restore"},
		{"another program", func(path string, _ []byte) error { return os.WriteFile(path, []byte("my notes\n"), 0o600) }, "nutgraf restore"},
		{"newer", func(path string, _ []byte) error {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
			return err
		}, "schema version 99"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			config, path := filepath.Join(dir, "config.toml"), filepath.Join(dir, "news.db")
			write(t, config, chaosConfig)
			for i := range 30 {
				imported(t, dir, invented(i, time.Now()))
			}
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.damage(path, whole); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			began := time.Now()
			ended := make(chan int, 1)
			go func() { ended <- run([]string{"serve", "--config", config, "--listen", ""}, stdio{nil, &out, &out}) }()
			code := -1
			select {
			case code = <-ended:
			case <-time.After(20 * time.Second):
				t.Fatal("serve runs on a damaged store")
			}
			if took := time.Since(began); code != exitFailed || took > 5*time.Second {
				t.Errorf("exit %d after %v, want %d within 5 s", code, took, exitFailed)
			}
			if got := out.String(); !strings.Contains(got, tt.want) || strings.Count(got, "\n") > 1 {
				t.Errorf("it says %q, want one sentence with %q", got, tt.want)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was touched (%v)", err)
			}
		})
	}
}

// TestFullStore fills the store under a running serve, over a due slot: it is
// not ready, posts nothing that it cannot record, tells its operators once, and
// goes on by itself when there is space again.
func TestFullStore(t *testing.T) {
	t.Parallel()
	dir, l := t.TempDir(), newLife(t)
	config, path := filepath.Join(dir, "config.toml"), filepath.Join(dir, "news.db")
	l.slack.AddChannel(slackfake.Channel{ID: "CADMIN", Name: "admins", Member: true})
	text := l.fill(strings.Replace(stormConfig, `"slack:$TEAM/C1", `, "", 1)) + fmt.Sprintf("[[workspace]]\nid = \"*\"\nadmin_channel = \"slack:%s/CADMIN\"\n", slackfake.Team)
	write(t, config, text)
	due := time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC)
	known(t, dir, due.Add(-time.Hour))
	for i := range 8 { // a digest that does not fit into pages that are there
		imported(t, dir, invented(i, due.Add(-time.Minute)))
	}
	most := pages(t, path) + 20
	write(t, config, strings.Replace(text, "news.db", fmt.Sprintf("news.db?max_page_count=%d", most), 1))
	l.start(t, dir, due.Add(-5*time.Second))
	ready := func(want int) bool {
		return until(20*time.Second, func() bool { return status("http://"+strings.TrimPrefix(l.serve.address, "http://")+"/readyz") == want })
	}
	if !ready(http.StatusOK) {
		t.Errorf("not ready before the store is full\n%s", l.serve.log)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	fill(t, db, most)
	if !ready(http.StatusServiceUnavailable) {
		t.Errorf("ready although the store is full\n%s", l.serve.log)
	}
	if n := len(l.texts("discord")); n > 0 {
		t.Errorf("%d posts of which the store knows nothing", n)
	}
	if !until(10*time.Second, func() bool { return len(l.slack.Posts("CADMIN")) == 1 }) {
		t.Errorf("operators were told %d times, want once\n%s", len(l.slack.Posts("CADMIN")), l.serve.log)
	}
	empty(t, db)
	began := time.Now()
	if !ready(http.StatusOK) || !until(30*time.Second, func() bool { return slotAt(t, dir, due).State == digest.SlotDone }) {
		t.Errorf("the slot is %q with space again\n%s", slotAt(t, dir, due).State, l.serve.log)
	}
	t.Logf("well again after %v", time.Since(began))
	if n := len(l.slack.Posts("CADMIN")); n != 1 {
		t.Errorf("operators were told %d times, want once", n)
	}
	if n := len(l.texts("discord")); n != 9 {
		t.Errorf("discord shows %d messages, want 9: a header and eight stories", n)
	}
}

// pages returns how many pages a database has.
func pages(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`PRAGMA page_count`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// fill uses up all pages that a database may have.
func fill(t *testing.T, db *sql.DB, most int) {
	t.Helper()
	if _, err := db.Exec(`PRAGMA busy_timeout = 5000`); err != nil {
		t.Fatal(err)
	}
	for size := 60_000; size > 100; size /= 2 {
		for {
			_, err := db.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d; INSERT INTO meta (name, value) VALUES ('ballast ' || hex(randomblob(8)), zeroblob($1))`, most), size)
			if err == nil {
				continue
			}
			if !strings.Contains(err.Error(), "full") {
				t.Fatal(err)
			}
			break
		}
	}
}

// empty gives the pages back.
func empty(t *testing.T, db *sql.DB) {
	t.Helper()
	if _, err := db.Exec(`DELETE FROM meta WHERE name LIKE 'ballast %'`); err != nil {
		t.Fatal(err)
	}
}

// status returns what a page answers with, 0 for nothing.
func status(address string) int {
	resp, err := http.Get(address)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}
