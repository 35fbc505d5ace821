package browser

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/fault"
)

// putScript gives the inputs of a step their values, with the events that the page listens to, and waits
// where the page asks the portal. It gives the field that cannot be answered so, or "".
const putScript = `(async (fields, script) => {
	const form = () => document.getElementById("step"), done = new Set();
	const owner = (name) => fields.map((f) => f.ID).filter((id) => name === id || name.startsWith(id + ".")).sort((a, b) => b.length - a.length)[0];
	const say = (e, ...kinds) => { for (const kind of kinds) e.dispatchEvent(new Event(kind, {bubbles: true})) };
	const put = (e, want) => {
		if (e.type === "radio" || e.type === "checkbox") {
			if (e.checked === want.includes(e.value)) return false;
			if (e.type === "radio" && e.checked) { if (want.length) return false; e.checked = false; say(e, "input", "change"); } else e.click();
			return true;
		}
		if (e.value === (want[0] ?? "")) return false;
		e.value = want[0] ?? "";
		say(e, "input", "change");
		return true;
	};
	for (let again = true; again;) {
		again = false;
		for (const f of fields) {
			const base = form().elements["__base." + f.ID];
			if (done.has(f.ID) || !base || base.matches(":disabled")) continue;
			const inputs = [...form().elements].filter((e) => e.name && e.type !== "hidden" && !e.name.startsWith("__") && e.tagName !== "BUTTON" && !e.matches(":disabled") && owner(e.name) === f.ID);
			for (const [name, want] of Object.entries(f.Values)) {
				const named = inputs.filter((e) => e.name === name), choice = named[0] && (named[0].type === "radio" || named[0].type === "checkbox");
				if (f.Table && !named.length) continue; // a row that is not there yet
				if ((want ?? []).some((v) => v !== "" && (!named.length || choice && !named.some((e) => e.value === v) || named[0].tagName === "SELECT" && ![...named[0].options].some((o) => o.value === v))))
					return f.ID;
			}
			done.add(f.ID);
			again = true;
			const op = form().elements.__op;
			let asks = false;
			for (const e of inputs) if (put(e, f.Values[e.name] || []) && script && "controls" in e.dataset) asks = true;
			for (let n = 0; asks && form().elements.__op === op; n++) {
				if (n > 1000) throw new Error(f.ID + ": the questions are not asked anew");
				await new Promise((ok) => setTimeout(ok, 10));
			}
			if (asks) break;
		}
	}
	return "";
})`

// putQuickly answers through the document.
func (w *walker) putQuickly(a eform.Answers) (cannot string) {
	w.t.Helper()
	type field struct {
		ID     string
		Table  bool
		Values map[string][]string
	}
	var fields []field
	for _, f := range fieldsOf(w.step()) {
		fields = append(fields, field{f.ID, f.Type == eform.Table, posts(f, a[f.ID])})
	}
	w.evalAsync(putScript+`(`+inJSON(fields)+`, `+strconv.FormatBool(w.script)+`)`, &cannot)
	return cannot
}

// evalAsync evaluates an expression that may wait.
func (v *visitor) evalAsync(expression string, out any) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 2*patience)
	defer cancel()
	err := chromedp.Run(ctx, chromedp.Evaluate(`(async () => `+expression+`)()`, out,
		func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
			return p.WithAwaitPromise(true)
		}))
	if err != nil {
		v.fatal("%s: %v", clip(expression, 200), err)
	}
}

// refusal is one entry of the summary of errors, and what the page says beside the input that it leads to.
type refusal struct {
	Field, Text string
	Beside      string
	Focusable   bool
}

// spoil types one wrong answer where it belongs, goes on, and compares what the page says with the form's own
// check of what the browser sends. It reports whether the answer could be typed.
func (w *walker) spoil(bad, right eform.Answers) bool {
	w.t.Helper()
	n := 0
	for _, f := range w.form.Fields() {
		if !bad[f.ID].Equal(right[f.ID]) && slices.Contains(w.form.VisibleSteps(right), f.Step()) {
			if len(bad[f.ID].Rows) > len(right[f.ID].Rows)+mostRows {
				return false
			}
			n = f.Step()
		}
	}
	if n == 0 {
		return false
	}
	at := w.draft + "/buoc/" + strconv.Itoa(n)
	w.leave(func() { w.eval(`location.assign(`+quote(at)+`)`, nil) })
	cannot := w.put(bad)
	if cannot == "" {
		decoded, checked, fresh := w.verdict(n, right)
		w.leave(func() { w.tap("Tiếp tục", named("Tiếp tục")) })
		w.compare(at, append(decoded, checked...), fresh)
	}
	if w.path() != at {
		w.leave(func() { w.eval(`location.assign(`+quote(at)+`)`, nil) })
	}
	w.walkStep(right, func(words string) { w.leave(func() { w.tap(words, named(words)) }) })
	return cannot == ""
}

// verdict is what the form's own check says of what the page would send now; fresh are faults of questions
// that are not on the page.
func (w *walker) verdict(n int, right eform.Answers) (decoded, asked, fresh fault.List) {
	w.t.Helper()
	posted := w.formData("document")
	step := w.form.Step(n)
	typed, err := w.form.DecodeStep(step, func(name string) []string { return posted[name] })
	all := maps.Clone(right)
	for id, v := range typed {
		if _, shown := posted["__base."+id]; shown {
			all[id] = v
		}
	}
	kept, _ := w.form.Prune(all)
	for _, f := range w.form.CheckStep(step, kept, w.on) {
		if id, _ := w.form.FieldOf(f.Field); posted["__base."+id] != nil {
			asked.Add(f)
		} else {
			fresh.Add(f)
		}
	}
	return fault.All(err), asked, fresh
}

// compare holds a page against the verdict: refused at the very field with the same words, or not at all.
func (w *walker) compare(at string, want, fresh fault.List) {
	w.t.Helper()
	var page struct{ Title, Focus string }
	w.eval(`({Title: document.title, Focus: document.activeElement.id})`, &page)
	var got []refusal
	w.eval(
		`[...document.querySelectorAll(".errors li")].map(li => { const a = li.querySelector("a"), e = a && document.getElementById(decodeURIComponent(a.hash.slice(1)));
		return {Field: a ? decodeURIComponent(a.hash.slice(1)) : "", Text: li.textContent.trim(), Focusable: !!e && (e.focus(), document.activeElement === e),
			Beside: e ? (e.closest(".bad")?.querySelector(".err")?.textContent ?? "") : "" } })`, &got)
	if len(want) == 0 {
		if stays := w.path() == at; len(got) > 0 || stays != (len(fresh) > 0) ||
			w.watch.documentStatus() != 200 {
			w.t.Errorf("%s: the check takes what the page answers with %d %v (it stays: %v)", at,
				w.watch.documentStatus(), got, stays)
		}
		return
	}
	if w.watch.documentStatus() != 422 || !strings.HasPrefix(page.Title, "Lỗi: ") || page.Focus != "errors" &&
		w.script {
		w.t.Errorf("%s is refused with %d, %+v", at, w.watch.documentStatus(), page)
	}
	if len(got) != len(want) {
		w.t.Errorf("%s: the check says %v, the page %v", at, want, got)
		return
	}
	for i, f := range want {
		text := i18n.Fault(i18n.Vi, f)
		if got[i].Field != f.Field || got[i].Text != text || !strings.Contains(got[i].Beside, text) ||
			!got[i].Focusable {
			w.t.Errorf("%s: the check says %q at %s, the page %+v", at, text, f.Field, got[i])
		}
	}
}
