package chat

import "nutgraf/digest"

// labels are the words of one language. Every field must be filled in every
// language. In plurals, {n} is the number.
type labels struct {
	Months, Weekdays string // from January and from Sunday, separated by blanks
	Days             string // short names of the weekdays
	Date             string // {weekday}, {day}, {month}, {year}
	First            string // the first day of a month, where it is written otherwise
	Group, Point     string // between thousands, and before a fraction

	And, By, Source, ReadMore string
	Late                      string // {clock}
	Why, Know, People, Next   string
	Update                    string
	New, NewSince             string // heading over what an update tells; {date}
	NewArticles               plurals
	Outlets                   plurals // more outlets than are named
	Sources                   plurals // {ok} of {n}
	Articles, Stories, Shown  plurals
	Nothing                   string // an edition without stories
	WhyThese, AllSources      string // buttons
	Search, CatchUp, More     string
	Mute, Save                string
	Useful, Useless           string
	SourceList, Reprint       string
}

// plurals is a word form for one and for any other number.
type plurals struct{ One, Other string }

// catalogue holds the labels by language. English comes first in every doubt.
var catalogue = map[string]labels{
	"en": {
		Months:   "January February March April May June July August September October November December",
		Weekdays: "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
		Days:     "Sun Mon Tue Wed Thu Fri Sat",
		Date:     "{weekday}, {month} {day}, {year}", First: "1", Group: ",", Point: ".",
		And: "and", By: "By", Source: "Source", ReadMore: "Read more",
		Late: "late, due {clock}",
		Why:  "Why it matters", Know: "What to know", People: "What people are saying", Next: "What’s next",
		Update: "Update",
		New:    "What is new", NewSince: "New since {date}",
		NewArticles: plurals{"{n} new article", "{n} new articles"},
		Outlets:     plurals{"{n} more", "{n} more"},
		Sources:     plurals{"{ok} of {n} source", "{ok} of {n} sources"},
		Articles:    plurals{"{n} article", "{n} articles"},
		Stories:     plurals{"{n} story", "{n} stories"},
		Shown:       plurals{"{n} shown", "{n} shown"},
		Nothing:     "Nothing new to report in this edition.",
		WhyThese:    "Why these?", AllSources: "All sources",
		Search: "Search", CatchUp: "Catch me up", More: "More", Mute: "Mute", Save: "Save", Useful: "👍 Useful", Useless: "👎 Not useful",
		SourceList: "Sources", Reprint: "reprint",
	},
	"de": {
		Months:   "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		Weekdays: "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
		Days:     "So Mo Di Mi Do Fr Sa",
		Date:     "{weekday}, {day}. {month} {year}", First: "1", Group: ".", Point: ",",
		And: "und", By: "Von", Source: "Quelle", ReadMore: "Weiterlesen",
		Late: "verspätet, fällig um {clock}",
		Why:  "Warum es wichtig ist", Know: "Was man wissen muss", People: "Was dazu gesagt wird", Next: "Wie es weitergeht",
		Update: "Neues",
		New:    "Was neu ist", NewSince: "Neu seit {date}",
		NewArticles: plurals{"{n} neuer Artikel", "{n} neue Artikel"},
		Outlets:     plurals{"{n} weitere", "{n} weitere"},
		Sources:     plurals{"{ok} von {n} Quelle", "{ok} von {n} Quellen"},
		Articles:    plurals{"{n} Artikel", "{n} Artikel"},
		Stories:     plurals{"{n} Meldung", "{n} Meldungen"},
		Shown:       plurals{"{n} gezeigt", "{n} gezeigt"},
		Nothing:     "In dieser Ausgabe gibt es nichts Neues.",
		WhyThese:    "Warum diese?", AllSources: "Alle Quellen",
		Search: "Suchen", CatchUp: "Was habe ich verpasst?", More: "Mehr", Mute: "Ausblenden", Save: "Merken", Useful: "👍 Nützlich", Useless: "👎 Nicht nützlich",
		SourceList: "Quellen", Reprint: "Nachdruck",
	},
	"fr": {
		Months:   "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		Weekdays: "dimanche lundi mardi mercredi jeudi vendredi samedi",
		Days:     "dim. lun. mar. mer. jeu. ven. sam.",
		Date:     "{weekday} {day} {month} {year}", First: "1er", Group: "\u202f", Point: ",",
		And: "et", By: "Par", Source: "Source", ReadMore: "Lire la suite",
		Late: "en retard, prévu à {clock}",
		Why:  "Pourquoi c’est important", Know: "Ce qu’il faut savoir", People: "Ce qu’on en dit", Next: "Et maintenant",
		Update: "Suite",
		New:    "Ce qui est nouveau", NewSince: "Nouveau depuis {date}",
		NewArticles: plurals{"{n} nouvel article", "{n} nouveaux articles"},
		Outlets:     plurals{"{n} autre", "{n} autres"},
		Sources:     plurals{"{ok} source sur {n}", "{ok} sources sur {n}"},
		Articles:    plurals{"{n} article", "{n} articles"},
		Stories:     plurals{"{n} sujet", "{n} sujets"},
		Shown:       plurals{"{n} retenu", "{n} retenus"},
		Nothing:     "Rien de nouveau dans cette édition.",
		WhyThese:    "Pourquoi ce choix\u202f?", AllSources: "Toutes les sources",
		Search: "Chercher", CatchUp: "Rattraper", More: "Plus", Mute: "Masquer", Save: "Garder", Useful: "👍 Utile", Useless: "👎 Pas utile",
		SourceList: "Sources", Reprint: "reprise",
	},
	"es": {
		Months:   "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		Weekdays: "domingo lunes martes miércoles jueves viernes sábado",
		Days:     "dom lun mar mié jue vie sáb",
		Date:     "{weekday}, {day} de {month} de {year}", First: "1", Group: ".", Point: ",",
		And: "y", By: "Por", Source: "Fuente", ReadMore: "Leer más",
		Late: "con retraso, previsto a las {clock}",
		Why:  "Por qué importa", Know: "Qué hay que saber", People: "Qué se dice", Next: "Qué sigue",
		Update: "Novedad",
		New:    "Qué hay de nuevo", NewSince: "Nuevo desde {date}",
		NewArticles: plurals{"{n} artículo nuevo", "{n} artículos nuevos"},
		Outlets:     plurals{"{n} más", "{n} más"},
		Sources:     plurals{"{ok} de {n} fuente", "{ok} de {n} fuentes"},
		Articles:    plurals{"{n} artículo", "{n} artículos"},
		Stories:     plurals{"{n} noticia", "{n} noticias"},
		Shown:       plurals{"{n} mostrada", "{n} mostradas"},
		Nothing:     "No hay nada nuevo en esta edición.",
		WhyThese:    "¿Por qué estas?", AllSources: "Todas las fuentes",
		Search: "Buscar", CatchUp: "Ponerme al día", More: "Más", Mute: "Silenciar", Save: "Guardar", Useful: "👍 Útil", Useless: "👎 No útil",
		SourceList: "Fuentes", Reprint: "reproducción",
	},
	"ja": {
		Months:   "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
		Weekdays: "日曜日 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日",
		Days:     "日 月 火 水 木 金 土",
		Date:     "{year}年{month}{day}日（{weekday}）", First: "1", Group: ",", Point: ".",
		And: "と", By: "文：", Source: "出典：", ReadMore: "続きを読む",
		Late: "遅延（予定時刻 {clock}）",
		Why:  "なぜ重要か", Know: "知っておくべきこと", People: "関係者の発言", Next: "今後の予定",
		Update: "続報",
		New:    "新しい情報", NewSince: "{date}以降の新しい情報",
		NewArticles: plurals{"新しい記事 {n} 件", "新しい記事 {n} 件"},
		Outlets:     plurals{"ほか {n} 社", "ほか {n} 社"},
		Sources:     plurals{"{n} 件中 {ok} 件の情報源", "{n} 件中 {ok} 件の情報源"},
		Articles:    plurals{"記事 {n} 件", "記事 {n} 件"},
		Stories:     plurals{"話題 {n} 件", "話題 {n} 件"},
		Shown:       plurals{"{n} 件を掲載", "{n} 件を掲載"},
		Nothing:     "今回の号に新しい話題はありません。",
		WhyThese:    "選んだ理由", AllSources: "すべての情報源",
		Search: "検索", CatchUp: "まとめ読み", More: "詳しく", Mute: "ミュート", Save: "保存", Useful: "👍 役に立った", Useless: "👎 役に立たない",
		SourceList: "情報源", Reprint: "転載",
	},
}

// section returns the heading of a section of a brief; the lede has none.
func (l labels) section(s digest.Section) string {
	return map[digest.Section]string{
		digest.New: l.New, digest.Why: l.Why, digest.Know: l.Know, digest.People: l.People, digest.Next: l.Next,
	}[s]
}
