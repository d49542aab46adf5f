package digest

import (
	"crypto/sha256"
	"encoding/base32"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxURL is the length in bytes above which an address counts as none.
const maxURL = 4096

// Host returns the lower-case host of a URL without "www.", or "".
func Host(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	return strings.TrimPrefix(host, "www.")
}

// FetchURL returns the one spelling of the addresses that ask the same of the
// same server: scheme and host in lower case, no default port, no fragment, "/"
// for no path. What is no http(s) URL stays as it is.
func FetchURL(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return raw
	}
	u.Host = strings.ToLower(u.Host)
	u.Host = strings.TrimSuffix(u.Host, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	u.Fragment, u.RawFragment = "", ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// CanonicalURL folds the forms of one address: http and https, user, default
// ports, "www.", mobile and AMP hosts, paths and caches, trailing slash, order
// of the query, tracking parameters and fragment. It serves identity, not
// linking: the result may not answer. "" when raw is no http(s) URL. Folding
// twice changes nothing.
func CanonicalURL(raw string) string {
	raw = strings.TrimSpace(raw)
	if len(raw) > maxURL {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https") {
		return ""
	}
	host, path := foldHost(u.Hostname()), foldEscapes(u.EscapedPath())
	for range 8 { // caches of caches are not worth more
		inner, rest, ok := unwrapCache(host, path)
		if !ok {
			break
		}
		host, path = foldHost(inner), rest
	}
	if host == "" || strings.ContainsAny(host, " /\\@?#<>\"%[]^`{|}") {
		return ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		host += ":" + p
	}
	out := "https://" + host + foldPath(path)
	if q := foldQuery(u.RawQuery); q != "" {
		out += "?" + q
	}
	if _, err := url.Parse(out); err != nil {
		return ""
	}
	return out
}

// foldHost drops the labels that only choose a presentation of the same site.
func foldHost(host string) string {
	host = strings.TrimRight(strings.ToLower(host), ".")
	for {
		label, rest, ok := strings.Cut(host, ".")
		if !ok || !strings.Contains(rest, ".") || !slices.Contains([]string{"www", "m", "mobile", "amp"}, label) {
			break
		}
		host = rest
	}
	// The language comes first on some sites: en.m.wikipedia.org.
	if labels := strings.Split(host, "."); len(labels) >= 4 && labels[1] == "m" {
		return foldHost(strings.Join(slices.Delete(labels, 1, 2), "."))
	}
	return host
}

// unwrapCache finds the publisher's address in that of an AMP cache.
func unwrapCache(host, path string) (inner, rest string, ok bool) {
	switch {
	case strings.HasSuffix(host, ".cdn.ampproject.org"):
		kind, after, cut := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if !cut || len(kind) > 2 {
			return "", "", false
		}
		path = after
	case strings.HasPrefix(host, "google.") && strings.HasPrefix(path, "/amp/"):
		path = strings.TrimPrefix(path, "/amp/")
	default:
		return "", "", false
	}
	path = strings.TrimPrefix(path, "s/")
	inner, rest, _ = strings.Cut(path, "/")
	if !strings.Contains(inner, ".") {
		return "", "", false
	}
	return inner, "/" + rest, true
}

// foldPath drops AMP forms and trailing slashes of an escaped path.
func foldPath(path string) string {
	for {
		before := path
		path = strings.TrimRight(path, "/")
		for _, suffix := range []string{"/amp", "/amp.html", ".amp"} {
			path = strings.TrimSuffix(path, suffix)
		}
		if cut, ok := strings.CutSuffix(path, ".amp.html"); ok {
			path = cut + ".html"
		}
		if strings.HasPrefix(path, "/amp/") {
			path = strings.TrimPrefix(path, "/amp")
		}
		if path == before {
			return path
		}
	}
}

// foldQuery drops tracking and AMP parameters and sorts the others by name.
func foldQuery(raw string) string {
	var kept []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if pair == "" || tracks(strings.ToLower(name), strings.ToLower(value)) {
			continue
		}
		kept = append(kept, foldEscapes(pair))
	}
	slices.SortStableFunc(kept, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	return strings.Join(kept, "&")
}

// tracks tells whether a query parameter says who looks, or in which dress,
// rather than what is looked at.
func tracks(name, value string) bool {
	switch name {
	case "amp", "outputtype", "output":
		return slices.Contains([]string{"", "1", "true", "amp"}, value)
	case "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid",
		"igshid", "igsh", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "_ga", "_gl", "vero_id",
		"oly_enc_id", "oly_anon_id", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "__twitter_impression",
		"ref", "ref_src", "ref_url", "referrer", "referer", "referring_source", "cmpid", "cmp", "ncid", "icid", "ocid",
		"intcid", "intcmp", "ito", "srnd", "sref", "smid", "smtyp", "mbid", "mod", "spm", "xtor", "wt_mc", "wt_zmc", "wtrid",
		"guccounter", "guce_referrer", "guce_referrer_sig", "traffic_source", "soc_src", "soc_trk", "taid",
		"unlocked_article_code", "sharetype", "share_id":
		return true
	}
	for _, prefix := range []string{"utm_", "at_", "ns_", "pk_", "mtm_", "hsa_", "stm_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// foldEscapes writes percent escapes in one way: those of unreserved
// characters decoded, the others with upper-case digits, what may not stand
// unescaped escaped.
func foldEscapes(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, escaped := s[i], false
		if c == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			c, escaped = byte(unhex(s[i+1])<<4|unhex(s[i+2])), true
			i += 2
		}
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
		if plain || !escaped && strings.IndexByte("/:@!$&'()*+,;=?", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	if c >= 'A' && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}

// NewID returns the id of an article: 16 characters of [a-z2-7], a prefix of
// the hash of its workspace and identity. The identity is the canonical URL;
// without one the source's GUID; without both TitleKey. A GUID stands behind
// the URL because some feeds give the same one to many articles; the archive
// compares GUIDs together with URL or title before it believes an id is new.
// The address of a whole site identifies no article.
func NewID(a Article) string {
	parts := []string{"title", TitleKey(a)}
	if address := CanonicalURL(a.URL); strings.Count(address, "/") > 2 || strings.Contains(address, "?") {
		parts = []string{"url", address}
	} else if a.GUID != "" {
		parts = []string{"guid", a.Source, a.GUID, foldTitle(a.Title)}
	}
	return hashOf(append([]string{a.Workspace}, parts...)...)
}

// TitleKey returns the weakest identity of an article: where it stands (host,
// else publisher, else source), its normalised title and its day in UTC. An
// article without title is known by the hash of its text.
func TitleKey(a Article) string {
	place := Host(a.URL)
	for _, s := range []string{a.Publisher, a.Source} {
		if place == "" {
			place = strings.ToLower(s)
		}
	}
	title, day := foldTitle(a.Title), ""
	if title == "" || a.Title == Untitled {
		title = "#" + hashOf(a.Text)
	}
	if !a.Published.IsZero() {
		day = a.Published.UTC().Format("2006-01-02")
	}
	return place + "|" + title + "|" + day
}

// Untitled is the title of an article that has text but no title.
const Untitled = "(untitled)"

// foldTitle keeps the letters and digits of a title, so that dashes, quotes
// and spacing make no difference.
func foldTitle(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	if len(words) == 0 {
		return strings.TrimSpace(title)
	}
	return strings.Join(words, " ")
}

// hashOf returns 16 characters of the hash of parts, borders included.
func hashOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:10]))
}
