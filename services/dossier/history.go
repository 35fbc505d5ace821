package dossier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// An Entry is one row of the history.
type Entry struct {
	Seq      int
	At       time.Time
	Kind     Kind
	From, To Status // equal when the entry moved nothing; From of the first is ""
	Actor    Actor
	Note     string         // in an officer's or the citizen's words; "" when none
	Data     map[string]any // numbers are json.Number
	Revision int            // the revision that this entry handed in; 0 when none
}

// historyRow is a row as it is stored and hashed: actor and data are the text of the columns.
type historyRow struct {
	Seq            int       `db:"seq"`
	At             time.Time `db:"at"`
	Kind           Kind      `db:"kind"`
	From           Status    `db:"from_status"`
	To             Status    `db:"to_status"`
	ActorKind      ActorKind `db:"actor_kind"`
	Actor          string    `db:"actor"`
	Note           []byte    `db:"note_sealed"`
	Data           string    `db:"data"`
	Revision       *int      `db:"revision"`
	RevisionSHA256 []byte    `db:"revision_sha256"`
	PrevHash       []byte    `db:"prev_hash"`
	Hash           []byte    `db:"hash"`
	// the text of whose the dossier was, a bound; nil in rows of the first version
	Bound *string `db:"bound"`
}

// bound is whose a dossier is when a row is written, who handed it in, and which agencies have it.
type bound struct {
	Owner     identity.PartyID `json:"owner_party_id"`
	Person    identity.PartyID `json:"submitted_by"`
	Receiving agency.ID        `json:"receiving_agency_id"`
	Deciding  agency.ID        `json:"deciding_agency_id"`
}

// digest returns the row's hash: SHA-256 over the dossier and every column, each with its length before it,
// so that no two rows have the same bytes. A row of the second version also
// binds whose the dossier is. The note is hashed as it is sealed, so that the hash gives no hint
// of what it says.
func (r *historyRow) digest(id ID) []byte {
	h := sha256.New()
	revision := ""
	if r.Revision != nil {
		revision = strconv.Itoa(*r.Revision)
	}
	parts := [][]byte{
		[]byte("dossier history 1"), []byte(id), []byte(strconv.Itoa(r.Seq)),
		[]byte(r.At.UTC().Format(time.RFC3339Nano)), []byte(r.Kind), []byte(r.From), []byte(r.To),
		[]byte(r.ActorKind), []byte(r.Actor), r.Note, []byte(r.Data), []byte(revision), r.RevisionSHA256,
		r.PrevHash,
	}
	if r.Bound != nil {
		parts[0] = []byte("dossier history 2")
		parts = append(parts, []byte(*r.Bound))
	}
	for _, part := range parts {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return h.Sum(nil)
}

func noteBind(id ID, seq int) string { return "history/" + string(id) + "/" + strconv.Itoa(seq) }

const historySQL = `
select seq, at, kind, from_status, to_status, actor_kind, actor::text, note_sealed, data::text, revision,
    revision_sha256, prev_hash, hash, bound::text
from dossier_history where dossier_id = $1 order by seq`

func historyRows(ctx context.Context, db postgres.DB, id ID) ([]historyRow, error) {
	rows, err := db.Query(ctx, historySQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: history of %s: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[historyRow])
	if err != nil {
		return nil, fmt.Errorf("dossier: history of %s: %w", id, err)
	}
	return list, nil
}

// History returns what happened to a dossier that the caller has found for its owner or agency, the first
// entry first. Error: ErrNotFound when it is not what this portal wrote; the log says what is wrong.
func History(ctx context.Context, db postgres.DB, v *vault.Vault, id ID) ([]Entry, error) {
	rows, err := checkedRows(ctx, db, v, id)
	if errors.Is(err, ErrChain) {
		slog.ErrorContext(ctx, "a history was not written by this portal: it is treated as absent", "dossier",
			id,
			"why", err)
		return nil, ErrNotFound.From(err)
	}
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(rows))
	for _, r := range rows {
		e := Entry{Seq: r.Seq, At: r.At, Kind: r.Kind, From: r.From, To: r.To}
		if err := json.Unmarshal([]byte(r.Actor), &e.Actor); err != nil {
			return nil, fmt.Errorf("dossier: read the actor of entry %d of %s: %w", r.Seq, id, err)
		}
		if err := decodeData(r.Data, &e.Data); err != nil {
			return nil, fmt.Errorf("dossier: read the data of entry %d of %s: %w", r.Seq, id, err)
		}
		if r.Revision != nil {
			e.Revision = *r.Revision
		}
		if r.Note != nil {
			if e.Note, err = v.OpenText(r.Note, noteBind(id, r.Seq)); err != nil {
				return nil, fmt.Errorf("dossier: open the note of entry %d of %s: %w", r.Seq, id, err)
			}
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func decodeData(text string, to *map[string]any) error {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	return dec.Decode(to)
}

// OpenRequest returns the last request of the citizen (withdrawal, correction, stop) that nobody has answered
// yet. A dossier that has ended answers every request.
func OpenRequest(entries []Entry) (Entry, bool) {
	var open Entry
	for _, e := range entries {
		switch {
		case e.Kind == KindWithdrawalAsked || e.Kind == KindCorrectionAsked || e.Kind == KindStopAsked:
			open = e
		case e.Kind == KindRequestAccepted || e.Kind == KindRequestRefused || e.To.Ended():
			open = Entry{}
		}
	}
	return open, open.Kind != ""
}
