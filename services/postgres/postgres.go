// Package postgres opens the pool of connections to the portal's only truth, and makes the ids that its rows
// bear.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is a pool or a transaction: what a domain function needs to read and write.
// A function that must be inside a transaction takes pgx.Tx instead.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

const (
	// defaultConns is enough on two cores; pool_max_conns in the URL says otherwise.
	defaultConns = 8
	pingTimeout  = 10 * time.Second
)

// session is what every connection starts with, unless the URL sets it. A statement or an abandoned
// transaction is ended before it holds a row's lock for longer than a person would wait.
var session = map[string]string{
	"application_name":                    "congdvc",
	"statement_timeout":                   "30s",
	"idle_in_transaction_session_timeout": "60s",
	"timezone":                            "UTC",
}

// Open connects to url (a libpq URL or key=value string, several hosts allowed) and answers once the server
// does. The pool holds at most 8 connections unless the URL has pool_max_conns. A server that does not answer
// within 10 seconds is an error; so is a malformed URL. No error tells the URL's password.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: read the database's URL: %w", err)
	}
	given, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: read the database's URL: %w", err)
	}
	if _, ok := given.RuntimeParams["pool_max_conns"]; !ok {
		config.MaxConns = defaultConns
	}
	for name, value := range session {
		if _, ok := config.ConnConfig.RuntimeParams[name]; !ok {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: open the pool: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("postgres: reach the database: %w", err)
	}
	return pool, nil
}

// NewID returns a new UUIDv7 in its canonical lower-case form: ids made later sort later.
func NewID() string {
	return uuid.Must(uuid.NewV7()).String()
}

// IsID reports whether s is a UUID in the canonical lower-case form of NewID. Callers answer not found for
// anything else, without asking the database.
func IsID[S ~string](s S) bool {
	id, err := uuid.Parse(string(s))
	return err == nil && id.String() == string(s)
}

// IsText reports whether a column of type text can hold s: it is UTF-8 and has no NUL.
func IsText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// NotText reports whether err says that a value was no text, of a column or inside of JSON.
func NotText(err error) bool {
	var fault *pgconn.PgError
	const badEncoding, badInJSON = "22021", "22P05"
	return errors.As(err, &fault) && (fault.Code == badEncoding || fault.Code == badInJSON)
}

// Unique reports whether err is the violation of the unique constraint or index of that name; an empty name
// stands for any.
func Unique(err error, constraint string) bool {
	var fault *pgconn.PgError
	const uniqueViolation = "23505"
	return errors.As(err, &fault) && fault.Code == uniqueViolation &&
		(constraint == "" || fault.ConstraintName == constraint)
}
