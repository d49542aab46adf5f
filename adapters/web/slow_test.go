package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSlowSendersBlockNobody has 200 connections that send half a header, and
// as many that send half a body to a signed route: others are answered at once.
func TestSlowSendersBlockNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, newDesk(), nil)
	s.Handle("POST /hook", Signed(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, s) }()
	var slow []net.Conn
	for i := range 400 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
		half := "POST /hook HTTP/1.1\r\nHost: x\r\nX-Slow: "
		if i%2 == 0 {
			half = "POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
		}
		if _, err := io.WriteString(c, half); err != nil {
			t.Fatal(err)
		}
	}
	client := &http.Client{Timeout: 5 * time.Second}
	resp, err := client.Post(fmt.Sprintf("http://%s/hook", l.Addr()), "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("a good request is answered %d", resp.StatusCode)
	}
	large, err := client.Post(fmt.Sprintf("http://%s/hook", l.Addr()), "application/json", strings.NewReader(strings.Repeat("x", signedBody+1)))
	if err == nil {
		large.Body.Close()
		if large.StatusCode == http.StatusOK {
			t.Error("a body over the cap is taken")
		}
	}
	client.CloseIdleConnections()
	for _, c := range slow {
		c.Close()
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
