package desk

import (
	"context"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"

	"github.com/jackc/pgx/v5"
)

func (d *Desk) receipt(ctx context.Context, tx pgx.Tx, quote *payments.Quote,
	standing payments.Standing) (*payments.Receipt, error) {
	office, err := agency.Find(ctx, tx, agency.ID(quote.Agency))
	if err != nil {
		return nil, err
	}
	payer, err := identity.Find(ctx, tx, d.Vault, identity.PartyID(quote.Party))
	if err != nil {
		return nil, err
	}
	r, _, err := payments.IssueReceipt(ctx, tx, d.Vault, payments.NewReceipt{
		Quote: quote, Standing: standing, Series: office.Code, Payer: payer.Name, Now: d.Now(),
	})
	return r, err
}
