package browser

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestMinuteWithoutNetwork types into the form of a birth while the network is away, and on a telephone whose
// clock is wrong by a day: everything goes up by itself, the newest last.
func TestMinuteWithoutNetwork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		off  time.Duration // by how much the clock of the telephone is wrong
		// inVain is how often the page tries without network. Its pauses double up to half a minute: six
		// tries take more than a minute of its time.
		inVain int
	}{
		{"a minute", 0, 6},
		{"a clock of tomorrow", 24 * time.Hour, 1},
		{"a clock of yesterday", -24 * time.Hour, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lan := newVisitor(t)
			lan.wrongClock(c.off)
			lan.hurry()
			lan.begin("lan", "1.001193")
			if lan.has(".stay.ending") {
				t.Error("the end of the session is announced at its beginning")
			}
			lan.typeInto("nyc.email", "mot@example.vn")
			lan.untilSaved("mot@example.vn")
			lan.goOffline()
			lan.typeInto("nyc.email", "hai@example.vn")
			lan.untilSays("được giữ kín trên máy này")
			lan.typeInto("nyc.dien_thoai", "0987654321")
			lan.typeInto("nyc.email", "ba@example.vn")
			lan.untilKept(2)
			lan.picture(c.name + " without network")
			lan.untilInVain(c.inVain)
			lan.goOnline()
			lan.untilSaved("ba@example.vn")
			lan.untilSaved("0987654321")
			lan.untilKept(0)
			lan.picture(c.name + " later")
			lan.reload()
			if mail, phone := lan.value("nyc.email"), lan.value("nyc.dien_thoai"); mail != "ba@example.vn" ||
				phone != "0987654321" || lan.has(".both") {
				lan.fatal("the draft holds %q and %q", mail, phone)
			}
			// The clock is set back by a day while the page is open, and time passes.
			lan.eval(
				`(() => { const now = Date.now, passed = performance.now; Date.now = () => now() - 864e5; performance.now = () => passed.call(performance) + 26 * 60000;
				document.dispatchEvent(new Event("visibilitychange")) })()`, nil)
			lan.until("the end of the session is announced",
				`document.querySelector(".stay.ending [role=alert]")`)
		})
	}
}

// TestSaveThatHasToWait: a save that the portal puts off stays on the page, which says from when it can be
// saved, sends nothing before, and tries again as soon as the person comes back to it.
func TestSaveThatHasToWait(t *testing.T) {
	t.Parallel()
	lan := newVisitor(t)
	lan.hurry()
	lan.before(`(() => { const real = fetch; globalThis.saves = 0;
		globalThis.fetch = (to, more) => String(to).endsWith("/luu") && globalThis.saves++ === 0
			? Promise.resolve(new Response(JSON.stringify({ message: "Bạn có thể lưu tiếp từ 14:35." }),
				{ status: 429, headers: { "Retry-After": "36000" } }))
			: real(to, more) })()`)
	lan.begin("lan", "1.001193")
	lan.typeInto("nyc.email", "mot@example.vn")
	lan.untilSays("từ 14:35")
	var sent int
	lan.typeInto("nyc.dien_thoai", "0987654321")
	lan.untilKept(2)
	if lan.eval("globalThis.saves", &sent); sent != 1 {
		lan.fatal("%d saves were sent before their time", sent)
	}
	lan.eval(`document.dispatchEvent(new Event("visibilitychange"))`, nil)
	lan.untilSaved("mot@example.vn")
	lan.untilSaved("0987654321")
	lan.untilKept(0)
}

// hurry has the long pauses of the pages that come pass thirty times as fast.
func (v *visitor) hurry() {
	v.t.Helper()
	v.before(`(() => { const real = setTimeout;
		globalThis.setTimeout = (what, pause, ...more) =>
			real(what, pause >= 1000 ? pause / 30 : pause, ...more) })()`)
}

// untilInVain waits until so many more requests have failed.
func (v *visitor) untilInVain(n int) {
	v.t.Helper()
	before := v.watch.failures()
	if !eventually(glance, func() bool { return v.watch.failures() >= before+n }) {
		v.fatal("the page tried %d times in vain, not %d", v.watch.failures()-before, n)
	}
}

// before runs a script in the pages that come, before their own.
func (v *visitor) before(script string) {
	v.t.Helper()
	v.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
}

// wrongClock has the pages that come believe in another time.
func (v *visitor) wrongClock(off time.Duration) {
	v.t.Helper()
	v.before(`(() => { const off = ` + strconv.FormatInt(off.Milliseconds(), 10) + `, real = Date;
		globalThis.Date = class extends real {
			constructor(...of) { if (of.length) super(...of); else super(real.now() + off) }
			static now() { return real.now() + off }
		} })()`)
}
