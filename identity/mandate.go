package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const sqlMayAct = `
select exists (
  select from mandate
  where person_id = $1 and party_id = $2 and asserted_at <= $3 and (ended_at is null or ended_at > $3))`

// MayAct tells whether a person may act for a party at an instant: for oneself, or under a mandate that was
// asserted by then and had not ended.
func MayAct(ctx context.Context, db postgres.DB, person, party PartyID, at time.Time) (bool, error) {
	if !postgres.IsID(person) || !postgres.IsID(party) {
		return false, nil
	}
	if person == party {
		return true, nil
	}
	var may bool
	if err := db.QueryRow(ctx, sqlMayAct, string(person), string(party), at).Scan(&may); err != nil {
		return false, fmt.Errorf("identity: may %s act for %s: %w", person, party, err)
	}
	return may, nil
}

const sqlMandates = `
select ` + partyColumns + `
from party
where id in (select party_id from mandate where person_id = $1 and ended_at is null)`

// Mandates lists the organisations for which a person may act now, by name.
func Mandates(ctx context.Context, db postgres.DB, v *vault.Vault, person PartyID) ([]Party, error) {
	if !postgres.IsID(person) {
		return nil, nil
	}
	parties, err := list(ctx, db, v, sqlMandates, string(person))
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
select person_id::text from mandate where party_id = $1 and ended_at is null order by confirmed_at desc, person_id`

// Acting lists the persons who may act for an organisation now, the one whose mandate was confirmed last
// first.
func Acting(ctx context.Context, db postgres.DB, party PartyID) ([]PartyID, error) {
	if !postgres.IsID(party) {
		return nil, nil
	}
	rows, err := db.Query(ctx, sqlActing, string(party))
	if err != nil {
		return nil, fmt.Errorf("identity: who acts for %s: %w", party, err)
	}
	persons, err := pgx.CollectRows(rows, pgx.RowTo[PartyID])
	if err != nil {
		return nil, fmt.Errorf("identity: who acts for %s: %w", party, err)
	}
	return persons, nil
}

const sqlAssertMandate = `
insert into mandate (person_id, party_id, ground, asserted_at, confirmed_at)
values ($1, $2, 'login', $3, $3)
on conflict (person_id, party_id) where ended_at is null
do update set confirmed_at = greatest(mandate.confirmed_at, excluded.confirmed_at)`

// assertMandate records that the provider said, at this login, that the person acts for the party.
func assertMandate(ctx context.Context, tx pgx.Tx, person, party PartyID, now time.Time) error {
	if _, err := tx.Exec(ctx, sqlAssertMandate, string(person), string(party), now); err != nil {
		return fmt.Errorf("identity: mandate of %s for %s: %w", person, party, err)
	}
	return nil
}

const sqlEndMandate = `
update mandate set ended_at = greatest($3, asserted_at)
where person_id = $1 and party_id = $2 and ended_at is null
  and not exists (select from account where person_id = $1 and organisation_id = $2)`

// endMandate ends a mandate that no account of the person asserts any longer.
func endMandate(ctx context.Context, tx pgx.Tx, person, party PartyID, now time.Time) error {
	if _, err := tx.Exec(ctx, sqlEndMandate, string(person), string(party), now); err != nil {
		return fmt.Errorf("identity: end mandate of %s for %s: %w", person, party, err)
	}
	return nil
}
