package intake

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"nutgraf/digest"
)

// decodeBody returns a body as UTF-8 without byte order mark. What is neither
// UTF-8 nor UTF-16 is read as its HTML says, else as windows-1252. Binary
// files are refused.
func decodeBody(body []byte) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(body, []byte("\xef\xbb\xbf")); ok {
		body = rest
	}
	if order, ok := wide(body); ok {
		out, _, err := transform.Bytes(unicode.UTF16(order, unicode.UseBOM).NewDecoder(), body)
		if err != nil {
			return nil, digest.Errorf(digest.Invalid, "The file looks like UTF-16 but cannot be read as such; save it as UTF-8.")
		}
		return out, nil
	}
	if bytes.IndexByte(body[:min(len(body), 4096)], 0) >= 0 {
		return nil, digest.Errorf(digest.Invalid, "The file is not text; give .txt, .md, .html, .json or .jsonl.")
	}
	if utf8.Valid(body) {
		return body, nil
	}
	kind := ""
	if bytes.Contains(bytes.ToLower(body[:min(len(body), 1024)]), []byte("charset")) {
		kind = "text/html"
	}
	enc, label, _ := charset.DetermineEncoding(body[:min(len(body), 1024)], kind)
	if label == "utf-8" {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), nil
	}
	out, _, err := transform.Bytes(enc.NewDecoder(), body)
	if err != nil {
		return nil, digest.Errorf(digest.Invalid, "The file's encoding cannot be read; save it as UTF-8.")
	}
	return out, nil
}

// wide tells UTF-16, by its mark or by the zeros beside ASCII.
func wide(body []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return unicode.BigEndian, true
	}
	head := body[:min(len(body), 512)&^1]
	even, odd := 0, 0
	for i, c := range head {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	switch {
	case len(head) >= 8 && odd*4 > len(head) && even == 0:
		return unicode.LittleEndian, true
	case len(head) >= 8 && even*4 > len(head) && odd == 0:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}
