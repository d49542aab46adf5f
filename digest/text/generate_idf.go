//go:build ignore

// This program builds data/background.tsv.gz, the table behind text.IDF, from
// the training part of the development data, which stays out of the repository:
//
//	NUTGRAF_SHARED=… go generate ./digest/text
//
// A line is a stem, the number of articles that have it, and in tenths how many
// of its uses inside sentences start with a capital. Stems of fewer than three
// articles are left out.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"

	"nutgraf/digest/text"
)

type count struct{ df, upper, inside int }

func main() {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		log.Fatal("set NUTGRAF_SHARED to the directory that has data/summaries")
	}
	counts, articles := map[string]*count{}, 0
	for _, name := range []string{"cnn-train.jsonl", "neus-train.jsonl"} {
		for _, t := range load(filepath.Join(root, "data", "summaries", name)) {
			articles++
			add(counts, t)
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "articles\t%d\n", articles)
	var stems []string
	for s, c := range counts {
		if c.df >= 3 && len(s) <= 40 {
			stems = append(stems, s)
		}
	}
	slices.SortFunc(stems, cmp.Compare[string])
	for _, s := range stems {
		c := counts[s]
		fmt.Fprintf(&out, "%s\t%d\t%d\n", s, c.df, 10*c.upper/max(c.inside, 1))
	}
	var zipped bytes.Buffer
	zip, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := zip.Write(out.Bytes()); err != nil {
		log.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("data/background.tsv.gz", zipped.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
	log.Printf("%d articles, %d stems, %d bytes", articles, len(stems), zipped.Len())
}

// load returns the articles of a file, title and text.
func load(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		var a struct {
			Text     string
			Articles []struct{ Body string }
		}
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			log.Fatal(err)
		}
		if a.Text != "" {
			out = append(out, text.Clean(a.Text))
		}
		for _, b := range a.Articles {
			out = append(out, text.Clean(b.Body))
		}
	}
	if err := sc.Err(); err != nil {
		log.Fatal(err)
	}
	return out
}

// add counts the stems of one article.
func add(counts map[string]*count, s string) {
	seen := map[string]bool{}
	for _, term := range text.Terms(s, "en") {
		if !seen[term] {
			seen[term] = true
			if counts[term] == nil {
				counts[term] = &count{}
			}
			counts[term].df++
		}
	}
	for _, sp := range text.Sentences(s, "en") {
		first := true
		for it := words.FromString(s[sp.Start:sp.End]); it.Next(); {
			w := it.Value()
			r, _ := utf8.DecodeRuneInString(w)
			if !unicode.IsLetter(r) {
				continue
			}
			low := strings.ReplaceAll(strings.ToLower(w), "’", "'")
			c := counts[text.Stem(strings.TrimSuffix(low, "'s"), "en")]
			if !first && c != nil {
				c.inside++
				if unicode.IsUpper(r) {
					c.upper++
				}
			}
			first = false
		}
	}
}
