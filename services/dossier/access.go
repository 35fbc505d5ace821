package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// An Access is a reading of a dossier, or of a draft that it came from, by somebody else than the person who
// filed it.
type Access struct {
	ID    string    `db:"id"`
	At    time.Time `db:"at"` // the first time
	Actor Actor     `db:"actor"`
	What  string    `db:"what"`
	Times int       `db:"times"` // the same, by a citizen, within readAgain
	// Foreign says that the record is not as this portal wrote it; it tells nothing but its ID then.
	Foreign bool `db:"-"`
}

// What was read; the last part of message keys dossier.access.*.
const (
	ReadHeader   = "header"   // the status and dates
	ReadRevision = "revision" // the answers
	ReadFile     = "file"
	ReadResult   = "result"
	ReadPaper    = "paper"   // a receipt or a slip
	ReadReaders  = "readers" // who has read the dossier
	ReadDraft    = "draft"   // the answers of a draft
	ReadGiven    = "given"   // a file of a draft
	WentOn       = "went_on" // went on with a draft that another person had worked on
)

// readAgain is how long a citizen's reading of the same thing counts as one row.
const readAgain = 10 * time.Minute

const recordAccessSQL = `
insert into dossier_access (id, dossier_id, at, actor, what, mark) values ($1, $2, $3, $4, $5, $6)`

// RecordAccess writes down which officer read what, before it is given out.
func RecordAccess(ctx context.Context, db postgres.DB, v *vault.Vault, id ID, actor Actor, what string,
	at time.Time) error {
	raw, err := actor.stored()
	row := postgres.NewID()
	if err == nil {
		_, err = db.Exec(ctx, recordAccessSQL, row, id, at, json.RawMessage(raw), what,
			binding.Access.Mark(v, row, string(id), "", string(actor.Person)))
	}
	if err != nil {
		return fmt.Errorf("dossier: record an access to %s: %w", id, err)
	}
	return nil
}

// Of the reader the id alone is stored: the name is sealed with the party.
const (
	readDossierSQL = `
with again as (
    update dossier_access set times = times + 1 where id = (
        select id from dossier_access
        where dossier_id = $2 and actor->>'person' = $4 and what = $5 and at > $6 and at <= $3
        order by at desc limit 1)
    returning id)
insert into dossier_access (id, dossier_id, at, actor, what, mark)
select $1, $2, $3, jsonb_build_object('kind', 'citizen', 'person', $4::text), $5, $7
where not exists (select from again)`
	readDraftSQL = `
with again as (
    update dossier_access set times = times + 1 where id = (
        select id from dossier_access
        where draft_id = $2 and actor->>'person' = $4 and what = $5 and at > $6 and at <= $3
        order by at desc limit 1)
    returning id)
insert into dossier_access (id, draft_id, at, actor, what, mark)
select $1, $2, $3, jsonb_build_object('kind', 'citizen', 'person', $4::text), $5, $7
where not exists (select from again)`
)

// RecordReading writes down that a person who acts for the owner read what of a dossier another person had
// filed, before it is given out.
func RecordReading(ctx context.Context, db postgres.DB, v *vault.Vault, id ID, person identity.PartyID,
	what string, at time.Time) error {
	row := postgres.NewID()
	if _, err := db.Exec(ctx, readDossierSQL, row, id, at, string(person), what, at.Add(-readAgain),
		binding.Access.Mark(v, row, string(id), "", string(person))); err != nil {
		return fmt.Errorf("dossier: record a reading of %s: %w", id, err)
	}
	return nil
}

// RecordDraftReading is RecordReading of a draft that another person works on, or has worked on.
func RecordDraftReading(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID,
	person identity.PartyID, what string, at time.Time) error {
	row := postgres.NewID()
	if _, err := db.Exec(ctx, readDraftSQL, row, id, at, string(person), what, at.Add(-readAgain),
		binding.Access.Mark(v, row, "", string(id), string(person))); err != nil {
		return fmt.Errorf("dossier: record a reading of draft %s: %w", id, err)
	}
	return nil
}

const (
	accessesOfSQL = `
select id, at, actor, what, times, dossier_id, draft_id, mark from dossier_access where dossier_id = $1
union all
select a.id, a.at, a.actor, a.what, a.times, a.dossier_id, a.draft_id, a.mark
from draft d join dossier_access a on a.draft_id = d.id where d.dossier_id = $1`

	accessesSQL = `
select id, at, actor, what, times, dossier_id, draft_id, mark from (` + accessesOfSQL + `) a
where $2 = '' or (at, id) < (select at, id from dossier_access where id = nullif($2, '')::uuid)
order by at desc, id desc limit $3`

	draftAccessesSQL = `
select id, at, actor, what, times, dossier_id, draft_id, mark from dossier_access where draft_id = $1 order by at desc, id desc limit $2`

	countAccessesSQL = `select coalesce(sum(times), 0) from (` + accessesOfSQL + `) a`
)

// AccessRows is how many readings a page of them has at most.
const AccessRows = 500

// Accesses returns who read a dossier that the caller has found for its owner or for who filed it, and who
// read the drafts that it came from: the last first, at most AccessRows before the one with the id before (""
// is from the last one on). A malformed id gives none. Records that do not hold are among them, as Foreign.
func Accesses(ctx context.Context, db postgres.DB, v *vault.Vault, id ID, before string) ([]Access, error) {
	if before != "" && !postgres.IsID(before) {
		return nil, nil
	}
	list, err := readAccesses(ctx, db, v, accessesSQL, id, before, AccessRows)
	if err != nil {
		return nil, fmt.Errorf("dossier: accesses to %s: %w", id, err)
	}
	return list, nil
}

// readAccesses does not tell who reads as by what this portal did not write, but that there is such a record:
// who wrote it, or wiped another, wants the owner to see nobody.
func readAccesses(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]Access,
	error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	type bound struct {
		Access
		Dossier *ID      `db:"dossier_id"`
		Draft   *DraftID `db:"draft_id"`
		Mark    []byte   `db:"mark"`
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[bound])
	if err != nil {
		return nil, err
	}
	accesses := make([]Access, 0, len(list))
	for _, r := range list {
		holds, err := binding.Access.Holds(ctx, db, v, r.Mark, r.ID, binding.Opt(r.Dossier),
			binding.Opt(r.Draft), string(r.Actor.Person))
		if err != nil {
			return nil, err
		}
		if !holds {
			r.Access = Access{ID: r.ID, Foreign: true}
		}
		accesses = append(accesses, r.Access)
	}
	return accesses, nil
}

// DraftAccesses is Accesses of a draft, its last AccessRows.
func DraftAccesses(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID) ([]Access, error) {
	list, err := readAccesses(ctx, db, v, draftAccessesSQL, id, AccessRows)
	if err != nil {
		return nil, fmt.Errorf("dossier: accesses to draft %s: %w", id, err)
	}
	return list, nil
}

// CountAccesses tells how often a dossier was read, as Accesses lists it.
func CountAccesses(ctx context.Context, db postgres.DB, id ID) (int, error) {
	return scanOne[int](ctx, db, countAccessesSQL, id)
}
