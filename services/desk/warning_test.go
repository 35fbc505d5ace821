package desk_test

import (
	"slices"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// doubtful is a complete draft of copies whose asker gives another year of birth than the identity number
// tells.
func doubtful(t testing.TB, p *desktest.Province, who identity.Who, copies int, born string) dossier.DraftID {
	t.Helper()
	id := p.Copies(t, who, copies)
	p.Save(t, who, id, eform.Answers{"nyc.ngay_sinh": {Text: born}})
	return id
}

// tokens are the names of a draft's warnings, and how many of them are confirmed.
func tokens(t testing.TB, p *desktest.Province, who identity.Who,
	id dossier.DraftID) (all []string, confirmed int) {
	t.Helper()
	view, err := p.Desk.Draft(t.Context(), who, id)
	do(t, err)
	for _, w := range view.Warnings {
		all = append(all, w.Token)
		if w.Confirmed() {
			confirmed++
		}
	}
	return all, confirmed
}

// TestWarningsAreConfirmed holds that what is unlikely is handed in only after its person said that it is so,
// and that this holds for the very answers that it was said of.
func TestWarningsAreConfirmed(t *testing.T) {
	t.Parallel()
	together(t, map[string]func(*testing.T, *desktest.Province){
		"before handing in":   confirmedFirst,
		"for the same values": confirmedValues,
		"sealed, and wiped":   confirmedSealed,
		"and not by others":   confirmedByOthers,
		"carried over":        confirmedCarried,
	})
}

func confirmedFirst(t *testing.T, p *desktest.Province) {
	who, ctx := person(t, p), t.Context()
	id := doubtful(t, p, who, 1, "1991-05-12")
	_, err := p.Desk.Submit(ctx, who, id)
	refused(t, "unconfirmed", err, desk.ErrUnconfirmed)
	all, n := tokens(t, p, who, id)
	if len(all) != 1 || n != 0 {
		t.Fatalf("%d warnings, %d confirmed", len(all), n)
	}
	do(t, p.Desk.Confirm(ctx, who, id, []string{"x"}))
	_, err = p.Desk.Submit(ctx, who, id)
	refused(t, "another token", err, desk.ErrUnconfirmed)
	do(t, p.Desk.Confirm(ctx, who, id, all))
	if missing, err := p.Desk.Missing(ctx, who, id); err != nil || missing != 0 {
		t.Errorf("%d are missing, %v", missing, err)
	}
	s, err := p.Desk.Submit(ctx, who, id)
	do(t, err)
	list := view(t, p, who, s.Code).First.Confirmed
	if len(list) != 1 {
		t.Fatalf("the revision says %+v", list)
	}
	got := list[0]
	if got.Rule != "same_year_of_birth" ||
		!slices.Equal(got.Fields, []string{"nyc.so_dinh_danh", "nyc.ngay_sinh"}) || got.Row != 0 ||
		got.Message == "" || !got.ConfirmedAt.Equal(p.Clock.Now().Truncate(time.Microsecond)) {
		t.Errorf("the revision says %+v", got)
	}
	if s, err = p.Desk.Submit(ctx, who, p.Copies(t, who, 1)); err != nil ||
		view(t, p, who, s.Code).First.Confirmed != nil {
		t.Errorf("nothing to confirm, and the revision says something; %v", err)
	}
}

func confirmedValues(t *testing.T, p *desktest.Province) {
	who, ctx := person(t, p), t.Context()
	id := doubtful(t, p, who, 1, "1991-05-12")
	first, _ := tokens(t, p, who, id)
	do(t, p.Desk.Confirm(ctx, who, id, first))
	p.Save(t, who, id, eform.Answers{"sk.noi": {Text: "UBND xã Ninh Phong"}})
	if _, n := tokens(t, p, who, id); n != 1 {
		t.Error("another answer changed, and the confirmation is gone")
	}
	p.Save(t, who, id, eform.Answers{"nyc.ngay_sinh": {Text: "1992-05-12"}})
	second, n := tokens(t, p, who, id)
	if n != 0 || slices.Equal(first, second) {
		t.Error("the answer changed, and it is still confirmed")
	}
	do(t, p.Desk.Confirm(ctx, who, id, first)) // ticked on a page that was older than the change
	_, err := p.Desk.Submit(ctx, who, id)
	refused(t, "confirmed for other values", err, desk.ErrUnconfirmed)
	do(t, p.Desk.Confirm(ctx, who, id, second))
	do(t, p.Desk.Confirm(ctx, who, id, nil))
	_, err = p.Desk.Submit(ctx, who, id)
	refused(t, "taken back", err, desk.ErrUnconfirmed)
}

func confirmedSealed(t *testing.T, p *desktest.Province) {
	who, ctx := person(t, p), t.Context()
	id := doubtful(t, p, who, 1, "1991-05-12")
	all, _ := tokens(t, p, who, id)
	do(t, p.Desk.Confirm(ctx, who, id, all))
	if n := count(t, p,
		`select count(*) from draft where id = $1 and confirmed_sealed is not null and position($2::bytea in confirmed_sealed) = 0`, id, []byte(all[0])); n != 1 {
		t.Error("the confirmation is not there, or lies open")
	}
	do(t, p.Desk.DiscardDraft(ctx, who, id))
	if n := count(t, p, `select count(*) from draft where id = $1 and confirmed_sealed is not null`,
		id); n != 0 {
		t.Error("a discarded draft keeps what was confirmed")
	}
}

func confirmedByOthers(t *testing.T, p *desktest.Province) {
	who := person(t, p)
	id := doubtful(t, p, who, 1, "1991-05-12")
	all, _ := tokens(t, p, who, id)
	refused(t, "another's draft", p.Desk.Confirm(t.Context(), person(t, p), id, all), dossier.ErrNotFound)
	if _, n := tokens(t, p, who, id); n != 0 {
		t.Error("somebody else confirmed it")
	}
}

// confirmedCarried: a supplement asks only about what is new in it.
func confirmedCarried(t *testing.T, p *desktest.Province) {
	who, ctx := person(t, p), t.Context()
	id := doubtful(t, p, who, 1, "1991-05-12")
	all, _ := tokens(t, p, who, id)
	do(t, p.Desk.Confirm(ctx, who, id, all))
	s, err := p.Desk.Submit(ctx, who, id)
	do(t, err)
	ask := onestop.Supplement{Fields: []string{"sk.noi", "nyc.ngay_sinh"},
		Reasons:  map[string]string{"sk.noi": "Chưa rõ", "nyc.ngay_sinh": "Chưa khớp"},
		Deadline: workday.DateOf(p.Clock.Now()).AddDays(10)}
	_, err = p.Desk.AskSupplement(ctx, p.Office(t, "ask "+string(s.Code)), s.Code, ask)
	do(t, err)
	draft, err := p.Desk.AnswerSupplement(ctx, who, s.Code)
	do(t, err)
	if again, n := tokens(t, p, who, draft); n != 1 || !slices.Equal(again, all) {
		t.Errorf("a supplement has %d confirmed of %v", n, again)
	}
	p.Save(t, who, draft, eform.Answers{"nyc.ngay_sinh": {Text: "1993-05-12"}})
	_, err = p.Desk.Submit(ctx, who, draft)
	refused(t, "a new value", err, desk.ErrUnconfirmed)
	p.Save(t, who, draft, eform.Answers{"nyc.ngay_sinh": {Text: "1991-05-12"},
		"sk.noi": {Text: "UBND phường Hoa Lư"}})
	_, err = p.Desk.Submit(ctx, who, draft)
	do(t, err)
	v := view(t, p, who, s.Code)
	if v.Revision.Number != 2 || len(v.Revision.Confirmed) != 1 ||
		!v.Revision.Confirmed[0].ConfirmedAt.Equal(v.First.Confirmed[0].ConfirmedAt) {
		t.Errorf("revision %d says %+v", v.Revision.Number, v.Revision.Confirmed)
	}
}

// confirmedThenPaid: what is paid for is handed in with what was confirmed before, and nothing later changes
// that.
func confirmedThenPaid(t *testing.T, w town) {
	who, ctx := person(t, w.Province), t.Context()
	id := doubtful(t, w.Province, who, 2, "1991-05-12")
	_, err := w.Desk.Submit(ctx, who, id)
	refused(t, "unconfirmed", err, desk.ErrUnconfirmed)
	if n := count(t, w.Province, `select count(*) from payment_quote where draft_id = $1`, id); n != 0 {
		t.Errorf("%d quotes for what cannot be handed in", n)
	}
	all, _ := tokens(t, w.Province, who, id)
	do(t, w.Desk.Confirm(ctx, who, id, all))
	b := w.freeze(t, who, id)
	do(t, w.Desk.Confirm(ctx, who, id, nil))
	b.pay(t)
	b.back(t)
	b.work(t)
	if list := b.filed(t).First.Confirmed; len(list) != 1 || list[0].Rule != "same_year_of_birth" {
		t.Errorf("the revision says %+v", list)
	}
}
