package sheet_test

import (
	"errors"
	"reflect"
	"testing"

	"congdvc/services/dossier"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/sheet"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// seedDossier makes the rows that a slip stands on, with checks on what they refer to switched off.
const seedDossier = `
insert into dossier (id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
    receiving_agency_id, deciding_agency_id, payment_status, lang, submitted_at)
values ($1, $2, $3, '1.001193', $3, '', $3, $3, $3, $3, 'none', 'vi', now())`

func seeded(t *testing.T, db *pgxpool.Pool, code string) dossier.ID {
	t.Helper()
	id := dossier.ID(postgres.NewID())
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `set local session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), seedDossier, id, code, postgres.NewID())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestSlips(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	one, other := seeded(t, db, "H42.37.14329-260302-0001"), seeded(t, db, "H42.37.14329-260302-0002")
	insert := func(of dossier.ID, s sheet.SlipData) (id string, err error) {
		err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			id, err = sheet.InsertSlip(ctx, tx, v, of, s)
			return err
		})
		return id, err
	}
	var ids []string
	for _, kind := range []dossier.SlipKind{dossier.SlipSupplement, dossier.SlipReceived} {
		id, err := insert(one, slip(kind))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if _, err := insert(other, slip(dossier.SlipRefused)); err != nil {
		t.Fatal(err)
	}
	slips, err := sheet.SlipsOf(ctx, db, v, one)
	if err != nil || len(slips) != 2 || slips[0].Number != "01" || slips[1].Number != "02" ||
		slips[1].Kind != dossier.SlipReceived || !slips[0].CreatedAt.Equal(received) {
		t.Errorf("got %+v, %v", slips, err)
	}
	found, data, err := sheet.OpenSlip(ctx, db, v, one, ids[1])
	want := slip(dossier.SlipReceived)
	want.Number = "02"
	if err != nil || found.ID != ids[1] || !data.IssuedAt.Equal(want.IssuedAt) ||
		!reflect.DeepEqual(data.Papers, want.Papers) || data.Owner != want.Owner || data.Number != "02" {
		t.Errorf("got %+v, %+v, %v", found, data, err)
	}
	before, err := want.PDF(track)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := data.PDF(track); err != nil || string(before) != string(after) {
		t.Errorf("a slip that was kept prints otherwise (%v)", err)
	}
	for name, c := range map[string]struct {
		of dossier.ID
		id string
	}{"another dossier's": {other, ids[0]}, "unknown": {one, postgres.NewID()}, "malformed": {one, "x"},
		"malformed dossier": {"x", ids[0]}} {
		if _, _, err := sheet.OpenSlip(ctx, db, v, c.of, c.id); !errors.Is(err, sheet.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nobodys := dossier.ID(postgres.NewID())
	if _, err := insert(nobodys, slip(dossier.SlipRefused)); !errors.Is(err, sheet.ErrNotFound) {
		t.Errorf("a slip of no dossier: %v", err)
	}
	sealedElsewhere(t, db, v, one, ids)
}

// sealedElsewhere moves one slip's sealed words to another: they do not open there.
func sealedElsewhere(t *testing.T, db *pgxpool.Pool, v *vault.Vault, of dossier.ID, ids []string) {
	t.Helper()
	if _, err := db.Exec(t.Context(),
		`update slip set sealed = (select sealed from slip where id = $1) where id = $2`, ids[0],
		ids[1]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sheet.OpenSlip(t.Context(), db, v, of, ids[1]); !errors.Is(err, vault.ErrCannotOpen) {
		t.Errorf("another slip's words: %v", err)
	}
	// nor does a slip of another dossier show
	if _, err := db.Exec(t.Context(), `update slip set number = '99' where id = $1`, ids[0]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sheet.OpenSlip(t.Context(), db, v, of, ids[0]); !errors.Is(err, sheet.ErrNotFound) {
		t.Errorf("a slip that was written by another: %v", err)
	}
}
