package portal_test

import (
	"context"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"congdvc/identity/demoidp"
	"congdvc/portal/address"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// chromium is a tab of a real browser, with cookies of its own.
type chromium struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	refused []string // what the browser held to a policy
}

// patience is how long a page may take on a busy machine.
const patience = time.Minute

func (s *site) chromium(t *testing.T, scripts bool) *chromium {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	at := slices.IndexFunc(names, func(name string) bool { _, err := exec.LookPath(name); return err == nil })
	if at < 0 {
		t.Fatal("this test needs a browser: apt-get install chromium")
	}
	allocator, end := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(names[at]), chromedp.NoSandbox, chromedp.DisableGPU)...)
	t.Cleanup(end)
	c := &chromium{t: t}
	var closed context.CancelFunc
	c.ctx, closed = chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(closed)
	chromedp.ListenTarget(c.ctx, func(event any) {
		if e, ok := event.(*log.EventEntryAdded); ok && e.Entry.Source == log.SourceSecurity {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.refused = append(c.refused, e.Entry.Text)
		}
	})
	if err := chromedp.Run(c.ctx); err != nil { // the browser lives as long as the context of this call
		t.Fatal(err)
	}
	c.run(log.Enable(), emulation.SetScriptExecutionDisabled(!scripts))
	return c
}

func (c *chromium) run(actions ...chromedp.Action) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		c.t.Fatal(err)
	}
}

// open goes to an address; what it leads to is waited for by until.
func (c *chromium) open(address string) {
	c.t.Helper()
	c.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, _, _, err := cdp.Navigate(address).Do(ctx)
		return err
	}))
}

// is evaluates a condition; while a page changes it is not true.
func (c *chromium) is(condition string) (yes bool) {
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	err := chromedp.Run(ctx, chromedp.Evaluate("!!("+condition+")", &yes))
	return err == nil && yes
}

// until waits for a condition on a page that is whole.
func (c *chromium) until(condition string) {
	c.t.Helper()
	for end := time.Now().Add(patience); !c.is(`document.readyState === "complete" && ` + condition); {
		if time.Now().After(end) {
			var at, text string
			c.run(chromedp.Location(&at), chromedp.Evaluate("document.body.innerText", &text))
			c.t.Fatalf("never %s; at %s, refused %q:\n%s", condition, at, c.refused, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// press waits for a button and presses its middle.
func (c *chromium) press(selector string) {
	c.t.Helper()
	element := "document.querySelector(" + strconv.Quote(selector) + ")"
	c.until(element)
	var middle struct{ X, Y float64 }
	c.run(chromedp.Evaluate(`(() => { const e = `+element+`; e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect(); return {X: r.left + r.width / 2, Y: r.top + r.height / 2} })()`,
		&middle))
	c.run(chromedp.MouseClickXY(middle.X, middle.Y))
}

func (c *chromium) noneRefused() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.refused) > 0 {
		c.t.Errorf("the browser refused: %q", c.refused)
	}
}

func at(address string) string { return `location.href.startsWith("` + address + `")` }

// TestChromiumIsLedOn: login, payment and logout at providers that forward to other hosts, in a real browser,
// with scripts and without.
func TestChromiumIsLedOn(t *testing.T) {
	t.Parallel()
	for _, where := range []demoidp.Elsewhere{demoidp.ByForwarding, demoidp.ByDiscovery} {
		s := newSite(t, func(c *demoidp.Config) { c.Elsewhere = where })
		s.Stripe.ForwardPages()
		s.Stripe.WebhookFirst()
		c := s.chromium(t, where == demoidp.ByDiscovery)
		c.open(s.URL + "/dang-nhap?ve=/ho-so")
		c.press("main form button")
		c.until(at(s.IDP.PagesURL() + "/login"))
		c.backToTheLogin(s)
		c.press(`button[value="lan"]`)
		c.until(at(s.URL+"/ho-so") + ` && document.querySelector('a[href="/tai-khoan"]')`)

		b := s.visitor(t)
		b.setCookie("phien", c.cookie(s.URL))
		id := draftOf(b.ready("3"))
		b.post(address.DraftSubmit("vi", id),
			url.Values{"csrf": {b.get(address.DraftReview("vi", id)).token(t)}})
		c.open(s.URL + address.DraftFee("vi", id))
		c.press(`form[action$="/le-phi"] button`)
		c.until(at("http://localhost:") + ` && location.pathname.startsWith("/c/pay/")`)
		c.press(`button[value="pay"]`)
		c.until(at(s.URL) + ` && location.pathname.endsWith("/da-nop")`)

		c.open(s.URL + "/tai-khoan")
		c.press(`form[action$="/dang-xuat"] button`)
		c.until(at(s.URL+"/") + ` && location.pathname === "/" &&
			document.querySelector('a[href^="/dang-nhap"]')`)
		c.noneRefused()
	}
}

// backToTheLogin presses Back on the provider's page: it shows the login page, not the one that leads on.
// Then it goes forward again.
func (c *chromium) backToTheLogin(s *site) {
	c.t.Helper()
	var entries []*cdp.NavigationEntry
	var now int64
	c.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		now, entries, err = cdp.GetNavigationHistory().Do(ctx)
		return err
	}))
	if before := entries[now-1].URL; !strings.HasPrefix(before, s.URL+"/dang-nhap?ve=") {
		c.t.Errorf("Back leads to %s", before)
	}
	c.run(cdp.NavigateToHistoryEntry(entries[now-1].ID))
	c.until(at(s.URL+"/dang-nhap?ve=") + ` && document.querySelector("main form button") &&
		!document.querySelector("meta[http-equiv=refresh]")`)
	c.run(cdp.NavigateToHistoryEntry(entries[now].ID))
	c.until(at(s.IDP.PagesURL() + "/login"))
}

// cookie is the session's.
func (c *chromium) cookie(site string) (value string) {
	c.t.Helper()
	c.run(chromedp.ActionFunc(func(ctx context.Context) error {
		all, err := network.GetCookies().WithURLs([]string{site}).Do(ctx)
		for _, one := range all {
			if one.Name == "phien" {
				value = one.Value
			}
		}
		return err
	}))
	return value
}

// TestChromiumWithTwoTabs: two tabs of one browser log in side by side, and a form that was open in the first
// is still good after the second has come back.
func TestChromiumWithTwoTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.chromium(t, true)
	second := &chromium{t: t}
	var closed context.CancelFunc
	second.ctx, closed = chromedp.NewContext(first.ctx)
	t.Cleanup(closed)
	must(t, chromedp.Run(second.ctx))
	for _, c := range []*chromium{first, second} {
		c.open(s.URL + "/dang-nhap?ve=/tai-khoan")
		c.press("main form button")
		c.until(at(s.IDP.URL() + "/login"))
	}
	for _, c := range []*chromium{first, second} {
		c.press(`button[value="lan"]`)
		c.until(at(s.URL + "/tai-khoan"))
	}
	first.press(`form[action$="/dang-xuat"] button`)
	first.until(at(s.URL+"/") + ` && location.pathname === "/"`)
	second.open(s.URL + "/ho-so")
	second.until(at(s.URL + "/dang-nhap?ve="))
	first.noneRefused()
}
