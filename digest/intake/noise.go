package intake

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

const noisyLink = `read more|read the full (?:story|article)(?: here)?|read full (?:story|article)|continue reading|full story|more here|see more|learn more|click here(?: to read more)?|keep reading|weiterlesen|mehr lesen|mehr dazu|zum artikel|leer más|seguir leyendo|sigue leyendo|lire la suite|lire plus|en savoir plus`

var (
	noiseTail = regexp.MustCompile(`(?i)\s*(?:[(\[]\s*(?:` + noisyLink + `)\s*(?:\.{3}|…|»|›|>>|→|\+)?\s*[)\]]|\[(?:…|\.{3}|&hellip;|\+\d+ chars)\])\s*$`)
	noiseEnd  = regexp.MustCompile(`(?i)([.!?…”"’)])\s+(?:read more|continue reading|weiterlesen|leer más|lire la suite)\s*(?:\.{3}|…|»|›|>>|→)?$`)
	noiseLine = regexp.MustCompile(`(?i)^(?:` + noisyLink + `|advertisement|advertisements|advertising|sponsored(?: content)?|ad|anzeige|werbung|publicidad|anuncio|publicité` +
		`|(?:advertisement|ad)?\W*scroll to continue(?: reading)?|(?:story|article) continues below(?: advertisement)?|skip (?:past )?(?:advertisement|newsletter promotion|to (?:main )?content)|loading\W*` +
		`|recommended (?:stories|videos?)|most (?:read|popular)|trending(?: now)?|listen to (?:this )?(?:article|story)(?: \d+ min(?:utes)?)?|\d+ min(?:ute)?s? read|article continues after (?:ad|advertisement))$`)
	noiseLink  = regexp.MustCompile(`(?i)^(?:read more|read also|also read|read next|more on this|related|related (?:story|article)|lesen sie auch|mehr dazu|lee también|lea también|lire aussi|à lire aussi)\s*[:>»→|]\s*\S.{0,150}$`)
	noiseMail  = regexp.MustCompile(`(?i)^(?:sign up (?:for|to)|subscribe to|get (?:the latest|our|all)|join our|abonnieren sie|melden sie sich|suscríbe[a-z]* a|inscrivez-vous|abonnez-vous)\b.*(?:newsletter|inbox|e-?mails?\b|updates|alerts|briefing|boletín|correo|infolettre)`)
	noiseTrail = regexp.MustCompile(`^(?:The post .{1,300} appeared first on .{1,100}|\S+ is committed to challenging conventional wisdom .*|Do you have a (?:story|tip)\b.{0,200}(?:@|[Ll]et us know|[Cc]ontact).*)$`)
)

// noisy tells lines that no reader misses: advertisements, links to more,
// share buttons, calls to subscribe.
func noisy(line string) bool {
	n := utf8.RuneCountInString(line)
	if n > 200 {
		return false
	}
	bare := strings.Trim(line, " ()[]{}.…:–—-»›>→*_|+")
	return n <= 80 && (noiseLine.MatchString(bare) || shares(bare)) ||
		strings.ContainsAny(line, ":>»→|") && noiseLink.MatchString(line) || noiseMail.MatchString(line)
}

// shares tells lines made of nothing but the names of share buttons.
func shares(line string) bool {
	words := strings.FieldsFunc(strings.ToLower(line), func(r rune) bool { return strings.ContainsRune(" ,.|/·•:+", r) })
	strong := false
	if len(words) > 14 {
		return false
	}
	for _, w := range words {
		switch w {
		case "share", "tweet", "facebook", "twitter", "linkedin", "whatsapp", "reddit", "telegram", "pinterest", "bluesky", "flipboard", "teilen", "compartir", "partager":
			strong = true
		case "on", "via", "by", "this", "article", "story", "post", "x", "email", "e-mail", "mail", "print", "copy", "link", "threads", "save", "comments", "follow", "us", "and", "to", "auf", "en", "sur", "diesen", "artikel":
		default:
			return false
		}
	}
	return strong
}

// trimNoise removes "(Read More)" and the like from the end of a paragraph.
func trimNoise(p string) string {
	tail := clipLeft(p, 120)
	head, whole := p[:len(p)-len(tail)], tail
	for range 3 {
		if strings.HasSuffix(tail, ")") || strings.HasSuffix(tail, "]") {
			tail = noiseTail.ReplaceAllString(tail, "")
			continue
		}
		low := strings.ToLower(tail)
		for _, call := range []string{"read more", "continue reading", "weiterlesen", "leer más", "lire la suite"} {
			if strings.Contains(low, call) {
				tail = noiseEnd.ReplaceAllString(tail, "$1")
				break
			}
		}
	}
	if tail == "" {
		return head + whole
	}
	return head + tail
}

// boilerplate tells what sites append to each of their articles.
func boilerplate(p string) bool { return len(p) <= 1000 && noiseTrail.MatchString(p) }

// clipLeft returns at most the last n bytes of s, between runes.
func clipLeft(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := len(s) - n
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}
