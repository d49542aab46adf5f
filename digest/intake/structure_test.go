package intake

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestStructure reads each text of testdata/structure and compares what was
// recognised, section by section, with the file's "want".
func TestStructure(t *testing.T) {
	files, err := filepath.Glob("testdata/structure/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v; want the variations of testdata/structure", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			head, want, _ := strings.Cut(string(file), "-- want --\n")
			before, in, _ := strings.Cut(head, "-- in --\n")
			_, title, _ := strings.Cut(before, "-- title --\n")
			a := Structure(strings.TrimSpace(title), in)
			checkMarks(t, a)
			got := describe(a)
			checkNothingLost(t, in, title+got)
			if *update {
				if err := os.WriteFile(name, []byte(head+"-- want --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("recognised (-want +got):\n%s", diff)
			}
		})
	}
}

// describe writes an article so that every field and section can be read.
func describe(a digest.Article) string {
	var b strings.Builder
	for _, f := range [][2]string{
		{"title", a.Title}, {"category", a.Category}, {"publisher", a.Publisher}, {"desk", a.Desk}, {"outlet", a.Outlet}, {"authors", strings.Join(a.Authors, "; ")},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
		}
	}
	if !a.Published.IsZero() {
		fmt.Fprintf(&b, "published: %s\n", a.Published.Format("2006-01-02T15:04Z"))
	}
	at := 0
	show := func(name, text string) {
		if text = strings.TrimSpace(text); text != "" {
			fmt.Fprintf(&b, "[%s]\n%s\n", name, strings.ReplaceAll(text, "\n\n", "\n"))
		}
	}
	for _, m := range a.Marks {
		show("unmarked", a.Text[at:m.Start])
		show(string(m.Section), a.Text[m.Start:m.End])
		at = m.End
	}
	show("unmarked", a.Text[at:])
	return b.String()
}

// checkMarks holds the marks of an article against the rules for them.
func checkMarks(t testing.TB, a digest.Article) {
	t.Helper()
	at := 0
	for _, m := range a.Marks {
		if m.Start < at || m.End <= m.Start || m.End > len(a.Text) {
			t.Fatalf("mark %+v is out of order or outside of the text of %d bytes", m, len(a.Text))
		}
		if !slices.Contains(digest.Sections(), m.Section) {
			t.Errorf("mark %+v names no section", m)
		}
		before, after := a.Text[:m.Start], a.Text[m.End:]
		if before != "" && !strings.HasSuffix(before, "\n\n") || after != "" && !strings.HasPrefix(after, "\n\n") {
			t.Errorf("mark %+v is not on paragraph borders: %q | %q", m, clipLeft(before, 20), clip(after, 20))
		}
		at = m.End
	}
	if rest := strings.ReplaceAll(a.Text, "\n\n", ""); strings.Contains(rest, "\n") {
		t.Errorf("text has line breaks inside of paragraphs: %q", a.Text)
	}
}

// checkNothingLost holds that every word of a text is shown or is one that a
// recognised line consists of.
func checkNothingLost(t testing.TB, in, out string) {
	t.Helper()
	if strings.Contains(in, "<h") || strings.Contains(in, "Advertisement") {
		return // tags and noise go on purpose
	}
	known := make(map[string]bool)
	for heading := range knownHeadings {
		for w := range strings.FieldsSeq(heading) {
			known[w] = true
		}
	}
	for w := range strings.FieldsSeq(foldHeading(out + " by and von und por y par et source quelle fuente category title publisher published " +
		"read more weiterlesen leer más lire la suite https ledger example draft may 4 2026 15 10 cest")) {
		known[w] = true
	}
	for w := range strings.FieldsSeq(foldHeading(in)) {
		if !known[w] {
			t.Errorf("the word %q is lost", w)
		}
	}
}

func TestParseByline(t *testing.T) {
	for _, c := range []struct{ line, authors, outlet string }{
		{"By Maya Lind", "Maya Lind", ""},
		{"By Maya Lind and Jon Park – Source Linden Wire", "Maya Lind; Jon Park", "Linden Wire"},
		{"By A. Lind, B. Park and C. Reyes", "A. Lind; B. Park; C. Reyes", ""},
		{"By Maya Lind, Jon Park, and Ana Reyes", "Maya Lind; Jon Park; Ana Reyes", ""},
		{"By Maya Lind, Transport Correspondent", "Maya Lind", ""},
		{"By Jan Park", "Jan Park", ""},
		{"By Sam King, Jr.", "Sam King, Jr.", ""},
		{"By Maya Lind for Linden Wire", "Maya Lind", "Linden Wire"},
		{"By Maya Lind | Linden Wire", "Maya Lind", "Linden Wire"},
		{"By Maya Lind | May 4, 2026", "Maya Lind", ""},
		{"By Maya Lind (Source: Linden Wire)", "Maya Lind", "Linden Wire"},
		{"(By Maya Lind — Source: Linden Wire)", "Maya Lind", "Linden Wire"},
		{"Source: Linden Wire", "", "Linden Wire"},
		{"Von Maya Lind und Jon Park - Quelle: Dienst", "Maya Lind; Jon Park", "Dienst"},
		{"Por Maya Lind y Jon Park, Fuente: Agencia Linden", "Maya Lind; Jon Park", "Agencia Linden"},
		{"Author: Ludwig van der Rohe", "Ludwig van der Rohe", ""},
		{"By then, Ana Reyes had left.", "", ""},
		{"By Friday, Linden Had Voted", "", ""},
		{"By midnight the port was closed", "", ""},
		{"Source: https://ledger.example/a", "", ""},
		{"The source of the Linden is unknown.", "", ""},
		{"", "", ""},
	} {
		t.Run(c.line, func(t *testing.T) {
			b, ok := parseByline(c.line)
			authors := strings.Join(b.authors, "; ")
			if !ok {
				authors, b.outlet = "", ""
			}
			if authors != c.authors || b.outlet != c.outlet {
				t.Errorf("got %q, %q; want %q, %q", authors, b.outlet, c.authors, c.outlet)
			}
		})
	}
}

func TestNoisy(t *testing.T) {
	for line, want := range map[string]bool{
		"Advertisement": true, "(Read More)": true, "Read more…": true, "ANZEIGE": true, "Weiterlesen »": true, "Share on Facebook, Twitter": true, "Teilen": true,
		"Sign up for our free morning newsletter.": true, "Read more: Linden yard noise doubles": true, "Tweet": true,
		"Read more books, teachers say.": false, "Shares of Linden Rail rose.": false, "Sign up for Medicare begins in May.": false, "Anzeigen wurden erstattet.": false,
		"Facebook said it would share data.": false, "Ad sales fell.": false,
	} {
		if got := noisy(line); got != want {
			t.Errorf("noisy(%q) = %v, want %v", line, got, want)
		}
	}
}

// TestStructureStaysFast feeds texts on which a careless scanner is quadratic.
func TestStructureStaysFast(t *testing.T) {
	for name, unit := range map[string]string{
		"read more": "(read more)", "tags": "<p>", "stars": "*a*", "brackets": "[", "lines": "a\n", "headings": "Why it matters\nx\n",
		"bylines": "By A B – Source C\n", "wrapped": "the quick brown fox jumps over the lazy dog and\n", "glued": "x. By A – Source B ",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			checkMarks(t, Structure("", strings.Repeat(unit, (512<<10)/len(unit))))
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("512 KB took %v", took)
			}
		})
	}
}

func BenchmarkStructure(b *testing.B) {
	file, err := os.ReadFile("testdata/structure/specimen.txtar")
	if err != nil {
		b.Fatal(err)
	}
	_, in, _ := strings.Cut(string(file), "-- in --\n")
	in, _, _ = strings.Cut(in, "-- want --\n")
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		Structure("", in)
	}
}
