package intake

import "strings"

// months, weekdays, fillers and zones are what ParseTime knows by name:
// English, German, Spanish, French, Italian, Portuguese, Dutch.
var (
	months   = monthNames()
	weekdays = wordSet(`mon tue wed thu fri sat sun tues weds thur thurs monday tuesday wednesday thursday friday saturday sunday
		mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
		lun mié mie jue vie sáb sab dom lunes martes miércoles miercoles jueves viernes sábado sabado domingo
		mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche
		lunedì martedì mercoledì giovedì venerdì domenica segunda terça quarta quinta sexta segunda-feira terça-feira quarta-feira quinta-feira sexta-feira
		maandag dinsdag woensdag donderdag vrijdag zaterdag zondag`)
	fillers = wordSet(`at on of the de del um uhr às as a à a las la las le il alle op om o'clock - – — · published updated posted date den am der`)
	zones   = map[string]float64{
		"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "IST": 5.5, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "MET": 1, "MEST": 2,
		"EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "SAST": 2, "WAT": 1, "CAT": 2, "EAT": 3, "GST": 4, "PKT": 5, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "PHT": 8,
		"AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
		"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3,
		"NST": -3.5, "NDT": -2.5, "BRT": -3, "ART": -3, "CLT": -4, "ET": -5, "CT": -6, "MT": -7, "PT": -8,
	}
)

func monthNames() map[string]int {
	names := make(map[string]int)
	for i, line := range []string{
		"january jan januar jänner jän enero ene janvier janv gennaio gen janeiro januari",
		"february feb februar feber febrero février févr fevrier fév febbraio fevereiro fev februari",
		"march mar märz mär mrz maerz marzo mars março maart mrt",
		"april apr abril abr avril avr aprile",
		"may mai mayo mag maggio maio mei",
		"june jun juni junio juin giugno giu junho",
		"july jul juli julio juillet juil luglio lug julho",
		"august aug agosto ago août aout augustus",
		"september sep sept septiembre setiembre septembre settembre set setembro",
		"october oct oktober okt octubre octobre ottobre ott outubro out",
		"november nov noviembre novembre novembro",
		"december dec dezember dez diciembre dic décembre déc decembre dicembre dezembro",
	} {
		for name := range strings.FieldsSeq(line) {
			names[name] = i + 1
		}
	}
	return names
}

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
