package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	phoneWidth, phoneHeight = 360, 740
	deskWidth, deskHeight   = 1280, 900

	// patience is how long a condition may take to come true.
	patience = 3 * time.Minute
	// tabTime bounds everything that one tab does.
	tabTime = 10 * time.Minute
	// glance is the time between two looks at a page, look that between two questions to a server.
	glance = 15 * time.Millisecond
	look   = 150 * time.Millisecond
)

// eventually looks every so often until something is true, and reports whether it became so within patience.
func eventually(every time.Duration, is func() bool) bool {
	for end := time.Now().Add(patience); !is(); time.Sleep(every) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// visitor is a person with a telephone: one tab, and cookies of their own unless it is a second tab of
// somebody.
type visitor struct {
	t      *testing.T
	ctx    context.Context
	sys    *system
	person cdp.BrowserContextID
	watch  *watch
	script bool // JavaScript is on
	keys   bool // types key by key
}

func (v *visitor) run(actions ...chromedp.Action) {
	v.t.Helper()
	if err := chromedp.Run(v.ctx, actions...); err != nil {
		v.fatal("%v", err)
	}
}

// fatal ends the test with what the person sees.
func (v *visitor) fatal(format string, args ...any) {
	v.t.Helper()
	var at struct{ URL, Title, Text string }
	_ = v.try(
		`({URL: location.href || "", Title: document.title, Text: document.querySelector("main") ? document.querySelector("main").innerText.replace(/\\n+/g, "\\n") : document.body.innerText})`, &at)
	v.t.Fatalf("%s\nat %s %q:\n%s", fmt.Sprintf(format, args...), at.URL, at.Title, clip(at.Text, 1500))
}

func clip(s string, most int) string {
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// try evaluates an expression in the page.
func (v *visitor) try(expression string, out any) error {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate(expression, out))
}

func (v *visitor) eval(expression string, out any) {
	v.t.Helper()
	if err := v.try(expression, out); err != nil {
		v.fatal("%s: %v", clip(expression, 200), err)
	}
}

// until waits until the expression is true in the page; the page may change meanwhile.
func (v *visitor) until(what, expression string) {
	v.t.Helper()
	became := eventually(glance, func() bool {
		var is bool
		return v.try("!!("+expression+")", &is) == nil && is
	})
	if !became {
		v.fatal("waited in vain until %s", what)
	}
}

// settle waits until nothing is on its way any more.
func (v *visitor) settle() {
	v.t.Helper()
	if !eventually(glance, v.watch.quiet) {
		v.fatal("requests never end")
	}
}

// open goes to a path of the portal, or to another address.
func (v *visitor) open(address string) {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.sys.portal + address
	}
	v.land(func() {
		v.run(chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, problem, _, err := page.Navigate(address).Do(ctx)
			if err == nil && problem != "" {
				err = fmt.Errorf("%s: %s", address, problem)
			}
			return err
		}))
	})
}

// land does what leads to another document, waits for it, and checks it.
func (v *visitor) land(do func()) {
	v.t.Helper()
	v.leave(do)
	v.checkPage()
}

// leave does what leads to another document, and waits for it. A document that leads on by itself is none.
func (v *visitor) leave(do func()) {
	v.t.Helper()
	v.eval(`window.left = true`, nil)
	do()
	v.until("another page is there",
		`!window.left && document.readyState === "complete" && document.title !== "" &&
			!document.querySelector("meta[http-equiv=refresh]")`)
}

func (v *visitor) reload() {
	v.t.Helper()
	v.land(func() { v.run(page.Reload()) })
}

// back presses the browser's button. It may show the document of before, or load it anew.
func (v *visitor) back() {
	v.t.Helper()
	at := v.path()
	v.run(chromedp.ActionFunc(func(ctx context.Context) error {
		now, entries, err := page.GetNavigationHistory().Do(ctx)
		if err != nil {
			return err
		}
		return page.NavigateToHistoryEntry(entries[now-1].ID).Do(ctx)
	}))
	v.until("the page before is there",
		`location.pathname !== `+quote(at)+` && document.readyState === "complete" && document.title !== ""`)
}

// tap presses the middle of an element with a finger or a mouse, as far as nothing covers it.
func (v *visitor) tap(what, element string) {
	v.t.Helper()
	type place struct {
		X, Y    float64
		Covered string
	}
	var at, was *place
	// A page that has just said something may still move, as a person would see.
	rests := eventually(glance, func() bool {
		was, at = at, nil
		v.eval(`(() => { const e = `+element+`; if (!e) return null;
		e.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
		const r = e.getClientRects()[0]; if (!r) return null;
		const x = r.left + r.width / 2, y = r.top + r.height / 2, top = document.elementFromPoint(x, y);
		return {X: x, Y: y, Covered: top && (top === e || e.contains(top)) ? "" : (top ? top.outerHTML.slice(0, 200) : "nothing there")} })()`, &at)
		return at == nil || was != nil && *at == *was
	})
	if !rests {
		v.fatal("%s never rests", what)
	}
	if at == nil {
		v.fatal("there is no %s to press", what)
	}
	if at.Covered != "" {
		v.fatal("%s is covered by %s", what, at.Covered)
	}
	v.run(chromedp.MouseClickXY(at.X, at.Y))
}

// named finds a link, button or summary by its words: all of them, else their beginning.
func named(words string) string {
	return `(() => { const w = ` + quote(words) + `, text = e => e.textContent.replace(/\s+/g, " ").trim();
		const all = [...document.querySelectorAll("a, button, summary")].filter(e => !e.classList.contains("hidden") && e.getClientRects().length);
		return all.find(e => text(e) === w) || all.find(e => text(e).startsWith(w)) })()`
}

func quote(s string) string { return inJSON(s) }

// inJSON writes a value for an expression.
func inJSON(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		panic(err) // what comes here always can be written
	}
	return string(b)
}

// press follows a link or presses a button, and waits for the page it leads to.
func (v *visitor) press(words string) {
	v.t.Helper()
	v.land(func() { v.tap(words, named(words)) })
}

// pressAt is press for an element by its CSS selector.
func (v *visitor) pressAt(selector string) {
	v.t.Helper()
	v.land(func() { v.tap(selector, `document.querySelector(`+quote(selector)+`)`) })
}

func (v *visitor) text() string {
	v.t.Helper()
	var s string
	v.eval(`document.body.innerText`, &s)
	return strings.ReplaceAll(s, "\u00a0", " ") // sums do not break from their đồng
}

// see fails unless the page says each of the words.
func (v *visitor) see(words ...string) {
	v.t.Helper()
	text := v.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			v.fatal("the page does not say %q", w)
		}
	}
}

// waitFor loads the page anew until it says the words: something happens elsewhere.
func (v *visitor) waitFor(words string) {
	v.t.Helper()
	says := strings.Contains(v.text(), words) || eventually(look, func() bool {
		v.leave(func() { v.run(page.Reload()) })
		return strings.Contains(v.text(), words)
	})
	if !says {
		v.fatal("the page never said %q", words)
	}
	v.checkPage()
}

// path is where the visitor is, without the origin.
func (v *visitor) path() string {
	v.t.Helper()
	var s string
	v.eval(`location.pathname`, &s)
	return s
}

// href is where a link leads.
func (v *visitor) href(words string) string {
	v.t.Helper()
	var s string
	v.eval(`(`+named(words)+` || {}).href || ""`, &s)
	if s == "" {
		v.fatal("there is no link %q", words)
	}
	return s
}

// fetch reads an address with the cookies of the visitor, as a download does.
func (v *visitor) fetch(address string) []byte {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.ctx, http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range v.cookies(address) {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		v.fatal("%s: %s, %v", address, response.Status, err)
	}
	return body
}

func (v *visitor) cookies(address string) (all []*network.Cookie) {
	v.t.Helper()
	v.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		all, err = network.GetCookies().WithURLs([]string{address}).Do(ctx)
		return err
	}))
	return all
}

// key presses one key.
func (v *visitor) key(keys string) {
	v.t.Helper()
	v.run(chromedp.KeyEvent(keys))
}

// insert types text where the focus is.
func (v *visitor) insert(text string) {
	v.t.Helper()
	v.run(input.InsertText(text))
}
