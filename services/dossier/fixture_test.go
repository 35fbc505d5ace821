package dossier

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/eform"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// noon is when these tests happen.
var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

var day = workday.DateOf(noon)

const agencyCode = "H42.37.14329"

// A world is a database with two agencies and one version of a procedure.
type world struct {
	*testing.T
	db        *pgxpool.Pool
	v         *vault.Vault
	version   string
	receiving agency.ID
	deciding  agency.ID
}

const seedSQL = `
with c as (insert into agency_calendar (name, definition) values ('office', '{}')),
a as (insert into agency (id, code, name, kind, calendar, valid_from)
    values ($1, 'H42.37.14329', '{}', 'commune', 'office', '2025-07-01'), ($2, 'H42.12', '{}', 'department', 'office', '2025-07-01')),
p as (insert into procedure (code) values ('1.001193'))
insert into procedure_version (id, code, number, state, effective_from, definition, form_hash, content_hash, search_text, search)
values ($3, '1.001193', 1, 'published', '2026-01-01', '{}', '', '', '', '')`

func newWorld(t *testing.T) *world {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, db: pgtest.New(t), v: v, version: postgres.NewID(),
		receiving: agency.ID(postgres.NewID()), deciding: agency.ID(postgres.NewID())}
	if _, err := w.db.Exec(t.Context(), seedSQL, w.receiving, w.deciding, w.version); err != nil {
		t.Fatal(err)
	}
	return w
}

// tx runs f in a transaction that must commit.
func (w *world) tx(f func(tx pgx.Tx) error) {
	w.Helper()
	if err := w.try(f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) try(f func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(w.Context(), w.db, f)
}

func (w *world) party() identity.PartyID { return identity.PartyID(postgres.NewID()) }

func (w *world) draft(party identity.PartyID, first ...Change) *Draft {
	w.Helper()
	var d *Draft
	w.tx(func(tx pgx.Tx) (err error) {
		d, err = InsertDraft(w.Context(), tx, w.v, NewDraft{
			Party: party, Person: party, VersionID: w.version, ProcedureCode: "1.001193", Case: "thuong",
			ReceivingAgency: &w.receiving, Lang: "vi", Fields: first, Now: noon,
		})
		return err
	})
	return d
}

func text(s string) eform.Value { return eform.Value{Text: s} }

func citizen(party identity.PartyID) Actor {
	return Actor{Kind: Citizen, Person: party, Name: "Trần Văn Bình"}
}

var officer = Actor{Kind: Officer, Name: "Nguyễn Thị Hoa", Title: "Công chức", Unit: "Phường Hoa Lư",
	Phone: "02293871000"}

// revision is what a party hands in.
func (w *world) revision(code Code, number int) *Revision {
	return &Revision{
		Dossier: code, Number: number, Procedure: ProcedureRef{Code: "1.001193", Version: 1,
			VersionID: w.version},
		Case: "thuong", Lang: "vi", Owner: Party{Kind: identity.Person, Name: "Trần Văn Bình",
			Number: "037090001234"},
		Answers: eform.Answers{"con.ho_ten": text("Trần Bảo An")}, SubmittedAt: noon,
	}
}

// submit hands in a party's new dossier.
func (w *world) submit(party identity.PartyID, at time.Time) *Dossier {
	w.Helper()
	d := w.draft(party)
	code, err := NextCode(w.Context(), w.db, d.ID, agencyCode, day)
	if err != nil {
		w.Fatal(err)
	}
	var doc *Dossier
	w.tx(func(tx pgx.Tx) (err error) {
		doc, err = w.file(tx, d, code, at)
		return err
	})
	return doc
}

func (w *world) file(tx pgx.Tx, d *Draft, code Code, at time.Time) (*Dossier, error) {
	ctx := w.Context()
	doc, err := Insert(ctx, tx, w.v, NewDossier{Code: code, Draft: d, SubmittedBy: d.Person,
		ReceivingAgency: w.receiving, DecidingAgency: w.deciding, Payment: NoFee, At: at})
	if err != nil {
		return nil, err
	}
	body, err := w.revision(code, 1).Bytes()
	if err != nil {
		return nil, err
	}
	if _, err := InsertRevision(ctx, tx, w.v, NewRevision{
		Dossier: doc.ID, Owner: doc.Owner, Number: 1, Body: body, Person: d.Person, At: at,
	}); err != nil {
		return nil, err
	}
	err = Record(ctx, tx, w.v, doc, NewEntry{Kind: KindSubmitted, Actor: citizen(d.Person), Revision: 1,
		At: at})
	if err != nil {
		return nil, err
	}
	return doc, MarkSubmitted(ctx, tx, w.v, d, doc.ID, at)
}

// move moves a dossier as an officer does; it must be allowed.
func (w *world) move(d *Dossier, to Status, kind Kind) {
	w.Helper()
	w.tx(func(tx pgx.Tx) error {
		return Record(w.Context(), tx, w.v, d, NewEntry{Kind: kind, Actor: officer, At: noon})
	})
	if d.Status != to {
		w.Fatalf("%s led to %s, want %s", kind, d.Status, to)
	}
}

// code makes a code for tests that do not draw one.
func code(number int) Code { return Code(fmt.Sprintf("%s%04d", codePrefix(agencyCode, day), number)) }

func count(ctx context.Context, t *testing.T, db postgres.DB, sql string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
