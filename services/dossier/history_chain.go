package dossier

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/binding"
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

// checkSeal checks that the end of a header's history is one that this portal wrote; a header that has none
// yet is not filed. Errors: ErrChain.
func checkSeal(v *vault.Vault, d *Dossier) error {
	fresh := d.HistorySeq == 0 && d.Status == unfiled && len(d.HistoryHash) == 0
	seal := endSeal(v, d.ID, d.HistorySeq, d.HistoryHash)
	if fresh || subtle.ConstantTimeCompare(d.HistorySeal, seal) == 1 {
		return nil
	}
	return fmt.Errorf("%w: %s: the end was not written by this portal", ErrChain, d.ID)
}

// A header is read before its rows, which may be more by then: its own end is looked for, and that nothing
// stands behind the end that the header has when its rows are read.
const endsSQL = `
select e.id, h.hash, h.to_status, exists (
    select from dossier d join dossier_history l on l.dossier_id = d.id and l.seq > d.history_seq where d.id = e.id::uuid) as behind
from unnest($1::text[], $2::int[]) as e(id, seq)
left join dossier_history h on h.dossier_id = e.id::uuid and h.seq = e.seq`

// keepEnded leaves out the dossiers whose status or end of history is not what this portal wrote last, and
// tells of each in the log: so nobody reads what somebody else made of them, and nobody goes on from it.
func keepEnded(ctx context.Context, db postgres.DB, v *vault.Vault, list []Dossier) ([]Dossier, error) {
	if len(list) == 0 {
		return list, nil
	}
	type end struct {
		ID     ID
		Hash   []byte
		To     *Status
		Behind bool
	}
	ids, seqs := make([]ID, len(list)), make([]int, len(list))
	for i, d := range list {
		ids[i], seqs[i] = d.ID, d.HistorySeq
	}
	rows, err := db.Query(ctx, endsSQL, ids, seqs)
	if err != nil {
		return nil, fmt.Errorf("dossier: ends of histories: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[end])
	if err != nil {
		return nil, fmt.Errorf("dossier: ends of histories: %w", err)
	}
	ends := make(map[ID]end, len(found))
	for _, e := range found {
		ends[e.ID] = e
	}
	return slices.DeleteFunc(list, func(d Dossier) bool {
		err, e := checkSeal(v, &d), ends[d.ID]
		is := unfiled
		if e.To != nil {
			is = *e.To
		}
		if err == nil && !e.Behind && is == d.Status && bytes.Equal(e.Hash, d.HistoryHash) {
			return false
		}
		slog.ErrorContext(ctx, "a history was not written by this portal: the dossier is treated as absent",
			"dossier", d.ID)
		return true
	}), nil
}

// chainHead is what the header says of its history.
type chainHead struct {
	Status Status `db:"head_status"`
	Seq    int    `db:"head_seq"`
	Hash   []byte `db:"head_hash"`
	Seal   []byte `db:"head_seal"`
}

const checkedSQL = `
select h.seq, h.at, h.kind, h.from_status, h.to_status, h.actor_kind, h.actor::text, h.note_sealed, h.data::text,
    h.revision, h.revision_sha256, h.prev_hash, h.hash, h.bound::text,
    d.status as head_status, d.history_seq as head_seq, d.history_hash as head_hash, d.history_seal as head_seal
from dossier d join dossier_history h on h.dossier_id = d.id where d.id = $1 order by h.seq`

// checkedRows reads a history and checks it up to its sealed end. Errors: ErrChain.
func checkedRows(ctx context.Context, db postgres.DB, v *vault.Vault, id ID) ([]historyRow, error) {
	rows, err := db.Query(ctx, checkedSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: history of %s: %w", id, err)
	}
	type whole struct {
		historyRow
		chainHead
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[whole])
	if err != nil {
		return nil, fmt.Errorf("dossier: history of %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	list := make([]historyRow, len(found))
	for i := range found {
		list[i] = found[i].historyRow
	}
	_, err = checkEnd(v, id, list, found[0].chainHead)
	return list, err
}

// checkEnd checks the rows and that the header's sealed end is theirs. It returns the hash of each revision
// that a row binds.
func checkEnd(v *vault.Vault, id ID, rows []historyRow, head chainHead) (map[int][]byte, error) {
	revisions, err := checkRows(id, rows)
	if err != nil {
		return nil, err
	}
	last := historyRow{}
	if len(rows) > 0 {
		last = rows[len(rows)-1]
	}
	if last.Seq != head.Seq || !bytes.Equal(last.Hash, head.Hash) || last.To != head.Status {
		return nil, fmt.Errorf("%w: %s: the last row is not the header's", ErrChain, id)
	}
	if subtle.ConstantTimeCompare(head.Seal, endSeal(v, id, head.Seq, head.Hash)) != 1 {
		return nil, fmt.Errorf("%w: %s: the end was not written by this portal", ErrChain, id)
	}
	return revisions, nil
}

// VerifyChain checks the whole history: every row's hash, its link to the row before, no row missing at
// either end, the header's status, the seal of the end, whose the dossier is and which agencies have it, and
// that each revision is bound into a row by its hash. Rows of the first version, which do not say whose it
// was, go on being right. Errors: ErrChain with what is wrong, ErrNotFound.
func VerifyChain(ctx context.Context, db postgres.DB, v *vault.Vault, id ID) error {
	rows, err := db.Query(ctx, byIDSQL, id)
	if err != nil {
		return fmt.Errorf("dossier: read the head of %s: %w", id, err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Dossier])
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("dossier: read the head of %s: %w", id, err)
	}
	list, err := historyRows(ctx, db, id)
	if err != nil {
		return err
	}
	revisions, err := checkEnd(v, id, list, chainHead{d.Status, d.HistorySeq, d.HistoryHash, d.HistorySeal})
	if err != nil {
		return err
	}
	if err := checkBound(&d, list); err != nil {
		return err
	}
	holds, err := binding.Dossier.Holds(ctx, db, v, d.Mark, d.binds()...)
	if err != nil {
		return err
	}
	if !holds {
		return fmt.Errorf("%w: %s: whose it is was not written by this portal", ErrChain, id)
	}
	return checkRevisions(ctx, db, v, id, revisions)
}

// checkBound compares whose the header says that the dossier is with what its newest row of the second
// version says, and the owner and the person with every such row: these never change.
func checkBound(d *Dossier, rows []historyRow) error {
	newest := true
	for _, r := range slices.Backward(rows) {
		if r.Bound == nil {
			continue
		}
		var was bound
		if err := json.Unmarshal([]byte(*r.Bound), &was); err != nil {
			return fmt.Errorf("%w: %s: row %d does not say whose it is", ErrChain, d.ID, r.Seq)
		}
		for _, c := range []struct {
			column      string
			is, was     string
			mayBeFormer bool
		}{
			{"owner_party_id", string(d.Owner), string(was.Owner), false},
			{"submitted_by", string(d.SubmittedBy), string(was.Person), false},
			{"receiving_agency_id", string(d.ReceivingAgency), string(was.Receiving), true},
			{"deciding_agency_id", string(d.DecidingAgency), string(was.Deciding), true},
		} {
			if c.is != c.was && (newest || !c.mayBeFormer) {
				return fmt.Errorf("%w: %s: %s is %s, in row %d it is %s", ErrChain, d.ID, c.column, c.is,
					r.Seq,
					c.was)
			}
		}
		newest = false
	}
	return nil
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

const revisionSumsSQL = `
select number, sha256, person_id, mark from dossier_revision where dossier_id = $1 order by number`

// revisionSum is a revision as the history and its mark bind it.
type revisionSum struct {
	Number int              `db:"number"`
	SHA256 []byte           `db:"sha256"`
	Person identity.PartyID `db:"person_id"`
	Mark   []byte           `db:"mark"`
}

func (s revisionSum) holds(ctx context.Context, db postgres.DB, v *vault.Vault, id ID) (bool, error) {
	binds := revisionBinds(id, s.Number, s.Person, hex.EncodeToString(s.SHA256))
	return binding.Revision.Holds(ctx, db, v, s.Mark, binds...)
}

func revisionSums(ctx context.Context, db postgres.DB, id ID) ([]revisionSum, error) {
	rows, err := db.Query(ctx, revisionSumsSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: revisions of %s: %w", id, err)
	}
	sums, err := pgx.CollectRows(rows, pgx.RowToStructByName[revisionSum])
	if err != nil {
		return nil, fmt.Errorf("dossier: revisions of %s: %w", id, err)
	}
	return sums, nil
}

func checkRevisions(ctx context.Context, db postgres.DB, v *vault.Vault, id ID,
	bound map[int][]byte) error {
	sums, err := revisionSums(ctx, db, id)
	if err != nil {
		return err
	}
	if len(sums) != len(bound) {
		return fmt.Errorf("%w: %s: %d revisions, %d in the history", ErrChain, id, len(sums), len(bound))
	}
	for _, s := range sums {
		if !bytes.Equal(bound[s.Number], s.SHA256) {
			return fmt.Errorf("%w: %s: revision %d is not the one in the history", ErrChain, id, s.Number)
		}
		holds, err := s.holds(ctx, db, v, id)
		if err != nil {
			return err
		}
		if !holds {
			return fmt.Errorf("%w: %s: whose revision %d is was not written by this portal", ErrChain, id,
				s.Number)
		}
	}
	return nil
}
