package desk

import (
	"context"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// tell queues a notice about a dossier, with the facts that it names: everybody who acts for its owner finds
// it, and the channels carry it to the person who handed the dossier in.
func (d *Desk) tell(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, kind dossier.NoticeKind,
	args notice.Args) error {
	person, err := d.reached(ctx, tx, h.Owner, h.SubmittedBy)
	if err != nil {
		return err
	}
	_, err = notice.Queue(ctx, tx, d.Vault, d.Channels, notice.Notice{
		Party: h.Owner, Person: person, Dossier: h.Code, Kind: kind, Args: args, CreatedAt: d.Now(),
	})
	return err
}

// reached is to whom the channels carry what concerns a party: the person who acted, as long as they may act
// for it, else whoever does. With nobody left it is the person all the same, so that it reaches somebody.
func (d *Desk) reached(ctx context.Context, db postgres.DB, party, person identity.PartyID) (identity.PartyID,
	error) {
	may, err := identity.MayAct(ctx, db, d.Vault, person, party, d.Now())
	if err != nil || may {
		return person, err
	}
	others, err := identity.Acting(ctx, db, d.Vault, party)
	if err != nil || len(others) == 0 {
		return person, err
	}
	return others[0], nil
}
