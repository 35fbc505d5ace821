package desk_test

import (
	"testing"
	"time"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

func TestStoppingWhatIsOverdue(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan, minh, ctx := p.Citizen(t, 1), p.Citizen(t, 2), t.Context()
	ask := func(key string, code dossier.Code, days int) {
		t.Helper()
		_, err := p.Desk.AskSupplement(ctx, p.Office(t, key), code,
			onestop.Supplement{Fields: []string{"sk.noi"},
				Reasons:  map[string]string{"sk.noi": "Ghi rõ xã"},
				Deadline: workday.DateOf(p.Clock.Now()).AddDays(days)})
		do(t, err)
	}
	late, broken, later, answered := p.Submitted(t, lan), p.Submitted(t, lan), p.Submitted(t, minh),
		p.Submitted(t, minh)
	ask("1", late, 2)
	ask("2", broken, 2)
	ask("3", later, 60)
	ask("4", answered, 2)
	draft, err := p.Desk.AnswerSupplement(ctx, minh, answered)
	do(t, err)
	p.Save(t, minh, draft, eform.Answers{"sk.noi": {Text: "UBND xã Ninh An"}})
	_, err = p.Desk.Submit(ctx, minh, draft)
	do(t, err)
	waiting, err := p.Desk.AnswerSupplement(ctx, lan, late)
	do(t, err)
	// A dossier that cannot be stopped, as its agency has no one-stop system any more, does not keep the
	// others waiting.
	_, err = p.Pool.Exec(ctx,
		`update dossier set receiving_agency_id = (select id from agency where kind = 'department' limit 1) where code = $1`, broken)
	do(t, err)

	p.Clock.Advance(63*time.Hour + 29*time.Minute) // 23:59 of the last day
	do(t, p.Desk.StopOverdue(ctx))
	if v := view(t, p, lan, late); v.Dossier.Status != dossier.Supplement {
		t.Fatalf("%s on the last day", v.Dossier.Status)
	}
	p.Clock.Advance(time.Minute)
	for range 2 {
		if err := p.Desk.StopOverdue(ctx); err == nil {
			t.Error("what could not be stopped was not told")
		}
	}
	v := view(t, p, lan, late)
	if v.Dossier.Status != dossier.Stopped || v.Dossier.PausedAt != nil ||
		v.Dossier.Payment != dossier.NoFee {
		t.Errorf("%s, paused %v, payment %s", v.Dossier.Status, v.Dossier.PausedAt, v.Dossier.Payment)
	}
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindSupplementAsked, dossier.KindStopped)
	if v.History[2].Actor.Kind != dossier.Portal {
		t.Errorf("stopped by %+v", v.History[2].Actor)
	}
	same(t, "feed", types(feed(t, p, late)), dossier.EventSubmitted, dossier.EventStopped)
	if all := told(t, p, lan); all[len(all)-1] != dossier.NoticeStopped {
		t.Errorf("notices %v", all)
	}
	_, err = p.Desk.Submit(ctx, lan, waiting)
	refused(t, "answer afterwards", err, desk.ErrNotAsked)
	if v := view(t, p, minh, answered); v.Dossier.Status != dossier.Submitted {
		t.Errorf("what was answered is %s", v.Dossier.Status)
	}
	// The longest term is not ended by the tidying.
	p.Clock.Advance(57 * 24 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if _, err := p.Desk.AnswerSupplement(ctx, minh, later); err != nil {
		t.Error(err)
	}
	p.Clock.Advance(24 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	_ = p.Desk.StopOverdue(ctx)
	if v := view(t, p, minh, later); v.Dossier.Status != dossier.Stopped {
		t.Errorf("%s after its term", v.Dossier.Status)
	}
}

// TestASupplementAnsweredLate: an answer after the last day counts until the portal has stopped the dossier,
// and not after.
func TestASupplementAnsweredLate(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan, ctx := p.Citizen(t, 1), t.Context()
	var codes [2]dossier.Code
	var drafts [2]dossier.DraftID
	for i := range codes {
		codes[i] = p.Submitted(t, lan)
		_, err := p.Desk.AskSupplement(ctx, p.Office(t, string(codes[i])), codes[i],
			onestop.Supplement{Fields: []string{"sk.noi"},
				Reasons:  map[string]string{"sk.noi": "Ghi rõ xã"},
				Deadline: workday.DateOf(p.Clock.Now()).AddDays(2)})
		do(t, err)
		drafts[i], err = p.Desk.AnswerSupplement(ctx, lan, codes[i])
		do(t, err)
		p.Save(t, lan, drafts[i], eform.Answers{"sk.noi": {Text: "UBND xã Ninh An"}})
	}
	p.Clock.Advance(72 * time.Hour)
	_, err := p.Desk.Submit(ctx, lan, drafts[0])
	do(t, err)
	do(t, p.Desk.StopOverdue(ctx))
	_, err = p.Desk.Submit(ctx, lan, drafts[1])
	refused(t, "after the stop", err, desk.ErrNotAsked)
	_, err = p.Desk.AnswerSupplement(ctx, lan, codes[1])
	refused(t, "its page", err, desk.ErrNotAsked)
	late, stopped := view(t, p, lan, codes[0]), view(t, p, lan, codes[1])
	if late.Dossier.Status != dossier.Submitted || late.Revision.Number != 2 ||
		late.Revision.Answers["sk.noi"].Text != "UBND xã Ninh An" {
		t.Errorf("%s with revision %d", late.Dossier.Status, late.Revision.Number)
	}
	if stopped.Dossier.Status != dossier.Stopped || stopped.Revision.Number != 1 {
		t.Errorf("%s with revision %d", stopped.Dossier.Status, stopped.Revision.Number)
	}
	// The same answer sent once more is the same dossier.
	if s, err := p.Desk.Submit(ctx, lan, drafts[0]); err != nil || s.Code != codes[0] || view(t, p, lan,
		codes[0]).Revision.Number != 2 {
		t.Errorf("once more: %+v %v", s, err)
	}
}

// TestASupplementEndsWithItsDeadline: its draft is kept until then, whatever is saved, and its owner is
// warned once, before the last day begins.
func TestASupplementEndsWithItsDeadline(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan, ctx := p.Citizen(t, 1), t.Context()
	warnings := func() (n int) {
		t.Helper()
		do(t, p.Desk.Tidy(ctx))
		for _, kind := range told(t, p, lan) {
			if kind == dossier.NoticeSupplementEnds {
				n++
			}
		}
		return n
	}
	ask := func(days int) (*dossier.Draft, dossier.DraftID) {
		t.Helper()
		code := p.Submitted(t, lan)
		_, err := p.Desk.AskSupplement(ctx, p.Office(t, string(code)), code,
			onestop.Supplement{Fields: []string{"sk.noi"},
				Reasons:  map[string]string{"sk.noi": "Ghi rõ xã"},
				Deadline: workday.DateOf(p.Clock.Now()).AddDays(days)})
		do(t, err)
		id, err := p.Desk.AnswerSupplement(ctx, lan, code)
		do(t, err)
		d, err := p.Desk.Draft(ctx, lan, id)
		do(t, err)
		return d.Draft, id
	}
	soon, _ := ask(1)
	later, id := ask(14)
	for _, d := range []*dossier.Draft{soon, later} {
		if !d.ExpiresAt.Equal(d.Asked.Deadline) {
			t.Errorf("a supplement due %s is kept until %s", d.Asked.Deadline, d.ExpiresAt)
		}
	}
	p.Save(t, lan, id, eform.Answers{"sk.noi": {Text: "UBND xã Ninh"}})
	d, err := p.Desk.Draft(ctx, lan, id)
	do(t, err)
	if !d.Draft.ExpiresAt.Equal(later.Asked.Deadline) {
		t.Errorf("after a save it is kept until %s", d.Draft.ExpiresAt)
	}
	if n := warnings(); n != 0 {
		t.Errorf("%d warnings at once", n)
	}
	p.Clock.Advance(later.Asked.Deadline.Sub(p.Clock.Now()) - 49*time.Hour)
	if n := warnings(); n != 0 {
		t.Errorf("%d warnings two days before the last day, one of them of a request for tomorrow", n)
	}
	p.Clock.Advance(time.Hour)
	for range 2 {
		if n := warnings(); n != 1 {
			t.Errorf("%d warnings on the day before the last", n)
		}
		p.Save(t, lan, id, eform.Answers{"sk.noi": {Text: "UBND xã Ninh An"}})
	}
}
