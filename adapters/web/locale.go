package web

import (
	"net/http"
	"strings"

	"golang.org/x/text/language"

	"nutgraf/adapters/chat"
)

// matcher finds the language in which the pages speak to a browser.
func matcher() language.Matcher {
	var tags []language.Tag
	for _, name := range chat.Languages() {
		tags = append(tags, language.Make(name))
	}
	return language.NewMatcher(tags)
}

// wished returns the best of our languages for a browser, or "" when it asks
// for none of them.
func (s *Server) wished(r *http.Request) string {
	tags, _, err := language.ParseAcceptLanguage(strings.Join(r.Header.Values("Accept-Language"), ","))
	if err != nil {
		return ""
	}
	_, i, confidence := s.matcher.Match(tags...)
	if confidence == language.No {
		return ""
	}
	return chat.Languages()[i]
}

// locale returns the locale of the pages for a request: what the browser asks
// for, or what is configured.
func (s *Server) locale(r *http.Request) chat.Locale {
	loc := s.loc
	if wish := s.wished(r); wish != "" {
		loc.Language = wish
	}
	return loc
}

// visitor returns the person who sends a request, with the language of the
// browser.
func (s *Server) visitor(r *http.Request) chat.User {
	u := callerOf(r).User
	u.Locale = s.wished(r)
	return u
}

// spoken returns the locale in which a command is answered. The page around the
// answer speaks it too: where the browser asks for no language of ours, that is
// the one of the channel.
func (s *Server) spoken(r *http.Request, c chat.Command) chat.Locale {
	if h, ok := s.o.Handler.(chat.Linguist); ok {
		return h.Locale(r.Context(), c)
	}
	return s.locale(r)
}
