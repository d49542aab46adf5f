package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// keyIn reads the key that nutgraf keys add --json printed into a file.
func keyIn(ts *testscript.TestScript, file string) (k struct{ ID, Secret string }) {
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &k))
	return k
}

// pushes is the script command `push KEY FILE`: serve runs, takes a push with
// the file, and answers with status and body.
func pushes(ts *testscript.TestScript, _ bool, args []string) {
	s, err := startServe(ts.MkAbs("."), "", "--store", ts.MkAbs("news.db"))
	ts.Check(err)
	defer s.kill2()
	req, err := http.NewRequest(http.MethodPost, s.address+"/api/articles", strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+keyIn(ts, args[0]).Secret)
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s", resp.StatusCode, body)
	ts.Check(s.stop())
}

// revokes is the script command `revoke KEY`.
func revokes(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("nutgraf", "keys", "revoke", keyIn(ts, args[0]).ID, "--store", "news.db"))
}
