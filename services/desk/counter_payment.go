package desk

import (
	"context"

	"congdvc/payments"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// PaidAtCounter records that the fee was paid in person. Errors: ErrNothingOwed,
// payments.ErrAmount unless it is exactly what is owed.
func (d *Desk) PaidAtCounter(ctx context.Context, o Office, code dossier.Code,
	in onestop.CounterPayment) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		if h.Payment != dossier.CounterDue {
			return nil, ErrNothingOwed
		}
		quote, err := payments.QuoteOf(ctx, tx, d.Vault, h.Draft)
		if err != nil {
			return nil, err
		}
		reference := in.ReceiptNumber
		if reference == "" {
			reference = o.Call.Key
		}
		fact, err := payments.CounterFact(ctx, tx, d.Vault, payments.CounterPayment{
			Quote: quote.ID, Amount: dong.Amount(in.Amount), Reference: reference, At: d.Now(), Now: d.Now(),
		})
		if err != nil {
			return nil, err
		}
		if _, _, err := payments.Record(ctx, tx, d.Vault, fact); err != nil {
			return nil, err
		}
		if err := d.settle(ctx, tx, quote.ID, fact, o.Actor); err != nil {
			return nil, err
		}
		paid, err := dossier.Lock(ctx, tx, d.Vault, h.ID)
		if err != nil {
			return nil, err
		}
		return d.header(ctx, tx, paid)
	})
}
