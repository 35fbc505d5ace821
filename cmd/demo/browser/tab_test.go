package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// newVisitor opens a tab with empty cookies and cache, 360 px wide.
func newVisitor(t *testing.T) *visitor {
	t.Helper()
	s := theSystem(t)
	var person cdp.BrowserContextID
	s.ask(t, func(ctx context.Context) (err error) {
		person, err = target.CreateBrowserContext().WithDisposeOnDetach(true).Do(ctx)
		return err
	})
	return openTab(t, s, person)
}

// secondTab opens another tab of the same person.
func (v *visitor) secondTab() *visitor {
	v.t.Helper()
	return openTab(v.t, v.sys, v.person)
}

// ask sends a command to the browser itself, which no tab can.
func (s *system) ask(t *testing.T, do func(context.Context) error) {
	t.Helper()
	if err := do(cdp.WithExecutor(s.browser, chromedp.FromContext(s.browser).Browser)); err != nil {
		t.Fatal(err)
	}
}

func openTab(t *testing.T, s *system, person cdp.BrowserContextID) *visitor {
	t.Helper()
	var id target.ID
	s.ask(t, func(ctx context.Context) (err error) {
		// A person's first tab needs a window of its own.
		id, err = target.CreateTarget("about:blank").WithBrowserContextID(person).WithNewWindow(true).Do(ctx)
		return err
	})
	tab, closeTab := chromedp.NewContext(s.browser, chromedp.WithTargetID(id))
	ctx, cancel := context.WithTimeout(tab, tabTime)
	t.Cleanup(func() { cancel(); closeTab() })
	v := &visitor{t: t, ctx: ctx, sys: s, person: person, watch: newWatch(s), script: true}
	// The first run attaches to the tab, which shall live as long as the tab's own context.
	if err := chromedp.Run(tab); err != nil {
		t.Fatal(err)
	}
	chromedp.ListenTarget(tab, v.watch.see)
	v.run(network.Enable(), log.Enable(), page.Enable(), emulation.SetFocusEmulationEnabled(true))
	v.resize(phoneWidth, phoneHeight)
	t.Cleanup(func() {
		for _, problem := range v.watch.take() {
			t.Error(problem)
		}
	})
	return v
}

func (v *visitor) withoutScript() *visitor {
	v.script = false
	v.run(emulation.SetScriptExecutionDisabled(true))
	return v
}

func (v *visitor) resize(width, height int64) {
	v.t.Helper()
	v.run(emulation.SetDeviceMetricsOverride(width, height, 2, width < 600))
}
