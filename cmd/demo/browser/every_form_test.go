package browser

import (
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/workday"
)

const (
	// spoils is how many wrong answers are tried with each form, and spoilTries how many are thought of for
	// it: some cannot be typed, such as a value that a list does not offer.
	spoils, spoilTries = 4, 40
	// mostRows is how many rows are added to a table for a wrong answer.
	mostRows = 4
)

// walker fills one form from its own definition.
type walker struct {
	*visitor
	form  *eform.Form
	draft string // the path of the draft
	on    workday.Date
	plain bool // input by input with a finger and keys, not through the document
}

// TestWalkOfEveryForm fills every starter form through its pages, and then changes answers for the worse: the
// browser, the portal and the form's own check give the same verdicts. 2.000635 is filled key by key, and
// 1.004194 without JavaScript.
func TestWalkOfEveryForm(t *testing.T) {
	t.Parallel()
	forms, err := eformtest.Starter("../../..")
	if err != nil || len(forms) != 10 {
		t.Fatalf("%d starter forms: %v", len(forms), err)
	}
	lan := newVisitor(t)
	lan.open("/dang-nhap")
	lan.login("lan", "Đăng nhập bằng tài khoản định danh")
	walks := []struct {
		name string
		turn func(*walker)
		only string
	}{
		{"quickly", func(*walker) {}, ""},
		{"key by key", func(w *walker) { w.plain, w.keys = true, true }, "2.000635"},
		{"without JavaScript", func(w *walker) { w.plain = true; w.withoutScript() }, "1.004194"},
	}
	for _, walk := range walks {
		for i, f := range forms {
			if walk.only != "" && walk.only != f.ID {
				continue
			}
			t.Run(f.ID+" "+walk.name, func(t *testing.T) {
				t.Parallel()
				w := &walker{visitor: openTab(t, lan.sys, lan.person), form: f,
					on: workday.DateOf(time.Now())}
				walk.turn(w)
				w.walk(rand.New(rand.NewPCG(uint64(i), 4)))
			})
		}
	}
}

// walk fills the form rightly, looks at what is kept of it, and then tries wrong answers.
func (w *walker) walk(r *rand.Rand) {
	w.t.Helper()
	right, err := eformtest.Fill(w.form, r, w.on)
	if err != nil {
		w.t.Fatal(err)
	}
	w.beginAnywhere()
	w.draft = strings.Split(w.path(), "/buoc/")[0]
	for strings.Contains(w.path(), "/buoc/") {
		w.walkStep(right, w.press)
	}
	if !strings.HasSuffix(w.path(), "/giay-to") {
		w.fatal("the right answers do not lead to the documents")
	}
	w.hasKept(right)
	w.review(right)
	w.plain = false
	tried := 0
	for range spoilTries {
		if tried < spoils && w.spoil(eformtest.Spoil(w.form, right, r, w.on), right) {
			tried++
		}
	}
	if tried < spoils {
		w.t.Errorf("only %d wrong answers could be typed", tried)
	}
	w.hasKept(right)
}

// beginAnywhere begins a draft at the first agency that takes it.
func (w *walker) beginAnywhere() {
	w.t.Helper()
	w.open("/thu-tuc/" + w.form.ID + "/nop")
	var agency string
	w.eval(`[...document.querySelectorAll("#agency option")].find(o => o.value).textContent`, &agency)
	w.choosePlace(agency, "Bắt đầu điền")
}

func (w *walker) step() *eform.Step {
	w.t.Helper()
	_, number, _ := strings.Cut(w.path(), "/buoc/")
	n, err := strconv.Atoi(number)
	if err != nil || w.form.Step(n) == nil {
		w.fatal("this is no step of %s", w.form.ID)
	}
	return w.form.Step(n)
}

func fieldsOf(step *eform.Step) (all []*eform.Field) {
	for i := range step.Sections {
		for j := range step.Sections[i].Fields {
			if f := &step.Sections[i].Fields[j]; f.Asks() {
				all = append(all, f)
			}
		}
	}
	return all
}

// walkStep answers what a step asks, as often as answers open further questions, and goes on to the page that
// follows.
func (w *walker) walkStep(a eform.Answers, press func(string)) {
	w.t.Helper()
	at := w.path()
	for range 6 {
		if missing := w.put(a); missing != "" {
			w.fatal("%s cannot be answered with %+v", missing, a[missing])
		}
		press("Tiếp tục")
		if w.path() != at {
			return
		}
		if w.has(".errors") {
			w.fatal("the right answers are refused: %+v", a)
		}
	}
	w.fatal("the step does not end")
}

// put gives every question that is asked its answer, and every table the rows that it needs. What cannot be
// done is told by the field.
func (w *walker) put(a eform.Answers) (cannot string) {
	w.t.Helper()
	for {
		if w.plain {
			w.putInputs(a)
		} else if cannot := w.putQuickly(a); cannot != "" {
			return cannot
		}
		table := w.shortTable(a)
		if table == nil {
			return ""
		}
		was := w.rows(table)
		w.leave(func() {
			w.tap("the button for a row", `document.querySelector(`+quote(addButton(table))+`)`)
		})
		if w.rows(table) != was+1 {
			return table.ID // there are rows without an answer
		}
	}
}

func addButton(f *eform.Field) string {
	return `button[name="` + eform.ButtonAdd + `"][value="` + f.ID + `"]`
}

// shortTable is the first table that has too few rows for its answer and takes more.
func (w *walker) shortTable(a eform.Answers) *eform.Field {
	w.t.Helper()
	for _, f := range fieldsOf(w.step()) {
		if f.Type == eform.Table && w.rows(f) < len(a[f.ID].Rows) && w.shows(addButton(f)) {
			return f
		}
	}
	return nil
}

func (w *walker) rows(f *eform.Field) (n int) {
	w.t.Helper()
	w.eval(`document.querySelectorAll(`+quote(`[id="`+f.ID+`"] > fieldset.row`)+`).length`, &n)
	return n
}

func (w *walker) shows(selector string) (is bool) {
	w.t.Helper()
	w.eval(`(() => { const e = document.querySelector(`+quote(selector)+
		`); return !!e && e.getClientRects().length > 0 })()`, &is)
	return is
}

// hasKept compares what the steps hold when they are asked for anew with what was answered.
func (w *walker) hasKept(want eform.Answers) {
	w.t.Helper()
	for _, n := range w.form.VisibleSteps(want) {
		step := w.form.Step(n)
		posted := w.formData(`await (async () => new DOMParser().parseFromString(await (await fetch(` +
			quote(w.draft+"/buoc/"+strconv.Itoa(n)) + `)).text(), "text/html"))()`)
		got, err := w.form.DecodeStep(step, func(name string) []string { return posted[name] })
		if err != nil {
			w.t.Errorf("%s: step %d: %v", w.form.ID, n, err)
		}
		got, _ = w.form.Prune(maps.Collect(func(yield func(string, eform.Value) bool) {
			for id, v := range want {
				if f := w.form.Field(id); f.Step() != n && !yield(id, v) {
					return
				}
			}
			for id, v := range got {
				if !yield(id, v) {
					return
				}
			}
		}))
		for _, f := range fieldsOf(step) {
			// A commune that was given by its number is shown by its name.
			if !got[f.ID].Equal(want[f.ID]) && (f.Type != eform.Address ||
				f.Read(got[f.ID], i18n.Vi) != f.Read(want[f.ID], i18n.Vi)) {
				w.t.Errorf("%s: %s was answered with %+v, and the draft holds %+v", w.form.ID, f.ID,
					want[f.ID], got[f.ID])
			}
		}
	}
}

// review looks whether the answers can be read where they are checked.
func (w *walker) review(want eform.Answers) {
	w.t.Helper()
	w.press("Tiếp tục")
	if !strings.HasSuffix(w.path(), "/kiem-tra") || w.has(".errors") {
		w.fatal("this is not the check of the answers")
	}
	text := strings.Join(strings.Fields(w.text()), " ")
	for _, f := range w.form.Fields() {
		if value := want[f.ID]; f.Asks() && f.Type != eform.Table && !value.Equal(eform.Value{}) {
			if said := strings.Join(strings.Fields(strings.ReplaceAll(f.Read(value, i18n.Vi), "\u00a0", " ")),
				" "); !strings.Contains(text, said) {
				w.t.Errorf("%s: %s is %q, which the check of the answers does not say", w.form.ID, f.ID, said)
			}
		}
	}
}

// formData is what a document's form would send: the document of an expression.
func (w *walker) formData(document string) url.Values {
	w.t.Helper()
	var pairs [][2]string
	w.evalAsync(`[...new FormData((`+document+
		`).getElementById("step"))].map(([name, value]) => [name, value])`, &pairs)
	values := url.Values{}
	for _, p := range pairs {
		values.Add(p[0], p[1])
	}
	return values
}

// posts is what of a form belongs to a field, as a browser posts it.
func posts(f *eform.Field, v eform.Value) url.Values {
	values := url.Values{}
	eformtest.Encode(f, v, values)
	return values
}

// putInputs answers input by input, as a person does.
func (w *walker) putInputs(a eform.Answers) {
	w.t.Helper()
	all := answers{}
	var many []*eform.Field
	for _, f := range fieldsOf(w.step()) {
		if f.Type == eform.Choices {
			many = append(many, f)
			continue
		}
		for name, values := range posts(f, a[f.ID]) {
			all[name] = values[0]
		}
	}
	w.fill(all)
	for _, f := range many {
		var on []string
		w.eval(`[...document.querySelectorAll(`+quote(`main [name="`+f.ID+`"]:checked:not(:disabled)`)+
			`)].map(e => e.value)`, &on)
		for _, o := range f.Entries() {
			box := `main [name="` + f.ID + `"][value="` + o.Value + `"]`
			if slices.Contains(on, o.Value) != slices.Contains(a[f.ID].Many, o.Value) && w.shows(box) {
				w.tap(f.ID+" "+o.Value, `document.querySelector(`+quote(box)+`)`)
			}
		}
	}
}
