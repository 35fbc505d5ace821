package identity

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity/number"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Welcome takes over what an identity provider asserts at a login: the person, the account, and for an
// organisation's account the organisation and the mandate. It returns who is at work now. Two logins at the
// same time end in the same parties. It returns ErrNumberChanged when the account belonged to another person
// before; the caller must then roll back.
func Welcome(ctx context.Context, tx pgx.Tx, v *vault.Vault, c Claims, now time.Time) (Who, error) {
	if err := c.check(); err != nil {
		return Who{}, err
	}
	self := sealedParty{Name: c.Name, Number: c.Number, Profile: c.Profile}
	person, err := keepParty(ctx, tx, v, Person, self, now)
	if err != nil {
		return Who{}, err
	}
	who := Who{Person: person, Party: person, Assurance: c.Assurance}
	if c.Account == Organisation {
		firm := sealedParty{Name: c.Organisation.Name, Number: c.Organisation.TaxCode}
		if who.Party, err = keepParty(ctx, tx, v, Organisation, firm, now); err != nil {
			return Who{}, err
		}
	}
	left, err := keepAccount(ctx, tx, v, c, who, now)
	if err != nil {
		return Who{}, err
	}
	if left != nil && *left != who.Party {
		if err := endMandate(ctx, tx, v, person, *left, now); err != nil {
			return Who{}, err
		}
	}
	if who.Party != who.Person {
		if err := assertMandate(ctx, tx, v, person, who.Party, now); err != nil {
			return Who{}, err
		}
	}
	return who, nil
}

// check refuses claims whose numbers are not in canonical form: the blind index could not find them again.
func (c Claims) check() error {
	id, err := number.ParseCitizenID(c.Number)
	if err != nil || string(id) != c.Number {
		return errors.New("identity: claims without a canonical identity number")
	}
	if c.Issuer == "" || c.Subject == "" || c.Name == "" {
		return errors.New("identity: claims without issuer, subject or name")
	}
	if (c.Account == Organisation) != (c.Organisation != nil) {
		return fmt.Errorf("identity: claims of an account of kind %q disagree about the organisation",
			c.Account)
	}
	if c.Organisation == nil {
		return nil
	}
	code, err := number.ParseTaxCode(c.Organisation.TaxCode)
	if err != nil || string(code) != c.Organisation.TaxCode || c.Organisation.Name == "" {
		return errors.New("identity: claims without a canonical tax code or without the organisation's name")
	}
	return nil
}

// indexKinds keep equal digits apart: a household business has its owner's number as its tax code.
var indexKinds = map[Kind]string{Person: "citizen_id", Organisation: "tax_code"}

const (
	sqlInsertParty = `
insert into party (id, kind, sealed, number_index, created_at, updated_at)
values (@id, @kind, @sealed, @number_index, @created_at, @updated_at)
on conflict on constraint party_number do nothing`
	sqlLockParty   = `select ` + partyColumns + ` from party where kind = $1 and number_index = $2 for update`
	sqlUpdateParty = `update party set sealed = $2, updated_at = $3 where id = $1`
)

// keepParty inserts a party, or updates the one with the same number. It takes three statements, because the
// sealed bytes are bound to the row's id, and that is known only after the insert or the look-up.
func keepParty(ctx context.Context, tx pgx.Tx, v *vault.Vault, kind Kind, said sealedParty,
	now time.Time) (PartyID, error) {
	fresh := partyRow{
		ID: PartyID(postgres.NewID()), Kind: kind, NumberIndex: v.Index(indexKinds[kind], said.Number),
		CreatedAt: now, UpdatedAt: now,
	}
	var err error
	if fresh.Sealed, err = said.seal(v, fresh.ID); err != nil {
		return "", err
	}
	done, err := tx.Exec(ctx, sqlInsertParty, pgx.StrictStructArgs(fresh))
	if err != nil {
		return "", fmt.Errorf("identity: insert party %s: %w", fresh.ID, err)
	}
	if done.RowsAffected() == 1 {
		return fresh.ID, nil
	}
	rows, err := tx.Query(ctx, sqlLockParty, string(kind), fresh.NumberIndex)
	if err != nil {
		return "", fmt.Errorf("identity: lock party: %w", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[partyRow])
	if err != nil {
		return "", fmt.Errorf("identity: lock party: %w", err)
	}
	known, err := row.open(v)
	if errors.Is(err, ErrNotFound) {
		return "", ErrNumberChanged
	}
	if err != nil {
		return "", err
	}
	newer := sealedParty{Name: said.Name, Number: said.Number, Profile: known.Profile.updated(said.Profile)}
	if newer == (sealedParty{Name: known.Name, Number: known.Number, Profile: known.Profile}) {
		return row.ID, nil
	}
	sealed, err := newer.seal(v, row.ID)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, sqlUpdateParty, string(row.ID), sealed, now); err != nil {
		return "", fmt.Errorf("identity: update party %s: %w", row.ID, err)
	}
	return row.ID, nil
}

// updated takes over what a provider says; what it leaves out stays known.
func (p Profile) updated(said Profile) Profile {
	return Profile{
		Born: either(said.Born, p.Born), Gender: either(said.Gender, p.Gender),
		Phone: either(said.Phone, p.Phone), Email: either(said.Email, p.Email),
		Address: either(said.Address, p.Address),
	}
}

func either(said, known string) string {
	if said != "" {
		return said
	}
	return known
}

const (
	sqlInsertAccount = `
insert into account (issuer, subject_index, person_id, organisation_id, assurance, first_login_at, last_login_at, mark)
values (@issuer, @subject_index, @person_id, @organisation_id, @assurance, @at, @at, @mark)
on conflict (issuer, subject_index) do nothing`
	sqlLockAccount = `
select person_id::text as person_id, organisation_id::text as organisation_id, mark
from account where issuer = $1 and subject_index = $2 for update`
	sqlUpdateAccount = `
update account set organisation_id = $3, assurance = $4, last_login_at = $5, mark = $6
where issuer = $1 and subject_index = $2`
)

// keepAccount records the login of an account. It returns the organisation for which the account acted at its
// previous login, if any. Errors: ErrNumberChanged when the account was another person's, or is not as this
// portal wrote it.
func keepAccount(ctx context.Context, tx pgx.Tx, v *vault.Vault, c Claims, who Who,
	now time.Time) (left *PartyID, err error) {
	var organisation *PartyID
	if who.Party != who.Person {
		organisation = &who.Party
	}
	subject := v.Index("account", c.Issuer+"\n"+c.Subject)
	place := []string{c.Issuer, hex.EncodeToString(subject)}
	mark := binding.Account.Mark(v, append(place, string(who.Person), binding.Opt(organisation))...)
	done, err := tx.Exec(ctx, sqlInsertAccount, pgx.StrictNamedArgs{
		"issuer": c.Issuer, "subject_index": subject, "person_id": string(who.Person),
		"organisation_id": organisation, "assurance": c.Assurance, "at": now,
		"mark": mark,
	})
	if err != nil {
		return nil, fmt.Errorf("identity: insert account of %s: %w", who.Person, err)
	}
	if done.RowsAffected() == 1 {
		return nil, nil
	}
	var person PartyID
	var stored []byte
	if err := tx.QueryRow(ctx, sqlLockAccount, c.Issuer, subject).Scan(&person, &left, &stored); err != nil {
		return nil, fmt.Errorf("identity: lock account of %s: %w", who.Person, err)
	}
	holds, err := binding.Account.Holds(ctx, tx, v, stored, append(place, string(person),
		binding.Opt(left))...)
	if err != nil {
		return nil, err
	}
	if person != who.Person || !holds {
		return nil, ErrNumberChanged
	}
	if _, err := tx.Exec(ctx, sqlUpdateAccount, c.Issuer, subject, organisation, c.Assurance, now,
		mark); err != nil {
		return nil, fmt.Errorf("identity: update account of %s: %w", who.Person, err)
	}
	return left, nil
}
