package desk_test

import (
	"bytes"
	"testing"
	"time"

	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func TestTidying(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, ctx := w.Province, t.Context()
	b := w.frozen(t)
	lan := person(t, p)
	code := p.Submitted(t, lan)
	kept := stored(t, p)
	old := p.Copies(t, lan, 1)
	v, err := p.Desk.Draft(ctx, lan, old)
	do(t, err)
	do(t, p.Desk.RemoveAttachment(ctx, lan, old, v.Attachments[0].ID))
	paper := append(desktest.Photo(t), 1)
	_, err = p.Desk.AddAttachment(ctx, lan, old, "tai_lieu_lien_quan",
		attachment.Incoming{Name: "a.png", Reader: bytes.NewReader(paper)})
	do(t, err)
	_, err = p.Desk.Note(ctx, p.Office(t, "key"), code, onestop.Note{Note: "x"})
	do(t, err)

	p.Clock.Advance(2 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if n := stored(t, p); n != kept+1 {
		t.Errorf("%d files, want the removed one gone of %d", n, kept+2)
	}
	if _, err := p.Desk.Draft(ctx, lan, old); err != nil {
		t.Error(err)
	}
	p.Clock.Advance(dossier.DraftDays * 24 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if _, err := p.Desk.Draft(ctx, lan, old); err != nil ||
		count(t, p, `select count(*) from draft_field where draft_id = $1`, old) == 0 {
		t.Errorf("a draft expired without a warning: %v", err)
	}
	if n := count(t, p,
		`select count(*) from notice n join notice_delivery m on m.notice_id = n.id where n.draft_id = $1 and n.party_id = $2 and n.kind = 'draft_expiring'`, old, lan.Party); n != 1 {
		t.Errorf("%d warnings and mails", n)
	}
	p.Clock.Advance(desk.DraftNotice)
	do(t, p.Desk.Tidy(ctx))
	p.Clock.Advance(2 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if n := stored(t, p); n != kept {
		t.Errorf("%d files, want %d", n, kept)
	}
	if n := count(t, p, `select count(*) from draft_field where draft_id = $1`, old); n != 0 {
		t.Errorf("%d answers of a draft that expired", n)
	}
	if n := count(t, p, `select count(*) from office_call`); n != 0 {
		t.Errorf("%d answers of old calls", n)
	}
	f, err := p.Desk.DossierFile(ctx, lan, code, view(t, p, lan, code).First.Files[0].ID)
	do(t, err)
	do(t, f.Reader.Close())
	b.pay(t)
	if s := b.back(t); s.Code == "" {
		t.Error("a draft that waited for its payment is gone")
	}
}
