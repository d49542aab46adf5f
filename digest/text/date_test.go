package text_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest/text"
)

func TestDates(t *testing.T) {
	tests := []struct{ lang, in, want string }{
		{"en", "Nothing here, may I say in 12 of 14 cases.", ""},
		{"en", "They will meet on Thursday.", "Thursday 2026-05-21 +1"},
		{"en", "He said on Monday that it rained.", "Monday 2026-05-18 +1"},
		{"en", "The Fed meets Friday.", "Friday 2026-05-22 +1"},
		{"en", "Talks resume next Wednesday after last Wednesday's end.", "Wednesday 2026-05-27 +1; Wednesday 2026-05-13 +1"},
		{"en", "On May 3, 2026-06-12 and June 12, 2027.", "May 3 2026-05-03 +1; 2026-06-12 2026-06-12 +1; June 12, 2027 2027-06-12 +1"},
		{"en", "Thursday, June 11, and 12-14 August", "Thursday, June 11 2026-06-11 +1; 12-14 August 2026-08-12 +3"},
		{"en", "the 3rd of January 2027; December 30", "3rd of January 2027 2027-01-03 +1; December 30 2025-12-30 +1"},
		{"en", "It opens in September, ends by 2030.", "September 2026-09-01 +30; 2030 2030-01-01 +365"},
		{"en", "last September and next February", "September 2025-09-01 +30; February 2027-02-01 +28"},
		{"en", "tomorrow, tonight, yesterday", "tomorrow 2026-05-21 +1; tonight 2026-05-20 +1; yesterday 2026-05-19 +1"},
		{"en", "next week, last month, this weekend, next year", "next week 2026-05-25 +7; last month 2026-04-01 +30; this weekend 2026-05-23 +2; next year 2027-01-01 +365"},
		{"en", "later this month", "this month 2026-05-21 +11"},
		{"en", "in two weeks, three days ago, in 3 months", "in two weeks 2026-06-03 +1; three days ago 2026-05-17 +1; in 3 months 2026-08-20 +1"},
		{"en", "in the next few days and the coming weeks", "next few days 2026-05-20 +5; coming weeks 2026-05-20 +29"},
		{"en", "on 5/3/2026 or 25/12/2026 but not 31/31/2026", "5/3/2026 2026-05-03 +1; 25/12/2026 2026-12-25 +1"},
		{"en", "February 30 and June 31 do not exist", ""},
		{"en", "by the end of the month, early next year, by the end of 2027, in mid-June", "end of the month 2026-05-21 +11; early next year 2027-01-01 +121; end of 2027 2027-09-01 +122; mid-June 2026-06-11 +10"},
		{"en", "at the end of the week, late last month, the start of March 2027", "end of the week 2026-05-22 +3; late last month 2026-04-21 +10; start of March 2027 2027-03-01 +10"},
		{"en", "Work will start June 12, end on March 3 and end badly.", "June 12 2026-06-12 +1; March 3 2026-03-03 +1"},
		{"en", "On June 3rd, Jun. 5, Sept. 12 and the 5th of May", "June 3rd 2026-06-03 +1; Jun. 5 2026-06-05 +1; Sept. 12 2026-09-12 +1; 5th of May 2026-05-05 +1"},
		{"en", "the day after tomorrow, this morning, last night, the day before yesterday", "day after tomorrow 2026-05-22 +1; this morning 2026-05-20 +1; last night 2026-05-19 +1; day before yesterday 2026-05-18 +1"},
		{"en", "It has been shut since Tuesday and stays so until Tuesday.", "Tuesday 2026-05-19 +1; Tuesday 2026-05-26 +1"},
		{"en", "the coming weekend, next weekend, last weekend", "coming weekend 2026-05-23 +2; next weekend 2026-05-30 +2; last weekend 2026-05-16 +2"},
		{"de", "Am Donnerstag wird abgestimmt, das sagte er.", "Donnerstag 2026-05-21 +1"},
		{"de", "Das teilte sie am Montag mit.", "Montag 2026-05-18 +1"},
		{"de", "am 12. Juni, am 3.6.2026 und im September 2027", "12. Juni 2026-06-12 +1; 3.6.2026 2026-06-03 +1; September 2027 2027-09-01 +30"},
		{"de", "Am Morgen war es kalt, morgen nicht.", "morgen 2026-05-21 +1"},
		{"de", "nächste Woche, in zwei Wochen, vor drei Tagen", "nächste Woche 2026-05-25 +7; in zwei Wochen 2026-06-03 +1; vor drei Tagen 2026-05-17 +1"},
		{"de", "Ende Juni, Anfang nächsten Jahres, bis Ende des Jahres, Mitte der Woche", "Ende Juni 2026-06-21 +10; Anfang nächsten Jahres 2027-01-01 +121; Ende des Jahres 2026-09-01 +122; Mitte der Woche 2026-05-20 +2"},
		{"de", "am kommenden Donnerstag, am vergangenen Montag, in den nächsten Tagen, nächsten Monat, kommendes Wochenende, seit Montag", "Donnerstag 2026-05-21 +1; Montag 2026-05-18 +1; nächsten Tagen 2026-05-20 +5; nächsten Monat 2026-06-01 +30; kommendes Wochenende 2026-05-23 +2; Montag 2026-05-18 +1"},
		{"fr", "Le vote aura lieu jeudi. Il a été arrêté mardi. Ils arriveront lundi, depuis lundi", "jeudi 2026-05-21 +1; mardi 2026-05-19 +1; lundi 2026-05-25 +1; lundi 2026-05-18 +1"},
		{"fr", "Lundi dernier, d’ici la fin de l’année, mi-juin, fin mai, au mois d’août, l’an dernier, les prochains mois, le mois prochain", "Lundi dernier 2026-05-18 +1; fin de l’année 2026-09-01 +122; mi-juin 2026-06-11 +10; fin mai 2026-05-21 +11; d’août 2026-08-01 +31; l’an dernier 2025-01-01 +365; prochains mois 2026-05-20 +121; mois prochain 2026-06-01 +30"},
		{"fr", "demain, hier soir, après-demain, avant-hier, dans deux semaines, ce week-end", "demain 2026-05-21 +1; hier soir 2026-05-19 +1; après-demain 2026-05-22 +1; avant-hier 2026-05-18 +1; dans deux semaines 2026-06-03 +1; ce week-end 2026-05-23 +2"},
		{"fr", "jeudi prochain, le 12 juin 2026, la semaine prochaine, en septembre", "jeudi prochain 2026-05-21 +1; 12 juin 2026 2026-06-12 +1; semaine prochaine 2026-05-25 +7; septembre 2026-09-01 +30"},
		{"fr", "il y a trois jours; elle a trois ans", "a trois jours 2026-05-17 +1"},
		{"es", "el jueves 12 de junio de 2026, la próxima semana, hace tres días", "jueves 12 de junio de 2026 2026-06-12 +1; próxima semana 2026-05-25 +7; hace tres días 2026-05-17 +1"},
		{"es", "La votación será el jueves. Fue detenido el martes. Abrirá el lunes. Habló el lunes.", "jueves 2026-05-21 +1; martes 2026-05-19 +1; lunes 2026-05-25 +1; lunes 2026-05-18 +1"},
		{"es", "el viernes que viene, el mes que viene, este fin de semana, a mediados de junio, a finales de año, dentro de dos semanas", "viernes que viene 2026-05-22 +1; mes que viene 2026-06-01 +30; este fin de semana 2026-05-23 +2; mediados de junio 2026-06-11 +10; finales de año 2026-09-01 +122; dentro de dos semanas 2026-06-03 +1"},
		{"es", "Hoy, pasado mañana, esta mañana, por la mañana, anteayer, el año pasado, los próximos meses", "Hoy 2026-05-20 +1; pasado mañana 2026-05-22 +1; esta mañana 2026-05-20 +1; anteayer 2026-05-18 +1; año pasado 2025-01-01 +365; próximos meses 2026-05-20 +121"},
		{"it", "Il voto si terrà giovedì. È stato arrestato martedì. Lunedì scorso, venerdì prossimo, il 3 maggio, il 1º giugno 2026", "giovedì 2026-05-21 +1; martedì 2026-05-19 +1; Lunedì scorso 2026-05-18 +1; venerdì prossimo 2026-05-22 +1; 3 maggio 2026-05-03 +1; 1º giugno 2026 2026-06-01 +1"},
		{"it", "tre giorni fa, tra due settimane, entro la fine dell’anno, a metà giugno, questo fine settimana, la settimana scorsa, l’altro ieri, nei prossimi giorni", "tre giorni fa 2026-05-17 +1; tra due settimane 2026-06-03 +1; fine dell’anno 2026-09-01 +122; metà giugno 2026-06-11 +10; questo fine settimana 2026-05-23 +2; settimana scorsa 2026-05-11 +7; l’altro ieri 2026-05-18 +1; prossimi giorni 2026-05-20 +5"},
		{"it", "domani, ieri, a giugno, nel 2027, il mese prossimo, 12/06/2026", "domani 2026-05-21 +1; ieri 2026-05-19 +1; giugno 2026-06-01 +30; 2027 2027-01-01 +365; mese prossimo 2026-06-01 +30; 12/06/2026 2026-06-12 +1"},
		{"pt", "A votação será na quinta-feira. Foi detido na terça-feira. Na segunda-feira passada, a 3 de maio, no dia 5 de julho de 2027", "quinta-feira 2026-05-21 +1; terça-feira 2026-05-19 +1; segunda-feira passada 2026-05-18 +1; 3 de maio 2026-05-03 +1; 5 de julho de 2027 2027-07-05 +1"},
		{"pt", "até ao final do ano, em meados de junho, depois de amanhã, este fim de semana, daqui a três dias, há três dias, três dias atrás, a semana que vem", "final do ano 2026-09-01 +122; meados de junho 2026-06-11 +10; depois de amanhã 2026-05-22 +1; este fim de semana 2026-05-23 +2; daqui a três dias 2026-05-23 +1; há três dias 2026-05-17 +1; três dias atrás 2026-05-17 +1; semana que vem 2026-05-25 +7"},
		{"pt", "amanhã, ontem, em junho, em 2027, no próximo mês, no ano passado, votarão na sexta-feira", "amanhã 2026-05-21 +1; ontem 2026-05-19 +1; junho 2026-06-01 +30; 2027 2027-01-01 +365; próximo mês 2026-06-01 +30; ano passado 2025-01-01 +365; sexta-feira 2026-05-22 +1"},
		{"nl", "De stemming is donderdag. Hij werd dinsdag aangehouden. Afgelopen maandag, aanstaande vrijdag, op 3 mei, 1 juni 2027", "donderdag 2026-05-21 +1; dinsdag 2026-05-19 +1; maandag 2026-05-18 +1; vrijdag 2026-05-22 +1; 3 mei 2026-05-03 +1; 1 juni 2027 2027-06-01 +1"},
		{"nl", "voor het einde van het jaar, half juni, vorig jaar, volgende maand, over twee weken, drie dagen geleden, komend weekend, sinds maandag", "einde van het jaar 2026-09-01 +122; half juni 2026-06-11 +10; vorig jaar 2025-01-01 +365; volgende maand 2026-06-01 +30; over twee weken 2026-06-03 +1; drie dagen geleden 2026-05-17 +1; komend weekend 2026-05-23 +2; maandag 2026-05-18 +1"},
		{"nl", "morgen, gisteravond, overmorgen, vanavond, 12-06-2026, de komende dagen", "morgen 2026-05-21 +1; gisteravond 2026-05-19 +1; overmorgen 2026-05-22 +1; vanavond 2026-05-20 +1; 12-06-2026 2026-06-12 +1; komende dagen 2026-05-20 +5"},
		{"xx", "on June 12", "June 12 2026-06-12 +1"},
	}
	for _, tt := range tests {
		var got []string
		for _, d := range text.Dates(tt.in, tt.lang, ref) {
			days := int(d.To.Sub(d.From).Hours()) / 24
			got = append(got, fmt.Sprintf("%s %s +%d", tt.in[d.Start:d.End], d.From.Format(time.DateOnly), days))
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("Dates(%q, %q) (-want +got):\n%s", tt.in, tt.lang, diff)
		}
	}
}

func TestDatesWithoutReference(t *testing.T) {
	got := text.Dates("tomorrow, on May 3 and on June 12, 2026", "en", time.Time{})
	if len(got) != 1 || got[0].From.Format(time.DateOnly) != "2026-06-12" {
		t.Errorf("Dates without a reference = %v, want the one that names its year", got)
	}
}

func FuzzDates(f *testing.F) {
	f.Add("Thursday, the 12-14 of June 2026, next few days, in 200 years", "en")
	f.Add("vor 3 Tagen am 31.2.2026 z’s", "de")
	f.Fuzz(func(t *testing.T, s, lang string) {
		at := 0
		for _, d := range text.Dates(s, lang, ref) {
			if d.Start < at || d.End <= d.Start || d.End > len(s) || !d.To.After(d.From) {
				t.Fatalf("Dates(%q): %v", s, d)
			}
			at = d.End
		}
	})
}

func TestWeekday(t *testing.T) {
	tests := []struct {
		word, lang string
		want       time.Weekday
		ok         bool
	}{
		{"monday", "en", time.Monday, true},
		{"sunday", "", time.Sunday, true},
		{"sun", "en", 0, false},
		{"june", "en", 0, false},
		{"mittwochs", "de-AT", time.Wednesday, true},
		{"samedi", "fr", time.Saturday, true},
		{"monday", "de", 0, false},
		{"monday", "xx", 0, false},
	}
	for _, tt := range tests {
		if got, ok := text.Weekday(tt.word, tt.lang); ok != tt.ok || ok && got != tt.want {
			t.Errorf("Weekday(%q, %q) = %v, %v, want %v, %v", tt.word, tt.lang, got, ok, tt.want, tt.ok)
		}
	}
}
