package web

import (
	"errors"
	"net/http"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// statusOf returns the HTTP status of an error and a title for people.
func statusOf(err error) (int, chat.Phrase) {
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, errUnauthorized), errors.Is(err, errNoKey):
		return http.StatusUnauthorized, chat.P("Please sign in")
	case errors.Is(err, errReused):
		return http.StatusUnprocessableEntity, chat.P("That did not work")
	case errors.Is(err, errPacked), errors.Is(err, errType):
		return http.StatusUnsupportedMediaType, chat.P("That did not work")
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, chat.P("Too large")
	}
	switch digest.KindOf(err) {
	case digest.Invalid:
		return http.StatusBadRequest, chat.P("That did not work")
	case digest.NotFound:
		return http.StatusNotFound, chat.P("Not found")
	case digest.Forbidden:
		return http.StatusForbidden, chat.P("Not allowed")
	case digest.Conflict:
		return http.StatusConflict, chat.P("That did not work")
	case digest.TooLarge:
		return http.StatusRequestEntityTooLarge, chat.P("Too large")
	case digest.RateLimited:
		return http.StatusTooManyRequests, chat.P("Too many requests")
	case digest.Unavailable:
		return http.StatusServiceUnavailable, chat.P("Not available right now")
	case digest.Gone:
		return http.StatusGone, chat.P("Gone")
	}
	return http.StatusInternalServerError, chat.P("Something went wrong")
}

// retryAfter returns how long the sender of a request should wait.
func retryAfter(err error) time.Duration {
	var e *digest.Error
	if errors.As(err, &e) {
		return e.After
	}
	return 0
}
