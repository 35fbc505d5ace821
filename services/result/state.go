package result

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/vault"
)

// State says whether a result holds.
type State string

// The states. Both ends are final.
const (
	Issued     State = "issued"
	Superseded State = "superseded" // a corrected result took its place
	Revoked    State = "revoked"
)

// moves has the allowed moves.
var moves = map[State][]State{Issued: {Superseded, Revoked}}

// Key is the message key of the state's name.
func (s State) Key() string { return "result.state." + string(s) }

const endSQL = `
update result set state = $2, superseded_by = $3, reason = $4, ended_at = $5 where id = $1 and state = 'issued'`

// Supersede replaces an old result by a new one of the same dossier. Errors: ErrLocked when the old one does
// not hold any more, or the new one is of another dossier.
func Supersede(ctx context.Context, tx pgx.Tx, v *vault.Vault, old, by *Result, reason string,
	at time.Time) error {
	if old.Dossier != by.Dossier || old.ID == by.ID || by.State != Issued {
		return ErrLocked
	}
	return end(ctx, tx, v, old, Superseded, &by.ID, reason, at)
}

// Revoke says that a result does not hold any more. Errors: ErrLocked when it had ended before;
// binding.ErrForeign.
func Revoke(ctx context.Context, tx pgx.Tx, v *vault.Vault, r *Result, reason string, at time.Time) error {
	return end(ctx, tx, v, r, Revoked, nil, reason, at)
}

func end(ctx context.Context, tx pgx.Tx, v *vault.Vault, r *Result, to State, by *ID, reason string,
	at time.Time) error {
	if !canMove(r.State, to) {
		return ErrLocked
	}
	if err := binding.Result.Hold(ctx, tx, v, "id = $1", r.ID); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, endSQL, r.ID, to, by, reason, at)
	if err != nil {
		return fmt.Errorf("result: end %s: %w", r.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrLocked
	}
	if err := binding.Result.Sign(ctx, tx, v, "id = $1", r.ID); err != nil {
		return err
	}
	r.State, r.SupersededBy, r.Reason, r.EndedAt = to, by, reason, &at
	return nil
}

// canMove reports whether a result may change from one state to another.
func canMove(from, to State) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}
