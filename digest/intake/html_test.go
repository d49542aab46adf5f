package intake

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestHTMLText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "<p>One.</p><p>Two.</p>", "One.\n\nTwo."},
		{"white space", "<p>One\n  two\t three&nbsp;four</p>", "One two three four"},
		{"line break", "a<br>b<br/>c", "a\n\nb\n\nc"},
		{"list", "a<ul><li>one</li><li>two</ul>b", "a\n\none\n\ntwo\n\nb"},
		{"heading", "x<h2>Why It Matters</h2>y", "x\n\nWhy It Matters\n\ny"},
		{"inline", "The <b>Port</b> of <a href=x>Linden</a>.", "The Port of Linden."},
		{"entities", "AT&amp;T &lt;!here&gt; &euro;40 &#8220;x&#8221;", "AT&T <!here> €40 “x”"},
		{"double escaped", "a &amp;lt;b&amp;gt;", "a &lt;b&gt;"},
		{"table", "<table><tr><th>Day</th><th>Trains</th></tr><tr><td>Mon</td><td>40</td></tr></table>", "Day · Trains\n\nMon · 40"},
		{"script and style", "a<script>if (a<b) x('</p>')</script><style>p{}</style>b", "ab"},
		{"template, svg, noscript", "a<template><p>no</p></template><svg><title>no</title><text>no</text></svg><noscript>no</noscript>b", "ab"},
		{"title", "<title>no</title>a", "a"},
		{"navigation and asides", "<nav>no</nav><p>a</p><aside><p>no</p><aside>no</aside></aside><p>b</p>", "a\n\nb"},
		{"caption", "<figure><img src=x alt=no><figcaption>no</figcaption></figure>a", "a"},
		{"hidden", `<p>a</p><div hidden><div>no</div></div><p style="display: none">no</p><p>b</p>`, "a\n\nb"},
		{"unclosed aside keeps the rest", "<p>a</p><aside><p>b</p>", "a\n\nb"},
		{"nothing but an aside", "<aside>a</aside>", "a"},
		{"unclosed script", "a<script>no", "a"},
		{"comment", "a<!-- no <p> -->b", "ab"},
		{"preformatted", "<pre>one line that stands alone.\nsecond line, too.</pre>", "one line that stands alone.\n\nsecond line, too."},
		{"blockquote", "a<blockquote>b</blockquote>c", "a\n\nb\n\nc"},
		{"plain text", "just text", "just text"},
		{"broken", "<p>a<", "a<"},
		{"end tags alone", "</p></div>a</aside>", "a"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := HTMLText(c.in); got != c.want {
				t.Errorf("HTMLText(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

func TestHTMLTextSurvivesSizeAndDepth(t *testing.T) {
	for name, in := range map[string]string{
		"deep":        strings.Repeat("<div>", 100_000) + "x" + strings.Repeat("</div>", 100_000),
		"deep asides": strings.Repeat("<aside>", 100_000) + "x",
		"long":        strings.Repeat("<p>Harbor news.</p>", 400_000),
		"attributes":  "<p " + strings.Repeat("a=b ", 200_000) + ">x</p>",
		"one tag":     "<" + strings.Repeat("a", 3<<20),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if got := HTMLText(in); len(got) > maxHTML {
				t.Errorf("%d bytes of text, want at most %d", len(got), maxHTML)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzHTMLText(f *testing.F) {
	for _, s := range []string{"<p>a<b>c</b></p>", "<aside><p>x", "<pre>a\nb</pre><td>x<td>y", "<svg/><title>x</title>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := HTMLText(s)
		if !utf8.ValidString(got) || strings.Contains(strings.ReplaceAll(got, "\n\n", ""), "\n") {
			t.Errorf("HTMLText(%q) = %q, want clean paragraphs", s, got)
		}
	})
}

func BenchmarkHTMLText(b *testing.B) {
	page := "<article>" + strings.Repeat("<p>The Port of <a href='https://ledger.example/port'>Linden</a> is drafting rules that would halt freight trains.</p>\n<ul><li>One</li><li>Two</li></ul>", 2000) + "</article>"
	if dir := os.Getenv("NUTGRAF_SHARED"); dir != "" {
		if files, _ := filepath.Glob(filepath.Join(dir, "data/pages/*/source.html")); len(files) > 0 {
			if body, err := os.ReadFile(files[0]); err == nil {
				page = string(body)
			}
		}
	}
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		scan([]byte(page), nil)
	}
}
