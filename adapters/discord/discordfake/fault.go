package discordfake

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FaultKind says how a request fails.
type FaultKind int

// The ways to fail.
const (
	Status           FaultKind = iota // Fault.Status with Fault.Body, and nothing happens
	Refuse                            // the connection ends and nothing happens
	StoreThen502                      // it happens, and the answer is 502
	StoreThenHang                     // it happens, and no answer comes
	StoreThenCut                      // it happens, and the connection ends
	DelayedStore                      // no answer comes, and it happens after Fault.Delay, the client gone or not
	Hang                              // no answer comes, and nothing happens
	Slow                              // it happens after Fault.Delay, the client gone or not, and is answered
	StoreThenTorn                     // it happens, and the connection ends in the middle of the answer
	StoreThenGarbled                  // it happens, and the answer is the beginning of JSON
)

// Fault makes requests fail.
type Fault struct {
	Kind   FaultKind
	Method string // "" for all
	Path   string // a part of the path, "" for all
	Times  int    // how often; 0 is once, negative is for ever
	Status int
	Body   any               // a string is HTML, anything else JSON
	Header map[string]string // of a Status
	Delay  time.Duration
}

// Fail makes the next requests that match fail. Several faults are used up in
// the order in which they were given.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Weather asks f about every request for which no fault was given by Fail; nil
// from f lets it pass, and a nil f is fair weather again. F may be called by
// several goroutines.
func (s *Server) Weather(f func(Request) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.weather = f
}

// Heal forgets all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// TooMany returns the fault of a 429 with Discord's body.
func TooMany(after time.Duration, global bool) Fault {
	seconds := strconv.FormatFloat(after.Seconds(), 'f', -1, 64)
	header := map[string]string{"Retry-After": seconds, "X-RateLimit-Scope": "user"}
	if global {
		header["X-RateLimit-Global"], header["X-RateLimit-Scope"] = "true", "global"
	}
	return Fault{Kind: Status, Status: http.StatusTooManyRequests, Header: header,
		Body: map[string]any{"message": "You are being rate limited.", "retry_after": after.Seconds(), "global": global}}
}

// Cloudflare returns the fault of a 429 that does not come from Discord itself.
func Cloudflare() Fault {
	return Fault{Kind: Status, Status: http.StatusTooManyRequests, Body: "<html>error code: 1015</html>"}
}

// Refusal returns the fault of an error with Discord's code.
func Refusal(status, code int, message string) Fault {
	return Fault{Kind: Status, Status: status, Body: map[string]any{"code": code, "message": message}}
}

// fault takes the fault for a request, or nil.
func (s *Server) fault(req Request) *Fault {
	s.mu.Lock()
	f, weather := s.given(req), s.weather
	s.mu.Unlock()
	if f == nil && weather != nil {
		return weather(req)
	}
	return f
}

// given takes a fault of Fail. The lock is held.
func (s *Server) given(req Request) *Fault {
	for i, f := range s.faults {
		if f.Method != "" && f.Method != req.Method || !strings.Contains(req.Path, f.Path) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return f
	}
	return nil
}

// window counts requests.
type window struct {
	began time.Time
	count int
}

// limit counts a request, and answers it when there were too many. The lock is
// held.
func (s *Server) limit(req Request, parts []string) (map[string]string, *reply) {
	now := s.options.Now()
	if now.Sub(s.global.began) >= time.Second {
		s.global = window{began: now}
	}
	if s.global.count++; s.options.Global > 0 && s.global.count > s.options.Global {
		return nil, tooMany(s.global.began.Add(time.Second).Sub(now), true)
	}
	for i := 2; i < len(parts); i++ {
		if isID(parts[i]) {
			parts[i] = "id"
		}
	}
	key := req.Method + " " + strings.Join(parts, "/")
	w := s.routes[key]
	if w == nil || now.Sub(w.began) >= s.options.Window {
		w = &window{began: now}
		s.routes[key] = w
	}
	left := w.began.Add(s.options.Window).Sub(now)
	if w.count++; w.count > s.options.Limit {
		return nil, tooMany(left, false)
	}
	copy(parts, strings.Split(req.Path, "/"))
	return map[string]string{
		"X-RateLimit-Bucket":      fmt.Sprintf("%x", len(key)*7919),
		"X-RateLimit-Limit":       strconv.Itoa(s.options.Limit),
		"X-RateLimit-Remaining":   strconv.Itoa(s.options.Limit - w.count),
		"X-RateLimit-Reset-After": strconv.FormatFloat(left.Seconds(), 'f', 3, 64),
	}, nil
}

func tooMany(after time.Duration, global bool) *reply {
	f := TooMany(after, global)
	return &reply{status: f.Status, body: f.Body, header: f.Header}
}

func isID(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil && len(s) > 5
}
