package chat

import "nutgraf/digest"

// labels are the words of one language. Every field must be filled in every
// language. In plurals, {n} is the number.
type labels struct {
	Months, Weekdays string // from January and from Sunday, separated by blanks
	Date             string // {weekday}, {day}, {month}, {year}
	First            string // the first day of a month, where it is written otherwise
	Group            string // between thousands

	And, By, Source, ReadMore string
	Late                      string // {clock}
	Why, Know, People, Next   string
	Update                    string
	New, NewSince             string // heading over what an update tells; {date}
	NewArticles               plural
	Outlets                   plural // more outlets than are named
	Sources                   plural // {ok} of {n}
	Articles, Stories, Shown  plural
	Nothing                   string // an edition without stories
	WhyThese, AllSources      string // buttons
	SourceList, Reprint       string
}

// plural is a word form for one and for any other number.
type plural struct{ One, Other string }

// catalogue holds the labels by language. English comes first in every doubt.
var catalogue = map[string]labels{
	"en": {
		Months:   "January February March April May June July August September October November December",
		Weekdays: "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
		Date:     "{weekday}, {month} {day}, {year}", First: "1", Group: ",",
		And: "and", By: "By", Source: "Source", ReadMore: "Read more",
		Late: "late, due {clock}",
		Why:  "Why it matters", Know: "What to know", People: "What people are saying", Next: "What’s next",
		Update: "Update",
		New:    "What is new", NewSince: "New since {date}",
		NewArticles: plural{"{n} new article", "{n} new articles"},
		Outlets:     plural{"{n} more", "{n} more"},
		Sources:     plural{"{ok} of {n} source", "{ok} of {n} sources"},
		Articles:    plural{"{n} article", "{n} articles"},
		Stories:     plural{"{n} story", "{n} stories"},
		Shown:       plural{"{n} shown", "{n} shown"},
		Nothing:     "Nothing new to report in this edition.",
		WhyThese:    "Why these?", AllSources: "All sources",
		SourceList: "Sources", Reprint: "reprint",
	},
	"de": {
		Months:   "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		Weekdays: "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
		Date:     "{weekday}, {day}. {month} {year}", First: "1", Group: ".",
		And: "und", By: "Von", Source: "Quelle", ReadMore: "Weiterlesen",
		Late: "verspätet, fällig um {clock}",
		Why:  "Warum es wichtig ist", Know: "Was man wissen muss", People: "Was gesagt wird", Next: "Wie es weitergeht",
		Update: "Neues",
		New:    "Was neu ist", NewSince: "Neu seit {date}",
		NewArticles: plural{"{n} neuer Artikel", "{n} neue Artikel"},
		Outlets:     plural{"{n} weitere", "{n} weitere"},
		Sources:     plural{"{ok} von {n} Quelle", "{ok} von {n} Quellen"},
		Articles:    plural{"{n} Artikel", "{n} Artikel"},
		Stories:     plural{"{n} Thema", "{n} Themen"},
		Shown:       plural{"{n} gezeigt", "{n} gezeigt"},
		Nothing:     "In dieser Ausgabe gibt es nichts Neues.",
		WhyThese:    "Warum diese?", AllSources: "Alle Quellen",
		SourceList: "Quellen", Reprint: "Nachdruck",
	},
	"fr": {
		Months:   "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		Weekdays: "dimanche lundi mardi mercredi jeudi vendredi samedi",
		Date:     "{weekday} {day} {month} {year}", First: "1er", Group: "\u202f",
		And: "et", By: "Par", Source: "Source", ReadMore: "Lire la suite",
		Late: "en retard, prévu à {clock}",
		Why:  "Pourquoi c’est important", Know: "Ce qu’il faut savoir", People: "Ce qu’on en dit", Next: "Et maintenant",
		Update: "Suite",
		New:    "Ce qui est nouveau", NewSince: "Nouveau depuis {date}",
		NewArticles: plural{"{n} nouvel article", "{n} nouveaux articles"},
		Outlets:     plural{"{n} autre", "{n} autres"},
		Sources:     plural{"{ok} source sur {n}", "{ok} sources sur {n}"},
		Articles:    plural{"{n} article", "{n} articles"},
		Stories:     plural{"{n} sujet", "{n} sujets"},
		Shown:       plural{"{n} retenu", "{n} retenus"},
		Nothing:     "Rien de nouveau dans cette édition.",
		WhyThese:    "Pourquoi ce choix ?", AllSources: "Toutes les sources",
		SourceList: "Sources", Reprint: "reprise",
	},
	"es": {
		Months:   "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		Weekdays: "domingo lunes martes miércoles jueves viernes sábado",
		Date:     "{weekday}, {day} de {month} de {year}", First: "1", Group: ".",
		And: "y", By: "Por", Source: "Fuente", ReadMore: "Leer más",
		Late: "con retraso, prevista a las {clock}",
		Why:  "Por qué importa", Know: "Qué hay que saber", People: "Qué se dice", Next: "Qué sigue",
		Update: "Novedad",
		New:    "Qué hay de nuevo", NewSince: "Nuevo desde {date}",
		NewArticles: plural{"{n} artículo nuevo", "{n} artículos nuevos"},
		Outlets:     plural{"{n} más", "{n} más"},
		Sources:     plural{"{ok} de {n} fuente", "{ok} de {n} fuentes"},
		Articles:    plural{"{n} artículo", "{n} artículos"},
		Stories:     plural{"{n} tema", "{n} temas"},
		Shown:       plural{"{n} mostrado", "{n} mostrados"},
		Nothing:     "No hay nada nuevo en esta edición.",
		WhyThese:    "¿Por qué estos?", AllSources: "Todas las fuentes",
		SourceList: "Fuentes", Reprint: "reproducción",
	},
}

// section returns the heading of a section of a brief; the lede has none.
func (l labels) section(s digest.Section) string {
	return map[digest.Section]string{
		digest.New: l.New, digest.Why: l.Why, digest.Know: l.Know, digest.People: l.People, digest.Next: l.Next,
	}[s]
}
