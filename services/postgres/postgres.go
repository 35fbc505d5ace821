// Package postgres opens the pool of connections to the portal's only truth, and makes the ids that its rows
// bear.
package postgres

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// DB is a pool or a transaction: what a domain function needs to read and write.
// A function that must be inside a transaction takes pgx.Tx instead.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
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
