package chat

import (
	"fmt"
	"slices"
	"strings"

	"nutgraf/digest"
)

// maxLine caps a command line, in bytes.
const maxLine = 4000

// Parse reads a command line such as
//
//	search "port strike" since:3d source:ledger
//
// The first word names the command; "/digest" or another word with a slash may
// stand before it. A word key:value sets the option of that name; other words
// fill the options in order. The last text option that is required, or the
// last text option when none is, takes all that is left; the options behind it
// are set by key only. Words with colons that are no keys, such as addresses,
// are plain words. Values are validated and put into the form that OptionType
// states. An empty line asks for "help".
//
// The returned command has Name and Args only. Errors are of Kind Invalid or,
// for a command that does not exist, NotFound, and say what to write instead.
func Parse(specs []Spec, line string) (Command, error) {
	if len(line) > maxLine {
		return Command{}, digest.Errorf(digest.TooLarge, "The command is longer than %d characters; shorten it", maxLine)
	}
	words, err := tokens(strings.ToValidUTF8(line, "�"))
	if err != nil {
		return Command{}, err
	}
	if len(words) > 0 && strings.HasPrefix(words[0].Text, "/") {
		if bare := words[0].Text[1:]; find(specs, bare) != nil {
			words[0].Text = bare
		} else {
			words = words[1:]
		}
	}
	if len(words) == 0 {
		words = []token{{Text: "help", Colon: -1}}
	}
	spec, words, err := named(specs, words)
	if err != nil {
		return Command{}, err
	}
	return fill(*spec, words)
}

// named returns the command that the first words name, and the words behind
// its name. The names of commands of a group have two words.
func named(specs []Spec, words []token) (*Spec, []token, error) {
	first := words[0].Text
	if len(words) > 1 {
		if spec := find(specs, first+" "+words[1].Text); spec != nil {
			return spec, words[2:], nil
		}
	}
	if spec := find(specs, first); spec != nil {
		return spec, words[1:], nil
	}
	var group []string
	for _, s := range specs {
		if name, rest, ok := strings.Cut(s.Name, " "); ok && strings.EqualFold(name, first) {
			group = append(group, rest)
		}
	}
	switch {
	case len(group) == 0:
		return nil, nil, unknownCommand(specs, first)
	case len(words) == 1:
		return nil, nil, digest.Errorf(digest.Invalid, "`%s` needs to know what to do; write one of `%s`.", first, first+" "+strings.Join(group, "`, `"+first+" "))
	}
	if guess := Nearest(strings.ToLower(words[1].Text), group); guess != "" {
		return nil, nil, digest.Errorf(digest.NotFound, "There is no command `%s`; did you mean `%s`?", clip(first+" "+words[1].Text, 40), first+" "+guess)
	}
	return nil, nil, digest.Errorf(digest.NotFound, "There is no command `%s`; write one of `%s`.", clip(first+" "+words[1].Text, 40), first+" "+strings.Join(group, "`, `"+first+" "))
}

// find returns the spec of a name, in whatever case, or nil.
func find(specs []Spec, name string) *Spec {
	for i := range specs {
		if strings.EqualFold(specs[i].Name, name) {
			return &specs[i]
		}
	}
	return nil
}

func unknownCommand(specs []Spec, name string) error {
	names := make([]string, len(specs))
	for i, s := range specs {
		if !s.Hidden {
			names[i], _, _ = strings.Cut(s.Name, " ")
		}
	}
	if guess := Nearest(strings.ToLower(name), names); guess != "" {
		return digest.Errorf(digest.NotFound, "There is no command `%s`; did you mean `%s`?", clip(name, 40), guess)
	}
	return digest.Errorf(digest.NotFound, "There is no command `%s`; `help` lists them all.", clip(name, 40))
}

// fill assigns words to the options of a command.
func fill(s Spec, words []token) (Command, error) {
	c := Command{Name: s.Name, Args: make(map[string]string)}
	var loose []string
	for _, w := range words {
		key, value, ok, err := keyed(s, w)
		switch {
		case err != nil:
			return Command{}, err
		case !ok:
			loose = append(loose, w.Text)
		case has(c.Args, key):
			return Command{}, digest.Errorf(digest.Invalid, "`%s:` is given twice; give it once.", key)
		default:
			c.Args[key] = value
		}
	}
	if err := place(s, c.Args, loose); err != nil {
		return Command{}, err
	}
	return Check(s, c)
}

// Check validates the arguments of a command that a platform has filled in by
// itself, and puts them into the form that OptionType states, as Parse does.
// Empty values are dropped; they count as not given.
func Check(s Spec, c Command) (Command, error) {
	args := make(map[string]string, len(c.Args))
	for _, o := range s.Options {
		raw := strings.TrimSpace(c.Args[o.Name])
		if raw == "" {
			if o.Required && !s.OpensForm {
				return Command{}, digest.Errorf(digest.Invalid, "`%s` is missing; write `%s`.", o.Name, Usage(s))
			}
			continue
		}
		value, err := o.value(raw)
		if err != nil {
			return Command{}, err
		}
		args[o.Name] = value
	}
	for name := range c.Args {
		if !slices.ContainsFunc(s.Options, func(o Option) bool { return o.Name == name }) {
			return Command{}, digest.Errorf(digest.Invalid, "`%s` has no option `%s`; write `%s`.", s.Name, clip(name, 40), Usage(s))
		}
	}
	c.Args = args
	return c, nil
}

// keyed splits a word key:value when its key names an option.
func keyed(s Spec, w token) (key, value string, ok bool, err error) {
	if w.Quoted || w.Colon <= 0 {
		return "", "", false, nil
	}
	key, value = strings.ToLower(w.Text[:w.Colon]), w.Text[w.Colon+1:]
	names := make([]string, len(s.Options))
	for i, o := range s.Options {
		if names[i] = o.Name; o.Name == key {
			return key, value, true, nil
		}
	}
	if guess := Nearest(key, names); guess != "" && len(key) > 3 && !strings.HasPrefix(value, "//") {
		return "", "", false, digest.Errorf(digest.Invalid, "`%s` has no option `%s:`; did you mean `%s:`?", s.Name, clip(key, 40), guess)
	}
	return "", "", false, nil
}

// place fills the options that are not set yet with the loose words, in order.
func place(s Spec, args map[string]string, loose []string) error {
	last := rest(s)
	for i, o := range s.Options {
		switch {
		case len(loose) == 0:
			return nil
		case has(args, o.Name) || o.Keyed || last >= 0 && i > last:
			continue
		case i == last:
			args[o.Name], loose = strings.Join(loose, " "), nil
		default:
			args[o.Name], loose = loose[0], loose[1:]
		}
	}
	if len(loose) > 0 {
		return digest.Errorf(digest.Invalid, "`%s` is more than `%s` takes; write `%s`.", clip(strings.Join(loose, " "), 40), s.Name, Usage(s))
	}
	return nil
}

// rest returns the number of the option that takes the rest of the line, or -1.
func rest(s Spec) int {
	last := -1
	for i, o := range s.Options {
		if o.Type != TextOption || len(o.Choices) > 0 || o.Keyed {
			continue
		}
		if o.Required || last < 0 || !s.Options[last].Required {
			last = i
		}
	}
	return last
}

func has(m map[string]string, key string) bool { _, ok := m[key]; return ok }

// Usage returns how a command is written: "search words [since:3d] [source:…]".
func Usage(s Spec) string {
	out, last := []string{s.Name}, rest(s)
	for i, o := range s.Options {
		form := "<" + o.Name + ">"
		if o.Keyed || last >= 0 && i > last {
			form = o.Name + ":" + o.sample()
		}
		if len(o.Choices) > 0 && i <= last && !o.Keyed {
			form = strings.Join(o.Choices, "|")
		}
		if !o.Required {
			form = "[" + form + "]"
		}
		out = append(out, form)
	}
	return strings.Join(out, " ")
}

// sample returns an example value for usage texts.
func (o Option) sample() string {
	switch {
	case len(o.Choices) > 0:
		return strings.Join(o.Choices, "|")
	case o.Type == IntOption:
		return fmt.Sprint(max(o.Min, 1))
	case o.Type == BoolOption:
		return "yes"
	case o.Type == DateOption:
		return "2026-05-03"
	case o.Type == DurationOption, o.Type == SinceOption:
		return "3d"
	}
	return "…"
}

// Help lists the commands with what they do.
func (l Locale) Help(specs []Spec) Message {
	rows := Block{Kind: Fields}
	for _, s := range specs {
		if s.Hidden {
			continue
		}
		help := l.T(s.Help)
		if s.For == Managers {
			help = l.T("%s (managers)", help)
		}
		rows.Items = append(rows.Items, Field(Usage(s), Plain(help)))
	}
	return Say(l.T("Commands"), rows)
}
