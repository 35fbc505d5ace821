package desk

import (
	"context"

	"congdvc/identity"

	"github.com/jackc/pgx/v5"
)

// ActsFor lists the person and the parties for whom this login lets them act.
func (d *Desk) ActsFor(ctx context.Context, who identity.Who) ([]identity.Party, error) {
	self, err := identity.Find(ctx, d.Pool, d.Vault, who.Person)
	if err != nil {
		return nil, err
	}
	others, err := identity.Mandates(ctx, d.Pool, d.Vault, who.Person)
	return append([]identity.Party{*self}, others...), err
}

// MayActFor refuses a party for whom the person may not act. Errors: ErrNotAllowed.
func (d *Desk) MayActFor(ctx context.Context, who identity.Who, party identity.PartyID) error {
	may, err := identity.MayAct(ctx, d.Pool, who.Person, party, d.Now())
	if err != nil {
		return err
	}
	if !may {
		return ErrNotAllowed
	}
	return nil
}

// SignIn writes down who logged in and gives the person and the party for whom
// they act.
func (d *Desk) SignIn(ctx context.Context, c identity.Claims) (who identity.Who, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		who, err = identity.Welcome(ctx, tx, d.Vault, c, d.Now())
		return err
	})
	return who, err
}
