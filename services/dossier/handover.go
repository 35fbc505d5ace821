package dossier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/binding"
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
    warned_at = null, mark = $5
where id = $1 and state = 'editing'`
	insertHandoverSQL = `
insert into draft_handover (id, draft_id, at, from_id, to_id, renewed, emptied, mark)
values ($1, $2, $3, $4, $5, $6, $7, $8)`
	dropGivenSQL = `delete from draft_given where draft_id = $1 and field = any($2)`
)

// HandOver lets another person go on with a locked draft. What was confirmed is to be confirmed anew, since
// it is declared by whoever hands the draft in. A page that was shown before cannot overwrite what is changed
// here. Errors: ErrFrozen when the draft is not being edited.
func HandOver(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, n NewHandover) (*Handover, error) {
	now, from := n.Now.UTC().Truncate(time.Microsecond), d.Acting()
	expires, next := d.expiry(now), *d
	next.ActingID = &n.To
	next.marked(v)
	if err := guarded(ctx, tx, ErrFrozen, handOverSQL, d.ID, n.To, now, expires, next.Mark); err != nil {
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
	id := postgres.NewID()
	_, err = tx.Exec(ctx, insertHandoverSQL, id, d.ID, now, from, n.To, h.Renewed, h.Emptied,
		binding.Handover.Mark(v, id, string(d.ID), string(from), string(n.To)))
	if err != nil {
		return nil, fmt.Errorf("dossier: write down the handover of draft %s: %w", d.ID, err)
	}
	d.ActingID, d.Mark, d.UpdatedAt, d.WarnedAt = next.ActingID, next.Mark, now, nil
	if expires.After(d.ExpiresAt) {
		d.ExpiresAt = expires
	}
	return h, nil
}

type handoverRow struct {
	Handover
	ID   string `db:"id"`
	Mark []byte `db:"mark"`
}

const lastHandoverSQL = `
select id, mark, at, from_id, to_id, renewed, emptied from draft_handover where draft_id = $1
order by at desc, id desc limit 1`

// LastHandover returns how a draft came to the person who works on it now. The caller has found the draft for
// its party. Errors: ErrNotFound when it is still with the person who began it.
func LastHandover(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID) (*Handover, error) {
	rows, err := db.Query(ctx, lastHandoverSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: handover of draft %s: %w", id, err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[handoverRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("dossier: handover of draft %s: %w", id, err)
	}
	h := &row.Handover
	holds, err := binding.Handover.Holds(ctx, db, v, row.Mark, row.ID, string(id), string(h.From),
		string(h.To))
	if err != nil {
		return nil, err
	}
	if !holds {
		return nil, ErrNotFound
	}
	return h, nil
}
