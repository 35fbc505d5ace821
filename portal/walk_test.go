package portal_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/workday"
)

// TestEveryFormIsWalked fills every starter form through its pages, from its own definition, and then posts
// wrong answers: the pages give the verdicts of the form's check.
func TestEveryFormIsWalked(t *testing.T) {
	t.Parallel()
	forms, err := eformtest.Starter("..")
	if err != nil || len(forms) != 10 {
		t.Fatalf("%d starter forms: %v", len(forms), err)
	}
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	verdicts := map[int]int{}
	for i, f := range forms {
		on := workday.DateOf(time.Now())
		r := rand.New(rand.NewPCG(uint64(i), 9))
		right, err := eformtest.Fill(f, r, on)
		must(t, err)
		p := b.begin(f.ID)
		id := draftOf(p)
		for strings.Contains(p.path, "/buoc/") {
			p = b.walkStep(p, f, right)
		}
		if !strings.HasSuffix(p.path, "/giay-to") {
			t.Fatalf("%s: the right answers led to %s: %d %s", f.ID, p.path, p.StatusCode, p.body)
		}
		b.hasSaved(f, id, right)
		for range 6 {
			verdicts[b.spoilStep(walked{f, id, right, on}, r)]++
			for _, n := range f.VisibleSteps(right) { // and back
				b.walkStep(b.get(address.DraftStep("vi", id, n)), f, right)
			}
		}
	}
	if verdicts[http.StatusOK] < 5 || verdicts[http.StatusUnprocessableEntity] < 20 {
		t.Errorf("the answers tell too little apart: %v", verdicts)
	}
}

// hasSaved compares what the draft holds, without what conditions hide, with what was answered.
func (b *browser) hasSaved(f *eform.Form, id string, want eform.Answers) {
	b.t.Helper()
	var party identity.PartyID
	must(b.t, b.Pool.QueryRow(b.t.Context(), `select party_id::text from draft where id = $1`,
		id).Scan(&party))
	view, err := b.Desk.Draft(b.t.Context(), identity.Who{Person: party, Party: party}, dossier.DraftID(id))
	must(b.t, err)
	kept, _ := f.Prune(view.Answers)
	for _, field := range f.Fields() {
		if field.Asks() && !kept[field.ID].Equal(want[field.ID]) {
			b.t.Errorf("%s: %s was answered with %+v, and the draft holds %+v", f.ID, field.ID,
				want[field.ID], kept[field.ID])
		}
	}
}

var stepOfAddress = regexp.MustCompile(`/buoc/([0-9]+)`)

func stepOf(t testing.TB, p page, f *eform.Form) *eform.Step {
	t.Helper()
	m := stepOfAddress.FindStringSubmatch(p.path)
	if m == nil {
		t.Fatalf("%s: no step at %s", f.ID, p.path)
	}
	n, err := strconv.Atoi(m[1])
	must(t, err)
	return f.Step(n)
}

// walkStep answers what a step asks, as often as answers open further questions, and gives the page that
// follows.
func (b *browser) walkStep(p page, f *eform.Form, a eform.Answers) page {
	b.t.Helper()
	at := p.path
	for range 6 {
		checkPage(b.t, b.site, p)
		p = b.post(p.path, answered(p, f, stepOf(b.t, p, f), a))
		if p.path != at {
			return p
		}
		if p.StatusCode != http.StatusOK {
			break
		}
	}
	b.t.Fatalf("%s: the right answers are refused at %s: %d %s", f.ID, at, p.StatusCode, p.body)
	return p
}

// answered is what a browser sends of a page on which every question that is asked got its answer.
func answered(p page, f *eform.Form, step *eform.Step, a eform.Answers) url.Values {
	form := filled(p)
	for i := range step.Sections {
		for j := range step.Sections[i].Fields {
			field := &step.Sections[i].Fields[j]
			if _, asked := form["__base."+field.ID]; asked {
				eformtest.Encode(field, a[field.ID], form)
			}
		}
	}
	return form
}

// walked is a draft that was filled in rightly.
type walked struct {
	form  *eform.Form
	id    string
	right eform.Answers
	on    workday.Date
}

// spoilStep posts one step with one answer changed, and compares what the page says with the form's own
// check. It returns the page's status.
func (b *browser) spoilStep(w walked, r *rand.Rand) int {
	b.t.Helper()
	f, right, on := w.form, w.right, w.on
	bad := eformtest.Spoil(f, right, r, on)
	steps := f.VisibleSteps(right)
	step := f.Step(steps[r.IntN(len(steps))])
	for _, field := range f.Fields() { // the step whose answer was changed, where there is one
		if !bad[field.ID].Equal(right[field.ID]) && slices.Contains(steps, field.Step()) {
			step = f.Step(field.Step())
		}
	}
	p := b.get(address.DraftStep("vi", w.id, f.Number(step)))
	form := answered(p, f, step, bad)
	typed, decodeErr := f.DecodeStep(step, func(name string) []string { return form[name] })
	all := eform.Answers{}
	for field, v := range right {
		all[field] = v
	}
	shown := f.Shown(right)
	for field, v := range typed {
		if shown[field] {
			all[field] = v
		}
	}
	kept, _ := f.Prune(all)
	want := map[string]bool{}
	for _, fault := range f.CheckStep(step, kept, on) {
		if field, _ := f.FieldOf(fault.Field); shown[field] {
			want[fault.Field] = true
		}
	}
	got := b.post(p.path, form)
	refused := len(want) > 0 || decodeErr != nil
	if refused != (got.StatusCode == http.StatusUnprocessableEntity) {
		b.t.Errorf("%s: the page says %d, the check %v (%v) of %v", f.ID, got.StatusCode, want, decodeErr,
			form)
	}
	if got.StatusCode >= http.StatusInternalServerError {
		b.t.Errorf("%s: %d %s", f.ID, got.StatusCode, got.body)
	}
	for input := range want {
		if !strings.Contains(got.body, `href="#`+input+`"`) {
			b.t.Errorf("%s: the summary does not lead to %s", f.ID, input)
		}
	}
	checkPage(b.t, b.site, got)
	return got.StatusCode
}
