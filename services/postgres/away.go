package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// outages are the codes of PostgreSQL (its manual, appendix A) by which a server says that it cannot do now
// what it could do later, and that nothing is wrong with what was asked; a code of two characters stands for
// its whole class.
var outages = map[string]string{
	"08":    "the connection failed",
	"53":    "no room: the disk is full, no memory, too many connections",
	"57P":   "an operator ends connections, or the server starts or stops",
	"58":    "the system below the server fails, such as its disk",
	"25006": "it takes no writing: a standby, or set so",
	"25P03": "a transaction was ended for its idleness",
	"25P04": "a transaction was ended for its length",
	"40001": "two transactions could not both be done",
	"40P01": "two transactions waited for each other",
	"55P03": "a lock could not be had in time",
	"57014": "a statement was ended for its length",
}

// Away reports whether an error is an outage of the database, or of the way to it, and no fault of the
// program: the same will succeed when the outage is over. A database that only reads or is full is one too. A
// request whose time was over counts as well.
func Away(err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	var network net.Error
	switch {
	case err == nil:
		return false
	case errors.As(err, &connect), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, context.Canceled):
		return true
	case errors.As(err, &pg):
		return outage(pg.Code)
	}
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool")
}

func outage(code string) bool {
	for _, known := range []string{code, code[:min(3, len(code))], code[:min(2, len(code))]} {
		if outages[known] != "" {
			return true
		}
	}
	return false
}

// tryWriting changes no row, and is refused all the same by a server that only reads.
const tryWriting = `update code_counter set next = next where false`

// tryLog writes to the write-ahead log, and its commit waits until that is on the disk, here and wherever the
// server is told to wait for.
const tryLog = `select pg_logical_emit_message(true, 'congdvc', 'ready')`

// A temporary table lies where the tables of the database lie. Emptied at each commit, it takes new room from
// the disk each time it is filled: here 64 KiB. An update of a row that is there would succeed on a full
// disk.
const (
	makeRoom = `create temp table if not exists congdvc_room (page text) on commit delete rows`
	takeRoom = `insert into congdvc_room select repeat('x', 1000) from generate_series(1, 64)`
)

// ProveWriting proves that the database takes what is written to it: it writes, in two small transactions, to
// the log and to the disk of the tables, and leaves nothing. A role that may make no temporary tables leaves
// the disk of the tables out.
func ProveWriting(ctx context.Context, db *pgxpool.Pool) error {
	if err := execAll(ctx, db, tryWriting, tryLog); err != nil {
		return err
	}
	err := execAll(ctx, db, makeRoom, takeRoom)
	var pg *pgconn.PgError
	const notAllowed = "42501"
	if errors.As(err, &pg) && pg.Code == notAllowed {
		return nil
	}
	return err
}

func execAll(ctx context.Context, db *pgxpool.Pool, statements ...string) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("postgres: prove writing: %w", err)
			}
		}
		return nil
	})
}
