package egress

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"nutgraf/digest"
)

// TestTogether asks one after the other, under one context, and counts what
// reaches the server.
func TestTogether(t *testing.T) {
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/old":
			http.Redirect(w, r, "/feed", http.StatusMovedPermanently)
		case "/down":
			w.Header().Set("Retry-After", "60")
			http.Error(w, "later", http.StatusServiceUnavailable)
		case "/huge":
			_, _ = io.Copy(w, io.LimitReader(zeros{}, MaxWire+1))
		default:
			w.Header().Set("ETag", `"2"`)
			if r.Header.Get("If-None-Match") == `"2"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			_, _ = io.WriteString(w, "whole")
		}
	}))
	t.Cleanup(s.Close)
	client := Outside(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	type request struct{ path, header, value string }
	plain := request{path: "/feed"}
	newest, older := request{"/feed", "If-None-Match", `"2"`}, request{"/feed", "If-None-Match", `"1"`}
	for _, tt := range []struct {
		name string
		all  []request
		want []string
		sent int64
	}{
		{"the same", []request{plain, plain, plain}, []string{"200 whole", "200 whole", "200 whole"}, 1},
		{"a whole answer is enough for all", []request{plain, newest, older}, []string{"200 whole", "200 whole", "200 whole"}, 1},
		{"the same comparison", []request{newest, newest}, []string{"304 ", "304 "}, 1},
		{"not changed for one is nothing for another", []request{newest, older, plain}, []string{"304 ", "200 whole", "200 whole"}, 2},
		{"a redirect", []request{{path: "/old"}, {path: "/old"}, plain}, []string{"200 whole", "200 whole", "200 whole"}, 2},
		{"a refusal", []request{{path: "/down"}, {path: "/down"}}, []string{"503 later\n", "503 later\n"}, 1},
		{"too much", []request{{path: "/huge"}, {path: "/huge"}}, []string{"too large", "too large"}, 1},
		{"what somebody may read is not for others", []request{{"/feed", "Authorization", "Bearer a"}, {"/feed", "Authorization", "Bearer b"}, plain},
			[]string{"200 whole", "200 whole", "200 whole"}, 3},
		{"other addresses", []request{plain, {path: "/feed?key=1"}}, []string{"200 whole", "200 whole"}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked.Store(0)
			ctx := Together(t.Context())
			for i, r := range tt.all {
				if got := ask(t, ctx, client, s.URL+r.path, r.header, r.value); got != tt.want[i] {
					t.Errorf("request %d: got %q, want %q", i+1, got, tt.want[i])
				}
			}
			if got := asked.Load(); got != tt.sent {
				t.Errorf("%d requests were sent, want %d", got, tt.sent)
			}
		})
	}
	t.Run("without it", func(t *testing.T) {
		asked.Store(0)
		ask(t, t.Context(), client, s.URL+"/feed", "", "")
		ask(t, t.Context(), client, s.URL+"/feed", "", "")
		if got := asked.Load(); got != 2 {
			t.Errorf("%d requests were sent, want 2", got)
		}
	})
}

// ask returns the status and the body of an answer, or what is wrong with it.
func ask(t *testing.T, ctx context.Context, client *http.Client, address, header, value string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != "" {
		req.Header.Set(header, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return kind(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return kind(err)
	}
	code, _, _ := strings.Cut(resp.Status, " ")
	return code + " " + string(body)
}

func kind(err error) string {
	if digest.KindOf(err) == digest.TooLarge {
		return "too large"
	}
	return err.Error()
}

// TestTogetherFails has a server that nobody reaches asked once.
func TestTogetherFails(t *testing.T) {
	var dialled atomic.Int64
	failed := errors.New("no route")
	g := &guarded{check: newPolicy(Options{}).check, next: roundTripper(func(*http.Request) (*http.Response, error) {
		dialled.Add(1)
		return nil, failed
	}), limits: Options{}.limits()}
	client := &http.Client{Transport: g}
	ctx := Together(t.Context())
	for range 2 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://news.example/feed", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, failed) {
			t.Errorf("got %v, want %v", err, failed)
		}
	}
	if got := dialled.Load(); got != 1 {
		t.Errorf("%d requests were sent, want 1", got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }
