package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
)

// TestUsingADocumentIsAllOrNothing refuses the row, cancels at random instants, and damages what is copied.
func TestUsingADocumentIsAllOrNothing(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	code, r, _ := holding(t, p, lan)
	id := emptied(t, p, lan, 1)
	before := stored(t, p)
	whole := func(what string) {
		t.Helper()
		v, err := p.Desk.Draft(t.Context(), lan, id)
		do(t, err)
		if now := stored(t, p); now != before+len(v.Attachments) {
			t.Errorf("%s: %d files, %d before, %d rows", what, now, before, len(v.Attachments))
		}
		for _, a := range v.Attachments {
			f, err := p.Desk.DraftFile(t.Context(), lan, id, a.ID)
			bytesOf(t, f, err)
		}
	}
	_, err := p.Pool.Exec(t.Context(),
		`alter table attachment add constraint refuses check (source is null) not valid`)
	do(t, err)
	if _, err := p.Desk.UseDocument(t.Context(), lan, id, related, string(r.Code)); err == nil {
		t.Error("attached without a row")
	}
	_, err = p.Pool.Exec(t.Context(), `alter table attachment drop constraint refuses`)
	do(t, err)
	whole("refused a row")
	for i := range 8 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*3*time.Millisecond)
		_, err := p.Desk.UseDocument(ctx, lan, id, related, string(r.Code))
		cancel()
		v, again := p.Desk.Draft(t.Context(), lan, id)
		do(t, again)
		if err == nil && len(v.Attachments) != 1 {
			t.Error("what was acknowledged is lost")
		}
		whole(fmt.Sprint("cancelled ", i))
		if len(v.Attachments) == 1 {
			break
		}
	}
	first := view(t, p, lan, code).First.Files[0]
	_, err = p.Files.Put(t.Context(), first.ID, strings.NewReader("%PDF-1.7 something else %%EOF\n"), 1<<20)
	do(t, err)
	if a, err := p.Desk.UseDocument(t.Context(), lan, id, related, first.ID); err == nil {
		t.Errorf("a copy of something else was attached: %+v", a)
	}
	whole("another content")
}

// TestAResultRevokedBeforeThePayment: the fee of what can no longer be submitted is given back, and the draft
// says why.
func TestAResultRevokedBeforeThePayment(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	lan := person(t, w.Province)
	_, r, _ := holding(t, w.Province, lan)
	id := emptied(t, w.Province, lan, 2)
	_, err := w.Desk.UseDocument(t.Context(), lan, id, related, string(r.Code))
	do(t, err)
	b := w.freeze(t, lan, id)
	revoke(t, w.Province, string(r.Code), nil)
	w.Clock.Advance(time.Minute)
	ref := b.pay(t)
	b.webhook(t, ref)
	b.work(t)
	b.editing(t)
	_, err = w.Desk.Submit(t.Context(), lan, id)
	refused(t, "after the money came back", err, desk.ErrDocumentEnded)
	if s := b.standing(t); s.Refunded != 16000 {
		t.Errorf("%+v", s)
	}
	if n := count(t, w.Province, `select count(*) from dossier where draft_id = $1`, id); n != 0 {
		t.Error("it was submitted")
	}
}
