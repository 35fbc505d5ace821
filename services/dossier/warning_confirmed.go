package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// A Confirmation is a warning that the person of a draft looked at and said to be right. Token is eform's
// name of the warning together with the answers that it is about; other answers need another confirmation.
type Confirmation struct {
	Token string    `json:"token"`
	At    time.Time `json:"at"`
}

// Confirmed is a warning as a revision keeps it: the person was asked, and said that it is so.
type Confirmed struct {
	Rule string `json:"rule"` // its name among "x-rules" of the form's schema
	// the answers that do not fit together; of a column "table.column"
	Fields      []string  `json:"fields"`
	Row         int       `json:"row,omitempty"` // of a table, counted from 1
	Message     string    `json:"message"`       // what the person was asked to look at, in Vietnamese
	ConfirmedAt time.Time `json:"confirmed_at"`
}

func confirmedBind(id DraftID) []byte { return []byte("draft/" + string(id) + "/confirmed") }

func sealConfirmations(v *vault.Vault, id DraftID, list []Confirmation) ([]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("dossier: write the confirmations of draft %s: %w", id, err)
	}
	sealed, err := v.Seal(raw, confirmedBind(id))
	if err != nil {
		return nil, fmt.Errorf("dossier: seal the confirmations of draft %s: %w", id, err)
	}
	return sealed, nil
}

const setConfirmationsSQL = `update draft set confirmed_sealed = $2 where id = $1 and state = 'editing'`

// SetConfirmations replaces what the person of a draft has confirmed. Errors: ErrFrozen when it is not being
// edited.
func SetConfirmations(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, list []Confirmation,
	now time.Time) error {
	sealed, err := sealConfirmations(v, d.ID, list)
	if err != nil {
		return err
	}
	if err := Touch(ctx, tx, d, now); err != nil {
		return err
	}
	if err := guarded(ctx, tx, ErrFrozen, setConfirmationsSQL, d.ID, sealed); err != nil {
		return fmt.Errorf("dossier: keep the confirmations of draft %s: %w", d.ID, err)
	}
	return nil
}

const confirmationsSQL = `select confirmed_sealed from draft where id = $1`

// Confirmations returns what the person of a draft has confirmed, also for answers that have changed since.
// The caller has found the draft for its party.
func Confirmations(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID) ([]Confirmation, error) {
	sealed, err := scanOne[[]byte](ctx, db, confirmationsSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: read the confirmations of draft %s: %w", id, err)
	}
	if sealed == nil {
		return nil, nil
	}
	raw, err := v.Open(sealed, confirmedBind(id))
	if err != nil {
		return nil, fmt.Errorf("dossier: open the confirmations of draft %s: %w", id, err)
	}
	var list []Confirmation
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("dossier: read the confirmations of draft %s: %w", id, err)
	}
	return list, nil
}
