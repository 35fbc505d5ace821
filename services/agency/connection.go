package agency

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

const connectionAt = `select connection_id from connection_agency
where agency_id = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)
order by valid_from desc limit 1`

// ConnectionAt returns the id of the connection whose one-stop system serves an agency on a day.
// Errors: ErrNoConnection, also for an agency that does not exist.
func ConnectionAt(ctx context.Context, db postgres.DB, id ID,
	on workday.Date) (connection string, err error) {
	if !postgres.IsID(id) {
		return "", ErrNoConnection
	}
	err = db.QueryRow(ctx, connectionAt, id, on).Scan(&connection)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNoConnection
	}
	if err != nil {
		return "", fmt.Errorf("agency: connection of %s: %w", id, err)
	}
	return connection, nil
}

const servedBy = `select agency_id from connection_agency
where connection_id = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)
order by agency_id`

// ServedBy returns the agencies that a connection serves on a day, none when it does not exist.
func ServedBy(ctx context.Context, db postgres.DB, connection string, on workday.Date) ([]ID, error) {
	if !postgres.IsID(connection) {
		return nil, nil
	}
	rows, err := db.Query(ctx, servedBy, connection, on)
	if err != nil {
		return nil, fmt.Errorf("agency: served by %s: %w", connection, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return nil, fmt.Errorf("agency: served by %s: %w", connection, err)
	}
	return ids, nil
}

const (
	lockAgency = `select id from agency where id = $1 for update`

	alreadyServes = `select exists (select from connection_agency
where agency_id = $1 and connection_id = $2 and valid_from <= $3 and valid_to is null)`

	endFormer = `update connection_agency set valid_to = $2
where agency_id = $1 and valid_from < $2 and (valid_to is null or valid_to > $2)`

	dropLater = `delete from connection_agency where agency_id = $1 and valid_from >= $2`

	beginServing = `insert into connection_agency (connection_id, agency_id, valid_from) values ($1, $2, $3)`
)

// Serve makes a connection serve an agency from a day on, in place of the one that did and of whatever was
// planned from that day. Saying it again changes nothing. Errors: ErrNotFound when there is no such agency.
func Serve(ctx context.Context, tx pgx.Tx, connection string, id ID, from workday.Date) error {
	if !postgres.IsID(id) {
		return ErrNotFound
	}
	// The lock makes two callers take turns, so that no day gets two connections.
	var locked ID
	err := tx.QueryRow(ctx, lockAgency, id).Scan(&locked)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("agency: lock %s: %w", id, err)
	}
	var serves bool
	if err := tx.QueryRow(ctx, alreadyServes, id, connection, from).Scan(&serves); err != nil {
		return fmt.Errorf("agency: serve %s: %w", id, err)
	}
	if serves {
		return nil
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{dropLater, []any{id, from}},
		{endFormer, []any{id, from}},
		{beginServing, []any{connection, id, from}},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("agency: serve %s: %w", id, err)
		}
	}
	return nil
}
