package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord"
	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/web"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// batteryTime is when the battery takes place.
var batteryTime = time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)

// endpoint is one route that a platform posts to, signed.
type endpoint struct {
	platform, path, media string
	key                   string                                  // by which the platform's library knows a good signature
	stamp, signature      string                                  // headers
	prefix                string                                  // of a signature
	body                  func(word string) string                // a request whose effect names the word
	sign                  func(secret, stamp, body string) string // without prefix; with the secret "good" it is right
	empty                 int                                     // status of a request that asks for nothing
	replay                int                                     // status of the same request again, at once
}

// shot is one request of the battery, signed well until it is spoilt.
type shot struct {
	*endpoint
	method, path, query string
	header              http.Header
	body                string
	chunked             bool
}

// signed signs the body as of a time, with a stamp and a secret.
func (s *shot) signed(secret, stamp string) {
	s.header.Set(s.endpoint.stamp, stamp)
	s.header.Set(s.signature, s.prefix+s.sign(secret, stamp, s.body))
}

func (s *shot) sig() string { return strings.TrimPrefix(s.header.Get(s.signature), s.prefix) }

// stampAt is the time so many seconds after the battery's.
func stampAt(seconds int64) string { return strconv.FormatInt(batteryTime.Unix()+seconds, 10) }

// verdicts of the battery.
const (
	passes   = "pass"   // it is carried out, once
	refused  = "refuse" // the signature is not believed
	stricter = "strict" // so, although the platform's own library believes it
	nothing  = "signed" // the signature is believed, but what it asks for is not done
)

// variant is one way to spoil a shot.
type variant struct {
	name   string
	want   string
	status int // 0: that of the verdict
	spoil  func(*shot)
}

// variants are the battery. They may differ by platform where its library does.
func variants(e *endpoint) []variant {
	isSlack := e.platform == "slack"
	restamp := func(stamp string) func(*shot) { return func(s *shot) { s.signed("good", stamp) } }
	resign := func(f func(s *shot) string) func(*shot) {
		return func(s *shot) { s.header.Set(s.signature, f(s)) }
	}
	rebody := func(f func(string) string) func(*shot) { return func(s *shot) { s.body = f(s.body) } }
	signedBody := func(body string) func(*shot) {
		return func(s *shot) { s.body = body; s.signed("good", stampAt(0)) }
	}
	onSlack := func(yes, no string) string {
		if isSlack {
			return yes
		}
		return no
	}
	deep := func(n int) string {
		open := strings.Repeat("[", n)
		if e.media == "application/json" {
			return open
		}
		return url.Values{"payload": {open}}.Encode()
	}
	return []variant{
		{"valid", passes, 0, func(*shot) {}},
		{"valid, 300 s old", passes, 0, restamp(stampAt(-300))},
		{"valid, 299 s ahead", passes, 0, restamp(stampAt(299))},
		{"valid, another payload in the query string", passes, 0, func(s *shot) {
			s.query = url.Values{"payload": {e.body("query")}}.Encode() + "&text=search+query&command=/digest"
		}},
		{"valid, another content type", passes, 0, func(s *shot) { s.header.Set("Content-Type", "text/plain") }},
		{"valid, signatures in the query string too", passes, 0, func(s *shot) { s.query = s.signature + "=bad&" + s.endpoint.stamp + "=1" }},
		{"301 s old", onSlack(refused, stricter), 0, restamp(stampAt(-301))},
		{"301 s ahead", stricter, 0, restamp(stampAt(301))},
		{"an hour old", onSlack(refused, stricter), 0, restamp(stampAt(-3600))},
		{"a year ahead", stricter, 0, restamp(stampAt(365 * 86400))},
		{"of 1970", onSlack(refused, stricter), 0, restamp("0")},
		{"before 1970", onSlack(refused, stricter), 0, restamp("-1")},
		{"time in milliseconds", stricter, 0, restamp(stampAt(0) + "000")},
		{"time with a fraction", stricter, 0, restamp(stampAt(0) + ".5")},
		{"time with a leading zero", onSlack(refused, passes), 0, restamp("0" + stampAt(0))},
		{"time with a plus", onSlack(refused, passes), 0, restamp("+" + stampAt(0))},
		{"time in hex", onSlack(refused, stricter), 0, restamp("0x69f7")},
		{"time in words", onSlack(refused, stricter), 0, restamp("now")},
		{"time too large", onSlack(refused, stricter), 0, restamp(strings.Repeat("9", 30))},
		{"time empty", refused, 0, restamp("")},
		{"time missing", refused, 0, func(s *shot) { s.header.Del(s.endpoint.stamp) }},
		{"time twice", refused, 0, func(s *shot) { s.header.Add(s.endpoint.stamp, stampAt(0)) }},
		{"two times", refused, 0, func(s *shot) { s.header.Add(s.endpoint.stamp, stampAt(1)) }},
		{"time changed", refused, 0, func(s *shot) { s.header.Set(s.endpoint.stamp, stampAt(1)) }},
		{"signature missing", refused, 0, func(s *shot) { s.header.Del(s.signature) }},
		{"signature empty", refused, 0, resign(func(*shot) string { return "" })},
		{"prefix alone", refused, 0, resign(func(s *shot) string { return s.prefix })},
		{"signature twice", refused, 0, func(s *shot) { s.header.Add(s.signature, s.header.Get(s.signature)) }},
		{"a wrong signature first", refused, 0, func(s *shot) {
			s.header[http.CanonicalHeaderKey(s.signature)] = []string{s.prefix + strings.Repeat("0", len(s.sig())), s.header.Get(s.signature)}
		}},
		{"wrong secret", refused, 0, func(s *shot) { s.signed("wrong", stampAt(0)) }},
		{"empty secret", refused, 0, func(s *shot) { s.signed("", stampAt(0)) }},
		{"secret with a line break", refused, 0, func(s *shot) { s.signed("good\n", stampAt(0)) }},
		{"version 1", refused, 0, resign(func(s *shot) string { return "v1=" + s.sig() })},
		{"other prefix", refused, 0, resign(func(s *shot) string { return onSlack("", "v0=") + s.sig() })},
		{"short", refused, 0, resign(func(s *shot) string { return s.prefix + s.sig()[:len(s.sig())/2] })},
		{"odd", refused, 0, resign(func(s *shot) string { return s.prefix + s.sig()[:len(s.sig())-1] })},
		{"long", refused, 0, resign(func(s *shot) string { return s.prefix + s.sig() + "00" })},
		{"no hex", refused, 0, resign(func(s *shot) string { return s.prefix + strings.Repeat("g", len(s.sig())) })},
		{"upper case", onSlack(refused, passes), 0, resign(func(s *shot) string { return s.prefix + strings.ToUpper(s.sig()) })},
		{"zeros", refused, 0, resign(func(s *shot) string { return s.prefix + strings.Repeat("0", len(s.sig())) })},
		{"one digit changed", refused, 0, resign(func(s *shot) string {
			return s.prefix + string("0123456789abcdef"[(strings.IndexByte("0123456789abcdef", s.sig()[0])+1)%16]) + s.sig()[1:]
		})},
		{"of the empty body", refused, 0, resign(func(s *shot) string { return s.prefix + s.sign("good", stampAt(0), "") })},
		{"of another time", refused, 0, resign(func(s *shot) string { return s.prefix + s.sign("good", stampAt(-10), s.body) })},
		{"in the query string alone", refused, 0, func(s *shot) {
			s.query = url.Values{s.endpoint.stamp: s.header[http.CanonicalHeaderKey(s.endpoint.stamp)], s.signature: s.header[http.CanonicalHeaderKey(s.signature)]}.Encode()
			s.header.Del(s.endpoint.stamp)
			s.header.Del(s.signature)
		}},
		{"a bearer token instead", refused, 0, func(s *shot) {
			s.header.Del(s.signature)
			s.header.Set("Authorization", "Bearer good")
		}},
		{"body changed by a byte", refused, 0, rebody(func(b string) string { return b[:len(b)/2] + "~" + b[len(b)/2+1:] })},
		{"body longer by a byte", refused, 0, rebody(func(b string) string { return b + "\n" })},
		{"body shorter by a byte", refused, 0, rebody(func(b string) string { return b[:len(b)-1] })},
		{"body empty", refused, 0, rebody(func(string) string { return "" })},
		{"body of another request", refused, 0, rebody(func(string) string { return e.body("other") })},
		{"signed empty body", nothing, e.empty, signedBody("")},
		{"payload in the query string of a signed empty body", nothing, e.empty, func(s *shot) {
			if s.query = e.body("query"); e.media == "application/json" {
				s.query = url.QueryEscape(s.query)
			}
			signedBody("")(s)
		}},
		{"signed nonsense", nothing, e.empty, signedBody("\x00nonsense;&%zz")},
		{"10,000 deep", nothing, e.empty, signedBody(deep(10_001))},
		{"100,000 deep", nothing, e.empty, signedBody(deep(100_000))},
		{"compressed", nothing, http.StatusUnsupportedMediaType, func(s *shot) { s.header.Set("Content-Encoding", "gzip") }},
		{"10 MB", nothing, http.StatusRequestEntityTooLarge, signedBody(strings.Repeat("a", 10<<20))},
		{"10 MB in chunks", nothing, http.StatusRequestEntityTooLarge, func(s *shot) { signedBody(strings.Repeat("a", 10<<20))(s); s.chunked = true }},
		{"by GET", nothing, http.StatusNotFound, func(s *shot) { s.method = http.MethodGet }},
	}
}

// ears count what the requests of the battery lead to, by their words.
type ears struct {
	mu    sync.Mutex
	heard map[string]int
}

func (e *ears) hear(word string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard[word]++
}

func (e *ears) count(word string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[word]
}

// Handle implements chat.Handler.
func (e *ears) Handle(_ context.Context, c chat.Command) chat.Reply {
	e.hear(c.Args["words"])
	return chat.Reply{Private: true, Messages: []chat.Message{chat.Note("done")}}
}

// slackEndpoints returns Slack's platform and what it posts to.
func slackEndpoints(t *testing.T, e *ears, now func() time.Time) (*slack.Platform, []*endpoint) {
	t.Helper()
	fake, err := slackfake.New(now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	p, err := slack.New(slack.Config{BotToken: digest.NewSecret(slackfake.BotToken), Transport: slack.HTTP, SigningSecret: digest.NewSecret(slackfake.SigningSecret), APIURL: fake.URL(),
		Gone: func(_ context.Context, a digest.Address, _ string) { e.hear(strings.ToLower(a.Channel)) }, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	sign := func(secret, stamp, body string) string {
		secret = strings.Replace(secret, "good", slackfake.SigningSecret, 1)
		return hmacOf(secret, "v0:"+stamp+":"+body)
	}
	form := "application/x-www-form-urlencoded"
	at := endpoint{platform: "slack", key: slackfake.SigningSecret, stamp: "X-Slack-Request-Timestamp", signature: "X-Slack-Signature", prefix: "v0=", sign: sign, empty: 400, replay: 200}
	commands, interactivity, events := at, at, at
	commands.path, commands.media = slack.CommandsPath, form
	commands.body = func(word string) string {
		return url.Values{"command": {"/digest"}, "text": {"search " + word}, "team_id": {slackfake.Team}, "channel_id": {"C1"}, "user_id": {"U1"}, "trigger_id": {"c" + word}}.Encode()
	}
	interactivity.path, interactivity.media = slack.InteractivePath, form
	interactivity.body = func(word string) string {
		return url.Values{"payload": {fmt.Sprintf(`{"type":"block_actions","team":{"id":%q},"user":{"id":"U1"},"channel":{"id":"C1"},"trigger_id":"i%s","actions":[{"type":"button","action_id":"run:1","value":"search %s"}]}`, slackfake.Team, word, word)}}.Encode()
	}
	events.path, events.media = slack.EventsPath, "application/json"
	events.body = func(word string) string {
		return fmt.Sprintf(`{"type":"event_callback","team_id":%q,"event_id":"Ev%s","event":{"type":"channel_archive","channel":"%s"}}`, slackfake.Team, word, strings.ToUpper(word))
	}
	return p, []*endpoint{&commands, &interactivity, &events}
}

// hmacOf is how Slack signs.
func hmacOf(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// batteryPlatforms returns the platforms that call us, and what they post to.
func batteryPlatforms(t *testing.T, e *ears, now func() time.Time) ([]called, []*endpoint) {
	onSlack, at := slackEndpoints(t, e, now)
	onDiscord, interactions := discordEndpoint(t, now)
	return []called{onSlack, onDiscord}, append(at, interactions)
}

// discordEndpoint returns Discord's platform and what it posts to.
func discordEndpoint(t *testing.T, now func() time.Time) (*discord.Platform, *endpoint) {
	t.Helper()
	keyOf := func(secret string) ed25519.PrivateKey {
		seed := sha256.Sum256([]byte(secret))
		return ed25519.NewKeyFromSeed(seed[:])
	}
	public := hex.EncodeToString(keyOf("good").Public().(ed25519.PublicKey))
	p, err := discord.New(discord.Config{Token: digest.NewSecret("token"), Application: "1", Transport: discord.HTTP, PublicKey: public, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return p, &endpoint{platform: "discord", path: discord.InteractionsPath, media: "application/json", key: public, stamp: "X-Signature-Timestamp", signature: "X-Signature-Ed25519", empty: 400, replay: 401,
		sign: func(secret, stamp, body string) string {
			return hex.EncodeToString(ed25519.Sign(keyOf(secret), []byte(stamp+body)))
		},
		body: func(word string) string {
			return fmt.Sprintf(`{"id":"1%x","application_id":"1","type":2,"token":"t%s","guild_id":"71","channel_id":"72","locale":"en-US","member":{"user":{"id":"3","username":"ana"},"permissions":"0"},
				"data":{"id":"4","name":"digest","type":1,"options":[{"name":"search","type":1,"options":[{"name":"words","type":3,"value":%q}]}]}}`, word, word, word)
		}}
}

// TestSignatureBattery shoots every variant at every signed route of the web
// page's server: the valid ones alone are carried out, once. With
// NUTGRAF_BATTERY the shots are written to that file, for the platforms' own
// libraries: see .ci/signatures.
func TestSignatureBattery(t *testing.T) {
	var later atomic.Int64 // what the clock is ahead of batteryTime; answers still read it
	clock := func() time.Time { return batteryTime.Add(time.Duration(later.Load())) }
	e := &ears{heard: make(map[string]int)}
	platforms, endpoints := batteryPlatforms(t, e, clock)
	s, err := web.New(web.Options{Handler: e, Now: clock, Log: slog.New(slog.DiscardHandler), Open: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range platforms {
		mount(s, p.Routes(e, command.Specs()))
	}
	signed := 0
	for _, r := range s.Routes() {
		if r.Who == "signed" {
			signed++
		}
	}
	if signed != len(endpoints) {
		t.Errorf("the battery is for %d routes, and %d are signed", len(endpoints), signed)
	}
	var record bytes.Buffer
	lines := json.NewEncoder(&record)
	for i, to := range endpoints {
		all := variants(to)
		if len(all) < 40 {
			t.Fatalf("%d variants, want 40", len(all))
		}
		for n, v := range all {
			word := fmt.Sprintf("c%dx%d", i, n)
			sh := &shot{endpoint: to, method: http.MethodPost, path: to.path, header: http.Header{"Content-Type": {to.media}}, body: to.body(word)}
			sh.signed("good", stampAt(0))
			v.spoil(sh)
			// What is too large is not read, and not judged by its signature.
			if shown := map[string]any{"platform": to.platform, "path": to.path, "name": v.name, "key": to.key, "now": clock().Unix(), "verdict": v.want,
				"signature": sh.header.Values(to.signature), "timestamp": sh.header.Values(to.stamp), "body": base64.StdEncoding.EncodeToString([]byte(sh.body))}; len(sh.body) <= 1<<20 {
				if err := lines.Encode(shown); err != nil {
					t.Fatal(err)
				}
			}
			status := map[string]int{passes: 200, refused: 401, stricter: 401, nothing: v.status}[v.want]
			if got := sh.fire(s); got != status {
				t.Errorf("%s: %s: got %d, want %d", to.path, v.name, got, status)
			}
			if v.want == passes && !until(5*time.Second, func() bool { return e.count(word) > 0 }) {
				t.Errorf("%s: %s has no effect", to.path, v.name)
			}
			if n == 0 { // the first, valid one again
				if got := sh.fire(s); got != to.replay {
					t.Errorf("%s: a replay at once is answered %d, want %d", to.path, got, to.replay)
				}
				later.Store(int64(10 * time.Minute))
				if got := sh.fire(s); got != 401 {
					t.Errorf("%s: a replay 10 minutes later is answered %d, want 401", to.path, got)
				}
				later.Store(0)
			}
		}
		for n, v := range all {
			want := 0
			if v.want == passes {
				want = 1
			}
			if got := e.count(fmt.Sprintf("c%dx%d", i, n)); got != want {
				t.Errorf("%s: %s is carried out %d times, want %d", to.path, v.name, got, want)
			}
		}
	}
	if n := e.count("query") + e.count("other") + e.count(""); n != 0 {
		t.Errorf("%d requests were carried out that stood in a query string or in no signed body", n)
	}
	if file := os.Getenv("NUTGRAF_BATTERY"); file != "" {
		if err := os.WriteFile(file, record.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// fire sends a shot and returns the status of the answer. What is refused for
// its signature is told nothing.
func (s *shot) fire(h http.Handler) int {
	var body io.Reader = strings.NewReader(s.body)
	if s.chunked {
		body = io.MultiReader(body)
	}
	r := httptest.NewRequest(s.method, s.path+"?"+s.query, body)
	r.Header = s.header.Clone()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code == http.StatusUnauthorized && w.Body.Len() > 0 {
		return -w.Code
	}
	return w.Code
}

// TestRequestsGoToTheirOwnRoute sends well signed requests to other routes of
// the same platform: no route takes what is for another.
func TestRequestsGoToTheirOwnRoute(t *testing.T) {
	clock := func() time.Time { return batteryTime }
	e := &ears{heard: make(map[string]int)}
	platforms, endpoints := batteryPlatforms(t, e, clock)
	mux := http.NewServeMux()
	for _, p := range platforms {
		for pattern, h := range p.Routes(e, command.Specs()) {
			mux.Handle(pattern, h)
		}
	}
	for i, from := range endpoints {
		for k, to := range endpoints {
			if i == k {
				continue
			}
			want := 400
			if from.platform != to.platform {
				want = 401
			}
			sh := &shot{endpoint: from, method: http.MethodPost, path: to.path, header: http.Header{"Content-Type": {from.media}}, body: from.body(fmt.Sprintf("m%dx%d", i, k))}
			sh.signed("good", stampAt(0))
			if got := sh.fire(mux); got != want {
				t.Errorf("what is for %s is answered %d by %s, want %d", from.path, got, to.path, want)
			}
		}
	}
	if len(e.heard) != 0 {
		t.Errorf("carried out: %v", e.heard)
	}
}
