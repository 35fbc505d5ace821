package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
	"congdvc/services/eform"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// A Source is where the portal knows a value from.
type Source string

// The sources of what is filled in without asking.
const (
	FromIdentity     Source = "identity"     // the person's account with the identity provider
	FromOrganisation Source = "organisation" // the account of the organisation that the person acts for
	// an earlier dossier of the same owner, handed in by the same person
	FromDossier  Source = "dossier"
	FromDocument Source = "document" // what an e-result of the same owner says about itself
)

// Given is what a source says about one field, beside the answer that the person gives.
type Given struct {
	Source Source `json:"source"`
	// whose account or earlier dossier it is, as they are called; not in what was taken before this was kept
	Of      string      `json:"of,omitempty"`
	Dossier Code        `json:"dossier,omitempty"` // of FromDossier and FromDocument
	Result  string      `json:"result,omitempty"`  // of FromDocument: the code by which it is verified
	Value   eform.Value `json:"value"`             // as the source has it
	TakenAt time.Time   `json:"taken_at"`
	Reason  string      `json:"reason,omitempty"` // the person's words for why another value is right
}

// Provenance is a Given as a revision keeps it.
type Provenance struct {
	Field string `json:"field"`
	Given
	// Own is what the person wrote instead. It is nil when the source's value stands, and empty when the
	// person removed it.
	Own *eform.Value `json:"own,omitempty"`
}

// reasonMost is the most characters that are kept of a reason.
const reasonMost = 300

func givenBind(id DraftID, field string) []byte {
	return []byte("draft/" + string(id) + "/given/" + field)
}

const putGivenSQL = `
insert into draft_given (draft_id, field, sealed) values ($1, $2, $3)
on conflict (draft_id, field) do update set sealed = excluded.sealed`

// PutGiven keeps what sources say about fields of a draft, by field.
func PutGiven(ctx context.Context, tx pgx.Tx, v *vault.Vault, id DraftID, given map[string]Given) error {
	batch := &pgx.Batch{}
	for field, g := range given {
		g.TakenAt = g.TakenAt.UTC().Truncate(time.Microsecond)
		raw, err := json.Marshal(g)
		if err != nil {
			return fmt.Errorf("dossier: write what is given for %s of draft %s: %w", field, id, err)
		}
		sealed, err := v.Seal(raw, givenBind(id, field))
		if err != nil {
			return fmt.Errorf("dossier: seal what is given for %s of draft %s: %w", field, id, err)
		}
		batch.Queue(putGivenSQL, id, field, sealed)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("dossier: keep what is given for draft %s: %w", id, err)
	}
	return nil
}

type givenRow struct {
	Field  string `db:"field"`
	Sealed []byte `db:"sealed"`
}

const givenSQL = `select field, sealed from draft_given where draft_id = $1`

// GivenFor returns what sources say about the fields of a draft that the caller has found for its party, by
// field.
func GivenFor(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID) (map[string]Given, error) {
	rows, err := db.Query(ctx, givenSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: what is given for draft %s: %w", id, err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[givenRow])
	if err != nil {
		return nil, fmt.Errorf("dossier: what is given for draft %s: %w", id, err)
	}
	given := make(map[string]Given, len(stored))
	for _, r := range stored {
		raw, err := v.Open(r.Sealed, givenBind(id, r.Field))
		if err != nil {
			return nil, fmt.Errorf("dossier: open what is given for %s of draft %s: %w", r.Field, id, err)
		}
		var g Given
		if err := json.Unmarshal(raw, &g); err != nil {
			return nil, fmt.Errorf("dossier: read what is given for %s of draft %s: %w", r.Field, id, err)
		}
		given[r.Field] = g
	}
	return given, nil
}

// SaveReasons stores why a person deviates from a source, by field; the draft is locked. Fields that no
// source speaks about, or that may not be changed, are skipped. An empty reason removes the stored one.
func SaveReasons(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, reasons map[string]string) error {
	if len(reasons) == 0 {
		return nil
	}
	if d.State != Editing {
		return ErrFrozen
	}
	given, err := GivenFor(ctx, tx, v, d.ID)
	if err != nil {
		return err
	}
	changed := map[string]Given{}
	for field, reason := range reasons {
		g, known := given[field]
		if reason = TidyReason(reason); known && d.MayChange(field) && g.Reason != reason {
			g.Reason = reason
			changed[field] = g
		}
	}
	return PutGiven(ctx, tx, v, d.ID, changed)
}

// TidyReason makes one line of at most reasonMost characters, without what is invisible.
func TidyReason(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c) || number.Invisible(c):
			return -1
		}
		return c
	}, norm.NFC.String(strings.ToValidUTF8(text, "\ufffd")))
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), reasonMost)])
}

const discardGivenSQL = `delete from draft_given where draft_id = any($1)`
