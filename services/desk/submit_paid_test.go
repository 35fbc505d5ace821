package desk_test

import (
	"testing"
	"time"

	"congdvc/payments"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// gone puts an end to what a frozen dossier needs, a day before it is paid.
var gone = map[string]string{
	"the receiving agency": `update agency set valid_to = $1 where id = $2`,
	"its one-stop system":  `update connection_agency set valid_to = $1 where agency_id = $2`,
}

// TestPaidForWhatIsGone: the money goes back, and the draft is open again with all that it held.
func TestPaidForWhatIsGone(t *testing.T) {
	t.Parallel()
	for what, sql := range gone {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			b, ctx := w.frozen(t), t.Context()
			w.Clock.Advance(24 * time.Hour)
			tag, err := w.Pool.Exec(ctx, sql, workday.DateOf(w.Clock.Now()), w.Commune.ID)
			do(t, err)
			if tag.RowsAffected() != 1 {
				t.Fatalf("%d rows", tag.RowsAffected())
			}
			w.Bind(t)
			ref := b.pay(t)
			for range 2 {
				b.webhook(t, ref)
				b.work(t)
			}
			if s := b.standing(t); s.State != payments.Refunded || s.Refunded != 16000 {
				t.Errorf("%+v", s)
			}
			refunds, err := payments.RefundsOf(ctx, w.Pool, w.Vault, b.quote)
			do(t, err)
			if len(refunds) != 1 || refunds[0].Reason != payments.ReasonImpossible {
				t.Errorf("%+v", refunds)
			}
			b.editing(t)
			v, err := w.Desk.Draft(ctx, b.who, b.draft)
			do(t, err)
			if len(v.Attachments) != 1 || v.Answers["ban_sao.so_luong"].Text != "2" {
				t.Errorf("%d files, %+v", len(v.Attachments), v.Answers["ban_sao.so_luong"])
			}
			if n := count(t, w.Province, `select count(*) from dossier`); n != 0 {
				t.Errorf("%d dossiers", n)
			}
		})
	}
}

// TestPayingWhatWaitsForNoPayment: each is told what is the matter, and nothing is charged.
func TestPayingWhatWaitsForNoPayment(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx, lan := t.Context(), person(t, w.Province)
	id := w.Copies(t, lan, 2)
	_, err := w.Desk.OpenPayment(ctx, lan, id, "vi")
	refused(t, "the page of a draft that is being edited", err, desk.ErrNotFrozen)
	_, err = w.Desk.PaymentReturn(ctx, lan, id)
	refused(t, "coming back to it", err, desk.ErrNotFrozen)
	refused(t, "editing it", w.Desk.EditFrozen(ctx, lan, id), desk.ErrNotFrozen)
	_, err = w.Desk.OpenPayment(ctx, person(t, w.Province), id, "vi")
	refused(t, "another's page", err, dossier.ErrNotFound)

	b := w.freeze(t, lan, id)
	if s, err := w.Desk.SubmitPaid(ctx, b.quote); err != nil || s.Code != "" || !s.FeeDue {
		t.Errorf("submitted unpaid: %+v %v", s, err)
	}
	ref := b.pay(t)
	b.webhook(t, ref)
	_, err = w.Desk.OpenPayment(ctx, lan, id, "vi")
	refused(t, "the page of what is paid", err, desk.ErrAlreadyPaid)
	b.work(t)
	b.paidOnce(t, "after asking for another page")
	if s := b.back(t); s.Code != b.filed(t).Dossier.Code {
		t.Errorf("coming back later gives %+v", s)
	}
	offline := *w.Desk
	offline.Checkout = nil
	_, err = offline.OpenPayment(ctx, lan, id, "vi")
	refused(t, "where nothing is paid online", err, desk.ErrNoPayment)
	if err := offline.SweepPayments(ctx); err != nil {
		t.Errorf("nothing to sweep: %v", err)
	}
}

// TestTheDeciderWhilePaying: the commune that was to decide does, unless it was merged away before the
// payment; then the receiver decides, and the revision says so.
func TestTheDeciderWhilePaying(t *testing.T) {
	t.Parallel()
	for name, merged := range map[string]bool{"it is there": false, "merged away": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			ctx, lan := t.Context(), person(t, w.Province)
			variant(t, w.Province, "9.000635", `{"by": "commune_of", "field": "nyc.cu_tru"}`)
			home := office(t, w.Province, "H42.37.14359")
			id := copiesAt(t, w.Province, lan, "9.000635", w.Commune.ID, "14359")
			w.Save(t, lan, id, eform.Answers{"ban_sao.so_luong": {Text: "2"}})
			b := w.freeze(t, lan, id)
			want := home
			if merged {
				want = &w.Commune
				_, err := w.Pool.Exec(ctx, `update agency set valid_to = $1 where id = $2`,
					workday.DateOf(w.Clock.Now()), home.ID)
				do(t, err)
				w.Bind(t)
			}
			b.pay(t)
			b.back(t)
			v := b.filed(t)
			if v.Dossier.ReceivingAgency != w.Commune.ID || v.Dossier.DecidingAgency != want.ID ||
				v.First.DecidingAgency != want.Code {
				t.Errorf("decided by %s, the revision says %s, want %s", v.Deciding.Code,
					v.First.DecidingAgency, want.Code)
			}
		})
	}
}
