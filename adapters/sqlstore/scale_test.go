package sqlstore

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/digest"
)

// archiveSize is how many articles a busy installation holds.
const archiveSize = 50_000

// archive makes the file of a busy installation once for all tests and
// benchmarks; copies of it are cheap.
var archive = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nutgraf-archive-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "archive.db")
	s, err := Open(context.Background(), path, Options{Now: newClock().now})
	if err != nil {
		return "", err
	}
	if err := crowd(s); err != nil {
		return "", err
	}
	return path, s.Close()
})

// crowd fills a store with the articles of a busy installation.
func crowd(s *Store) error {
	random := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < archiveSize; n += chunk {
		some := make([]digest.Article, 0, chunk)
		for i := range chunk {
			some = append(some, wordy(random, n+i))
		}
		if _, err := s.AddArticles(context.Background(), some); err != nil {
			return err
		}
	}
	return nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	if made := os.Getenv("NUTGRAF_SCALE"); made != "" {
		if path, err := archive(); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
	}
	os.Exit(code)
}

// wordy makes an article of about 2 KB whose words are as unevenly frequent as
// those of a language.
func wordy(random *rand.Rand, n int) digest.Article {
	a := article(n)
	a.ID, a.Published = fmt.Sprintf("a%06d", n), day.Add(time.Duration(n-archiveSize)*time.Minute)
	a.Arrived, a.Sketch = a.Published, make([]byte, 500)
	zipf := rand.NewZipf(random, 1.1, 2, 40_000)
	words := make([]string, 0, 330)
	for range 330 {
		words = append(words, "w"+strconv.FormatUint(zipf.Uint64(), 36))
	}
	a.Title, a.Text = strings.Join(words[:9], " "), strings.Join(words, " ")
	return a
}

// scaled opens the archive, or skips: making it takes half a minute.
func scaled(t testing.TB) (*Store, time.Duration) {
	t.Helper()
	if os.Getenv("NUTGRAF_SCALE") == "" {
		t.Skip("set NUTGRAF_SCALE=1 to measure on 50,000 articles")
	}
	path := must1(archive())(t)
	began := time.Now()
	s, err := Open(context.Background(), path, Options{Now: newClock().now})
	took := time.Since(began)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, took
}

// scales open a busy installation of each kind.
var scales = map[string]func(testing.TB) *Store{
	"sqlite": func(t testing.TB) *Store {
		s, _ := scaled(t)
		return s
	},
	"postgres": func(t testing.TB) *Store {
		if os.Getenv("NUTGRAF_SCALE") == "" {
			t.Skip("set NUTGRAF_SCALE=1 to measure on 50,000 articles")
		}
		address := server.Database(t)
		s := openPostgres(t, address, Options{})
		must(t, crowd(s))
		must1(sqlDB(t, address).Exec(`VACUUM ANALYZE`))(t) // as the server does by itself in time
		return s
	},
}

func TestOpenIsQuickAndSmall(t *testing.T) {
	s, took := scaled(t)
	if took > 150*time.Millisecond {
		t.Errorf("opening took %v, want < 150 ms", took)
	}
	must1(s.Counts(context.Background(), digest.Shared))(t)
	debug.FreeOSMemory()
	rss := residentMB(t)
	t.Logf("open %v, resident %d MB", took, rss)
	if rss > 60 {
		t.Errorf("resident %d MB when idle, want far below 80", rss)
	}
}

// residentMB returns the memory of this process, 0 where it cannot be known.
func residentMB(t testing.TB) int {
	t.Helper()
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kb / 1024
		}
	}
	return 0
}

func BenchmarkAddArticles(b *testing.B) {
	for _, on := range backends() {
		b.Run(on.name, func(b *testing.B) {
			s := opened(b, on.fresh(b), newClock())
			random := rand.New(rand.NewPCG(3, 4))
			n := 0
			for b.Loop() {
				b.StopTimer()
				some := make([]digest.Article, 0, chunk)
				for range chunk {
					some = append(some, wordy(random, n))
					n++
				}
				b.StartTimer()
				must1(s.AddArticles(context.Background(), some))(b)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	for name, open := range scales {
		s := open(b)
		for kind, words := range map[string]string{"common": "w0", "middle": "w5k", "two": "w1 wc", "rare": "wq3k", "beginning": "w5", "cjk": "東京"} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				for b.Loop() {
					must1(s.Search(context.Background(), digest.SearchQuery{Words: words}))(b)
				}
			})
		}
		b.Run(name+"/window", func(b *testing.B) {
			q := digest.ArticleQuery{Workspace: "slack:T1", From: day.Add(-2000 * time.Minute), To: day}
			for b.Loop() {
				if got := must1(s.Articles(context.Background(), q))(b); len(got) != 2000 {
					b.Fatalf("got %d articles, want 2000", len(got))
				}
			}
		})
		b.Run(name+"/newest", func(b *testing.B) {
			for b.Loop() {
				must1(s.Articles(context.Background(), digest.ArticleQuery{Workspace: "slack:T1", Newest: true, Limit: 10}))(b)
			}
		})
	}
}

func BenchmarkClaimPart(b *testing.B) {
	for _, on := range backends() {
		b.Run(on.name, func(b *testing.B) {
			s := opened(b, on.fresh(b), newClock())
			subscribe(b, s, "sub", channel)
			var channels []digest.Address
			for i := range 200 {
				channels = append(channels, digest.Address{Platform: "slack", Workspace: "T1", Channel: fmt.Sprintf("C%d", i)})
			}
			built(b, s, slotAt("sub", 0), false, 2, channels...)
			for b.Loop() {
				p, c, ok, err := s.ClaimPart(context.Background(), "w", slack, time.Minute)
				if err != nil || !ok {
					b.Fatal(err, ok)
				}
				must(b, s.MarkRetry(context.Background(), c, p, day, ""))
			}
		})
	}
}
