package agency

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// serving is a row of the table connection_agency; days as YYYY-MM-DD, ValidTo "" while it is open.
type serving struct {
	Connection string `db:"connection_id"`
	Agency     ID     `db:"agency_id"`
	ValidFrom  string `db:"valid_from"`
	ValidTo    string `db:"valid_to"`
	Mark       []byte `db:"mark"`
}

func (s *serving) binds() []string {
	return []string{s.Connection, string(s.Agency), s.ValidFrom, s.ValidTo}
}

const servedColumns = `connection_id::text, agency_id::text, to_char(valid_from, 'YYYY-MM-DD') as valid_from,
    coalesce(to_char(valid_to, 'YYYY-MM-DD'), '') as valid_to, mark`

// readServed gives the rows that this portal wrote.
func readServed(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]serving,
	error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[serving])
	if err != nil {
		return nil, err
	}
	return binding.Keep(list, func(s *serving) (bool, error) {
		return binding.ConnectionAgency.Holds(ctx, db, v, s.Mark, s.binds()...)
	})
}

const connectionAt = `select ` + servedColumns + ` from connection_agency a
where agency_id = $1 and a.valid_from <= $2 and (a.valid_to is null or a.valid_to > $2)
order by a.valid_from desc`

// ConnectionAt returns the id of the connection whose one-stop system serves an agency on a day.
// Errors: ErrNoConnection, also for an agency that does not exist.
func ConnectionAt(ctx context.Context, db postgres.DB, v *vault.Vault, id ID,
	on workday.Date) (connection string, err error) {
	if !postgres.IsID(id) {
		return "", ErrNoConnection
	}
	list, err := readServed(ctx, db, v, connectionAt, id, on)
	if err != nil {
		return "", fmt.Errorf("agency: connection of %s: %w", id, err)
	}
	if len(list) == 0 {
		return "", ErrNoConnection
	}
	return list[0].Connection, nil
}

const servedBy = `select ` + servedColumns + ` from connection_agency a
where connection_id = $1 and a.valid_from <= $2 and (a.valid_to is null or a.valid_to > $2)
order by agency_id`

// ServedBy returns the agencies that a connection serves on a day, none when it does not exist.
func ServedBy(ctx context.Context, db postgres.DB, v *vault.Vault, connection string,
	on workday.Date) ([]ID, error) {
	if !postgres.IsID(connection) {
		return nil, nil
	}
	list, err := readServed(ctx, db, v, servedBy, connection, on)
	if err != nil {
		return nil, fmt.Errorf("agency: served by %s: %w", connection, err)
	}
	ids := make([]ID, 0, len(list))
	for _, s := range list {
		ids = append(ids, s.Agency)
	}
	return ids, nil
}

const (
	// "cdvca": apart from other advisory locks
	lockFiling = `select pg_advisory_xact_lock(hashtextextended('cdvca' || $1::text, 0))`

	holdFiling = `
select pg_advisory_xact_lock_shared(hashtextextended('cdvca' || id, 0))
from (select distinct unnest($1::text[]) as id order by 1) ids`

	lockAgency = `select id from agency where id = $1 for no key update`

	alreadyServes = `select ` + servedColumns + ` from connection_agency a
where agency_id = $1 and connection_id = $2 and a.valid_from <= $3 and a.valid_to is null`

	endFormer = `update connection_agency a set valid_to = $2
where agency_id = $1 and a.valid_from < $2 and (a.valid_to is null or a.valid_to > $2)
returning ` + servedColumns
	markServing = `update connection_agency set mark = $4
where connection_id = $1 and agency_id = $2 and valid_from = $3::text::date`

	dropLater = `delete from connection_agency where agency_id = $1 and valid_from >= $2`

	beginServing = `insert into connection_agency (connection_id, agency_id, valid_from, mark) values ($1, $2, $3, $4)`
)

// HoldConnections keeps the connections of agencies as they are until the transaction ends. Whoever files a
// new dossier holds those of its agencies before they make it: a change of connection then sees the dossier,
// or the dossier sees the change.
func HoldConnections(ctx context.Context, tx pgx.Tx, ids ...ID) error {
	if _, err := tx.Exec(ctx, holdFiling, ids); err != nil {
		return fmt.Errorf("agency: hold connections: %w", err)
	}
	return nil
}

// HoldServing keeps what serves agencies for the caller, until the transaction ends, in the order of their
// ids: nobody else changes it or files a new dossier with them meanwhile. Errors: ErrNotFound when there is
// no such agency.
func HoldServing(ctx context.Context, tx pgx.Tx, ids ...ID) error {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		if !postgres.IsID(id) {
			return ErrNotFound
		}
		// The row's lock makes two callers take turns, so that no day gets two connections; the other one
		// waits for whoever files with the agency.
		if _, err := tx.Exec(ctx, lockFiling, id); err != nil {
			return fmt.Errorf("agency: lock %s: %w", id, err)
		}
		var locked ID
		err := tx.QueryRow(ctx, lockAgency, id).Scan(&locked)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("agency: lock %s: %w", id, err)
		}
	}
	return nil
}

// Serve makes a connection serve an agency from a day on, in place of the one that did and of whatever was
// planned from that day. Saying it again changes nothing. Errors: ErrNotFound when there is no such agency.
func Serve(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string, id ID,
	from workday.Date) error {
	if err := HoldServing(ctx, tx, id); err != nil {
		return err
	}
	serves, err := readServed(ctx, tx, v, alreadyServes, id, connection, from)
	if err != nil {
		return fmt.Errorf("agency: serve %s: %w", id, err)
	}
	if len(serves) > 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, dropLater, id, from); err != nil {
		return fmt.Errorf("agency: serve %s: %w", id, err)
	}
	if err := endServing(ctx, tx, v, id, from); err != nil {
		return fmt.Errorf("agency: serve %s: %w", id, err)
	}
	begun := serving{Connection: connection, Agency: id, ValidFrom: from.String()}
	mark := binding.ConnectionAgency.Mark(v, begun.binds()...)
	if _, err := tx.Exec(ctx, beginServing, connection, id, from, mark); err != nil {
		return fmt.Errorf("agency: serve %s: %w", id, err)
	}
	return nil
}

// endServing ends what serves an agency on a day.
func endServing(ctx context.Context, tx pgx.Tx, v *vault.Vault, id ID, on workday.Date) error {
	rows, err := tx.Query(ctx, endFormer, id, on)
	if err != nil {
		return err
	}
	ended, err := pgx.CollectRows(rows, pgx.RowToStructByName[serving])
	if err != nil {
		return err
	}
	for _, s := range ended {
		mark := binding.ConnectionAgency.Mark(v, s.binds()...)
		if _, err := tx.Exec(ctx, markServing, s.Connection, s.Agency, s.ValidFrom, mark); err != nil {
			return err
		}
	}
	return nil
}
