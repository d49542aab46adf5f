package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// TestEveryRouteIsGuarded walks the route table: with a token, nothing but
// the style sheet and the probes answers without it.
func TestEveryRouteIsGuarded(t *testing.T) {
	s, _ := pushServer(t, func(o *Options) { o.Token, o.Open = "sesame", true })
	open := map[string]string{"GET /style.css": "public", "GET /healthz": "probe", "GET /readyz": "probe", "GET /api/article.schema.json": "public",
		"POST /api/articles": "key"}
	if len(s.Routes()) < 13 {
		t.Fatalf("there are %d routes only", len(s.Routes()))
	}
	for _, route := range s.Routes() {
		want := open[route.Pattern]
		if want == "" {
			want = "token"
		}
		if route.Who != want {
			t.Errorf("%s is guarded by %s, want %s", route.Pattern, route.Who, want)
		}
		method, path, ok := strings.Cut(route.Pattern, " ")
		if !ok {
			method, path = http.MethodGet, route.Pattern
		}
		path = strings.NewReplacer("{$}", "", "{id}", "x", "{name}", "x").Replace(path)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if got := w.Code == http.StatusUnauthorized; got != (want == "token" || want == "key") {
			t.Errorf("%s answers %d without the token", route.Pattern, w.Code)
		}
	}
}

func TestAuthenticators(t *testing.T) {
	request := func(remote, host, authorization string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Host = remote, host
		r.Header.Set("Authorization", authorization)
		return r
	}
	const basic = "Basic bmV3czpzZXNhbWU=" // news:sesame
	for _, c := range []struct {
		name string
		who  Authenticator
		r    *http.Request
		want int // status
		user string
	}{
		{"nobody", Authenticator{}, request("127.0.0.1:1", "localhost", ""), 403, ""},
		{"public", Public(), request("192.0.2.1:1", "x.example", ""), 200, "Visitor false"},
		{"probe", Probe(), request("192.0.2.1:1", "x.example", ""), 200, "Visitor false"},
		{"signed", Signed(), request("192.0.2.1:1", "x.example", ""), 200, " false"},
		{"loopback", Loopback(), request("127.0.0.1:1", "localhost:8080", ""), 200, "You true"},
		{"loopback 6", Loopback(), request("[::1]:1", "[::1]:8080", ""), 200, "You true"},
		{"loopback by address", Loopback(), request("127.0.0.1:1", "127.0.0.1", ""), 200, "You true"},
		{"rebound name", Loopback(), request("127.0.0.1:1", "evil.example:8080", ""), 403, ""},
		{"feigned name", Loopback(), request("127.0.0.1:1", "localhost.evil.example", ""), 403, ""},
		{"from outside", Loopback(), request("192.0.2.1:1", "localhost", ""), 403, ""},
		{"no address", Loopback(), request("", "localhost", ""), 403, ""},
		{"bearer", Token("sesame"), request("192.0.2.1:1", "x", "Bearer sesame"), 200, "Operator true"},
		{"basic", Token("sesame"), request("192.0.2.1:1", "x", basic), 200, "Operator true"},
		{"wrong bearer", Token("sesame"), request("192.0.2.1:1", "x", "Bearer sesam"), 401, ""},
		{"wrong basic", Token("other"), request("192.0.2.1:1", "x", basic), 401, ""},
		{"no token", Token("sesame"), request("127.0.0.1:1", "localhost", ""), 401, ""},
		{"empty secret", Token(""), request("127.0.0.1:1", "localhost", "Bearer "), 401, ""},
	} {
		s := newServer(t, newDesk(), nil)
		got := ""
		s.Handle("GET /test", c.who, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = fmt.Sprint(callerOf(r).User.Name, " ", callerOf(r).Manager)
		}))
		c.r.URL.Path = "/test"
		w := httptest.NewRecorder()
		s.ServeHTTP(w, c.r)
		if w.Code != c.want || got != c.user {
			t.Errorf("%s (%s): got %d %q, want %d %q", c.name, c.who, w.Code, got, c.want, c.user)
		}
		if (w.Header().Get("WWW-Authenticate") != "") != (c.want == 401) {
			t.Errorf("%s: %d with challenge %q", c.name, w.Code, w.Header().Get("WWW-Authenticate"))
		}
	}
	for o, want := range map[string]Options{"token": {Token: "x", Open: true}, "public": {Open: true}, "loopback": {}} {
		if got := want.who().String(); got != o {
			t.Errorf("got %s, want %s", got, o)
		}
	}
}

func TestForeignOriginsCannotPost(t *testing.T) {
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"Sec-Fetch-Site", "cross-site", 403}, {"Sec-Fetch-Site", "same-site", 403}, {"Sec-Fetch-Site", "same-origin", 200},
		{"Origin", "https://evil.example", 403}, {"Origin", "null", 403}, {"Origin", "http://example.com", 200}, {"Origin", "https://news.example.org", 200},
	} {
		s := newServer(t, newDesk(), func(o *Options) { o.PublicURL = "https://news.example.org/path" })
		r := httptest.NewRequest(http.MethodPost, "/command", strings.NewReader("line=search+x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(c.header, c.value)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %s gives %d, want %d", c.header, c.value, w.Code, c.want)
		}
	}
}

func TestLimitPerAddress(t *testing.T) {
	now := noon
	s := newServer(t, newDesk(), func(o *Options) { o.Now = func() time.Time { return now } })
	s.Handle("POST /hook", Signed(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	get := func(method, path, remote string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	passed := 0
	for range 100 {
		if get("GET", "/style.css", "192.0.2.1:9").Code == 200 {
			passed++
		}
	}
	if passed != burst {
		t.Errorf("%d of 100 requests passed, want %d", passed, burst)
	}
	refused := get("GET", "/", "192.0.2.1:10")
	if refused.Code != 429 || refused.Header().Get("Retry-After") != "1" {
		t.Errorf("got %d with Retry-After %q, want 429 and 1", refused.Code, refused.Header().Get("Retry-After"))
	}
	for _, c := range []struct{ method, path, remote string }{
		{"GET", "/", "192.0.2.2:9"}, {"GET", "/healthz", "192.0.2.1:9"}, {"POST", "/hook", "192.0.2.1:9"}} {
		if got := get(c.method, c.path, c.remote).Code; got != 200 {
			t.Errorf("%v: got %d, want 200", c, got)
		}
	}
	now = now.Add(time.Second)
	passed = 0
	for range 100 {
		if get("GET", "/style.css", "192.0.2.1:9").Code == 200 {
			passed++
		}
	}
	if passed != perSecond {
		t.Errorf("%d requests passed a second later, want %d", passed, perSecond)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	now := noon
	l := newLimiter(func() time.Time { return now })
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := range 3 * maxClients {
		r.RemoteAddr = fmt.Sprintf("[2001:db8:%x:%x::1]:1", i/60000, i%60000)
		l.allow(network(r.RemoteAddr).String())
		if len(l.clients) > maxClients {
			t.Fatalf("%d addresses are remembered", len(l.clients))
		}
	}
	now = now.Add(time.Hour)
	r.RemoteAddr = "192.0.2.7:1"
	l.allow(network(r.RemoteAddr).String())
	if len(l.clients) != 1 {
		t.Errorf("%d addresses are remembered after an hour, want 1", len(l.clients))
	}
	var got []string
	for _, remote := range []string{"192.0.2.7:1", "[::ffff:192.0.2.7]:1", "[2001:db8::1%eth0]:1", "[2001:db8::2]:1", "nonsense"} {
		got = append(got, network(remote).String())
	}
	want := []string{"192.0.2.7/32", "192.0.2.7/32", "2001:db8::/64", "2001:db8::/64", "invalid Prefix"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPlatform(t *testing.T) {
	d := &desk{}
	p := Platform{Board: d}
	m := chat.Layout(morning(), chat.Locale{})
	payloads, err := p.Render(m)
	if err != nil || len(payloads) != len(m) {
		t.Fatalf("got %d payloads for %d messages, %v", len(payloads), len(m), err)
	}
	for i, b := range payloads {
		if diff := cmp.Diff(m[i], read(b, chat.Locale{})); diff != "" {
			t.Errorf("a message changes on its way (-want +got)\n%s", diff)
		}
	}
	part := digest.Part{Key: "k1", Payload: payloads[0], Address: digest.Address{Platform: "web", Channel: "news"}}
	if ref, found, err := p.Find(t.Context(), part, noon); ref != "" || found != digest.Absent || err != nil {
		t.Errorf("before: got %q, %v, %v", ref, found, err)
	}
	for range 2 {
		if ref, err := p.Post(t.Context(), part); ref != "k1" || err != nil {
			t.Errorf("got %q, %v", ref, err)
		}
	}
	if ref, found, err := p.Find(t.Context(), part, noon); ref != "k1" || found != digest.Found || err != nil || len(d.board) != 1 {
		t.Errorf("after: got %q, %v, %v, %d on the board", ref, found, err, len(d.board))
	}
	d.err = digest.Errorf(digest.Unavailable, "The disk is full.")
	if _, found, err := p.Find(t.Context(), part, noon); found != digest.CannotTell || err == nil {
		t.Errorf("got %v, %v, want CannotTell and an error", found, err)
	}
	if _, err := p.Post(t.Context(), part); digest.OutcomeOf(err).Class != digest.Ambiguous || err == nil {
		t.Errorf("got %v, want an ambiguous error", err)
	}
	for _, b := range []string{`{"version":2,"message":{}}`, `[`, ``} {
		if got := read(digest.Payload(b), chat.Locale{}); got.Kind != chat.Notice || !strings.Contains(got.Blocks[0].Items[0].Plain(), "another version") {
			t.Errorf("%q is read as %v", b, got)
		}
	}
}

func TestPostsAreInOrder(t *testing.T) {
	part := func(key, edition, slot string, n int) digest.Part {
		p, err := Platform{}.Render([]chat.Message{chat.Note(key)})
		if err != nil {
			t.Fatal(err)
		}
		return digest.Part{Key: key, Edition: edition, Slot: slot, N: n, Payload: p[0]}
	}
	got := posts([]digest.Part{part("b2", "b", "2026-05-05T08:00", 2), part("a1", "a", "2026-05-04T08:00", 1), part("b1", "b", "2026-05-05T08:00", 1),
		part("a2", "a", "2026-05-04T08:00", 2), part("b2", "b", "2026-05-05T08:00", 2), part("c1", "c", "2026-05-05T08:00", 1)}, chat.Locale{})
	var keys [][]string
	for _, posting := range got {
		var row []string
		for _, m := range posting {
			row = append(row, m.Blocks[0].Items[0].Plain())
		}
		keys = append(keys, row)
	}
	if diff := cmp.Diff([][]string{{"b1", "b2"}, {"c1"}, {"a1", "a2"}}, keys); diff != "" {
		t.Error(diff)
	}
}

func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, newServer(t, newDesk(), func(o *Options) { o.Open = false })) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /edition/e5morning HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", l.Addr())
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 OK") || !strings.Contains(string(answer), "The Morning Brief") {
		t.Errorf("got %v, %.200s", err, answer)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("a wanted end gives %v", err)
	}
	if err := Serve(t.Context(), l, newServer(t, newDesk(), nil)); err == nil {
		t.Error("a closed listener gives no error")
	}
}
