package folder

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func options() Options {
	return Options{ID: "desk", Category: "City", Now: func() time.Time { return now }}
}

func write(tb testing.TB, dir, name, body string) string {
	tb.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

func story(title string) string {
	return title + "\n\nThe harbour board met on Tuesday to weigh the plan.\n\nIt will vote on the plan in June.\n"
}

func titles(articles []digest.Article) []string {
	var out []string
	for _, a := range articles {
		out = append(out, a.Title)
	}
	return out
}

func fetch(tb testing.TB, dir string, c digest.Cursor) digest.Batch {
	tb.Helper()
	b, err := New(dir, options()).Fetch(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestFetchReadsEveryKindInOrder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "b.md", "# Second story of the day\n\nThe harbour board met on Tuesday.\n")
	write(t, dir, "a.txt", story("First story of the day"))
	write(t, dir, "c/d.HTML", "<html><head><title>Third story of the day</title></head><body><h1>Third story of the day</h1><p>The harbour board met on Tuesday.</p></body></html>")
	write(t, dir, "e.jsonl", `{"title":"Fourth story of the day","text":"Text of it."}`+"\n"+`{"broken`+"\n"+`{"title":"Fifth story of the day","text":"Text of it."}`+"\n")
	write(t, dir, "f.json", `{"title":"Sixth story of the day","text":"Text of it."}`)
	write(t, dir, ".hidden.txt", story("Hidden"))
	write(t, dir, ".git/x.txt", story("Hidden too"))
	write(t, dir, "picture.png", "\x89PNG")
	b := fetch(t, dir, digest.Cursor{})
	want := []string{"First story of the day", "Second story of the day", "Third story of the day", "Fourth story of the day", "Fifth story of the day", "Sixth story of the day"}
	if diff := cmp.Diff(want, titles(b.Articles)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(b.Refused) != 1 || b.Refused[0].Where != filepath.Join(dir, "e.jsonl")+":2" || b.Refused[0].Verdict != digest.Refused {
		t.Errorf("refused %+v, want the second line of e.jsonl", b.Refused)
	}
	for _, a := range b.Articles {
		if a.Source != "desk" || a.Workspace != digest.Shared || a.ID == "" || a.Category != "City" {
			t.Errorf("%+v", a)
		}
	}
	if b.Unchanged || !b.Cursor.Fetched || b.Cursor.Source != "desk" {
		t.Errorf("cursor %+v", b.Cursor)
	}
}

func TestFetchRemembers(t *testing.T) {
	dir := t.TempDir()
	a := write(t, dir, "a.txt", story("First story of the day"))
	write(t, dir, "b.txt", story("Second story of the day"))
	bad := write(t, dir, "c.json", `{"broken`)
	first := fetch(t, dir, digest.Cursor{ETag: "kept"})
	if len(first.Articles) != 2 || len(first.Refused) != 1 {
		t.Fatalf("first: %+v", first)
	}
	second := fetch(t, dir, first.Cursor)
	if !second.Unchanged || len(second.Articles)+len(second.Refused) != 0 || second.Cursor != first.Cursor {
		t.Errorf("second: %+v, want nothing new", second)
	}
	if err := os.Chtimes(a, now, now); err != nil {
		t.Fatal(err)
	}
	touched := fetch(t, dir, second.Cursor)
	if !touched.Unchanged || touched.Cursor.State == second.Cursor.State {
		t.Errorf("touched: %+v, want unchanged with the new time", touched)
	}
	write(t, dir, "a.txt", story("First story of the day, changed"))
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	changed := fetch(t, dir, touched.Cursor)
	if diff := cmp.Diff([]string{"First story of the day, changed"}, titles(changed.Articles)); diff != "" || strings.Contains(changed.Cursor.State, "c.json") {
		t.Errorf("changed (-want +got):\n%s\nstate %s", diff, changed.Cursor.State)
	}
	damaged := fetch(t, dir, digest.Cursor{Fetched: true, State: "{"})
	if len(damaged.Articles) != 2 {
		t.Errorf("a damaged state: %+v, want all again", damaged)
	}
}

func TestFetchStaysInside(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := write(t, outside, "secret.txt", story("Secret story of the day"))
	write(t, dir, "real.txt", story("Real story of the day"))
	for name, target := range map[string]string{"away.txt": secret, "up.txt": "../../../../../../etc/hostname", "folder": outside, "dangling.txt": "nowhere", "inside.txt": "real.txt"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	b := fetch(t, dir, digest.Cursor{})
	if diff := cmp.Diff([]string{"Real story of the day", "Real story of the day"}, titles(b.Articles)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(b.Refused) != 3 || !strings.Contains(b.Refused[0].Reason, "out of the folder") {
		t.Errorf("refused %+v, want the three links", b.Refused)
	}
	if again := fetch(t, dir, b.Cursor); !again.Unchanged || len(again.Refused) != 0 {
		t.Errorf("again: %+v, want nothing", again)
	}
}

func TestLimits(t *testing.T) {
	dir := t.TempDir()
	big := write(t, dir, "big.txt", "")
	if err := os.Truncate(big, MaxFile+1); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		if err := os.Truncate(write(t, dir, name+".json", ""), MaxFile); err != nil {
			t.Fatal(err)
		}
	}
	b := fetch(t, dir, digest.Cursor{})
	if b.Dropped != 1 || b.Refused[len(b.Refused)-1].Where != big || !strings.Contains(b.Refused[len(b.Refused)-1].Reason, "10 MB") {
		t.Errorf("dropped %d, refused %+v", b.Dropped, b.Refused)
	}
	if next := fetch(t, dir, b.Cursor); next.Dropped != 0 || next.Unchanged {
		t.Errorf("next: dropped %d, unchanged %v; want the rest", next.Dropped, next.Unchanged)
	}
	if _, _, err := ReadFile(big, options()); digest.KindOf(err) != digest.TooLarge {
		t.Errorf("ReadFile of a large file: %v", err)
	}
}

func TestProblems(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "a.txt", story("First story of the day"))
	if _, err := New(filepath.Join(dir, "none"), options()).Fetch(t.Context(), digest.Cursor{}); digest.KindOf(err) != digest.NotFound {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := New(file, options()).Fetch(t.Context(), digest.Cursor{}); err == nil || digest.KindOf(err) == digest.Internal {
		t.Errorf("a file as folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(dir, options()).Fetch(ctx, digest.Cursor{}); err == nil {
		t.Error("an ended context was ignored")
	}
	if got, want := digest.KindOf(problem("x", os.ErrPermission)), digest.Forbidden; got != want {
		t.Errorf("permission: %v", got)
	}
	if _, _, err := ReadFile(dir, options()); digest.KindOf(err) != digest.Invalid {
		t.Errorf("ReadFile of a folder: %v", err)
	}
	if _, _, err := ReadFile(filepath.Join(dir, "none"), options()); digest.KindOf(err) != digest.NotFound {
		t.Errorf("ReadFile of nothing: %v", err)
	}
	articles, refused, err := ReadFile(file, options())
	if diff := cmp.Diff([]string{"First story of the day"}, titles(articles)); err != nil || len(refused) > 0 || diff != "" {
		t.Errorf("ReadFile: %v, %v (-want +got):\n%s", err, refused, diff)
	}
}

func BenchmarkFetchUnchanged(b *testing.B) {
	dir := b.TempDir()
	for i := range 1000 {
		write(b, dir, "s"+strings.Repeat("x", i%7)+time.Duration(i).String()+".txt", story("A story of the day"))
	}
	c := fetch(b, dir, digest.Cursor{}).Cursor
	for b.Loop() {
		if got := fetch(b, dir, c); !got.Unchanged {
			b.Fatal("changed")
		}
	}
}
