package egress

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// elsewhere lists the folders whose files may make connections of their own:
// the fakes of platforms, which stand in tests only, and this package.
var elsewhere = []string{"adapters/egress", "adapters/slack/slackfake", "adapters/discord/discordfake"}

// forbidden are the ways out that go past this package, by package and name.
var forbidden = map[string][]string{
	"net/http":                  {"Get", "Post", "PostForm", "Head", "DefaultClient", "DefaultTransport", "Client", "Transport", "ProxyFromEnvironment"},
	"net":                       {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer"},
	"crypto/tls":                {"Dial", "DialWithDialer", "Dialer"},
	"github.com/mmcdole/gofeed": {"ParseURL"}, "codeberg.org/readeck/go-readability/v2": {"FromURL"},
}

// waysOut returns the uses of forbidden names in a file. A type in a
// declaration (*http.Client) is none, a literal or new(http.Client) is.
func waysOut(f *ast.File, fset *token.FileSet) []string {
	byName := make(map[string]string)
	for _, imp := range f.Imports {
		path := strings.Trim(imp.Path.Value, `"`)
		name := filepath.Base(strings.TrimSuffix(path, "/v2"))
		name = strings.TrimPrefix(name, "go-")
		if imp.Name != nil {
			name = imp.Name.Name
		}
		byName[name] = path
	}
	var out []string
	report := func(n ast.Node, s string) { out = append(out, fset.Position(n.Pos()).String()+": "+s) }
	name := func(e ast.Expr) string {
		sel, ok := e.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok || !slices.Contains(forbidden[byName[id.Name]], sel.Sel.Name) {
			return ""
		}
		return id.Name + "." + sel.Sel.Name
	}
	isType := func(s string) bool {
		_, last, _ := strings.Cut(s, ".")
		return last == "Client" || last == "Transport" || last == "Dialer"
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if s := name(n.Type); s != "" {
				report(n, s+"{")
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "new" && len(n.Args) == 1 && name(n.Args[0]) != "" {
				report(n, "new("+name(n.Args[0])+")")
			}
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "ParseURL" || sel.Sel.Name == "ParseURLWithContext") {
				report(n, sel.Sel.Name)
			}
		case *ast.ValueSpec:
			if s := name(n.Type); n.Type != nil && isType(s) {
				report(n, "var "+s)
			}
		case *ast.SelectorExpr:
			if s := name(n); s != "" && !isType(s) {
				report(n, s)
			}
		}
		return true
	})
	return out
}

func TestOnlyThisPackageMakesClients(t *testing.T) {
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Skip("the module's root is not here: ", err)
	}
	fset, files := token.NewFileSet(), 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || slices.Contains(elsewhere, rel) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil // the compiler says so better
		}
		files++
		for _, s := range waysOut(f, fset) {
			t.Errorf("%s: only adapters/egress may make connections; use egress.Outside or egress.Operator", s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("no file was read")
	}
}

func TestTheSearchForWaysOutFindsThem(t *testing.T) {
	const src = `package x
import ("net/http"; "net"; h "net/http"; "crypto/tls"; "github.com/mmcdole/gofeed")
type s struct{ c *http.Client; t http.RoundTripper }
func a(c *http.Client) { _, _ = http.Get("x"); _, _ = c.Get("x"); _ = http.StatusOK; _ = http.MethodGet }
var b = http.DefaultClient
var d = &http.Client{}
var e = h.Client{}
var f = new(http.Client)
var g http.Client
func i() { net.Dial("tcp", "x"); tls.Dial("tcp", "x", nil); (&net.Dialer{}).Dial("tcp", "x"); net.Listen("tcp", "x"); gofeed.NewParser().ParseURL("x") }
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range waysOut(file, fset) {
		got = append(got, strings.SplitN(s, ":", 3)[1]+strings.SplitN(s, ":", 4)[3])
	}
	want := []string{"4 http.Get", "5 http.DefaultClient", "6 http.Client{", "7 h.Client{", "8 new(http.Client)", "9 var http.Client",
		"10 net.Dial", "10 tls.Dial", "10 net.Dialer{", "10 ParseURL"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
