package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"nutgraf/digest"
)

const (
	mostOutlines = 1000 // feeds that one file may list
	deepest      = 20   // levels of folders in a file
)

// ReadOPML reads the feeds that an OPML file lists, in order. A folder's name
// becomes the category of the feeds in it. They have no ids.
// http://opml.org/spec2.opml
func ReadOPML(data []byte) ([]digest.Source, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	var out []digest.Source
	var folders []string
	opml := false
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ := dec.InputPos()
			return nil, digest.Errorf(digest.Invalid, "The file is no OPML from line %d on: %v.", line, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			opml = opml || t.Name.Local == "opml"
			if t.Name.Local != "outline" {
				continue
			}
			src, ok := outline(t)
			if ok {
				src.Category = category(folders)
				out = append(out, src)
			}
			folders = append(folders, src.Name)
			if len(out) > mostOutlines || len(folders) > deepest {
				return nil, digest.Errorf(digest.TooLarge, "The file lists more than %d feeds, or nests them more than %d deep; split it.", mostOutlines, deepest)
			}
		case xml.EndElement:
			if t.Name.Local == "outline" && len(folders) > 0 {
				folders = folders[:len(folders)-1]
			}
		}
	}
	switch {
	case !opml:
		return nil, digest.Errorf(digest.Invalid, "The file is no OPML; export the feeds as OPML where they are now.")
	case len(out) == 0:
		return nil, digest.Errorf(digest.Invalid, "The file lists no feed.")
	}
	return out, nil
}

// outline reads a feed or a folder; it reports whether it is a feed.
func outline(t xml.StartElement) (digest.Source, bool) {
	src := digest.Source{Kind: "feed"}
	for _, a := range t.Attr {
		switch strings.ToLower(a.Name.Local) {
		case "xmlurl":
			src.Address = strings.TrimSpace(a.Value)
		case "title":
			src.Name = a.Value
		case "text":
			if src.Name == "" {
				src.Name = a.Value
			}
		case "language":
			src.Language = a.Value
		}
	}
	return src, src.Address != ""
}

// category returns the innermost folder that has a name.
func category(folders []string) string {
	for i := len(folders) - 1; i >= 0; i-- {
		if folders[i] != "" {
			return folders[i]
		}
	}
	return ""
}

// opmlFile is an OPML file as it is written.
type opmlFile struct {
	XMLName xml.Name  `xml:"opml"`
	Version string    `xml:"version,attr"`
	Title   string    `xml:"head>title"`
	Feeds   []opmlRow `xml:"body>outline"`
}

type opmlRow struct {
	Text  string    `xml:"text,attr"`
	Type  string    `xml:"type,attr,omitempty"`
	URL   string    `xml:"xmlUrl,attr,omitempty"`
	Feeds []opmlRow `xml:"outline"`
}

// WriteOPML writes the feeds among sources as an OPML file, by category.
func WriteOPML(title string, sources []digest.Source) ([]byte, error) {
	f := opmlFile{Version: "2.0", Title: title}
	place := make(map[string]int)
	for _, s := range sources {
		if s.Kind != "feed" {
			continue
		}
		row := opmlRow{Text: orString(s.Name, s.Address), Type: "rss", URL: s.Address}
		if s.Category == "" {
			f.Feeds = append(f.Feeds, row)
			continue
		}
		i, ok := place[s.Category]
		if !ok {
			i = len(f.Feeds)
			place[s.Category] = i
			f.Feeds = append(f.Feeds, opmlRow{Text: s.Category})
		}
		f.Feeds[i].Feeds = append(f.Feeds[i].Feeds, row)
	}
	out, err := xml.MarshalIndent(f, "", "  ")
	return append([]byte(xml.Header), append(out, '\n')...), err
}
