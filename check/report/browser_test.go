package report_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/report"
)

// patience is how long a browser may take for one thing; it is far longer than it
// needs on a slow machine.
const patience = 15 * time.Second

// browserOptions finds Chromium. Without it the test is skipped, or fails if
// RAVEL_BROWSER is "required".
func browserOptions(t *testing.T) []chromedp.ExecAllocatorOption {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WSURLReadTimeout(patience))
		if os.Geteuid() == 0 {
			opts = append(opts, chromedp.NoSandbox) // it refuses to start as root with one
		}
		return opts
	}
	const missing = "no chromium, chromium-browser or google-chrome in PATH: the page is not tested in a browser"
	if os.Getenv("RAVEL_BROWSER") == "required" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return nil
}

// tab is a tab of a browser with a page.
type tab struct {
	*testing.T
	ctx context.Context
	url string

	mu    sync.Mutex // guards the fields below
	wrong []string   // what the console and the network have told
}

// open opens the page of a report in a new tab that is so many pixels wide.
func open(t *testing.T, browser context.Context, r *report.Report, width int64) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, r.HTML(), 0o666))
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := &tab{T: t, ctx: ctx, url: (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	b.do(chromedp.EmulateViewport(width, 900))
	b.do(chromedp.Navigate(b.url))
	b.wait("document.querySelector('#detail, #panel p') !== null")
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		assert.Empty(t, b.wrong, "errors, warnings and requests")
	})
	return b
}

// listen notes what must not happen.
func (b *tab) listen(event any) {
	text := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		text = "console: " + string(e.Type)
	case *log.EventEntryAdded:
		text = "log: " + e.Entry.Text
	case *network.EventRequestWillBeSent:
		if e.Request.URL == b.url || e.Request.URL == "data:," {
			return
		}
		text = "request: " + e.Request.URL
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = append(b.wrong, text)
}

func (b *tab) do(a chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	require.NoError(b, chromedp.Do(ctx, a))
}

// wait waits until an expression of JavaScript is true.
func (b *tab) wait(expression string) {
	b.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool]("Boolean("+expression+")", chromedp.WithPollingTimeout(patience)))
	if err != nil {
		b.Fatalf("%s: %v; the panel shows %q", expression, err, b.eval("document.getElementById('panel').innerText"))
	}
}

func (b *tab) eval(expression string) any {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](expression))
	require.NoError(b, err, expression)
	return v
}

func (b *tab) click(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

func (b *tab) press(key string) {
	b.Helper()
	b.do(chromedp.KeyEvent(key))
}

// shows waits until the panel has a text.
func (b *tab) shows(text string) {
	b.Helper()
	b.wait(fmt.Sprintf("document.getElementById('panel').textContent.includes(%q)", text))
}

// selected waits until a step of a schedule is the selected one.
func (b *tab) selected(view string, step int) {
	b.Helper()
	b.wait(fmt.Sprintf("document.querySelector('#%s [aria-current=step]')?.dataset.step === '%d'", view, step))
}

// fits checks that the page is not wider than the window.
func (b *tab) fits() {
	b.Helper()
	assert.LessOrEqual(b, b.eval("document.documentElement.scrollWidth"), b.eval("innerWidth"), "the page scrolls sideways")
}

func TestBrowser(t *testing.T) {
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), browserOptions(t)...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(browser))
	for _, c := range []struct {
		name  string
		width int64
		of    *report.Report
		test  func(*tab)
	}{
		{"keys", 1280, fixture(t, "lost_update"), testKeys},
		{"clicks", 1280, fixture(t, "lost_update"), testClicks},
		{"arrows", 1280, fixture(t, "wordcount"), testArrows},
		{"gap", 1280, fixture(t, "wordcount"), testGap},
		{"phone", 360, fixture(t, "wordcount"), testPhone},
		{"deadlock", 1280, fixture(t, "deadlock"), testDeadlock},
		{"dark", 1280, fixture(t, "lost_update"), testDark},
		{"hostile", 1280, hostile(), testHostile},
		{"hostile on a phone", 360, hostile(), testHostile},
		{"long", 360, long(10_000), testLong},
		{"empty", 360, &report.Report{Version: report.Version}, testEmpty},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(open(t, browser, c.of, c.width)) })
	}
}
