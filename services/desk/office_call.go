package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// Office is a one-stop system that makes a call, and the officer on whose behalf it calls.
type Office struct {
	Connection string      // id
	Agencies   []agency.ID // served by the connection today: nothing else is found
	Actor      dossier.Actor
	// Call is the idempotent call; its key is empty for reading.
	Call onestop.Call
	// IfMatch is the row version that the caller last saw; nil when it does not care.
	IfMatch *int64
	// Looks says that the caller asks only what it would be told: no reading is recorded.
	Looks bool
}

// lockServed holds a dossier that the one-stop system serves now. Another system may have taken its place
// while the call waited for the dossier. Errors: dossier.ErrNotFound, onestop.ErrMoved.
func (d *Desk) lockServed(ctx context.Context, tx pgx.Tx, o Office,
	code dossier.Code) (*dossier.Dossier, error) {
	h, err := dossier.LockByCode(ctx, tx, d.Vault, code, o.Agencies)
	if err == nil {
		served, err := agency.ServedBy(ctx, tx, d.Vault, o.Connection, d.today())
		if err != nil {
			return nil, err
		}
		if slices.Contains(served, h.ReceivingAgency) || slices.Contains(served, h.DecidingAgency) {
			return h, nil
		}
		return nil, onestop.ErrMoved
	}
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, d.movedAway(ctx, tx, o, code)
	}
	return nil, err
}

// movedAway is onestop.ErrMoved for a dossier that the one-stop system served before, else
// dossier.ErrNotFound.
func (d *Desk) movedAway(ctx context.Context, db postgres.DB, o Office, code dossier.Code) error {
	if _, _, err := onestop.Former(ctx, db, d.Vault, o.Connection, code, d.Now()); err != nil {
		return err
	}
	return onestop.ErrMoved
}

// change carries out one call on a dossier, once: repeated with the same key it
// gives the same bytes again. The answer of f is kept as JSON.
func (d *Desk) change(ctx context.Context, o Office, code dossier.Code,
	f func(tx pgx.Tx, h *dossier.Dossier) (any, error)) (answer []byte, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		answer, err = onestop.Claim(ctx, tx, o.Call)
		if err != nil || answer != nil {
			return err
		}
		h, err := d.lockServed(ctx, tx, o, code)
		if err != nil {
			return err
		}
		if o.IfMatch != nil && *o.IfMatch != h.RowVersion {
			return ErrStale
		}
		out, err := f(tx, h)
		if err != nil {
			return err
		}
		if out == nil {
			if out, err = d.header(ctx, tx, h); err != nil {
				return err
			}
		}
		if answer, err = json.Marshal(out); err != nil {
			return fmt.Errorf("desk: answer: %w", err)
		}
		return onestop.Answer(ctx, tx, o.Call, answer)
	})
	if err != nil {
		return nil, err
	}
	d.Appended()
	return answer, nil
}
