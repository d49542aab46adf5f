package command_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"golang.org/x/net/html"
)

// templates collects what the templates of a folder say with T. It fails the test
// for what is no literal sentence, and for words that stand in a page as they are.
func (f *finder) templates(folder string) {
	names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "*.html"))
	if err != nil || len(names) == 0 {
		f.t.Fatalf("templates of %s: %v, %d files", folder, err, len(names))
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.t.Fatal(err)
		}
		f.template(name, string(text))
	}
}

// template collects what one file of templates says.
func (f *finder) template(name, text string) {
	set := make(map[string]*parse.Tree)
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "{{", "}}", set); err != nil {
		f.t.Fatal(err)
	}
	for _, one := range set {
		page := &frame{finder: f, name: name}
		page.walk(one.Root)
		for _, words := range wordsOf(page.markup.String()) {
			f.t.Errorf("%s: %q is said in English only; say it with T", name, words)
		}
	}
}

// frame is one template: its markup, with a nought in the place of what it shows.
type frame struct {
	*finder
	name   string
	markup strings.Builder
}

// walk goes through a template in the order in which it is written.
func (p *frame) walk(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, one := range n.Nodes {
				p.walk(one)
			}
		}
	case *parse.TextNode:
		p.markup.Write(n.Text)
	case *parse.ActionNode:
		p.pipe(n.Pipe)
	case *parse.TemplateNode:
		p.pipe(n.Pipe)
	case *parse.IfNode:
		p.branch(&n.BranchNode)
	case *parse.RangeNode:
		p.branch(&n.BranchNode)
	case *parse.WithNode:
		p.branch(&n.BranchNode)
	}
}

func (p *frame) branch(n *parse.BranchNode) {
	p.pipe(n.Pipe)
	p.walk(n.List)
	p.walk(n.ElseList)
}

// pipe notes the sentences of an action.
func (p *frame) pipe(n *parse.PipeNode) {
	p.markup.WriteByte('0')
	if n == nil {
		return
	}
	for _, command := range n.Cmds {
		for _, arg := range command.Args {
			if inner, ok := arg.(*parse.PipeNode); ok {
				p.pipe(inner)
			}
		}
		if said, ok := command.Args[0].(*parse.IdentifierNode); ok && said.Ident == "T" {
			p.sentence(command)
		}
	}
}

func (p *frame) sentence(command *parse.CommandNode) {
	if len(command.Args) > 1 {
		switch said := command.Args[1].(type) {
		case *parse.StringNode:
			p.said[said.Text] = true
			return
		case *parse.FieldNode:
			if said.String() == ".Help" {
				return // collected where it is made
			}
		}
	}
	p.t.Errorf("%s: {{%s}} says no literal sentence; nobody can translate it", p.name, command)
}

var ours = regexp.MustCompile(`Nutgraf|OK`)

// wordsOf returns what people would read in markup: texts, and the attributes that
// are shown or read aloud.
func wordsOf(markup string) []string {
	if !strings.Contains(markup, "<") && strings.Contains(markup, `="`) { // attributes that several templates have
		markup = "<p " + markup + ">"
	}
	var out []string
	read := func(s string) {
		if strings.ContainsFunc(ours.ReplaceAllString(s, ""), unicode.IsLetter) {
			out = append(out, strings.TrimSpace(s))
		}
	}
	z := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.TextToken:
			read(z.Token().Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range z.Token().Attr {
				switch a.Key {
				case "aria-label", "alt", "label", "placeholder", "title":
					read(a.Val)
				}
			}
		}
	}
}

// TestTemplatesAreRead holds the reading of templates against what it must find.
func TestTemplatesAreRead(t *testing.T) {
	f := &finder{t: t, said: make(map[string]bool)}
	f.template("x", `<h1 title="{{T "One"}}">{{if .A}}{{T "Two %s" .B}}{{else}}{{range runs (T "Three")}}{{.}}{{end}}{{end}} Nutgraf</h1>{{define "y"}}{{template "z" (T "Four")}}{{T .Help}}{{end}}`)
	for _, want := range []string{"One", "Two %s", "Three", "Four"} {
		if !f.said[want] {
			t.Errorf("%q was not found: %v", want, f.said)
		}
	}
	for markup, want := range map[string]string{"<p>Hello</p>": "Hello", `<a aria-label=" Go on"> · </a>`: "Go on", "<title>0 – Nutgraf</title>": "", `0 lang="0"`: "", ` title="Hi"`: "Hi", `<a class="more" href="/x">→ 12</a>`: ""} {
		if got := strings.Join(wordsOf(markup), "|"); got != want {
			t.Errorf("%s: got %q, want %q", markup, got, want)
		}
	}
}
