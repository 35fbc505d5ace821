package attachment

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// A desk is a database with one version of a procedure, and a store.
type desk struct {
	*testing.T
	db      *pgxpool.Pool
	v       *vault.Vault
	store   *filestore.Store
	version string
}

const seedSQL = `
with p as (insert into procedure (code) values ('1.001193'))
insert into procedure_version (id, code, number, state, effective_from, definition, form_hash, content_hash, search_text, search)
values ($1, '1.001193', 1, 'published', '2026-01-01', '{}', '', '', '', '')`

func newDesk(t *testing.T) *desk {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	store, err := filestore.New(t.TempDir(), v)
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{T: t, db: pgtest.New(t), v: v, store: store, version: postgres.NewID()}
	if _, err := k.db.Exec(t.Context(), seedSQL, k.version); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *desk) tx(f func(tx pgx.Tx) error) error { return pgx.BeginFunc(k.Context(), k.db, f) }

func (k *desk) must(f func(tx pgx.Tx) error) {
	k.Helper()
	if err := k.tx(f); err != nil {
		k.Fatal(err)
	}
}

func (k *desk) draft() *dossier.Draft {
	k.Helper()
	var d *dossier.Draft
	party := identity.PartyID(postgres.NewID())
	k.must(func(tx pgx.Tx) (err error) {
		d, err = dossier.InsertDraft(k.Context(), tx, k.v, dossier.NewDraft{Party: party, Person: party,
			VersionID: k.version, ProcedureCode: "1.001193", Lang: "vi", Now: noon})
		return err
	})
	return d
}

// give takes in a file of its own size for a requirement that takes two.
func (k *desk) give(d *dossier.Draft, requirement string, size int) (*Attachment, error) {
	k.Helper()
	r, err := Receive(k.Context(), k.store, Incoming{Name: fmt.Sprintf("tệp %d.pdf", size),
		Reader: bytes.NewReader(pdf(size)), Max: 1 << 20})
	if err != nil {
		k.Fatal(err)
	}
	var a *Attachment
	err = k.tx(func(tx pgx.Tx) (err error) {
		a, err = Insert(k.Context(), tx, k.v, New{Draft: d, Requirement: requirement, MaxFiles: 2,
			Received: r, Now: noon})
		return err
	})
	return a, err
}

func (k *desk) mustGive(d *dossier.Draft, requirement string, size int) *Attachment {
	k.Helper()
	a, err := k.give(d, requirement, size)
	if err != nil {
		k.Fatal(err)
	}
	return a
}

func (k *desk) names(d dossier.DraftID) (names []string) {
	k.Helper()
	list, err := OfDraft(k.Context(), k.db, k.v, d)
	if err != nil {
		k.Fatal(err)
	}
	for _, a := range list {
		names = append(names, a.Name)
	}
	return names
}

func TestInsertAndRemove(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	ctx := t.Context()
	d, other := k.draft(), k.draft()
	one := k.mustGive(d, "giay_chung_sinh", 1)
	k.mustGive(d, "giay_chung_sinh", 2)
	if _, err := k.give(d, "giay_chung_sinh", 3); !errors.Is(err, ErrTooMany) {
		t.Errorf("a third of two: %v", err)
	}
	again, err := k.give(d, "giay_chung_sinh", 1)
	if err != nil || again.ID != one.ID || again.File != one.File {
		t.Errorf("the same bytes again: %+v, %v", again, err)
	}
	k.mustGive(d, "uy_quyen", 1)
	if got := fmt.Sprint(k.names(d.ID)); got != "[tệp 1.pdf tệp 2.pdf tệp 1.pdf]" {
		t.Error(got)
	}
	if found, err := Find(ctx, k.db, k.v, one.ID, d.ID); err != nil || found.Name != "tệp 1.pdf" ||
		found.SHA256 != one.SHA256 {
		t.Errorf("%+v, %v", found, err)
	}
	for name, of := range map[string]struct {
		id    string
		draft dossier.DraftID
	}{"other draft": {one.ID, other.ID}, "no id": {"x", d.ID}, "unknown": {postgres.NewID(), d.ID}} {
		if _, err := Find(ctx, k.db, k.v, of.id, of.draft); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := k.tx(func(tx pgx.Tx) error {
		return Remove(ctx, tx, k.v, other, one.ID, noon)
	}); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed by another draft: %v", err)
	}
	k.must(func(tx pgx.Tx) error { return Remove(ctx, tx, k.v, d, one.ID, noon) })
	if err := k.tx(func(tx pgx.Tx) error {
		return Remove(ctx, tx, k.v, d, one.ID, noon)
	}); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	k.mustGive(d, "giay_chung_sinh", 1)
}

func TestNamesAreSealed(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.mustGive(k.draft(), "x", 1)
	var sealed []byte
	if err := k.db.QueryRow(t.Context(), `select name_sealed from attachment`).Scan(&sealed); err != nil ||
		bytes.Contains(sealed, []byte("1.pdf")) {
		t.Errorf("%q, %v", sealed, err)
	}
}

func TestDraftIsFull(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	d := k.draft()
	k.mustGive(d, "x", 1)
	if _, err := k.db.Exec(t.Context(), `update attachment set size = $1`, draftMax-100); err != nil {
		t.Fatal(err)
	}
	if _, err := k.give(d, "y", 200); !errors.Is(err, ErrDraftFull) {
		t.Errorf("%v, want ErrDraftFull", err)
	}
}

func TestFrozenDraftKeepsItsFiles(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	d := k.draft()
	a := k.mustGive(d, "x", 1)
	k.must(func(tx pgx.Tx) error {
		return dossier.Freeze(t.Context(), tx, k.v, d, dossier.Freezing{
			Pending: &dossier.Revision{SubmittedAt: noon}, Quote: postgres.NewID(), Person: d.Person,
			Now: noon})
	})
	if _, err := k.give(d, "x", 2); !errors.Is(err, dossier.ErrFrozen) {
		t.Errorf("given: %v", err)
	}
	if err := k.tx(func(tx pgx.Tx) error {
		return Remove(t.Context(), tx, k.v, d, a.ID, noon)
	}); !errors.Is(err, dossier.ErrFrozen) {
		t.Errorf("removed: %v", err)
	}
}

func TestSupplementTakesOnlyWhatIsAsked(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	d := k.draft()
	kept, asked := k.mustGive(d, "uy_quyen", 1), k.mustGive(d, "giay_chung_sinh", 2)
	next := k.draft()
	k.must(func(tx pgx.Tx) error { return CopyTo(t.Context(), tx, k.v, d.ID, next.ID) })
	next.Asked = &dossier.Asked{Requirements: []string{"giay_chung_sinh"}}
	list, err := OfDraft(t.Context(), k.db, k.v, next.ID)
	if err != nil || len(list) != 2 || list[0].File != kept.File || list[0].ID == kept.ID ||
		list[1].Name != asked.Name {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := k.give(next, "uy_quyen", 3); !errors.Is(err, dossier.ErrNotAsked) {
		t.Errorf("given: %v", err)
	}
	if err := k.tx(func(tx pgx.Tx) error {
		return Remove(t.Context(), tx, k.v, next, list[0].ID, noon)
	}); !errors.Is(err, dossier.ErrNotAsked) {
		t.Errorf("removed: %v", err)
	}
	k.must(func(tx pgx.Tx) error { return Remove(t.Context(), tx, k.v, next, list[1].ID, noon) })
	k.mustGive(next, "giay_chung_sinh", 4)
}

func TestSweep(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	ctx := t.Context()
	sweep := func(before time.Time) (int, error) {
		return Sweep{Store: k.store, Vault: k.v, Before: before, Now: noon, Limit: 10}.Run(ctx, k.db)
	}
	d, discarded, copied := k.draft(), k.draft(), k.draft()
	kept, removed, shared := k.mustGive(d, "x", 1), k.mustGive(d, "x", 2), k.mustGive(d, "y", 3)
	thrown := k.mustGive(discarded, "x", 4)
	k.must(func(tx pgx.Tx) error {
		return errors.Join(
			Remove(ctx, tx, k.v, d, removed.ID, noon),
			CopyTo(ctx, tx, k.v, d.ID, copied.ID),
			Remove(ctx, tx, k.v, d, shared.ID, noon),
			dossier.Discard(ctx, tx, k.v, discarded, noon),
		)
	})
	if n, err := sweep(noon); err != nil || n != 0 {
		t.Errorf("before its time: %d, %v", n, err)
	}
	if n, err := sweep(noon.Add(time.Second)); err != nil || n != 2 {
		t.Errorf("swept %d, %v; want 2", n, err)
	}
	aside, err := k.store.Asides(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for a, stays := range map[*Attachment]bool{kept: true, removed: false, shared: true, thrown: false} {
		lies := slices.ContainsFunc(aside, func(f filestore.Aside) bool { return f.ID == a.File })
		if lies == stays {
			t.Errorf("%s lies aside: %t", a.Name, lies)
		}
	}
	if n, err := sweep(noon.Add(time.Second)); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
}
