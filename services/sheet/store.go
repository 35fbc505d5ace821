package sheet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

// ErrNotFound says that there is no such slip of this dossier.
var ErrNotFound = fault.New(fault.NotFound, "sheet.not_found")

// A Slip is a slip that was issued; what it says is sealed beside it.
type Slip struct {
	ID        string
	Kind      dossier.SlipKind
	Number    string // 1, 2, … within the dossier
	CreatedAt time.Time
	Mark      []byte // see services/binding: which dossier's it is
}

func (s *Slip) holds(ctx context.Context, db postgres.DB, v *vault.Vault, of dossier.ID) (bool, error) {
	return binding.Slip.Holds(ctx, db, v, s.Mark, s.ID, string(of), string(s.Kind), s.Number)
}

func bind(id string) []byte { return []byte("slip/" + id) }

// The dossier's row is locked so that two slips at once get two numbers.
const nextSQL = `
with locked as materialized (select id from dossier where id = $1 for no key update)
select (select count(*) from slip where dossier_id = locked.id) + 1 from locked`

const insertSQL = `
insert into slip (id, dossier_id, kind, number, sealed, created_at, mark)
values (@id, @dossier, @kind, @number, @sealed, @created, @mark)`

// InsertSlip keeps what a slip says, under the next number of its dossier, and returns its id. Its instant is
// s.IssuedAt. Errors: ErrNotFound when there is no such dossier.
func InsertSlip(ctx context.Context, tx pgx.Tx, v *vault.Vault, of dossier.ID, s SlipData) (id string,
	err error) {
	if !postgres.IsID(of) {
		return "", ErrNotFound
	}
	var number int
	if err := tx.QueryRow(ctx, nextSQL, of).Scan(&number); errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNotFound
	} else if err != nil {
		return "", fmt.Errorf("sheet: number a slip of %s: %w", of, err)
	}
	s.Number = fmt.Sprintf("%02d", number)
	raw, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("sheet: write a slip of %s: %w", of, err)
	}
	id = postgres.NewID()
	sealed, err := v.Seal(raw, bind(id))
	if err != nil {
		return "", fmt.Errorf("sheet: seal slip %s: %w", id, err)
	}
	_, err = tx.Exec(ctx, insertSQL, pgx.StrictNamedArgs{
		"id": id, "dossier": of, "kind": s.Kind, "number": s.Number, "sealed": sealed, "created": s.IssuedAt,
		"mark": binding.Slip.Mark(v, id, string(of), string(s.Kind), s.Number),
	})
	if err != nil {
		return "", fmt.Errorf("sheet: insert slip %s: %w", id, err)
	}
	return id, nil
}

const ofDossierSQL = `
select id, kind, number, created_at, mark from slip where dossier_id = $1 order by number::int`

// SlipsOf lists the slips of a dossier, the oldest first; none for an unknown dossier.
func SlipsOf(ctx context.Context, db postgres.DB, v *vault.Vault, of dossier.ID) ([]Slip, error) {
	if !postgres.IsID(of) {
		return nil, nil
	}
	rows, err := db.Query(ctx, ofDossierSQL, of)
	if err != nil {
		return nil, fmt.Errorf("sheet: list slips of %s: %w", of, err)
	}
	slips, err := pgx.CollectRows(rows, pgx.RowToStructByName[Slip])
	if err != nil {
		return nil, fmt.Errorf("sheet: list slips of %s: %w", of, err)
	}
	return binding.Keep(slips, func(s *Slip) (bool, error) { return s.holds(ctx, db, v, of) })
}

const openSQL = `
select id, kind, number, created_at, sealed, mark from slip where id = $1 and dossier_id = $2`

// OpenSlip returns a slip of a dossier with what it says. Errors: ErrNotFound.
func OpenSlip(ctx context.Context, db postgres.DB, v *vault.Vault, of dossier.ID, id string) (*Slip, SlipData,
	error) {
	if !postgres.IsID(of) || !postgres.IsID(id) {
		return nil, SlipData{}, ErrNotFound
	}
	var (
		slip   Slip
		sealed []byte
		data   SlipData
	)
	err := db.QueryRow(ctx, openSQL, id, of).Scan(&slip.ID, &slip.Kind, &slip.Number, &slip.CreatedAt,
		&sealed, &slip.Mark)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, SlipData{}, ErrNotFound
	}
	if err != nil {
		return nil, SlipData{}, fmt.Errorf("sheet: find slip %s: %w", id, err)
	}
	if holds, err := slip.holds(ctx, db, v, of); err != nil {
		return nil, SlipData{}, err
	} else if !holds {
		return nil, SlipData{}, ErrNotFound
	}
	raw, err := v.Open(sealed, bind(id))
	if err != nil {
		return nil, SlipData{}, fmt.Errorf("sheet: open slip %s: %w", id, err)
	}
	if err := json.Unmarshal(raw, &data); err != nil {
		return nil, SlipData{}, fmt.Errorf("sheet: read slip %s: %w", id, err)
	}
	return &slip, data, nil
}
