package desk_test

import (
	"testing"

	"congdvc/services/binding"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/onestop"
)

// TestResultAfterTheFee: where the procedure says so, no result comes before its fee; elsewhere a fee that is
// owed at the counter hinders nothing. Each dossier keeps the rule under which it was submitted.
func TestResultAfterTheFee(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	before := processing(t, p, lan)
	p.Redefine(t, "2.000635", map[string]any{"result_after_fee": true})
	code := processing(t, p, lan)
	for at, want := range map[dossier.Code]bool{before: false, code: true} {
		d, err := p.Desk.DossierFor(ctx, p.Office(t, ""), at)
		do(t, err)
		if d.ResultAfterFee != want || d.Payment != "counter_due" {
			t.Errorf("%s: %+v", at, d)
		}
	}
	deliver := func(key string, at dossier.Code) error {
		in := resultIn(t, "kq.pdf", signed(t, paper(t, "Trich luc "+key)))
		_, err := p.Desk.DeliverResult(ctx, p.Office(t, key), at, in)
		return err
	}
	do(t, deliver("without the rule", before))
	refused(t, "before its fee", deliver("late", code), desk.ErrFeeOwed)
	if v := view(t, p, lan, code); v.Dossier.Status != dossier.Processing {
		t.Errorf("it is %s", v.Dossier.Status)
	}
	_, err := p.Desk.Pool.Exec(ctx, `update dossier set payment_status = 'paid' where code = $1`, code)
	do(t, err)
	refused(t, "paid by the database alone", deliver("forged", code), desk.ErrFeeOwed)
	_, err = p.Desk.Pool.Exec(ctx, `update dossier set payment_status = 'counter_due' where code = $1`, code)
	do(t, err)
	_, err = p.Desk.PaidAtCounter(ctx, p.Office(t, "paid"), code, onestop.CounterPayment{Amount: 8000})
	do(t, err)
	do(t, deliver("late", code))

	other := processing(t, p, p.Citizen(t, 2))
	_, err = p.Desk.Pool.Exec(ctx, `with q as (update payment_quote set voided_at = now() where voided_at is null)
		update dossier set payment_status = 'none' where code = $1`, other)
	do(t, err)
	refused(t, "its fee voided by the database alone", deliver("voided", other), binding.ErrForeign)
}

// TestResultsIssuedWhenTheyCannotBe: a document that was issued before it was asked for, or tomorrow.
func TestResultsIssuedWhenTheyCannotBe(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	code := processing(t, p, lan)
	for _, on := range []string{"2026-11-22", "1926-11-23", "0001-01-02"} {
		in := resultIn(t, "kq.pdf", signed(t, paper(t, "Trich luc")))
		in.IssuedOn, in.Kind = day(t, on), "KQ.X"
		_, err := p.Desk.DeliverResult(t.Context(), p.Office(t, on), code, in)
		var members []string
		for _, f := range fault.All(err) {
			members = append(members, f.Field)
		}
		same(t, on, members, "kind", "issued_on")
	}
}
