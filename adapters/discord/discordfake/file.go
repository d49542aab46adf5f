package discordfake

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Attach keeps a file that a person attaches to a command, and returns what
// Discord says of it.
func (s *Server) Attach(id, name string, data []byte) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := "/attachments/1/" + id + "/" + name
	s.uploads[path] = data
	return map[string]any{"id": id, "filename": name, "size": len(data), "url": s.URL + path + "?ex=1&is=2&hm=3", "proxy_url": s.URL + path, "content_type": "text/xml"}
}

// serveFile answers with a file, to anybody who has its address.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	data, ok := s.uploads[r.URL.Path]
	s.mu.Unlock()
	switch {
	case !ok || r.URL.Query().Get("hm") == "":
		http.Error(w, "This content is no longer available.", http.StatusNotFound)
	case r.Header.Get("Authorization") != "":
		http.Error(w, "A token was sent to where files are.", http.StatusBadRequest)
	default:
		_, _ = w.Write(data) // the client may be gone
	}
}

// filePart is the form of the names of the parts that hold files.
var filePart = regexp.MustCompile(`^files\[[0-9]\]$`)

// unpack takes a request with files apart: its payload_json, the files by name,
// and the names of their parts. Nothing is left of one that is not made as
// Discord wants it.
// https://discord.com/developers/docs/reference#uploading-files
func unpack(r *http.Request, body []byte) (payload []byte, files map[string][]byte, parts []string) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return body, nil, nil
	}
	files = make(map[string][]byte)
	for reader := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := reader.NextPart()
		if err == io.EOF {
			return payload, files, parts
		} else if err != nil {
			return nil, nil, nil
		}
		data, err := io.ReadAll(part)
		switch name := part.FormName(); {
		case err != nil:
			return nil, nil, nil
		case name == "payload_json" && payload == nil && part.Header.Get("Content-Type") == "application/json":
			payload = data
		case filePart.MatchString(name) && part.FileName() != "" && !slices.Contains(parts, name):
			files[part.FileName()], parts = data, append(parts, name)
		default:
			return nil, nil, nil
		}
	}
}

// orNull is nil for an empty text, as JSON shows it.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
