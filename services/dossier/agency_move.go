package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/vault"
)

// A dossier is open for its agency until its result is handed over, and as long as money is owed back.
const lockOpenSQL = `select ` + columns + ` from dossier
where (receiving_agency_id = any($1) or deciding_agency_id = any($1))
  and (status <> all($2) or payment_status = $3)
order by id for update`

// LockOpen holds every dossier that one of the agencies receives or decides and that is not done with, in the
// order of their ids, until the transaction ends.
func LockOpen(ctx context.Context, tx pgx.Tx, v *vault.Vault, agencies ...agency.ID) ([]Dossier, error) {
	var closed []Status
	for _, s := range Statuses {
		if s.Ended() && s != Completed {
			closed = append(closed, s)
		}
	}
	open, err := many(ctx, tx, v, lockOpenSQL, agencies, closed, RefundDue)
	if err != nil {
		return nil, fmt.Errorf("dossier: lock what %s have open: %w", agencies, err)
	}
	return open, nil
}

const changeOverSQL = `
update dossier set sync_status = $2, office_code = null, row_version = row_version + 1
where id = any($1)`

// ChangeOver makes locked dossiers wait for a one-stop system that has not seen them yet: the number that the
// former one gave them is forgotten.
func ChangeOver(ctx context.Context, tx pgx.Tx, ids []ID) error {
	tag, err := tx.Exec(ctx, changeOverSQL, ids, Waiting)
	if err != nil || int(tag.RowsAffected()) != len(ids) {
		return fmt.Errorf("dossier: change %d over, %d were: %w", len(ids), tag.RowsAffected(), err)
	}
	return nil
}

const acknowledgementsSQL = `
select h.dossier_id, h.at,
       (select max(r.number) from dossier_revision r
        where r.dossier_id = h.dossier_id and r.created_at <= h.at) as revision
from dossier_history h
where h.dossier_id = any($1) and h.kind = $2
order by h.dossier_id, h.seq`

// An Acknowledgement says that a one-stop system had a dossier, up to a revision.
type Acknowledgement struct {
	Dossier  ID        `db:"dossier_id"`
	At       time.Time `db:"at"`
	Revision int       `db:"revision"`
}

// Acknowledgements lists those of the dossiers, of each the oldest first.
func Acknowledgements(ctx context.Context, tx pgx.Tx, ids []ID) ([]Acknowledgement, error) {
	rows, err := tx.Query(ctx, acknowledgementsSQL, ids, KindAcknowledged)
	if err != nil {
		return nil, fmt.Errorf("dossier: acknowledgements: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Acknowledgement])
	if err != nil {
		return nil, fmt.Errorf("dossier: acknowledgements: %w", err)
	}
	return list, nil
}

const newestRevisionsSQL = `
select distinct on (dossier_id) dossier_id, number, encode(sha256, 'hex') as sha256
from dossier_revision where dossier_id = any($1)
order by dossier_id, number desc`

// Newest is the newest revision of a dossier.
type Newest struct {
	Dossier ID     `db:"dossier_id"`
	Number  int    `db:"number"`
	SHA256  string `db:"sha256"` // lower-case hex
}

// NewestRevisions returns the newest revision of each of the dossiers.
func NewestRevisions(ctx context.Context, tx pgx.Tx, ids []ID) (map[ID]Newest, error) {
	rows, err := tx.Query(ctx, newestRevisionsSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("dossier: newest revisions: %w", err)
	}
	newest := map[ID]Newest{}
	var n Newest
	_, err = pgx.ForEachRow(rows, []any{&n.Dossier, &n.Number, &n.SHA256}, func() error {
		newest[n.Dossier] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("dossier: newest revisions: %w", err)
	}
	return newest, nil
}
