package identity

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const mandateColumns = `m.person_id::text as person_id, m.party_id::text as party_id, m.ground, m.asserted_at, m.ended_at, m.mark`

// mandateRow is a row of the table mandate.
type mandateRow struct {
	Person     PartyID    `db:"person_id"`
	Party      PartyID    `db:"party_id"`
	Ground     string     `db:"ground"`
	AssertedAt time.Time  `db:"asserted_at"`
	EndedAt    *time.Time `db:"ended_at"`
	Mark       []byte     `db:"mark"`
}

func (r *mandateRow) binds() []string {
	return []string{string(r.Person), string(r.Party), binding.Instant(&r.AssertedAt), r.Ground,
		binding.Instant(r.EndedAt)}
}

// mandates reads those that a query gives and that this portal wrote.
func mandates(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]mandateRow,
	error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[mandateRow])
	if err != nil {
		return nil, err
	}
	return binding.Keep(found, func(r *mandateRow) (bool, error) {
		return binding.Mandate.Holds(ctx, db, v, r.Mark, r.binds()...)
	})
}

const sqlMayAct = `
select ` + mandateColumns + ` from mandate m
where person_id = $1 and party_id = $2 and asserted_at <= $3 and (ended_at is null or ended_at > $3)`

// MayAct tells whether a person may act for a party at an instant: for oneself, or under a mandate that was
// asserted by then and had not ended.
func MayAct(ctx context.Context, db postgres.DB, v *vault.Vault, person, party PartyID,
	at time.Time) (bool, error) {
	if !postgres.IsID(person) || !postgres.IsID(party) {
		return false, nil
	}
	if person == party {
		return true, nil
	}
	found, err := mandates(ctx, db, v, sqlMayAct, string(person), string(party), at)
	if err != nil {
		return false, fmt.Errorf("identity: may %s act for %s: %w", person, party, err)
	}
	return len(found) > 0, nil
}

const sqlMandates = `
select ` + mandateColumns + `, p.id::text as id, p.kind, p.sealed, p.number_index, p.created_at, p.updated_at
from mandate m join party p on p.id = m.party_id
where m.person_id = $1 and m.ended_at is null`

// Mandates lists the organisations for which a person may act now, by name.
func Mandates(ctx context.Context, db postgres.DB, v *vault.Vault, person PartyID) ([]Party, error) {
	if !postgres.IsID(person) {
		return nil, nil
	}
	type held struct {
		mandateRow
		partyRow
	}
	rows, err := db.Query(ctx, sqlMandates, string(person))
	if err != nil {
		return nil, fmt.Errorf("identity: mandates of %s: %w", person, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[held])
	if err != nil {
		return nil, fmt.Errorf("identity: mandates of %s: %w", person, err)
	}
	found, err = binding.Keep(found, func(r *held) (bool, error) {
		return binding.Mandate.Holds(ctx, db, v, r.Mark, r.binds()...)
	})
	if err != nil {
		return nil, err
	}
	of := make([]partyRow, len(found))
	for i := range found {
		of[i] = found[i].partyRow
	}
	parties, err := openAll(v, of)
	if err != nil {
		return nil, fmt.Errorf("identity: mandates of %s: %w", person, err)
	}
	slices.SortFunc(parties, func(a, b Party) int { return strings.Compare(a.Name, b.Name) })
	return parties, nil
}

// ActsFor lists the person, first, and the organisations for which they may act now. Errors: ErrNotFound.
func ActsFor(ctx context.Context, db postgres.DB, v *vault.Vault, person PartyID) ([]Party, error) {
	self, err := Find(ctx, db, v, person)
	if err != nil {
		return nil, err
	}
	others, err := Mandates(ctx, db, v, person)
	if err != nil {
		return nil, err
	}
	return append([]Party{*self}, others...), nil
}

const sqlActing = `
select ` + mandateColumns + ` from mandate m
where party_id = $1 and ended_at is null order by confirmed_at desc, person_id`

// Acting lists the persons who may act for an organisation now, the one whose mandate was confirmed last
// first.
func Acting(ctx context.Context, db postgres.DB, v *vault.Vault, party PartyID) ([]PartyID, error) {
	if !postgres.IsID(party) {
		return nil, nil
	}
	found, err := mandates(ctx, db, v, sqlActing, string(party))
	if err != nil {
		return nil, fmt.Errorf("identity: who acts for %s: %w", party, err)
	}
	persons := make([]PartyID, 0, len(found))
	for _, m := range found {
		persons = append(persons, m.Person)
	}
	return persons, nil
}

const (
	sqlAssertMandate = `
insert into mandate as m (person_id, party_id, ground, asserted_at, confirmed_at, mark)
values ($1, $2, $3, $4, $4, $5)
on conflict (person_id, party_id) where ended_at is null
do update set confirmed_at = greatest(m.confirmed_at, excluded.confirmed_at)
returning ` + mandateColumns
	sqlReplaceMandate = `
update mandate set ground = $3, asserted_at = $4, confirmed_at = $4, mark = $5
where person_id = $1 and party_id = $2 and ended_at is null`
	sqlMarkMandate = `update mandate set mark = $4 where person_id = $1 and party_id = $2 and asserted_at = $3`
)

// assertMandate records that the provider said, at this login, that the person acts for the party. A live row
// that this portal did not write is overwritten whole: nothing that it says counts, the provider's word does.
func assertMandate(ctx context.Context, tx pgx.Tx, v *vault.Vault, person, party PartyID,
	now time.Time) error {
	fresh := mandateRow{Person: person, Party: party, Ground: "login", AssertedAt: now}
	mark := binding.Mandate.Mark(v, fresh.binds()...)
	rows, err := tx.Query(ctx, sqlAssertMandate, string(person), string(party), fresh.Ground, now, mark)
	if err != nil {
		return fmt.Errorf("identity: mandate of %s for %s: %w", person, party, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[mandateRow])
	if err != nil {
		return fmt.Errorf("identity: mandate of %s for %s: %w", person, party, err)
	}
	holds, err := binding.Mandate.Holds(ctx, tx, v, r.Mark, r.binds()...)
	if err != nil {
		return err
	}
	switch own := binding.Mandate.Mark(v, r.binds()...); {
	case !holds:
		_, err = tx.Exec(ctx, sqlReplaceMandate, string(person), string(party), fresh.Ground, now, mark)
	case !bytes.Equal(own, r.Mark): // a program of before wrote it
		_, err = tx.Exec(ctx, sqlMarkMandate, string(person), string(party), r.AssertedAt, own)
	}
	if err != nil {
		return fmt.Errorf("identity: mandate of %s for %s: %w", person, party, err)
	}
	return nil
}

const (
	sqlAsserting = `
select issuer, encode(subject_index, 'hex') as subject, person_id::text as person_id, organisation_id::text as organisation_id, mark
from account where person_id = $1 and organisation_id = $2`
	sqlLiveMandate = `select ` + mandateColumns + ` from mandate m
where person_id = $1 and party_id = $2 and ended_at is null for update`
	sqlEndMandate = `
update mandate set ended_at = $4, mark = $5 where person_id = $1 and party_id = $2 and asserted_at = $3`
)

// asserted tells whether an account of the person still asserts a mandate: one that this portal wrote.
func asserted(ctx context.Context, tx pgx.Tx, v *vault.Vault, person, party PartyID) (bool, error) {
	type accountRow struct {
		Issuer       string   `db:"issuer"`
		Subject      string   `db:"subject"`
		Person       PartyID  `db:"person_id"`
		Organisation *PartyID `db:"organisation_id"`
		Mark         []byte   `db:"mark"`
	}
	rows, err := tx.Query(ctx, sqlAsserting, string(person), string(party))
	if err != nil {
		return false, err
	}
	accounts, err := pgx.CollectRows(rows, pgx.RowToStructByName[accountRow])
	if err != nil {
		return false, err
	}
	accounts, err = binding.Keep(accounts, func(a *accountRow) (bool, error) {
		return binding.Account.Holds(ctx, tx, v, a.Mark, a.Issuer, a.Subject, string(a.Person),
			binding.Opt(a.Organisation))
	})
	return len(accounts) > 0, err
}

// endMandate ends a mandate that no account of the person asserts any longer. A row that this portal did not
// write is no mandate, and stays as it is.
func endMandate(ctx context.Context, tx pgx.Tx, v *vault.Vault, person, party PartyID, now time.Time) error {
	still, err := asserted(ctx, tx, v, person, party)
	if err != nil {
		return fmt.Errorf("identity: end mandate of %s for %s: %w", person, party, err)
	}
	if still {
		return nil
	}
	live, err := mandates(ctx, tx, v, sqlLiveMandate, string(person), string(party))
	if err != nil {
		return fmt.Errorf("identity: end mandate of %s for %s: %w", person, party, err)
	}
	for _, r := range live {
		end := now.Truncate(time.Microsecond) // as the database keeps it
		if r.AssertedAt.After(end) {
			end = r.AssertedAt
		}
		r.EndedAt = &end
		if _, err := tx.Exec(ctx, sqlEndMandate, string(person), string(party), r.AssertedAt, end,
			binding.Mandate.Mark(v, r.binds()...)); err != nil {
			return fmt.Errorf("identity: end mandate of %s for %s: %w", person, party, err)
		}
	}
	return nil
}
