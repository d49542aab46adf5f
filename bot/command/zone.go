package command

import (
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

// zoneOf checks the name of a time zone and returns it as the zone files write
// it.
func zoneOf(written string) (string, error) {
	name := strings.ReplaceAll(strings.TrimSpace(written), " ", "_")
	for _, z := range knownZones() {
		if strings.EqualFold(z, name) {
			return z, nil
		}
	}
	if _, err := schedule.Parse("0 0 * * *", name); err == nil {
		return name, nil
	}
	if near := NearZone(name); near != "" {
		return "", digest.Errorf(digest.Invalid, "There is no time zone %q; did you mean `%s`?", clip(written), near)
	}
	return "", digest.Errorf(digest.Invalid, "There is no time zone %q; write the IANA name of a place, as in `Europe/Berlin`, or `UTC`.", clip(written))
}

// NearZone returns the zone of a city, or one whose spelling is near, or "".
func NearZone(name string) string {
	byWord := make(map[string]string)
	var words []string
	for _, z := range knownZones() {
		whole := strings.ToLower(z)
		city := whole[strings.LastIndex(whole, "/")+1:]
		byWord[whole], byWord[city] = z, z
		words = append(words, whole, city)
	}
	name = strings.ToLower(name)
	for _, word := range []string{name, name[strings.LastIndex(name, "/")+1:]} {
		if z := byWord[word]; z != "" {
			return z
		}
		if near := chat.Nearest(word, words); near != "" {
			return byWord[near]
		}
	}
	return ""
}

// knownZones are the zones that are suggested, by the name of their city.
func knownZones() []string {
	return strings.Fields(`UTC
		Europe/Amsterdam Europe/Athens Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Copenhagen
		Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon Europe/London Europe/Madrid Europe/Moscow Europe/Oslo
		Europe/Paris Europe/Prague Europe/Riga Europe/Rome Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Vienna Europe/Vilnius
		Europe/Warsaw Europe/Zagreb Europe/Zurich
		America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Caracas America/Chicago America/Denver America/Edmonton
		America/Halifax America/Havana America/Lima America/Los_Angeles America/Mexico_City America/Montevideo America/New_York
		America/Phoenix America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver America/Winnipeg
		Africa/Accra Africa/Addis_Ababa Africa/Algiers Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi
		Africa/Tunis
		Asia/Baghdad Asia/Bangkok Asia/Beirut Asia/Colombo Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Jakarta
		Asia/Jerusalem Asia/Karachi Asia/Kathmandu Asia/Kolkata Asia/Kuala_Lumpur Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai
		Asia/Singapore Asia/Taipei Asia/Tashkent Asia/Tehran Asia/Tokyo
		Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Melbourne Australia/Perth Australia/Sydney
		Pacific/Auckland Pacific/Fiji Pacific/Honolulu Atlantic/Azores Atlantic/Reykjavik`)
}

// clip shortens what somebody wrote for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
