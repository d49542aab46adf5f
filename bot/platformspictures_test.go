package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const browser = "/usr/bin/chromium"

// openBrowser starts a browser, or skips the test where there is none. Set
// NUTGRAF_TEST_REQUIRE=chromium to fail instead.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	if _, err := os.Stat(browser); err != nil {
		if strings.Contains(os.Getenv("NUTGRAF_TEST_REQUIRE"), "chromium") {
			t.Fatalf("%s is required: %v", browser, err)
		}
		t.Skipf("SKIPPED: %s is missing, so that no page was looked at in a browser", browser)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// must runs one step in the browser and returns its result.
func must[T any](t *testing.T, ctx context.Context, step chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, step)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// visit opens a page in a window of a width and a colour scheme.
func visit(t *testing.T, ctx context.Context, address, scheme string, width, height int64) {
	t.Helper()
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
}

// TestPlatformPictures looks at the page of both platforms in a browser:
// nothing is wider than the window, and the policy stops none of its own parts.
// NUTGRAF_TEST_PICTURES names a folder where pictures are kept; those for the
// README are slack.png, discord.png and digest.png.
func TestPlatformPictures(t *testing.T) {
	ctx := openBrowser(t)
	address := startTrial(t)
	_, before := look(t, address+"/platforms")
	if strings.Contains(before, `class="event"`) {
		t.Errorf("the channels are not ready:\n%s", before)
	}
	send(t, address, "platform", "slack", "who", "member", "line", "search freight")
	send(t, address, "platform", "discord", "who", "manager", "line", "status")
	folder := os.Getenv("NUTGRAF_TEST_PICTURES")
	for _, shot := range []struct {
		name, path, scheme string
		width              int64
	}{
		{"platforms-light", "/platforms", "light", 1280},
		{"platforms-dark", "/platforms", "dark", 1280},
		{"platforms-answer-light", "/platforms#slack-last", "light", 1280},
		{"platforms-phone-light", "/platforms", "light", 390},
		{"platforms-phone-dark", "/platforms#discord-last", "dark", 390},
	} {
		visit(t, ctx, address+shot.path, shot.scheme, shot.width, 1000)
		if wide := must(t, ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); wide > shot.width {
			t.Errorf("%s is %d pixels wide in a window of %d", shot.name, wide, shot.width)
		}
		if got := must(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.querySelector(".discord .embed")).borderLeftColor`)); got != "rgb(31, 111, 235)" {
			t.Errorf("%s: the header's bar is %s", shot.name, got)
		}
		if folder != "" {
			keep(t, ctx, folder, shot.name, nil)
		}
	}
	if folder == "" {
		return
	}
	for _, name := range []string{"slack", "discord"} {
		visit(t, ctx, address+"/platforms", "light", 1280, 1240)
		crop(t, ctx, folder, name, `document.querySelector(".`+name+`")`, 1240)
	}
	_, home := look(t, address+"/")
	edition := regexp.MustCompile(`/edition/[A-Za-z0-9_-]+`).FindString(home)
	visit(t, ctx, address+edition, "light", 1200, 1400)
	crop(t, ctx, folder, "digest", "document.documentElement", 1370)
}

// crop keeps the picture of an element down to a line of the window.
func crop(t *testing.T, ctx context.Context, folder, name, element string, bottom float64) {
	t.Helper()
	box := must(t, ctx, chromedp.Evaluate[[]float64](`(() => { const b = `+element+`.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] })()`))
	keep(t, ctx, folder, name, &page.Viewport{X: box[0], Y: box[1], Width: box[2], Height: min(box[3], bottom-box[1]), Scale: 1})
}

// keep keeps a picture of the window, or of a part of it.
func keep(t *testing.T, ctx context.Context, folder, name string, clip *page.Viewport) {
	t.Helper()
	out, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: clip})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), out.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}
