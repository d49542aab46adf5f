package feed

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// declared finds the encoding in an XML declaration.
var declared = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)

// decode returns body as valid UTF-8 without control characters. It believes,
// in this order: a byte order mark or the zero bytes of wide characters, the
// bytes when they are UTF-8 beyond doubt, the header, the XML declaration, a
// guess by frequencies. What is still not UTF-8 is mended, never refused.
func decode(body []byte, contentType string) []byte {
	if e := wide(body); e != nil {
		return plain(transcode(body, e))
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	var names []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		names = append(names, params["charset"])
	}
	if m := declared.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
		names = append(names, string(m[1]))
	}
	valid := utf8.Valid(body)
	for _, name := range names {
		e, canonical := charset.Lookup(name)
		switch {
		case e == nil:
			continue
		case valid && (canonical == "utf-8" || singleByte(canonical)):
			return plain(body)
		case canonical == "utf-8" || strings.HasPrefix(canonical, "utf-16"):
			continue // it is not, or the zero bytes would have told
		}
		return plain(transcode(body, e))
	}
	if valid {
		return plain(body)
	}
	return plain(guess(body, len(names) > 0))
}

// wide recognises UTF-16 and UTF-32, with a byte order mark or by "<" and zeros.
func wide(b []byte) encoding.Encoding {
	for _, w := range []struct {
		head string
		e    encoding.Encoding
	}{
		{"\x00\x00\xfe\xff", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)}, {"\xff\xfe\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)},
		{"\x00\x00\x00<", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)}, {"<\x00\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{"\xfe\xff", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)}, {"\xff\xfe", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		{"\x00<", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}, {"<\x00", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	} {
		if bytes.HasPrefix(b, []byte(w.head)) {
			return w.e
		}
	}
	return nil
}

// singleByte reports whether an encoding takes any bytes whatever: then bytes
// that are UTF-8 are UTF-8.
func singleByte(canonical string) bool {
	for _, p := range []string{"windows-", "iso-8859-", "koi8-", "ibm", "mac", "x-mac-", "x-user"} {
		if strings.HasPrefix(canonical, p) {
			return true
		}
	}
	return false
}

func transcode(b []byte, e encoding.Encoding) []byte {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return guess(b, true)
	}
	return out
}

// guess decodes bytes that are not UTF-8. Where most sequences beyond ASCII
// are UTF-8 the others are damage; else they are an old encoding, by frequency
// when nothing was declared, Windows' Western one otherwise.
func guess(b []byte, named bool) []byte {
	good, bad := 0, 0
	for rest := b; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else if n > 1 {
			good++
		}
		rest = rest[n:]
	}
	if good > bad {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	if !named {
		if r, err := chardet.NewTextDetector().DetectBest(b[:min(len(b), 64<<10)]); err == nil && r.Confidence >= 30 {
			if e, _ := charset.Lookup(r.Charset); e != nil {
				if out, err := e.NewDecoder().Bytes(b); err == nil {
					return out
				}
			}
		}
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return out
}

// plain drops a byte order mark and what XML forbids.
func plain(b []byte) []byte {
	b = bytes.TrimPrefix(bytes.ToValidUTF8(b, []byte("\uFFFD")), []byte("\uFEFF"))
	forbidden := func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	}
	if bytes.IndexFunc(b, forbidden) < 0 {
		return b
	}
	return bytes.Map(func(r rune) rune {
		if forbidden(r) {
			return -1
		}
		return r
	}, b)
}
