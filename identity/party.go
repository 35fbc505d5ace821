// Package identity keeps the parties that deal with the portal, persons and organisations, and who may act
// for whom. Parties come from identity providers only: a login asserts them, nobody types them in. Names and
// numbers are sealed at rest and found by a blind index.
package identity

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity/number"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

var (
	// ErrNotFound means that no party has the id.
	ErrNotFound = fault.New(fault.NotFound, "identity.not_found")
	// ErrNumberChanged means that an account now claims to be another person than before. A person has to
	// look at that; the program does not decide.
	ErrNumberChanged = fault.New(fault.Conflict, "identity.number_changed")
)

// PartyID is a UUIDv7.
type PartyID string

// Party is a person or an organisation.
type Party struct {
	ID      PartyID
	Kind    Kind
	Name    string
	Number  string  // identity number or tax code, in the canonical form of identity/number
	Profile Profile // empty for an organisation
}

// Who is a person at work, for oneself or for an organisation.
type Who struct {
	Person    PartyID // who acts
	Party     PartyID // for whom, and whose dossiers these are; the same as Person for oneself
	Assurance int     // level at which the person was identified in this login
}

// Kind is what the party is for which somebody acts.
func (w Who) Kind() Kind {
	if w.Party == w.Person {
		return Person
	}
	return Organisation
}

// sealedParty is what the sealed column of a party holds.
type sealedParty struct {
	Name    string  `json:"name"`
	Number  string  `json:"number"`
	Profile Profile `json:"profile"`
}

func (p sealedParty) seal(v *vault.Vault, id PartyID) ([]byte, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("identity: encode party %s: %w", id, err)
	}
	sealed, err := v.Seal(raw, bindOf(id))
	if err != nil {
		return nil, fmt.Errorf("identity: seal party %s: %w", id, err)
	}
	return sealed, nil
}

func bindOf(id PartyID) []byte { return []byte("party/" + string(id)) }

// partyRow is a row of the table party.
type partyRow struct {
	ID          PartyID   `db:"id"`
	Kind        Kind      `db:"kind"`
	Sealed      []byte    `db:"sealed"`
	NumberIndex []byte    `db:"number_index"`
	CreatedAt   time.Time `db:"created_at"`
	UpdatedAt   time.Time `db:"updated_at"`
}

const partyColumns = `id::text as id, kind, sealed, number_index, created_at, updated_at`

// open reads what is sealed. A row that is found by another number than the sealed one is nobody's: who can
// write to the database only would be taken for its party. Errors: ErrNotFound.
func (r partyRow) open(v *vault.Vault) (*Party, error) {
	raw, err := v.Open(r.Sealed, bindOf(r.ID))
	if err != nil {
		return nil, fmt.Errorf("identity: open party %s: %w", r.ID, err)
	}
	var p sealedParty
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("identity: decode party %s: %w", r.ID, err)
	}
	if subtle.ConstantTimeCompare(r.NumberIndex, v.Index(indexKinds[r.Kind], p.Number)) != 1 {
		slog.Error("a row was not written by this portal: it is treated as absent", "table", "party", "row",
			r.ID)
		return nil, ErrNotFound
	}
	return &Party{ID: r.ID, Kind: r.Kind, Name: p.Name, Number: p.Number, Profile: p.Profile}, nil
}

const sqlFind = `select ` + partyColumns + ` from party where id = $1`

// Find reads a party. Errors: ErrNotFound, also for a malformed id.
func Find(ctx context.Context, db postgres.DB, v *vault.Vault, id PartyID) (*Party, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	rows, err := db.Query(ctx, sqlFind, string(id))
	if err != nil {
		return nil, fmt.Errorf("identity: find %s: %w", id, err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[partyRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("identity: find %s: %w", id, err)
	}
	return row.open(v)
}

const sqlFindMany = `select ` + partyColumns + ` from party where id = any($1::uuid[])`

// FindNames gives the names of parties by id. Unknown and malformed ids have no entry.
func FindNames(ctx context.Context, db postgres.DB, v *vault.Vault,
	ids ...PartyID) (map[PartyID]string, error) {
	names := make(map[PartyID]string, len(ids))
	known := make([]string, 0, len(ids))
	for _, id := range ids {
		if postgres.IsID(id) {
			known = append(known, string(id))
		}
	}
	if len(known) == 0 {
		return names, nil
	}
	parties, err := list(ctx, db, v, sqlFindMany, known)
	if err != nil {
		return nil, fmt.Errorf("identity: names: %w", err)
	}
	for _, p := range parties {
		names[p.ID] = p.Name
	}
	return names, nil
}

// NumberMatches tells whether lastFour are the last four digits of the party's identity number or tax code.
// The comparison takes the same time whatever they are. ErrNotFound when there is no such party.
func NumberMatches(ctx context.Context, db postgres.DB, v *vault.Vault, id PartyID,
	lastFour string) (bool, error) {
	p, err := Find(ctx, db, v, id)
	if err != nil {
		return false, err
	}
	// dependent units have a hyphen in their tax code
	own := number.LastFour(strings.ReplaceAll(p.Number, "-", ""))
	typed := strings.ReplaceAll(number.Plain(lastFour), " ", "")
	return len(own) == 4 && subtle.ConstantTimeCompare([]byte(own), []byte(typed)) == 1, nil
}

// list reads and opens the parties that a query gives.
func list(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]Party, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[partyRow])
	if err != nil {
		return nil, err
	}
	return openAll(v, found)
}

// openAll leaves out rows that are nobody's.
func openAll(v *vault.Vault, found []partyRow) ([]Party, error) {
	parties := make([]Party, 0, len(found))
	for _, row := range found {
		p, err := row.open(v)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		parties = append(parties, *p)
	}
	return parties, nil
}
