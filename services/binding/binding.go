// Package binding ties rows to those who may see them or act on them. Each such row carries a mark, a keyed
// hash over its key and over the columns that decide it (tables.go). The program that rightly changes the
// columns writes the mark with them; reading checks it. So whoever can write to the database, but lacks the
// keys, cannot give a dossier, a mandate or a key to anybody: the row is not found from then on, and an alarm
// stands in the log.
//
// A mark cannot tell that a whole row was put back as it was before, mark included: that takes a look at the
// database's own log.
package binding

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Opt is a column that may be null, as marks take it: "" for nil.
func Opt[T ~string](p *T) string {
	if p == nil {
		return ""
	}
	return string(*p)
}

// Instant is a column of type timestamptz, as marks take it; "" for nil.
func Instant(at *time.Time) string {
	if at == nil {
		return ""
	}
	return strconv.FormatInt(at.UnixMicro(), 10)
}

// Mark returns the mark of a row whose key and deciding columns have these values, in the order of the table.
// It is that of a program which does not know the later columns, while they are empty.
func (t *Table) Mark(v *vault.Vault, values ...string) []byte {
	if len(values) != len(t.Key)+len(t.Decides) {
		panic("binding: " + t.Name + " is bound by another number of columns")
	}
	return v.Mark(t.kind(), values...)
}

// kind is what marks of a table are made under: those of a second version are no marks of the first.
func (t *Table) kind() string {
	if _, more := earlier[t.Name]; more {
		return t.Name + " 2"
	}
	return t.Name
}

// Holds tells whether a row is as the portal wrote it. A row without a mark, or with one of a version before,
// holds only while a window is open. What does not hold is told in the log, once each time that it is read.
func (t *Table) Holds(ctx context.Context, db postgres.DB, v *vault.Vault, mark []byte,
	values ...string) (bool, error) {
	if len(mark) > 0 && t.written(v, mark, values...) {
		return true, nil
	}
	if len(mark) == 0 || t.before(v, mark, values...) {
		if open, err := t.open(ctx, db, v); err != nil || open {
			return open, err
		}
	}
	slog.ErrorContext(ctx, "a row was not written by this portal: it is treated as absent", "table", t.Name,
		"row", strings.Join(values[:len(t.Key)], "/"), "marked", len(mark) > 0)
	return false, nil
}

func (t *Table) written(v *vault.Vault, mark []byte, values ...string) bool {
	return subtle.ConstantTimeCompare(mark, t.Mark(v, values...)) == 1
}

// Versioned tells whether marks of a version before are known.
func (t *Table) Versioned() bool { _, more := earlier[t.Name]; return more }

// before tells whether a mark is that of the version before, which was over fewer columns.
func (t *Table) before(v *vault.Vault, mark []byte, values ...string) bool {
	n, more := earlier[t.Name]
	return more && subtle.ConstantTimeCompare(mark, v.Mark(t.Name, values[:len(t.Key)+n]...)) == 1
}

// Keep returns the rows of a list that hold, in their order.
func Keep[T any](list []T, holds func(*T) (bool, error)) ([]T, error) {
	kept := list[:0]
	for i := range list {
		ok, err := holds(&list[i])
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, list[i])
		}
	}
	return kept, nil
}
