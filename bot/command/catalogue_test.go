package command_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"nutgraf/adapters/chat"
	"nutgraf/bot/command"
)

// spoken are the packages and files whose sentences reach people in chat and on the
// page.
func spoken() []string {
	return []string{"bot/command", "adapters/chat", "adapters/page", "adapters/egress", "adapters/feed", "adapters/sqlstore/dialect.go", "digest/schedule", "digest/edition"}
}

// mixed are packages that also speak to operators in a terminal and to
// programs: of their errors, those that end like a sentence are for people in
// chat.
func mixed() []string {
	return []string{"adapters/slack", "adapters/discord", "adapters/web", "bot/newsroom", "digest"}
}

// elsewhere are files that answer programs, and operators who install the app.
func elsewhere() []string {
	return []string{"adapters/web/push.go", "adapters/slack/oauth.go"}
}

// sayer is a call whose arguments are English sentences to be said in the
// reader's language: where the sentences stand, and how many.
type sayer struct{ first, count int }

func sayers() map[string]sayer {
	return map[string]sayer{"T": {0, 1}, "P": {0, 1}, "N": {1, 2}, "Errorf": {1, 1}, "Caused": {2, 1}, "Words": {0, 1}}
}

// finder collects the sentences of one package.
type finder struct {
	t      *testing.T
	files  *token.FileSet
	pkg    string
	consts map[string]string
	said   map[string]bool
	short  map[string]int // sentences that have little room, with the characters they have
}

// collect reads all sentences of a package or file.
func (f *finder) collect(pkg string) {
	f.pkg, f.files, f.consts = pkg, token.NewFileSet(), make(map[string]string)
	names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pkg), "*.go"))
	if strings.HasSuffix(pkg, ".go") {
		names = []string{filepath.Join("..", "..", filepath.FromSlash(pkg))}
	}
	if err != nil || len(names) == 0 {
		f.t.Fatalf("package %s: %v, %d files", pkg, err, len(names))
	}
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || slices.Contains(elsewhere(), pkg+"/"+filepath.Base(name)) {
			continue
		}
		file, err := parser.ParseFile(f.files, name, nil, 0)
		if err != nil {
			f.t.Fatal(err)
		}
		ast.Inspect(file, f.constant)
		parsed = append(parsed, file)
	}
	for _, file := range parsed {
		ast.Inspect(file, f.look)
	}
}

// constant notes the string constants of a package.
func (f *finder) constant(n ast.Node) bool {
	if v, ok := n.(*ast.ValueSpec); ok {
		for i, name := range v.Names {
			if i < len(v.Values) {
				if s, ok := f.literal(v.Values[i]); ok {
					f.consts[name.Name] = s
				}
			}
		}
	}
	return true
}

// look notes the sentences of a node.
func (f *finder) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		f.call(n)
	case *ast.KeyValueExpr:
		f.field(n)
	}
	return true
}

// call notes what a call says. It fails the test for what is no literal: a
// catalogue cannot know it.
func (f *finder) call(call *ast.CallExpr) {
	from, name := called(call)
	s, ok := sayers()[name]
	if !ok || from == "fmt" || len(call.Args) < s.first+s.count {
		return
	}
	for _, arg := range call.Args[s.first : s.first+s.count] {
		said, ok := f.literal(arg)
		if field, is := arg.(*ast.SelectorExpr); is && (field.Sel.Name == "Help" || field.Sel.Name == "label") {
			continue // collected where they are made
		}
		switch {
		case ok && slices.Contains(mixed(), f.pkg) && name == "Errorf" && !strings.HasSuffix(said, "."):
		case ok:
			f.said[said] = true
		case f.pkg != "adapters/chat" && name != "Words": // where the translating itself happens
			f.t.Errorf("%s: %s of no literal sentence; nobody can translate it", f.files.Position(arg.Pos()), name)
		}
	}
}

// field notes the forms of a chat.Count and the help of an option, and which
// sentences have little room: the labels of buttons and forms.
func (f *finder) field(kv *ast.KeyValueExpr) {
	key, ok := kv.Key.(*ast.Ident)
	if !ok {
		return
	}
	said, literal := f.literal(kv.Value)
	switch {
	case literal && said != "" && (key.Name == "One" || key.Name == "Many") && !slices.Contains(mixed(), f.pkg) && f.pkg != "adapters/chat":
		f.said[said] = true
	case literal && said != "" && key.Name == "Help" && f.pkg == "bot/command":
		f.said[said] = true
	case literal && key.Name == "Msg" && strings.HasSuffix(said, "."):
		f.said[said] = true
	}
	call, ok := kv.Value.(*ast.CallExpr)
	if !ok {
		return
	}
	if _, name := called(call); name != "T" || len(call.Args) != 1 {
		return
	}
	room := map[string]int{"Title": 24, "Submit": 24, "Label": 30}[key.Name]
	if said, ok := f.literal(call.Args[0]); ok && room > 0 {
		f.short[said] = room
	}
}

// called returns the package or variable and the name of the function that is
// called.
func called(call *ast.CallExpr) (from, name string) {
	switch fn := call.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := fn.X.(*ast.Ident); ok {
			from = x.Name
		}
		return from, fn.Sel.Name
	case *ast.Ident:
		return "", fn.Name
	}
	return "", ""
}

// literal returns the value of a string expression of literals and constants.
func (f *finder) literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.Ident:
		s, ok := f.consts[e.Name]
		return s, ok
	case *ast.BinaryExpr:
		x, ok := f.literal(e.X)
		y, also := f.literal(e.Y)
		return x + y, ok && also
	}
	return "", false
}

// sentences returns all English sentences that people are told in chat and on the
// page, and those that have little room.
func sentences(t *testing.T) (want []string, short map[string]int) {
	t.Helper()
	f := &finder{t: t, said: make(map[string]bool), short: make(map[string]int)}
	for _, pkg := range slices.Concat(spoken(), mixed()) {
		f.collect(pkg)
	}
	f.templates("adapters/web/assets")
	for _, s := range slices.Concat(command.Labels(), chat.Retold()) {
		f.said[s] = true
	}
	for _, s := range command.Specs() {
		f.said[s.Help], f.short[s.Help] = true, 100
		for _, o := range s.Options {
			f.said[o.Help], f.short[o.Help] = true, 100
		}
	}
	for s := range f.said {
		if s != "" && s != "%s" {
			want = append(want, s)
		}
	}
	slices.Sort(want)
	return want, f.short
}

// TestEverySentenceIsTranslated holds the catalogues against the code: no
// sentence is missing in any language, none is left over, and none is longer
// than the place it is for.
func TestEverySentenceIsTranslated(t *testing.T) {
	want, short := sentences(t)
	for _, lang := range chat.Languages() {
		if lang == "en" {
			continue
		}
		path := filepath.Join("..", "..", "adapters", "chat", "locales", lang+".toml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		words := make(map[string]string)
		if err := toml.Unmarshal(text, &words); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, s := range want {
			switch room := short[s]; {
			case words[s] == "":
				t.Errorf("%s lacks %q", path, s)
			case room > 0 && utf8.RuneCountInString(words[s]) > room:
				t.Errorf("%s: %q has %d characters, and room for %d", path, words[s], utf8.RuneCountInString(words[s]), room)
			}
		}
		for s := range words {
			if !slices.Contains(want, s) {
				t.Errorf("%s translates %q, which nothing says", path, s)
			}
		}
	}
}

// TestRetoldIsWritten holds what is told again against what is written: a
// reason that the program does not keep any more has no place in the list.
func TestRetoldIsWritten(t *testing.T) {
	var source strings.Builder
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || d.Name() == "retell.go" {
			return err
		}
		text, err := os.ReadFile(path)
		source.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	built := regexp.MustCompile(`reprint|newest|^for the|new article`) // notes of scores are put together of words; TestGermanChannel reads some
	for _, s := range chat.Retold() {
		for part := range strings.SplitSeq(s, "%s") {
			if part = strings.Trim(part, " ,;:"); len(part) > 12 && !built.MatchString(part) && !strings.Contains(source.String(), part) {
				t.Errorf("nothing keeps %q, of %q", part, s)
			}
		}
	}
}
