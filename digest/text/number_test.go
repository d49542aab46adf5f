package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest/text"
)

func TestNumbers(t *testing.T) {
	tests := []struct{ in, want string }{
		{"none at all", ""},
		{"It rose 3.5 percent to $21.75, or €40 million.", "3.5 percent|$21.75|€40 million"},
		{"1,234 people, 18 of them, 2.5 million", "1,234|18|2.5 million"},
		{"two million euros and half a million dollars", "two million euros|half a million dollars"},
		{"a 52-48 vote, 30%, the 3rd", "52|48|30%|3rd"},
		{"12 Mio. Euro, 40 000 €, 5,5 Prozent", "12 Mio. Euro|40 000 €|5,5 Prozent"},
		{"He paid 10. Then 20.", "10|20"},
		// currencies
		{"€3.5 million, 18 million crowns, £2bn, US$1.2 trillion, A$5m", "€3.5 million|18 million crowns|£2bn|US$1.2 trillion|A$5m"},
		{"It cost 300 rupees, 40 rubles, 2 million yuan, 5 billion won, 12 pesos, 900 lira", "300 rupees|40 rubles|2 million yuan|5 billion won|12 pesos|900 lira"},
		{"CHF 20 million, 30 Swiss francs, SEK 400, 400 SEK, 5 million USD, R$ 10, ₹500 crore, 50 lakh rupees", "CHF 20 million|30 Swiss francs|SEK 400|400 SEK|5 million USD|R$ 10|₹500 crore|50 lakh rupees"},
		{"50 cents, 20 pence, 300 US dollars, $3-a-day, 20p", "50 cents|20 pence|300 US dollars|$3|20p"},
		// units
		{"40 km/h, 65 mph, 120 miles per hour, 12 knots", "40 km/h|65 mph|120 miles per hour|12 knots"},
		{"3 km, 20 m, 15 cm, 6 feet, 4 inches, 2 miles, 300 square kilometers, 40 km², 9 acres, 5,000 hectares", "3 km|20 m|15 cm|6 feet|4 inches|2 miles|300 square kilometers|40 km²|9 acres|5,000 hectares"},
		{"5 kg, 30 tonnes, 2 million tons of CO2, 40 pounds, 3 g, 2 litres, 90 gallons, 4 barrels", "5 kg|30 tonnes|2 million tons|40 pounds|3 g|2 litres|90 gallons|4 barrels"},
		{"38 °C, 100°F, -5 degrees Celsius, 20 MW, 3 GWh, 400 kWh, 5 gigawatts, 1.5 ppm", "38 °C|100°F|5 degrees Celsius|20 MW|3 GWh|400 kWh|5 gigawatts|1.5 ppm"},
		{"25 basis points, 3 percentage points, magnitude 6.1", "25 basis points|3 percentage points|6.1"},
		{"It has 5 members, 3 games, 10 kids and 2 mice", "5|3|10|2"},
		{"five miles away, a pound of flesh, one m of it, twenty-five dollars, two hundred thousand people", "five miles|twenty-five dollars|two hundred thousand"},
		{"G20, CO2 and COVID-19 but EUR40 or 40 EUR on May 12 2026, 12 3456", "19|EUR40|40 EUR|12|2026|12|3456"},
		{"5 won the cup for 5 million won; the 1st, 2nd and 4th; 1990s", "5|5 million won|1st|2nd|4th|1990"},
		// other languages
		{"3,5 Millionen Euro, 18 Millionen Kronen, 40 km/h, 12 Mrd. Euro, 7 Milliarden Dollar, 5 Prozentpunkte", "3,5 Millionen Euro|18 Millionen Kronen|40 km/h|12 Mrd. Euro|7 Milliarden Dollar|5 Prozentpunkte"},
		{"30 Kilometer, 200 Meter, 4 Tonnen, 25 Grad, 3 Hektar, 80 Stundenkilometer, 2 Liter, 300 Franken, zwei Millionen Euro", "30 Kilometer|200 Meter|4 Tonnen|25 Grad|3 Hektar|80 Stundenkilometer|2 Liter|300 Franken|zwei Millionen Euro"},
		{"3,5 millions d’euros, 18 milliards de dollars, 5 %, 40 kilomètres, 300 mètres carrés, 2 tonnes, 10 degrés, 12 pour cent, deux millions d'euros", "3,5 millions d’euros|18 milliards de dollars|5 %|40 kilomètres|300 mètres carrés|2 tonnes|10 degrés|12 pour cent|deux millions d'euros"},
		{"3,5 millones de euros, 2.000 millones de dólares, 5 por ciento, 40 kilómetros, 20 metros, 300 hectáreas, 30 grados, dos millones de euros", "3,5 millones de euros|2.000 millones de dólares|5 por ciento|40 kilómetros|20 metros|300 hectáreas|30 grados|dos millones de euros"},
		{"3,5 milioni di euro, 18 miliardi di dollari, 5 per cento, 40 chilometri, 20 metri, 300 ettari, 30 gradi, due milioni di euro", "3,5 milioni di euro|18 miliardi di dollari|5 per cento|40 chilometri|20 metri|300 ettari|30 gradi|due milioni di euro"},
		{"3,5 milhões de euros, 18 mil milhões de dólares, 2 bilhões de reais, 5 por cento, 40 quilômetros, 20 metros, 80 mil casas, dois milhões de euros", "3,5 milhões de euros|18 mil milhões de dólares|2 bilhões de reais|5 por cento|40 quilômetros|20 metros|80 mil|dois milhões de euros"},
		{"3,5 miljoen euro, 18 miljard dollar, 5 procent, 40 kilometer per uur, 20 meter, 300 hectare, 30 graden, twee miljoen euro", "3,5 miljoen euro|18 miljard dollar|5 procent|40 kilometer per uur|20 meter|300 hectare|30 graden|twee miljoen euro"},
		{"1.234.567,89 Euro, 1'234 Franken, 40 000 habitants, 1.5.2026", "1.234.567,89 Euro|1'234 Franken|40 000|1.5.2026"},
	}
	for _, tt := range tests {
		var got []string
		for _, sp := range text.Numbers(tt.in) {
			got = append(got, tt.in[sp.Start:sp.End])
		}
		if diff := cmp.Diff(strings.ReplaceAll(tt.want, "|", "\n"), strings.Join(got, "\n")); diff != "" {
			t.Errorf("Numbers(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add("US$1.5 million, 3,5 Mio. Euro, half a million dollars, 40 km/h, \u00a05\u202f%")
	f.Fuzz(func(t *testing.T, s string) {
		at := 0
		for _, sp := range text.Numbers(s) {
			if sp.Start < at || sp.End <= sp.Start || sp.End > len(s) {
				t.Fatalf("Numbers(%q): %v", s, sp)
			}
			at = sp.End
		}
	})
}
