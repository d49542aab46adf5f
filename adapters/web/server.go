// Package web is the web page: editions, stories and channels to read, and the
// commands, all without a script; and it is the platform of the same name.
package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

//go:embed assets
var assets embed.FS

// Archive is what the pages show.
type Archive interface {
	Editions(ctx context.Context, workspace string, limit int) ([]digest.Edition, error) // newest first
	Edition(ctx context.Context, workspace, id string) (digest.Edition, error)
	Story(ctx context.Context, workspace, id string) (digest.Story, error)
	Article(ctx context.Context, workspace, id string) (digest.Article, error)
	Board(ctx context.Context, channel string, limit int) ([]digest.Part, error) // newest first
}

// Options are what a Server is made of. Archive, Handler, Now and Log must be
// set.
type Options struct {
	Archive   Archive
	Handler   chat.Handler
	Specs     []chat.Spec                 // the commands that Handler runs
	Push      *Push                       // takes in articles; nil: nobody may push
	Ready     func(context.Context) error // nil: always ready
	Now       func() time.Time
	Log       *slog.Logger
	Token     string // who knows it may read and manage; "" for none
	Open      bool   // without a token: everybody may read, not only this machine
	PublicURL string // under which a proxy shows the pages, "" for none
	Workspace string // "" is digest.Local
	Channel   string // for which commands speak outside of a channel page; "" is "news"
	Language  string // of what has none of its own
	Zone      string // of what has none of its own
}

// who returns the authenticator of the pages.
func (o Options) who() Authenticator {
	switch {
	case o.Token != "":
		return Token(o.Token)
	case o.Open:
		return Public()
	}
	return Loopback()
}

// Server answers the pages. Further routes, such as the endpoints of chat
// platforms, are added with Handle before it serves.
type Server struct {
	*Router
	o         Options
	loc       chat.Locale
	matcher   language.Matcher
	templates map[string]*template.Template // by language
	style     []byte
	styleTag  string // changes with the style sheet
}

// New returns a server with its routes.
func New(o Options) (*Server, error) {
	if o.Workspace == "" {
		o.Workspace = digest.Local
	}
	if o.Channel == "" {
		o.Channel = "news"
	}
	templates := make(map[string]*template.Template)
	for _, name := range chat.Languages() {
		t, err := template.New("").Funcs(functions(chat.Locale{Language: name})).ParseFS(assets, "assets/*.html")
		if err != nil {
			return nil, err
		}
		templates[name] = t
	}
	style, err := fs.ReadFile(assets, "assets/style.css")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	s := &Server{o: o, loc: chat.LocaleFor(o.Language, o.Zone), matcher: matcher(), templates: templates, style: style, styleTag: hex.EncodeToString(sum[:6])}
	s.Router = newRouter(o.Now, s.fail)
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil {
			return nil, digest.Errorf(digest.Invalid, "%q is not an address; write it like https://news.example.org", o.PublicURL)
		}
		if err := s.origin.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, digest.Errorf(digest.Invalid, "%q is not an address; write it like https://news.example.org", o.PublicURL)
		}
	}
	s.register(o.who())
	return s, nil
}

// register fills the route table.
func (s *Server) register(who Authenticator) {
	for pattern, page := range map[string]page{
		"GET /{$}":            s.home,
		"GET /edition/{id}":   s.edition,
		"GET /story/{id}":     s.story,
		"GET /article/{id}":   s.article,
		"GET /channel/{name}": s.channel,
		"GET /command":        s.help,
		"POST /command":       s.command,
		"GET /sources":        s.report("sources", chat.P("Sources")),
		"GET /status":         s.report("status", chat.P("Status")),
		"/":                   s.missing,
	} {
		s.Handle(pattern, who, s.serve(page))
	}
	if s.o.Push != nil {
		s.Handle("POST /api/articles", Pushing(s.o.Push.Keys), s.pushes())
		s.Handle("GET /api/article.schema.json", Public(), http.HandlerFunc(schema))
	}
	s.Handle("GET /style.css", Public(), http.HandlerFunc(s.styleSheet))
	s.Handle("GET /healthz", Probe(), http.HandlerFunc(s.healthy))
	s.Handle("GET /readyz", Probe(), http.HandlerFunc(s.ready))
}

// page makes the view of a request.
type page func(*http.Request) (view, error)

// serve runs a page and renders its view or its error.
func (s *Server) serve(p page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 45*time.Second)
		defer cancel()
		v, err := p(r.WithContext(ctx))
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.render(w, r, v)
	})
}

// render writes a view. It is complete before the first byte leaves.
func (s *Server) render(w http.ResponseWriter, r *http.Request, v view) {
	s.dress(&v)
	h := w.Header()
	h.Add("Vary", "Accept-Language")
	h.Set("Content-Language", v.Locale.Language)
	var b bytes.Buffer
	if err := s.templates[v.Locale.Language].ExecuteTemplate(&b, v.Page+".html", v); err != nil {
		s.o.Log.Error("page cannot be rendered", "page", v.Page, "path", r.URL.Path, "error", err)
		http.Error(w, v.Locale.T("This page cannot be shown; the log of the program says why."), http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	if v.Status == 0 {
		v.Status = http.StatusOK
	}
	w.WriteHeader(v.Status)
	if _, err := w.Write(b.Bytes()); err != nil {
		s.o.Log.Debug("page was not read to its end", "path", r.URL.Path, "error", err)
	}
}

// fail shows an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, title := statusOf(err)
	if status == http.StatusInternalServerError {
		s.o.Log.Error("request failed", "path", r.URL.Path, "error", err)
	}
	api := strings.HasPrefix(r.URL.Path, "/api/")
	switch {
	case status == http.StatusUnauthorized && api:
		w.Header().Set("WWW-Authenticate", `Bearer realm="Nutgraf"`)
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="Nutgraf", charset="UTF-8"`)
	}
	if after := retryAfter(err); after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(after.Round(time.Second)/time.Second)))
	}
	if api {
		answerJSON(w, status, struct {
			Error string `json:"error"`
		}{digest.Explain(err)})
		return
	}
	loc := s.locale(r)
	s.render(w, r, view{Page: "error", Locale: loc, Title: title.In(loc), Status: status, Text: loc.Explain(err)})
}

func (s *Server) styleSheet(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	if r.URL.Query().Get("v") == s.styleTag {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.style))
}

func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// ready answers whether the server can do its work. The reason stays in the
// log, because everybody may ask.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.o.Ready != nil {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := s.o.Ready(ctx); err != nil {
			s.o.Log.Debug("not ready", "error", err) // whoever knows why has said so
			plain(w, http.StatusServiceUnavailable, "not ready; the log of the program says why\n")
			return
		}
	}
	plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the asker is gone; nobody is left to tell
}
