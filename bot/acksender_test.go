//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// asking is one request of a platform, and answered what came of it.
type asking struct {
	After  time.Duration // the start, when it is due
	URL    string
	Header http.Header
	Body   string
}

type answered struct {
	Took   time.Duration // since it was due
	Status int
	Body   string
	Error  string
}

// rushIn sends requests when they are due, whatever became of those before, from
// a process of its own: the platforms do not share one with the program.
func rushIn(t *testing.T, requests []asking) []answered {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sender := filepath.Join(t.TempDir(), "sender") // testscript.Main runs the command that the program's name says
	if err := os.Symlink(exe, sender); err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), sender)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(in)), t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []answered
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(requests) {
		t.Fatalf("got %d answers to %d requests: %v", len(answers), len(requests), err)
	}
	return answers
}

// sender is the process of rushIn.
func sender() {
	var requests []asking
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		panic(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, Timeout: 10 * time.Second}
	answers := make([]answered, len(requests))
	var all sync.WaitGroup
	began := time.Now()
	for n, a := range requests {
		due := began.Add(a.After)
		time.Sleep(time.Until(due))
		all.Go(func() {
			answers[n] = deliver(client, a)
			answers[n].Took = time.Since(due)
		})
	}
	all.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

// deliver sends one request.
func deliver(client *http.Client, a asking) answered {
	req, err := http.NewRequest(http.MethodPost, a.URL, strings.NewReader(a.Body))
	if err != nil {
		return answered{Error: err.Error()}
	}
	req.Header = a.Header
	resp, err := client.Do(req)
	if err != nil {
		return answered{Error: err.Error()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answered{Error: err.Error()}
	}
	return answered{Status: resp.StatusCode, Body: string(body)}
}
