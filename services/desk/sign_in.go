package desk

import (
	"context"

	"congdvc/identity"

	"github.com/jackc/pgx/v5"
)

// SignIn writes down who logged in and gives the person and the party for whom
// they act.
func (d *Desk) SignIn(ctx context.Context, c identity.Claims) (who identity.Who, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		who, err = identity.Welcome(ctx, tx, d.Vault, c, d.Now())
		return err
	})
	return who, err
}
