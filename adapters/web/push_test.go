package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// keyring is two keys in memory, and an archive that takes all it gets once.
type keyring struct {
	mu       sync.Mutex
	answers  map[string][]byte
	bodies   map[string][32]byte
	articles map[string]digest.Article
	takes    int
	err      error
}

func (k *keyring) UseKey(_ context.Context, secret digest.Secret) (digest.Key, error) {
	switch secret.Reveal() {
	case "ng_good":
		return digest.Key{ID: "ng_good", Workspace: "slack:T1", Source: "cms"}, nil
	case "ng_broken":
		return digest.Key{}, digest.Errorf(digest.Unavailable, "the store is away")
	}
	return digest.Key{}, digest.Errorf(digest.Forbidden, "This key is not valid.")
}

func (k *keyring) BeginPush(_ context.Context, _ digest.Key, p digest.Push) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	body, ok := k.bodies[p.Token]
	switch {
	case !ok:
		k.bodies[p.Token] = p.Body
		return nil, nil
	case body != p.Body:
		return nil, digest.Errorf(digest.Invalid, "another body")
	case k.answers[p.Token] == nil:
		return nil, digest.Errorf(digest.Conflict, "being worked on")
	}
	return k.answers[p.Token], nil
}

func (k *keyring) EndPush(_ context.Context, _ digest.Key, p digest.Push, answer []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if answer == nil {
		delete(k.bodies, p.Token)
	} else {
		k.answers[p.Token] = answer
	}
	return nil
}

func (k *keyring) accept(_ context.Context, articles []digest.Article) ([]digest.Result, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.takes++
	var out []digest.Result
	for _, a := range articles {
		v := digest.Added
		if _, ok := k.articles[a.ID]; ok {
			v = digest.Duplicate
		}
		k.articles[a.ID] = a
		out = append(out, digest.Result{Verdict: v, ID: a.ID, Title: a.Title})
	}
	return out, k.err
}

// pushServer returns a server that takes pushes, and where they go.
func pushServer(t testing.TB, change func(*Options)) (*Server, *keyring) {
	k := &keyring{answers: map[string][]byte{}, bodies: map[string][32]byte{}, articles: map[string]digest.Article{}}
	return newServer(t, newDesk(), func(o *Options) {
		o.Push = &Push{Keys: k, Accept: k.accept}
		if change != nil {
			change(o)
		}
	}), k
}

// pushTo sends a push; header holds pairs.
func pushTo(s http.Handler, body io.Reader, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/articles", body)
	r.Header.Set("Authorization", "Bearer ng_good")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestPush(t *testing.T) {
	const a, b = `{"id":"1","title":"Seals counted","text":"Biologists counted seals."}`, `{"id":"2","title":"Storm cuts power"}`
	const ndjson = "application/x-ndjson"
	many := strings.TrimSuffix(strings.Repeat(`{"title":"x"},`, 1001), ",")
	for _, c := range []struct {
		name, media, body, header string // a header with its value
		status                    int
		want                      string // verdicts, or a part of the error
	}{
		{"one", "application/json", a, "", 200, "added"},
		{"list", "application/json; charset=utf-8", "[" + a + "," + b + "]", "", 200, "added added"},
		{"object", "application/json", `{"articles":[` + a + "," + b + "," + a + "]}", "", 200, "added added duplicate"},
		{"order", "application/json", "[" + a + `,{"text":""},7,` + b + "]", "", 200, "added refused refused added"},
		{"lines", ndjson, a + "\n\n" + b + "\r\n", "", 200, "added added"},
		{"bad line", "application/jsonl", a + "\n{\"title\":\n" + b, "", 200, "added refused added"},
		{"empty", "application/json", "", "", 400, "not JSON"},
		{"no article", "application/json", "[]", "", 400, "no article"},
		{"no line", ndjson, "\n\n", "", 400, "no article"},
		{"not JSON", "application/json", "title=x", "", 400, "not JSON"},
		{"depth", "application/json", strings.Repeat("[", 20_000), "", 400, "not JSON"},
		{"deep article", "application/json", `{"title":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "}", "", 200, "refused"},
		{"too many", "application/json", "[" + many + "]", "", 413, "1000 articles"},
		{"too large", "application/json", `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, "", 413, "1 MiB"},
		{"form", "application/x-www-form-urlencoded", a, "", 415, "application/json"},
		{"no type", "", a, "", 415, "application/json"},
		{"packed", "application/json", a, "Content-Encoding gzip", 415, "not compressed"},
		{"no key", "application/json", a, "Authorization ", 401, "nutgraf keys add"},
		{"wrong key", "application/json", a, "Authorization Bearer ng_bad", 401, "not valid"},
		{"basic", "application/json", a, "Authorization Basic bmdfZ29vZA==", 401, "nutgraf keys add"},
		{"store away", "application/json", a, "Authorization Bearer ng_broken", 503, "away"},
		{"from a page", "application/json", a, "Sec-Fetch-Site cross-site", 403, "another site"},
		{"long token", "application/json", a, "Idempotency-Key " + strings.Repeat("x", 201), 400, "200 characters"},
	} {
		s, k := pushServer(t, nil)
		name, value, _ := strings.Cut(c.header, " ")
		header := []string{"Content-Type", c.media}
		if name != "" {
			header = append(header, name, value)
		}
		w := pushTo(s, strings.NewReader(c.body), header...)
		got := w.Body.String()
		if c.status == 200 {
			got = verdictsIn(t, w.Body.Bytes(), w.Header().Get("Content-Type") == ndjson)
		}
		if ok := c.status == 200 && got == c.want || c.status != 200 && strings.Contains(got, c.want); w.Code != c.status || !ok {
			t.Errorf("%s: got %d %.200s, want %d %s", c.name, w.Code, got, c.status, c.want)
		}
		if c.status != 200 && (len(k.articles) > 0 || !json.Valid(w.Body.Bytes())) {
			t.Errorf("%s: %d articles are stored, and the answer is %.200s", c.name, len(k.articles), w.Body)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (c.status == 401) != strings.HasPrefix(challenge, "Bearer") {
			t.Errorf("%s: challenge %q", c.name, challenge)
		}
		for _, article := range k.articles {
			if article.Workspace != "slack:T1" || article.Source != "cms" || !article.Arrived.Equal(noon) {
				t.Errorf("%s: stored for %s by %s at %s", c.name, article.Workspace, article.Source, article.Arrived)
			}
		}
	}
}

// verdictsIn returns the verdicts of an answer, and sees that they are counted
// and numbered.
func verdictsIn(t *testing.T, body []byte, lines bool) string {
	t.Helper()
	var p pushed
	if lines {
		for line := range strings.Lines(string(body)) {
			var res digest.Result
			if err := json.Unmarshal([]byte(line), &res); err != nil {
				t.Errorf("%v in %s", err, line)
			}
			p.Results = append(p.Results, res)
		}
	} else if err := json.Unmarshal(body, &p); err != nil || p.Added+p.Updated+p.Duplicate+p.Refused != len(p.Results) {
		t.Errorf("got %v, %s", err, body)
	}
	var out []string
	for i, res := range p.Results {
		if want := fmt.Sprintf("item %d", i+1); res.Where != want || (res.Verdict == digest.Refused) != (res.Reason != "") {
			t.Errorf("got %+v at %s", res, want)
		}
		out = append(out, string(res.Verdict))
	}
	return strings.Join(out, " ")
}

func TestPushComesAgain(t *testing.T) {
	s, k := pushServer(t, nil)
	send := func(token, body string) string {
		w := pushTo(s, strings.NewReader(body), "Idempotency-Key", token)
		return fmt.Sprint(w.Code, " ", w.Header().Get("Retry-After"), " ", w.Body.String())
	}
	first := send("t", `{"title":"One"}`)
	if again := send("t", `{"title":"One"}`); again != first || !strings.HasPrefix(first, "200  ") || k.takes != 1 {
		t.Errorf("got %s, then %s; taken %d times, want once", first, again, k.takes)
	}
	if got := send("t", `{"title":"Two"}`); !strings.HasPrefix(got, "422 ") {
		t.Errorf("another body: got %s, want 422", got)
	}
	k.bodies["busy"] = k.bodies["t"]
	if got := send("busy", `{"title":"One"}`); !strings.HasPrefix(got, "409 1 ") {
		t.Errorf("at once: got %s, want 409 and to come back after a second", got)
	}
	k.err = errors.New("disk full")
	if got := send("u", `{"title":"Three"}`); !strings.HasPrefix(got, "500 ") || strings.Contains(got, "disk") {
		t.Errorf("a failure: got %s, want 500 without its reason", got)
	}
	k.err = nil
	if got := send("u", `{"title":"Three"}`); !strings.HasPrefix(got, "200 ") {
		t.Errorf("after a failure: got %s, want 200", got)
	}
}

func TestPushLimits(t *testing.T) {
	now := noon
	s, k := pushServer(t, func(o *Options) { o.Now = func() time.Time { return now } })
	codes := map[int]int{}
	for i := range 100 {
		r := httptest.NewRequest(http.MethodPost, "/api/articles", strings.NewReader(`{"title":"x"}`))
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", i) // the key is limited, wherever it is used
		r.Header.Set("Authorization", "Bearer ng_good")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		codes[w.Code]++
		if w.Code == 429 && w.Header().Get("Retry-After") != "1" {
			t.Fatalf("Retry-After is %q, want 1", w.Header().Get("Retry-After"))
		}
	}
	if diff := cmp.Diff(map[int]int{200: burst, 429: 100 - burst}, codes); diff != "" || k.takes != burst {
		t.Error(diff, k.takes)
	}
}

func TestSchemaIsServed(t *testing.T) {
	s, _ := pushServer(t, nil)
	w := call(s, "/api/article.schema.json", "")
	if w.Code != 200 || !json.Valid(w.Body.Bytes()) || !strings.Contains(w.Body.String(), `"category"`) {
		t.Errorf("got %d %.100s", w.Code, w.Body)
	}
	if w := call(newServer(t, newDesk(), nil), "/api/articles", "x"); w.Code != 405 && w.Code != 404 {
		t.Errorf("without push: got %d", w.Code)
	}
}
