package browser

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe-core/axe.min.js
var axe string

// looked holds the pages that were looked at closely: once is enough for all tests together.
var looked sync.Map

// pageName tells pages apart, but not two dossiers on the same page.
func (v *visitor) pageName() string {
	v.t.Helper()
	var at struct{ Host, Path, Title, State string }
	v.eval(`({Host: location.origin, Path: location.pathname, Title: document.title,
		State: [...document.querySelectorAll(".state h2, .errors h2")].map(e => e.textContent).join(" ")})`,
		&at)
	host := map[string]string{v.sys.portal: "", v.sys.identity: "identity", v.sys.payments: "payments",
		v.sys.office: "office", v.sys.department: "office"}[at.Host]
	return host + varying.ReplaceAllString(at.Path, "-") + " " + at.Title + " " + at.State
}

// varying is what differs between two dossiers on one page.
var varying = regexp.MustCompile(
	`[0-9a-f]{8}-[0-9a-f-]{27}|H42\.[0-9A-Z.]+-\d{6}-\d+|c[su]_[A-Za-z0-9_]+|[0-9A-Z]{4}(-[0-9A-Z]{4}){3}`)

// checkPage holds what is true of every page, and looks closely at one that no test has met before.
func (v *visitor) checkPage() {
	v.t.Helper()
	name := v.pageName()
	for _, problem := range v.watch.take() {
		v.t.Errorf("%s: %s", name, problem)
	}
	if _, met := looked.LoadOrStore(name, true); met {
		return
	}
	if !strings.HasPrefix(name, "office") {
		v.checkWidth(name)
	}
	v.checkAccess(name)
	if folder := os.Getenv("SHOTS"); folder != "" {
		v.shoot(filepath.Join(folder, fileName.ReplaceAllString(strings.TrimSuffix(name, " "), "_")))
	}
}

var fileName = regexp.MustCompile(`[^\p{L}\p{N}.]+`)

// checkWidth fails when a page has to be moved sideways on a telephone.
func (v *visitor) checkWidth(name string) {
	v.t.Helper()
	var wide struct {
		Page, Window int
		Guilty       []string
	}
	v.eval(`({Page: document.documentElement.scrollWidth, Window: innerWidth,
		Guilty: [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > `+
		fmt.Sprint(phoneWidth)+` + 1
			&& !e.closest(".scroll, .hidden, .skip")).map(e => e.outerHTML.slice(0, 120)).slice(0, 3)})`,
		&wide)
	if wide.Page > phoneWidth || wide.Window > phoneWidth {
		v.t.Errorf("%s is %d px wide on a telephone of %d: %q", name, max(wide.Page, wide.Window), phoneWidth,
			wide.Guilty)
	}
}

// violation is one fault that axe-core found.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// checkAccess asks axe-core for what keeps people out. It runs beside the scripts of the page, and needs
// scripts to be on; those of the page do not start because of it.
func (v *visitor) checkAccess(name string) {
	v.t.Helper()
	if !v.script {
		v.run(emulation.SetScriptExecutionDisabled(false))
		defer v.run(emulation.SetScriptExecutionDisabled(true))
	}
	found, err := v.violations()
	if err != nil {
		// A page that looks again by itself may just have done so.
		v.until("the page is there", `document.readyState === "complete"`)
		found, err = v.violations()
	}
	if err != nil {
		v.t.Errorf("%s: axe: %v", name, err)
	}
	for _, f := range found {
		if f.Impact == "serious" || f.Impact == "critical" {
			v.t.Errorf("%s: %s (%s): %s %+v", name, f.ID, f.Impact, f.Help, f.Nodes)
		} else {
			v.t.Logf("%s: %s (%s): %s", name, f.ID, f.Impact, f.Help)
		}
	}
}

func (v *visitor) violations() (found []violation, err error) {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	err = chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		tree, err := page.GetFrameTree().Do(ctx)
		if err != nil {
			return err
		}
		world, err := page.CreateIsolatedWorld(tree.Frame.ID).WithWorldName("axe").Do(ctx)
		if err != nil {
			return err
		}
		beside := func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
			return p.WithContextID(world).WithAwaitPromise(true)
		}
		if err := chromedp.Evaluate(axe+"\n;true", nil, beside).Do(ctx); err != nil {
			return err
		}
		return chromedp.Evaluate(
			`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]})
			.then(r => r.violations.map(x => ({ID: x.id, Impact: x.impact, Help: x.help,
				Nodes: x.nodes.slice(0, 3).map(n => ({HTML: n.html.slice(0, 200), FailureSummary: n.failureSummary}))})))`, &found, beside).Do(ctx)
	}))
	return found, err
}

// shoot keeps pictures of the page at the width of a telephone and of a desk.
func (v *visitor) shoot(path string) {
	v.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		v.t.Fatal(err)
	}
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"360", phoneWidth, phoneHeight}, {"1280", deskWidth, deskHeight}} {
		v.resize(size.width, size.height)
		var picture []byte
		v.run(chromedp.FullScreenshot(&picture, 100))
		if err := os.WriteFile(path+"."+size.name+".png", picture, 0o600); err != nil {
			v.t.Fatal(err)
		}
	}
	v.resize(phoneWidth, phoneHeight)
}

// TestBrowserDoesNotLie makes sure that what the other tests rely on can fail.
func TestBrowserDoesNotLie(t *testing.T) {
	t.Parallel()
	w := newWatch(&system{portal: "http://portal"})
	w.checkOrigin("https://fonts.example.com/x.css")
	w.checkOrigin("data:image/png;base64,AA")
	if problems := w.take(); len(problems) != 1 {
		t.Errorf("problems %q; want one about the stranger", problems)
	}
}
