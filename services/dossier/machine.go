package dossier

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// A machine is the table of one sort of state: a row for each state, in the order of a dossier's life.
type machine[S ~string] []stateRow[S]

// A stateRow is a state with the states that may follow it.
type stateRow[S ~string] struct {
	state S
	next  []S
}

func (m machine[S]) states() []S {
	states := make([]S, len(m))
	for i, row := range m {
		states[i] = row.state
	}
	return states
}

func (m machine[S]) allows(from, to S) bool {
	return slices.ContainsFunc(m, func(row stateRow[S]) bool {
		return row.state == from && slices.Contains(row.next, to)
	})
}

// sourcesOf returns the states from which the table allows a move to the given one.
func (m machine[S]) sourcesOf(to S) []string {
	var from []string
	for _, row := range m {
		if slices.Contains(row.next, to) {
			from = append(from, string(row.state))
		}
	}
	return from
}

// The statements of the three machines beside the status; each is guarded by the state that was read.
const (
	setSyncSQL     = `update dossier set sync_status = $3, row_version = row_version + 1 where id = $1 and sync_status = $2`
	setDeliverySQL = `update dossier set delivery_status = $3, row_version = row_version + 1 where id = $1 and delivery_status = $2`
	setPaymentSQL  = `update dossier set payment_status = $3, row_version = row_version + 1 where id = $1 and payment_status = $2`
)

// set moves one of the three states; setting the present state changes nothing. Errors: ErrMove, ErrLocked.
func (m machine[S]) set(ctx context.Context, tx pgx.Tx, d *Dossier, state *S, to S, sql string) error {
	if *state == to {
		return nil
	}
	if !m.allows(*state, to) {
		return ErrMove.With("From", string(*state)).With("To", string(to))
	}
	if err := guarded(ctx, tx, ErrLocked, sql, d.ID, *state, to); err != nil {
		return fmt.Errorf("dossier: set %s to %s: %w", d.ID, to, err)
	}
	*state = to
	d.RowVersion++
	return nil
}
