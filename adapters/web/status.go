package web

import (
	"errors"
	"net/http"
	"time"

	"nutgraf/digest"
)

// statusOf returns the HTTP status of an error and a title for people.
func statusOf(err error) (int, string) {
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, errUnauthorized), errors.Is(err, errNoKey):
		return http.StatusUnauthorized, "Please sign in"
	case errors.Is(err, errReused):
		return http.StatusUnprocessableEntity, "That did not work"
	case errors.Is(err, errPacked), errors.Is(err, errType):
		return http.StatusUnsupportedMediaType, "That did not work"
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, "Too large"
	}
	switch digest.KindOf(err) {
	case digest.Invalid:
		return http.StatusBadRequest, "That did not work"
	case digest.NotFound:
		return http.StatusNotFound, "Not found"
	case digest.Forbidden:
		return http.StatusForbidden, "Not allowed"
	case digest.Conflict:
		return http.StatusConflict, "That did not work"
	case digest.TooLarge:
		return http.StatusRequestEntityTooLarge, "Too large"
	case digest.RateLimited:
		return http.StatusTooManyRequests, "Too many requests"
	case digest.Unavailable:
		return http.StatusServiceUnavailable, "Not available right now"
	case digest.Gone:
		return http.StatusGone, "Gone"
	}
	return http.StatusInternalServerError, "Something went wrong"
}

// retryAfter returns how long the sender of a request should wait.
func retryAfter(err error) time.Duration {
	var e *digest.Error
	if errors.As(err, &e) {
		return e.After
	}
	return 0
}
