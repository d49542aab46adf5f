package intake

import (
	"strings"
	"unicode"

	"nutgraf/digest"
)

// heading is a known heading. A weak one is an everyday word and counts only
// beside a strong one.
type heading struct {
	section digest.Section
	weak    bool
}

// headingOf looks a line up among the known headings.
func headingOf(line string) (heading, bool) {
	if len(line) > 80 {
		return heading{}, false
	}
	h, ok := knownHeadings[foldHeading(line)]
	return h, ok
}

// inlineHeading splits "Why it matters: The line carries …" into heading and
// rest. Bold headings need no colon.
func inlineHeading(line string) (h heading, rest string, bold, ok bool) {
	for _, mark := range []string{"**", "__"} {
		if after, cut := strings.CutPrefix(line, mark); cut {
			if label, rest, cut := strings.Cut(after, mark); cut {
				h, ok = headingOf(label)
				rest = strings.TrimLeft(rest, ":：–—- ")
				return h, rest, true, ok && !h.weak && rest != ""
			}
		}
	}
	label, rest, cut := strings.Cut(line, ":")
	if !cut || len(label) > 80 {
		return heading{}, "", false, false
	}
	h, ok = headingOf(label)
	rest = strings.TrimSpace(rest)
	return h, rest, false, ok && !h.weak && rest != ""
}

// foldHeading keeps letters and digits in lower case; apostrophes join, all
// else separates words.
func foldHeading(line string) string {
	var b strings.Builder
	blank := false
	for _, r := range line {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank = false
			b.WriteRune(unicode.ToLower(r))
		case strings.ContainsRune("'’‘`´ʼ", r):
		default:
			blank = true
		}
	}
	return b.String()
}

var knownHeadings = indexHeadings()

func indexHeadings() map[string]heading {
	index := make(map[string]heading)
	for _, t := range headings() {
		for _, s := range t.strong {
			index[s] = heading{section: t.section}
		}
		for _, s := range t.weak {
			index[s] = heading{t.section, true}
		}
	}
	return index
}

type headingTable struct {
	section      digest.Section
	strong, weak []string
}

// headings lists the known headings as foldHeading writes them: English,
// German, Spanish, French.
func headings() []headingTable {
	return []headingTable{
		{digest.Why, []string{
			"why it matters", "why this matters", "why does it matter", "why it is important", "why its important", "why you should care",
			"warum es wichtig ist", "warum das wichtig ist", "warum ist das wichtig", "warum es darauf ankommt", "weshalb es wichtig ist", "darum ist es wichtig", "wieso das wichtig ist", "warum es zählt",
			"por qué importa", "por qué es importante", "por que importa", "por que es importante", "por qué es relevante", "por qué es relevante esto",
			"pourquoi cest important", "pourquoi cela compte", "pourquoi cest important de le savoir", "pourquoi ça compte", "pourquoi cela importe", "pourquoi cest crucial",
		}, []string{"the stakes", "the big picture", "bedeutung", "la importancia", "lenjeu", "les enjeux"}},
		{digest.Know, []string{
			"what to know", "what you need to know", "what we know", "what we know so far", "what you should know", "things to know", "what there is to know",
			"was man wissen muss", "was sie wissen müssen", "was sie wissen sollten", "was man wissen sollte", "was du wissen musst", "das müssen sie wissen", "das sollten sie wissen", "was wir wissen", "was bekannt ist", "was zu wissen ist", "das ist bekannt", "das muss man wissen",
			"qué hay que saber", "lo que hay que saber", "que hay que saber", "lo que debes saber", "lo que debe saber", "qué debes saber", "qué saber", "lo que se sabe", "lo que sabemos",
			"ce quil faut savoir", "que faut il savoir", "ce que lon sait", "ce quon sait", "ce que nous savons", "à savoir",
		}, []string{"the details", "details", "background", "the background", "hintergrund", "die fakten", "los detalles", "contexto", "les faits", "le contexte"}},
		{digest.People, []string{
			"what people are saying", "what people say", "what theyre saying", "what they are saying", "what they say", "what others are saying", "what are people saying", "who said what",
			"was menschen sagen", "was die leute sagen", "was gesagt wird", "was beteiligte sagen", "was die menschen sagen", "das sagen die beteiligten", "was andere sagen", "was leute sagen",
			"lo que se dice", "qué dice la gente", "que dice la gente", "lo que dice la gente", "lo que dicen", "qué dicen", "qué se dice", "lo que están diciendo",
			"ce que lon dit", "ce quon dit", "ce que disent les gens", "ce quen disent les gens", "ce quils disent", "ce quils en disent", "ce qui se dit",
		}, []string{"reactions", "reaction", "the quotes", "stimmen", "die stimmen", "stimmen dazu", "reaktionen", "reacciones", "las reacciones", "voces", "réactions", "les réactions"}},
		{digest.Next, []string{
			"whats next", "what is next", "what happens next", "what comes next", "what to watch", "what to watch for", "what to expect next", "where it goes from here", "whats ahead",
			"wie es weitergeht", "so geht es weiter", "wie geht es weiter", "was als nächstes kommt", "was als nächstes passiert", "was kommt als nächstes", "was nun kommt", "wie gehts weiter", "so gehts weiter",
			"qué sigue", "qué viene", "que sigue", "que viene", "qué viene ahora", "qué sigue ahora", "qué pasa ahora", "lo que viene", "lo que sigue", "qué viene después", "qué pasará ahora", "próximos pasos",
			"et maintenant", "et après", "ce qui suit", "la suite des événements", "quelle est la suite", "prochaines étapes", "ce qui vient ensuite",
		}, []string{"next", "next steps", "ausblick", "la suite"}},
	}
}
