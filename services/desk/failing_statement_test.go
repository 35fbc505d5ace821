package desk_test

import (
	"bytes"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// TestAFailingStatementLeavesNothing follows a dossier from draft to result. Every statement of every use
// case fails once. What was begun leaves no row, and once more it succeeds as if nothing had been.
func TestAFailingStatementLeavesNothing(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	u, ctx, lan := makeUnreliable(t, p), t.Context(), p.Citizen(t, 1)
	code := draftStep(t, u, lan)
	call := func(what string, act func(*desk.Desk, desk.Office) error) {
		t.Helper()
		o := p.Office(t, what)
		u.eachStatement(t, what, nothingWritten, func(d *desk.Desk) error { return act(d, o) })
	}
	call("acknowledge", func(d *desk.Desk, o desk.Office) error {
		_, err := d.Acknowledge(ctx, o, code, onestop.Acknowledge{OfficeCode: "MC-1"})
		return err
	})
	call("receive", func(d *desk.Desk, o desk.Office) error {
		_, err := d.Receive(ctx, o, code, onestop.Receive{})
		return err
	})
	call("pay at the counter", func(d *desk.Desk, o desk.Office) error {
		_, err := d.PaidAtCounter(ctx, o, code, onestop.CounterPayment{Amount: 8000})
		return err
	})
	supplementStep(t, u, lan, code, call)
	call("process", func(d *desk.Desk, o desk.Office) error {
		_, err := d.Process(ctx, o, code, onestop.Process{})
		return err
	})
	file := signed(t, paper(t, "Trich luc"))
	call("deliver", func(d *desk.Desk, o desk.Office) error {
		_, err := d.DeliverResult(ctx, o, code, resultIn(t, "kq.pdf", file))
		return err
	})
	id := view(t, p, lan, code).Results[0].ID
	u.eachStatement(t, "open the result", nothingWritten, func(d *desk.Desk) error {
		f, err := desktest.OpenResult(ctx, d, lan, code, id)
		if err == nil {
			err = f.Reader.Close()
		}
		return err
	})

	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindAcknowledged, dossier.KindReceived,
		dossier.KindFeePaid,
		dossier.KindSupplementAsked, dossier.KindSupplemented, dossier.KindProcessing, dossier.KindCompleted,
		dossier.KindReturned)
	same(t, "feed", types(feed(t, p, code)), dossier.EventSubmitted, dossier.EventFeePaid,
		dossier.EventSupplemented, dossier.EventResultOpened)
	same(t, "notices", told(t, p, lan), dossier.NoticeSubmitted, dossier.NoticeReceived,
		dossier.NoticePaymentReceived, dossier.NoticeSupplement, dossier.NoticeProcessing,
		dossier.NoticeCompleted)
	if len(v.Slips) != 2 || len(v.Receipts) != 1 || len(v.Results) != 1 {
		t.Errorf("%d slips, %d receipts, %d results", len(v.Slips), len(v.Receipts), len(v.Results))
	}
	f, err := p.Desk.DossierFile(ctx, lan, code, v.First.Files[0].ID)
	given := bytesOf(t, f, err)
	f, err = desktest.OpenResult(ctx, p.Desk, lan, code, id)
	if !bytes.Equal(given, desktest.Photo(t)) || !bytes.Equal(bytesOf(t, f, err), file) {
		t.Error("a file is not the one that was given")
	}
	// A file whose row may have been written stays: that of an attachment whose commit failed, and two of a
	// result, whose commit or the statement before it failed.
	p.Clock.Advance(max(0, time.Since(p.Clock.Now())) + 2*time.Hour)
	do(t, p.Desk.Tidy(ctx))
	named := count(t, p,
		`select count(*) from (select file_id from attachment union select file_id from result) f`)
	if n := stored(t, p); n < named || n > named+3 {
		t.Errorf("%d files are stored, rows name %d", n, named)
	}
}

// draftStep makes and submits a draft of one copy.
func draftStep(t *testing.T, u unreliable, who identity.Who) (code dossier.Code) {
	ctx, id := t.Context(), u.Copies(t, who, 1)
	started := count(t, u.Province, `select count(*) from draft`)
	u.eachStatement(t, "start", nothingWritten, func(d *desk.Desk) error {
		_, err := d.StartDraft(ctx, who, desk.StartIn{Procedure: "2.000635", Agency: u.Commune.ID,
			Lang: i18n.Vi})
		return err
	})
	if n := count(t, u.Province, `select count(*) from draft`); n != started+1 {
		t.Errorf("%d drafts were started", n-started)
	}
	u.eachStatement(t, "choose the place", nothingWritten, func(d *desk.Desk) error {
		return d.SetPlace(ctx, who, id, desk.PlaceIn{Agency: u.Commune.ID})
	})
	v, err := u.Desk.Draft(ctx, who, id)
	do(t, err)
	save := desk.SaveIn{Operation: "01936f2e-7d0a-7000-8000-00000000000a",
		Answers: eform.Answers{"sk.noi": {Text: "UBND xã Ninh An"}},
		Bases:   map[string]int{"sk.noi": v.Fields["sk.noi"].Revision}}
	u.eachStatement(t, "save", nothingWritten, func(d *desk.Desk) error {
		_, err := d.SaveOnce(ctx, who, id, save)
		return err
	})
	u.eachStatement(t, "remove a file", nothingWritten, func(d *desk.Desk) error {
		return d.RemoveAttachment(ctx, who, id, v.Attachments[0].ID)
	})
	u.eachStatement(t, "attach", nothingWritten, func(d *desk.Desk) error {
		_, err := d.AddAttachment(ctx, who, id, related, attachment.Incoming{Name: "ảnh.png",
			Reader: bytes.NewReader(desktest.Photo(t))})
		return err
	})
	u.eachStatement(t, "submit", nothingWritten, func(d *desk.Desk) error {
		s, err := d.Submit(ctx, who, id)
		code = s.Code
		return err
	})
	whole(t, u.Province, id)
	if f := view(t, u.Province, who, code).First; f.Answers["sk.noi"].Text != "UBND xã Ninh An" ||
		len(f.Files) != 1 || f.Files[0].Name != "ảnh.png" {
		t.Errorf("submitted %+v with %+v", f.Answers["sk.noi"], f.Files)
	}
	return code
}

// supplementStep asks for a supplement and answers it.
func supplementStep(t *testing.T, u unreliable, who identity.Who, code dossier.Code, call func(string,
	func(*desk.Desk, desk.Office) error)) {
	ctx := t.Context()
	call("ask for a supplement", func(d *desk.Desk, o desk.Office) error {
		_, err := d.AskSupplement(ctx, o, code, onestop.Supplement{Fields: []string{"sk.noi"},
			Reasons:  map[string]string{"sk.noi": "Ghi rõ xã"},
			Deadline: workday.DateOf(u.Clock.Now()).AddDays(5)})
		return err
	})
	id, err := u.Desk.AnswerSupplement(ctx, who, code)
	do(t, err)
	u.Save(t, who, id, eform.Answers{"sk.noi": {Text: "UBND xã Ninh Nhất cũ"}})
	u.eachStatement(t, "answer the supplement", nothingWritten, func(d *desk.Desk) error {
		_, err := d.Submit(ctx, who, id)
		return err
	})
	if v := view(t, u.Province, who, code); v.Dossier.Status != dossier.Received || v.Revision.Number != 2 {
		t.Errorf("%s with revision %d", v.Dossier.Status, v.Revision.Number)
	}
}

// TestAFailingStatementLosesNoMoney: a fee is frozen, paid, submitted and given back, and each statement
// fails once.
func TestAFailingStatementLosesNoMoney(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	u, ctx, lan := makeUnreliable(t, w.Province), t.Context(), person(t, w.Province)
	id := w.Copies(t, lan, 2)
	u.eachStatement(t, "freeze", nothingWritten, func(d *desk.Desk) error {
		_, err := d.Submit(ctx, lan, id)
		return err
	})
	b := w.freeze(t, lan, id)
	u.eachStatement(t, "edit", writtenInSteps, func(d *desk.Desk) error { return d.EditFrozen(ctx, lan, id) })
	b.editing(t)
	b = w.freeze(t, lan, id)
	u.eachStatement(t, "open the page", writtenInSteps, func(d *desk.Desk) error {
		_, err := d.OpenPayment(ctx, lan, id, i18n.Vi)
		return err
	})
	attempts, err := payments.AttemptsOf(ctx, w.Pool, w.Vault, b.quote)
	do(t, err)
	if len(attempts) != 1 {
		t.Errorf("%d attempts for one page", len(attempts))
	}
	b.pay(t)
	u.eachStatement(t, "come back", writtenInSteps, func(d *desk.Desk) error {
		_, err := d.PaymentReturn(ctx, lan, id)
		return err
	})
	code := b.filed(t).Dossier.Code
	b.paidOnce(t, "whatever failed")

	u.eachStatement(t, "ask to withdraw", nothingWritten, func(d *desk.Desk) error {
		return d.RequestWithdrawal(ctx, lan, code, "Không cần nữa")
	})
	o := w.Office(t, "withdraw")
	u.eachStatement(t, "let withdraw", nothingWritten, func(d *desk.Desk) error {
		_, err := d.AnswerWithdrawal(ctx, o, code, desk.Accept, "")
		return err
	})
	u.eachStatement(t, "give back", writtenInSteps, func(d *desk.Desk) error {
		return d.ReturnMoney(ctx,
			b.quote)
	})
	if s := b.standing(t); s.State != payments.Refunded || s.Refunded != 16000 {
		t.Errorf("%+v", s)
	}
	v := b.filed(t)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindWithdrawalAsked,
		dossier.KindRequestAccepted, dossier.KindFeeRefunded)
	same(t, "feed", types(feed(t, w.Province, code)), dossier.EventSubmitted,
		dossier.EventWithdrawalRequested, dossier.EventFeeRefunded)
	if v.Dossier.Payment != dossier.Refunded || len(v.Receipts) != 1 || v.Receipts[0].VoidedAt == nil {
		t.Errorf("%s, receipts %+v", v.Dossier.Payment, v.Receipts)
	}
}

// TestAFailingReadIsTold: no page and no call is answered with a part of what it shows.
func TestAFailingReadIsTold(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	u, ctx, lan := makeUnreliable(t, p), t.Context(), p.Citizen(t, 1)
	code, r, _ := holding(t, p, lan)
	id := p.Copies(t, lan, 1)
	draft, err := p.Desk.Draft(ctx, lan, id)
	do(t, err)
	v := view(t, p, lan, code)
	o, given := p.Office(t, ""), v.First.Files[0].ID
	closed := func(f *desk.File, err error) error {
		if err == nil {
			err = f.Reader.Close()
		}
		return err
	}
	for what, read := range map[string]func(*desk.Desk) error{
		"draft":        func(d *desk.Desk) error { _, err := d.Draft(ctx, lan, id); return err },
		"draft's form": func(d *desk.Desk) error { _, err := d.DraftForm(ctx, lan, id); return err },
		"draft's file": func(d *desk.Desk) error {
			return closed(d.DraftFile(ctx, lan, id,
				draft.Attachments[0].ID))
		},
		"missing":   func(d *desk.Desk) error { _, err := d.Missing(ctx, lan, id); return err },
		"documents": func(d *desk.Desk) error { _, err := d.Documents(ctx, draft); return err },
		"version":   func(d *desk.Desk) error { _, err := d.VersionChange(ctx, lan, id); return err },
		"dossier":   func(d *desk.Desk) error { _, err := d.Dossier(ctx, lan, code); return err },
		"form":      func(d *desk.Desk) error { _, err := d.FormOf(ctx, lan, code, 1); return err },
		"file":      func(d *desk.Desk) error { return closed(d.DossierFile(ctx, lan, code, given)) },
		"track": func(d *desk.Desk) error {
			_, err := d.Track(ctx, string(code),
				"0001")
			return err
		},
		"verify": func(d *desk.Desk) error {
			_, err := d.VerifyResult(ctx, string(r.Code))
			return err
		},
		"office":        func(d *desk.Desk) error { _, err := d.DossierFor(ctx, o, code); return err },
		"office's form": func(d *desk.Desk) error { _, err := d.RevisionFor(ctx, o, code, 1); return err },
		"office's file": func(d *desk.Desk) error { return closed(d.FileFor(ctx, o, code, 1, given)) },
	} {
		u.eachStatement(t, what, nothingWritten, read)
	}
}
