package egress

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"nutgraf/digest"
)

// errIdle is the cause of a request that was given up because its body stood still.
var errIdle = errors.New("the answer stood still")

// limits caps what a response may cost.
type limits struct {
	agent      string
	wire, body int64
	idle       time.Duration
}

// roundTrip sends req and returns a response whose body is decompressed and
// ends in an error beyond the caps or when it stands still.
func (l limits) roundTrip(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	req = req.Clone(ctx)
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", l.agent)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	if h := strings.TrimRight(req.URL.Hostname(), "."); h != req.URL.Hostname() {
		req.URL.Host = strings.Replace(req.URL.Host, req.URL.Hostname(), h, 1)
		req.Host = ""
	}
	resp, err := next.RoundTrip(req)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		context.AfterFunc(req.Context(), func() { cancel(nil) })
		return resp, nil
	}
	if err := l.cap(resp, ctx, cancel); err != nil {
		cancel(err)
		return nil, errors.Join(err, resp.Body.Close())
	}
	return resp, nil
}

func (l limits) cap(resp *http.Response, ctx context.Context, cancel context.CancelCauseFunc) error {
	if resp.ContentLength > l.wire && resp.Request.Method != http.MethodHead {
		return l.tooLarge(resp)
	}
	wire := &patient{body: resp.Body, idle: l.idle, cancel: cancel, ctx: ctx}
	capped := &counted{r: wire, left: l.wire, err: l.tooLarge(resp)}
	var plain io.Reader = capped
	encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	switch encoding {
	case "", "identity", "none", "utf-8":
	case "gzip", "x-gzip":
		plain = &lazy{open: func() (io.Reader, error) { return openGzip(capped) }}
	case "deflate":
		plain = &lazy{open: func() (io.Reader, error) { return openDeflate(capped) }}
	default:
		return digest.Errorf(digest.Unavailable, "%s answers in the encoding %.40q, which was not asked for and cannot be read", show(resp.Request.URL), encoding)
	}
	if encoding == "gzip" || encoding == "x-gzip" || encoding == "deflate" {
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{&counted{r: plain, left: l.body, err: l.tooLarge(resp)}, wire}
	return nil
}

func (l limits) tooLarge(resp *http.Response) error {
	return digest.Errorf(digest.TooLarge, "%s sends more than %d MB (%d MB unpacked), which is not read", show(resp.Request.URL), l.wire>>20, l.body>>20)
}

// patient reads a body but gives up when one read takes longer than idle.
type patient struct {
	body   io.ReadCloser
	idle   time.Duration
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	t := time.AfterFunc(p.idle, func() { p.cancel(errIdle) })
	n, err := p.body.Read(b)
	t.Stop()
	if err != nil && err != io.EOF && errors.Is(context.Cause(p.ctx), errIdle) {
		err = errIdle
	}
	return n, err
}

// Close implements io.Closer.
func (p *patient) Close() error {
	err := p.body.Close()
	p.cancel(nil)
	return err
}

// counted passes left bytes on and then fails with err, unless the reader ends there.
type counted struct {
	r    io.Reader
	left int64
	err  error
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	if c.left <= 0 {
		var one [1]byte
		if n, err := io.ReadFull(c.r, one[:]); n == 0 {
			return 0, err
		}
		return 0, c.err
	}
	if int64(len(b)) > c.left {
		b = b[:c.left]
	}
	n, err := c.r.Read(b)
	c.left -= int64(n)
	return n, err
}

// lazy opens a decoder at the first read, so that an empty body is no error
// of the round trip.
type lazy struct {
	open func() (io.Reader, error)
	r    io.Reader
}

// Read implements io.Reader.
func (l *lazy) Read(b []byte) (int, error) {
	if l.r == nil {
		r, err := l.open()
		if err != nil {
			return 0, err
		}
		l.r = r
	}
	return l.r.Read(b)
}

// openGzip reads gzip; servers that label plain bytes as gzip are believed the bytes.
func openGzip(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, err := b.Peek(2); len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		if len(head) == 0 && err != nil {
			return nil, err
		}
		return b, nil
	}
	return gzip.NewReader(b)
}

// openDeflate reads both things that servers call deflate: zlib and bare deflate.
func openDeflate(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(2)
	if len(head) == 0 && err != nil {
		return nil, err
	}
	if len(head) == 2 && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		return zlib.NewReader(b)
	}
	return flate.NewReader(b), nil
}
