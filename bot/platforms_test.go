package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// startTrial runs `nutgraf try --platforms` in this process and returns the
// address of its web page.
func startTrial(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	root := newRoot(stdio{in: strings.NewReader(""), out: in, err: os.Stderr})
	root.SetArgs([]string{"try", "--platforms", "--dir", t.TempDir()})
	done := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		in.CloseWithError(io.EOF)
		done <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("try ended with %v", err)
		}
	})
	address := ""
	lines := bufio.NewScanner(out)
	for address == "" && lines.Scan() {
		if at := regexp.MustCompile(`http://\S+/platforms`).FindString(lines.Text()); at != "" {
			address = strings.TrimSuffix(at, "/platforms")
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if address == "" {
		t.Fatal("try did not say where the page is")
	}
	return address
}

// look fetches a page.
func look(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// send sends the page's form and returns the page after it.
func send(t *testing.T, address string, fields ...string) (int, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	resp, err := http.PostForm(address+"/platforms", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// channels returns the two columns of the page.
func channels(t *testing.T, page string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<section class="column slack"`)
	slack, discord, both := strings.Cut(rest, `<section class="column discord"`)
	if !ok || !both {
		t.Fatalf("the page lacks a column:\n%s", page)
	}
	return map[string]string{"slack": slack, "discord": discord}
}

// answer returns the newest thing that a person did, and what follows it.
func answer(t *testing.T, page, platform string) string {
	t.Helper()
	_, after, ok := strings.Cut(channels(t, page)[platform], ` id="`+platform+`-last"`)
	if !ok {
		t.Fatalf("nobody did anything on %s:\n%s", platform, page)
	}
	return after
}

// TestTryPlatforms drives the whole product against both pretended platforms:
// the digest is in each channel once, and typed commands are answered.
func TestTryPlatforms(t *testing.T) {
	address := startTrial(t)
	resp, page := look(t, address+"/platforms")
	if policy := resp.Header.Get("Content-Security-Policy"); resp.StatusCode != http.StatusOK || !strings.Contains(policy, "default-src 'none'") {
		t.Fatalf("status %d, policy %q", resp.StatusCode, policy)
	}
	for name, want := range map[string]string{"slack": "<h3>Nutgraf sample digest</h3>", "discord": "<h3>Nutgraf sample digest</h3>"} {
		column := channels(t, page)[name]
		if got := strings.Count(column, want); got != 1 {
			t.Errorf("%s shows the digest %d times", name, got)
		}
		if got := strings.Count(column, ">More<"); got < 6 {
			t.Errorf("%s shows %d stories", name, got)
		}
	}
	for _, c := range []struct{ platform, who, line, want string }{
		{"slack", "member", "search freight", `(?s)<b>ana</b> used <code>/digest search freight</code>.*Only visible to ana.*Freight`},
		{"slack", "manager", "/digest help", `(?s)<b>maya</b> used <code>/digest help</code>.*Only visible to maya.*summarize`},
		{"slack", "member", "serch freight", `(?s)serch freight.*Only visible to ana.*search`},
		{"discord", "member", "search freight", `(?s)<b>ana</b> used <code>/digest search freight</code>.*Freight.*Only ana can see this`},
		{"discord", "manager", "/digest latest", `(?s)<b>maya</b> used.*Nutgraf sample digest.*Only maya can see this`},
		{"slack", "member", "pause try-slack", `(?s)Only visible to ana.*manage`},
		{"slack", "manager", "pause try-slack", `(?s)Only visible to maya.*paused`},
		{"discord", "member", "pause try-discord", `(?s)manage.*Only ana can see this`},
		{"discord", "manager", "pause try-discord", `(?s)paused.*Only maya can see this`},
		{"discord", "member", "serch freight", `(?s)serch freight.*class="refused".*search`},
		{"discord", "member", "<script>alert(1)</script>", `&lt;script&gt;`},
	} {
		status, page := send(t, address, "platform", c.platform, "who", c.who, "line", c.line)
		if got := answer(t, page, c.platform); status != http.StatusOK || !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s: %q is answered with %d, want %s:\n%s", c.platform, c.line, status, c.want, got)
		}
		if strings.Contains(page, "<script") {
			t.Errorf("%s: the page has a script after %q", c.platform, c.line)
		}
	}
}

// TestPressOnPlatforms presses the first button of each label.
func TestPressOnPlatforms(t *testing.T) {
	address := startTrial(t)
	_, page := look(t, address+"/platforms")
	for name, column := range channels(t, page) {
		pressed := make(map[string]bool)
		for _, m := range regexp.MustCompile(`name="press" value="([^"]+)">([^<]+)</button>`).FindAllStringSubmatch(column, -1) {
			label := m[2]
			if pressed[label] || strings.Contains(label, "/") { // "1/9" is a mark that answers nothing
				continue
			}
			pressed[label] = true
			_, page := send(t, address, "platform", name, "who", "member", "press", m[1])
			got := answer(t, page, name)
			if !strings.Contains(got, "<b>ana</b> pressed <code>"+label+"</code>") || !strings.Contains(got, "<article") && !strings.Contains(got, "A form opens: ") || strings.Contains(got, "There is no") {
				t.Errorf("%s: %q is answered with\n%s", name, label, got)
			}
		}
		if !pressed["Why these?"] || !pressed["More"] {
			t.Errorf("%s has the buttons %v", name, pressed)
		}
	}
}

// TestPlatformsRefuse sends what no form of the page sends.
func TestPlatformsRefuse(t *testing.T) {
	address := startTrial(t)
	for _, fields := range [][]string{
		{"platform", "irc", "who", "member", "line", "help"},
		{"platform", "slack", "who", "U3", "line", "help"},
		{},
	} {
		if status, body := send(t, address, fields...); status != http.StatusBadRequest {
			t.Errorf("%v is answered with %d: %s", fields, status, body)
		}
	}
	for _, press := range []string{"1.2 run:0", "none", "1 "} {
		for _, name := range []string{"slack", "discord"} {
			if status, _ := send(t, address, "platform", name, "who", "member", "line", "help", "press", press); status != http.StatusOK {
				t.Errorf("%s: pressing %q is answered with %d", name, press, status)
			}
		}
	}
	_, page := look(t, address+"/platforms")
	_, style := look(t, address+"/platforms.css")
	for _, bar := range regexp.MustCompile(`bar-[0-9a-f]{6}`).FindAllString(page, -1) {
		if !strings.Contains(style, "."+bar) {
			t.Errorf("the style sheet does not know the colour %s", bar)
		}
	}
}
