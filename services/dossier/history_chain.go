package dossier

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// ErrChain says that the records of a dossier are not what was written. Its cause says where.
var ErrChain = errors.New("dossier: the history was tampered with")

// endSeal is a keyed hash over the end of a history. A chain of plain hashes can be computed anew by whoever
// may write to the database; its end cannot.
func endSeal(v *vault.Vault, id ID, seq int, hash []byte) []byte {
	return v.Index("dossier history", fmt.Sprintf("%s/%d/%x", id, seq, hash))
}

const chainHeadSQL = `select status, history_seq, history_hash, history_seal from dossier where id = $1`

const revisionSumsSQL = `select number, sha256 from dossier_revision where dossier_id = $1 order by number`

// VerifyChain checks the whole history: every row's hash, its link to the row before, no row missing at
// either end, the header's status, the seal of the end, and that each revision is bound into a row by its
// hash. Errors: ErrChain with what is wrong, ErrNotFound.
func VerifyChain(ctx context.Context, db postgres.DB, v *vault.Vault, id ID) error {
	var status Status
	var seq int
	var head, seal []byte
	err := db.QueryRow(ctx, chainHeadSQL, id).Scan(&status, &seq, &head, &seal)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("dossier: read the head of %s: %w", id, err)
	}
	rows, err := historyRows(ctx, db, id)
	if err != nil {
		return err
	}
	bound, err := checkRows(id, rows)
	if err != nil {
		return err
	}
	last := historyRow{}
	if len(rows) > 0 {
		last = rows[len(rows)-1]
	}
	if last.Seq != seq || !bytes.Equal(last.Hash, head) || last.To != status {
		return fmt.Errorf("%w: %s: the last row is not the header's", ErrChain, id)
	}
	if !bytes.Equal(seal, endSeal(v, id, seq, head)) {
		return fmt.Errorf("%w: %s: the end was not written by this portal", ErrChain, id)
	}
	return checkRevisions(ctx, db, id, bound)
}

// checkRows checks the links and returns the hash of each revision that a row binds.
func checkRows(id ID, rows []historyRow) (map[int][]byte, error) {
	bound := map[int][]byte{}
	prev, status := []byte{}, unfiled
	for i, r := range rows {
		switch {
		case r.Seq != i+1 || !bytes.Equal(r.PrevHash, prev) || r.From != status:
			return nil, fmt.Errorf("%w: %s: row %d does not follow the one before", ErrChain, id, r.Seq)
		case !bytes.Equal(r.Hash, r.digest(id)):
			return nil, fmt.Errorf("%w: %s: row %d was changed", ErrChain, id, r.Seq)
		}
		if r.Revision != nil {
			bound[*r.Revision] = r.RevisionSHA256
		}
		prev, status = r.Hash, r.To
	}
	return bound, nil
}

func checkRevisions(ctx context.Context, db postgres.DB, id ID, bound map[int][]byte) error {
	rows, err := db.Query(ctx, revisionSumsSQL, id)
	if err != nil {
		return fmt.Errorf("dossier: revisions of %s: %w", id, err)
	}
	type sum struct {
		Number int    `db:"number"`
		SHA256 []byte `db:"sha256"`
	}
	sums, err := pgx.CollectRows(rows, pgx.RowToStructByName[sum])
	if err != nil {
		return fmt.Errorf("dossier: revisions of %s: %w", id, err)
	}
	if len(sums) != len(bound) {
		return fmt.Errorf("%w: %s: %d revisions, %d in the history", ErrChain, id, len(sums), len(bound))
	}
	for _, s := range sums {
		if !bytes.Equal(bound[s.Number], s.SHA256) {
			return fmt.Errorf("%w: %s: revision %d is not the one in the history", ErrChain, id, s.Number)
		}
	}
	return nil
}
