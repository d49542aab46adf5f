package egress

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

func zipped(tb testing.TB, kind string, plain []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	default:
		w, _ = flate.NewWriter(&b, 5)
	}
	if _, err := w.Write(plain); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestBodies(t *testing.T) {
	plain := []byte(strings.Repeat("All the news. ", 1000))
	big := make([]byte, MaxBody+1)
	noise := bytes.Repeat([]byte("0123456789abcdef"), MaxWire/16)
	for _, c := range []struct {
		name, encoding string
		body           []byte
		want           []byte
		kind           digest.Kind
		broken         bool
	}{
		{name: "plain", body: plain, want: plain},
		{name: "empty", body: nil, want: nil},
		{name: "empty gzip", encoding: "gzip", body: nil, want: nil},
		{name: "gzip", encoding: "gzip", body: zipped(t, "gzip", plain), want: plain},
		{name: "x-gzip", encoding: "X-GZIP", body: zipped(t, "gzip", plain), want: plain},
		{name: "two members", encoding: "gzip", body: append(zipped(t, "gzip", plain), zipped(t, "gzip", plain)...), want: append(bytes.Clone(plain), plain...)},
		{name: "gzip in name only", encoding: "gzip", body: plain, want: plain},
		{name: "zlib deflate", encoding: "deflate", body: zipped(t, "zlib", plain), want: plain},
		{name: "bare deflate", encoding: "deflate", body: zipped(t, "flate", plain), want: plain},
		{name: "identity", encoding: "identity", body: plain, want: plain},
		{name: "exactly the wire cap", body: noise, want: noise},
		{name: "over the wire cap", body: append(bytes.Clone(noise), 'x'), kind: digest.TooLarge},
		{name: "exactly the cap unpacked", encoding: "gzip", body: zipped(t, "gzip", big[:MaxBody]), want: big[:MaxBody]},
		{name: "gzip bomb", encoding: "gzip", body: zipped(t, "gzip", big), kind: digest.TooLarge},
		{name: "brotli", encoding: "br", body: plain, kind: digest.Unavailable},
		{name: "nested", encoding: "gzip, gzip", body: zipped(t, "gzip", zipped(t, "gzip", plain)), kind: digest.Unavailable},
		{name: "broken gzip", encoding: "gzip", body: zipped(t, "gzip", plain)[:40], broken: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.encoding != "" {
					w.Header().Set("Content-Encoding", c.encoding)
				}
				_, _ = w.Write(c.body)
			}))
			defer srv.Close()
			_, got, err := get(t, Outside(local()), srv.URL)
			if c.kind != digest.Internal || c.broken {
				if err == nil || digest.KindOf(err) != c.kind {
					t.Errorf("got error %v of kind %v, want kind %v", err, digest.KindOf(err), c.kind)
				}
				if len(got) > MaxBody {
					t.Errorf("%d bytes came through", len(got))
				}
				return
			}
			if err != nil || !bytes.Equal(got, c.want) {
				t.Errorf("got %d bytes, %v; want %d", len(got), err, len(c.want))
			}
		})
	}
}

func TestAGzipBombCostsNoMemory(t *testing.T) {
	bomb := zipped(t, "gzip", make([]byte, 200<<20))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	}))
	defer srv.Close()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	resp, err := Outside(local()).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := io.Copy(io.Discard, resp.Body)
	runtime.ReadMemStats(&after)
	if digest.KindOf(err) != digest.TooLarge || n != MaxBody {
		t.Errorf("read %d bytes, %v; want %d and too large", n, err, MaxBody)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 2<<20 {
		t.Errorf("reading allocated %d bytes, want under 2 MB", got)
	}
}

// raw serves one connection after the other with f.
func raw(tb testing.TB, f func(net.Conn)) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan struct{})
	tb.Cleanup(func() { _ = l.Close(); close(done) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = http.ReadRequest(bufio.NewReader(c))
				f(c)
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

func TestBadServers(t *testing.T) {
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	slow := local()
	slow.HeaderTimeout, slow.hooks.idle = 80*time.Millisecond, 80*time.Millisecond
	drip := local()
	drip.Timeout = 150 * time.Millisecond
	for _, c := range []struct {
		name string
		o    Options
		f    func(net.Conn)
		want string
		kind digest.Kind
	}{
		{"half open", slow, func(net.Conn) { <-hold }, "did not answer in time", digest.Unavailable},
		{"stands still", slow, func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc"); <-hold }, "stopped in the middle", digest.Unavailable},
		{"drips for ever", drip, func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
			for tick := time.NewTicker(5 * time.Millisecond); ; <-tick.C {
				if _, err := c.Write([]byte("a")); err != nil {
					tick.Stop()
					return
				}
			}
		}, "did not answer in time", digest.Unavailable},
		{"lies upwards", local(), func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc") }, "could not be read", digest.Unavailable},
		{"says it is huge", local(), func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nabc", int64(200)<<20) }, "more than 5 MB", digest.TooLarge},
		{"endless chunks", local(), func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			chunk := "10000\r\n" + strings.Repeat("x", 0x10000) + "\r\n"
			for {
				if _, err := io.WriteString(c, chunk); err != nil {
					return
				}
			}
		}, "more than 5 MB", digest.TooLarge},
		{"huge headers", local(), func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nX: %s\r\n\r\n", strings.Repeat("x", 1<<20)) }, "too many headers", digest.Unavailable},
		{"flood of 1xx", local(), func(c net.Conn) {
			for {
				if _, err := fmt.Fprintf(c, "HTTP/1.1 103 Early Hints\r\nX: %s\r\n\r\n", strings.Repeat("x", 4096)); err != nil {
					return
				}
			}
		}, "", digest.Unavailable},
		{"no http", local(), func(c net.Conn) { fmt.Fprint(c, "220 smtp.example ready\r\n") }, "could not be read", digest.Unavailable},
		{"hangs up", local(), func(net.Conn) {}, "could not be read", digest.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := raw(t, c.f)
			_, _, err := get(t, Outside(c.o), address)
			err = Problem(t.Context(), address, err)
			if digest.KindOf(err) != c.kind || !strings.Contains(digest.Explain(err), c.want) {
				t.Errorf("got %v (%v), want %q (%v)", err, digest.KindOf(err), c.want, c.kind)
			}
		})
	}
}

func TestProblem(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	known := digest.Errorf(digest.TooLarge, "too much")
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want string
	}{
		{t.Context(), fmt.Errorf("get: %w", known), "too much"},
		{t.Context(), &net.DNSError{IsNotFound: true}, "does not exist"},
		{t.Context(), &net.DNSError{IsTimeout: true}, "could not be looked up"},
		{t.Context(), context.DeadlineExceeded, "in time"},
		{t.Context(), errors.New("connect: connection refused"), "refuses connections"},
		{t.Context(), errors.New("x"), "tried again later"},
		{gone, errors.New("x"), "context canceled"},
	} {
		got := Problem(c.ctx, "https://desk:secret@news.example/feed", c.err)
		if !strings.Contains(got.Error(), c.want) || strings.Contains(got.Error(), "secret") {
			t.Errorf("Problem(%v) = %q, want %q in it and no password", c.err, got, c.want)
		}
	}
	if err := Problem(t.Context(), "https://x", nil); err != nil {
		t.Errorf("Problem(nil) = %v", err)
	}
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	_, _, err := get(t, Outside(local()), srv.URL)
	if got := digest.Explain(Problem(t.Context(), srv.URL, err)); !strings.Contains(got, "certificate") {
		t.Errorf("self-signed certificate: %q", got)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	_, _, err = get(t, Outside(local()), strings.Replace(plain.URL, "http:", "https:", 1))
	if got := digest.Explain(Problem(t.Context(), srv.URL, err)); !strings.Contains(got, "http://") {
		t.Errorf("plain server: %q", got)
	}
}
