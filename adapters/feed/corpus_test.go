package feed

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// contentType finds the header that a file of the corpus asks to be sent.
var contentType = regexp.MustCompile(`(?i)Header:\s+content-type:\s*([^\r\n]+)`)

// TestCorpus reads every file of the feed corpus: each parses or gives one
// clear error, none panics, none takes long.
func TestCorpus(t *testing.T) {
	shared := os.Getenv("NUTGRAF_SHARED")
	if shared == "" {
		t.Skip("NUTGRAF_SHARED is not set: the corpus of feeds is not at hand")
	}
	parsed, articles, refusedItems := 0, 0, 0
	var slowest time.Duration
	reasons := make(map[string][]string)
	err := filepath.WalkDir(filepath.Join(shared, "data", "feeds", "tests"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		kind := ""
		if m := contentType.FindSubmatch(body); m != nil {
			kind = string(m[1])
		}
		began := time.Now()
		f, err := Parse(body, kind, "http://example.com/feed")
		took := time.Since(began)
		slowest = max(slowest, took)
		if took > 10*time.Second {
			t.Errorf("%s took %s", path, took)
		}
		if err == nil {
			parsed++
			articles += len(f.Articles)
			refusedItems += len(f.Refused)
			for _, a := range f.Articles {
				if a.Title == "" && a.Text == "" {
					t.Errorf("%s: an article without title and text", path)
				}
			}
			return nil
		}
		if k := digest.KindOf(err); k != digest.Invalid && k != digest.TooLarge {
			t.Errorf("%s: kind %v of %v", path, k, err)
		}
		if strings.Contains(err.Error(), "breaks the feed parser") {
			t.Errorf("%s: %v", path, err)
		}
		why := strings.TrimPrefix(digest.Explain(err), "http://example.com/feed ")
		reasons[why] = append(reasons[why], filepath.Base(path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	total, whys := parsed, make([]string, 0, len(reasons))
	for why, files := range reasons {
		total += len(files)
		whys = append(whys, why)
	}
	sort.Slice(whys, func(i, j int) bool { return len(reasons[whys[i]]) > len(reasons[whys[j]]) })
	for _, why := range whys {
		files := reasons[why]
		t.Logf("%4d × %s\n\t%v", len(files), why, files[:min(len(files), 4)])
	}
	t.Logf("%d of %d files parse, with %d articles and %d refused items; the slowest took %s", parsed, total, articles, refusedItems, slowest)
	if parsed*100 < total*97 {
		t.Errorf("%d of %d parse, want 97 %%", parsed, total)
	}
}
