package onestop

import (
	"fmt"
	"testing"
	"time"

	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// world is a database with one agency, some dossiers and connections.
type world struct {
	db    *pgxpool.Pool
	vault *vault.Vault
}

func newWorld(t testing.TB) world {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	return world{db: pgtest.New(t), vault: v}
}

const (
	agencyID  = "01900000-0000-7000-8000-000000000001"
	versionID = "01900000-0000-7000-8000-000000000002"
	personID  = "01900000-0000-7000-8000-000000000003"
)

// The rows around a dossier, without the rooms that make them: only that they exist matters here.
const seedAround = `
insert into agency_calendar (name, definition) values ('office', '{}') on conflict do nothing;
insert into agency (id, code, name, kind, calendar, valid_from)
values ('` + agencyID + `', 'H42.1', '{}', 'commune', 'office', '2025-07-01') on conflict do nothing;
insert into procedure (code) values ('1.001193') on conflict do nothing;
insert into procedure_version (id, code, number, state, effective_from, definition, form_hash, content_hash, search_text, search)
values ('` + versionID +
	`', '1.001193', 1, 'published', '2025-07-01', '{}', '', '', '', '') on conflict do nothing`

const seedDraft = `
insert into draft (id, party_id, person_id, procedure_version_id, procedure_code, case_id, lang, revision, created_at, updated_at, expires_at)
values ($1, $2, $2, $3, '1.001193', '', 'vi', 1, now(), now(), now())`

const seedDossier = `
insert into dossier (id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
                     receiving_agency_id, deciding_agency_id, payment_status, lang, submitted_at)
values ($1, $2, $3, '1.001193', $4, '', $5, $5, $6, $6, 'none', 'vi', now())`

// dossiers makes n dossiers with codes H42.1-261123-0001 and on.
func (w world) dossiers(t testing.TB, n int) []dossier.ID {
	t.Helper()
	if _, err := w.db.Exec(t.Context(), seedAround); err != nil {
		t.Fatal(err)
	}
	bound := func(string, int) {}
	if _, err := binding.Bind(t.Context(), w.db, w.vault, binding.Catalogue, bound); err != nil {
		t.Fatal(err)
	}
	ids := make([]dossier.ID, n)
	for i := range ids {
		draft := postgres.NewID()
		ids[i] = dossier.ID(postgres.NewID())
		if _, err := w.db.Exec(t.Context(), seedDraft, draft, personID, versionID); err != nil {
			t.Fatal(err)
		}
		code := fmt.Sprintf("H42.1-261123-%04d", i+1)
		if _, err := w.db.Exec(t.Context(), seedDossier, ids[i], code, draft, versionID, personID,
			agencyID); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

const seedServing = `
insert into connection_agency (connection_id, agency_id, valid_from)
select $1, '` + agencyID + `', '2025-07-01'
where not exists (select 1 from connection_agency where agency_id = '` + agencyID + `')`

// loopback is where the receivers of tests listen.
var loopback = []string{"127.0.0.0/8", "::1/128"}

// connection makes a connection whose endpoint is live, and returns its id and first secret. The first one
// that is pushed to serves the agency.
func (w world) connection(t testing.TB, code, endpoint string) (id, secret string) {
	t.Helper()
	w.tx(t, func(tx pgx.Tx) error {
		c, s, err := CreateConnection(t.Context(), tx, w.vault,
			NewConnection{Code: code, Name: "Một cửa " + code,
				Endpoint: endpoint, Networks: loopback, Now: time.Now()})
		if err != nil {
			return err
		}
		id, secret = c.ID, s
		if err := changeMarked(t.Context(), tx, w.vault, setLive, id, endpoint, time.Now()); err != nil {
			return err
		}
		return binding.Change(t.Context(), tx, w.vault, binding.Catalogue, func() error {
			if _, err = tx.Exec(t.Context(), seedAround); err == nil && endpoint != "" {
				_, err = tx.Exec(t.Context(), seedServing, id)
			}
			return err
		}, "true")
	})
	return id, secret
}

func (w world) tx(t testing.TB, do func(pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), w.db, do); err != nil {
		t.Fatal(err)
	}
}

// append adds one event and lets it be numbered.
func (w world) append(t testing.TB, connection string, id dossier.ID, revision int) {
	t.Helper()
	w.tx(t, func(tx pgx.Tx) error { return Append(t.Context(), tx, event(connection, id, revision)) })
	if _, err := Sequence(t.Context(), w.db); err != nil {
		t.Fatal(err)
	}
}

func event(connection string, id dossier.ID, revision int) Event {
	return Event{Connection: connection, Dossier: id, Type: dossier.EventSubmitted,
		Data: Thin{Dossier: dossier.Code(id), Revision: revision,
			SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Language: "vi",
			Agency: "H42.1", Procedure: "1.001193", OccurredAt: At(time.Now())}}
}

// all reads a whole log.
func (w world) all(t testing.TB, connection string) []CloudEvent {
	t.Helper()
	var events []CloudEvent
	var cursor Cursor
	for {
		batch, err := After(t.Context(), w.db, connection, cursor, 0)
		if err != nil {
			t.Fatal(err)
		}
		events, cursor = append(events, batch.Events...), batch.Next
		if !batch.More {
			return events
		}
	}
}
