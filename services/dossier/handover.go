package dossier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// A Handover is one passing of a draft from one person who acts for its party to another.
type Handover struct {
	At      time.Time        `db:"at"`
	From    identity.PartyID `db:"from_id"`
	To      identity.PartyID `db:"to_id"`
	Renewed []string         `db:"renewed"` // ids of the fields that now say what is known of To
	Emptied []string         `db:"emptied"` // ids of those of which nothing is known
}

// NewHandover is what a draft is handed over with.
type NewHandover struct {
	To     identity.PartyID
	Fields []Change         // what fields say from now on; an empty value empties one; Base is ignored
	Given  map[string]Given // what sources say about those fields; the former is forgotten
	Now    time.Time
}

const (
	handOverSQL = `
update draft set acting_id = $2, confirmed_sealed = null, updated_at = $3, expires_at = greatest(expires_at, $4),
    warned_at = null
where id = $1 and state = 'editing'`
	insertHandoverSQL = `
insert into draft_handover (id, draft_id, at, from_id, to_id, renewed, emptied)
values ($1, $2, $3, $4, $5, $6, $7)`
	dropGivenSQL = `delete from draft_given where draft_id = $1 and field = any($2)`
)

// HandOver lets another person go on with a locked draft. What was confirmed is to be confirmed anew, since
// it is declared by whoever hands the draft in. A page that was shown before cannot overwrite what is changed
// here. Errors: ErrFrozen when the draft is not being edited.
func HandOver(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, n NewHandover) (*Handover, error) {
	now, from := n.Now.UTC().Truncate(time.Microsecond), d.Acting()
	expires := d.expiry(now)
	if err := guarded(ctx, tx, ErrFrozen, handOverSQL, d.ID, n.To, now, expires); err != nil {
		return nil, fmt.Errorf("dossier: hand over draft %s: %w", d.ID, err)
	}
	stored, err := Fields(ctx, tx, v, d.ID)
	if err != nil {
		return nil, err
	}
	h := &Handover{At: now, From: from, To: n.To, Renewed: []string{}, Emptied: []string{}}
	var fresh []Change
	all := make([]string, len(n.Fields))
	for i, c := range n.Fields {
		was := stored[c.Field]
		all[i] = c.Field
		switch {
		case c.Value.Equal(was.Value) || c.Value.Empty() && was.Value.Empty():
			continue
		case c.Value.Empty():
			h.Emptied = append(h.Emptied, c.Field)
		default:
			h.Renewed = append(h.Renewed, c.Field)
		}
		c.Base = was.Revision + 1
		fresh = append(fresh, c)
	}
	if err := put(ctx, tx, v, d, "handover", fresh, now); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, dropGivenSQL, d.ID, all); err != nil {
		return nil, fmt.Errorf("dossier: forget what was given for draft %s: %w", d.ID, err)
	}
	if err := PutGiven(ctx, tx, v, d.ID, n.Given); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, insertHandoverSQL, postgres.NewID(), d.ID, now, from, n.To, h.Renewed, h.Emptied)
	if err != nil {
		return nil, fmt.Errorf("dossier: write down the handover of draft %s: %w", d.ID, err)
	}
	d.ActingID, d.UpdatedAt, d.WarnedAt = &n.To, now, nil
	if expires.After(d.ExpiresAt) {
		d.ExpiresAt = expires
	}
	return h, nil
}

const lastHandoverSQL = `
select at, from_id, to_id, renewed, emptied from draft_handover where draft_id = $1
order by at desc, id desc limit 1`

// LastHandover returns how a draft came to the person who works on it now. The caller has found the draft for
// its party. Errors: ErrNotFound when it is still with the person who began it.
func LastHandover(ctx context.Context, db postgres.DB, id DraftID) (*Handover, error) {
	rows, err := db.Query(ctx, lastHandoverSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: handover of draft %s: %w", id, err)
	}
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Handover])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("dossier: handover of draft %s: %w", id, err)
	}
	return h, nil
}
