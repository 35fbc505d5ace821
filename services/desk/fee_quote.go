package desk

import (
	"time"

	"congdvc/payments"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
)

// PaidOnline says whether a fee is paid before submitting: it is due then, and the
// online channel takes such an amount.
func (d *Desk) PaidOnline(f procedure.FeeQuote) bool {
	return d.Checkout != nil && f.Due == procedure.DueAtSubmission && f.Total >= d.SmallestOnline
}

func quoteOf(draft *dossier.Draft, view *DraftView, now time.Time) payments.Quote {
	return payments.Quote{
		ID: postgres.NewID(), Draft: draft.ID, Party: draft.Party, Agency: view.Agency.ID,
		Lines: FeeLines(view.Fee), Total: view.Fee.Total, CreatedAt: now,
	}
}

// FeeLines are the lines of a quote as they are owed.
func FeeLines(f procedure.FeeQuote) []payments.Line {
	lines := make([]payments.Line, 0, len(f.Lines))
	for _, l := range f.Lines {
		lines = append(lines, payments.Line{
			Code: l.Code, Name: l.Name, Kind: l.Kind, Unit: l.Unit, Quantity: l.Quantity * l.Times,
			Amount: l.Amount, Basis: l.Basis, Refundable: l.Refundable,
		})
	}
	return lines
}
