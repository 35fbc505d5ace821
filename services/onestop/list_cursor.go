package onestop

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"congdvc/services/dossier"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// MaxListed is the most dossiers that a page of the list has.
const MaxListed = 500

// ListCursor is a place in the list of the dossiers of one connection, which stands in the order of their
// last changes. The zero ListCursor is the beginning.
type ListCursor struct {
	Incarnation string // of the log, as in Cursor: after a restore from a backup nothing of before counts
	// Settled is the Horizon at which the reading of the list began: what was committed later may have to be
	// read again, however far the reading has come. 0 = it begins with the next page.
	Settled int64
	After   dossier.Place
}

// String gives the cursor as a receiver keeps it, such as
// "k3f9ab2c.981.977.019ab000-0000-7000-8000-000000000001"; the zero ListCursor is "".
func (c ListCursor) String() string {
	if c == (ListCursor{}) {
		return ""
	}
	return strings.Join([]string{c.Incarnation, strconv.FormatInt(c.Settled, 10),
		strconv.FormatInt(c.After.Changed, 10), string(c.After.ID)}, ".")
}

// ParseListCursor reads what String gives. Anything else is ErrCursor.
func ParseListCursor(text string) (ListCursor, error) {
	if text == "" {
		return ListCursor{}, nil
	}
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return ListCursor{}, ErrCursor
	}
	log, err := ParseCursor(parts[0] + ".0")
	settled, errSettled := strconv.ParseInt(parts[1], 10, 64)
	changed, errChanged := strconv.ParseInt(parts[2], 10, 64)
	c := ListCursor{log.Incarnation, settled, dossier.Place{Changed: changed, ID: dossier.ID(parts[3])}}
	if errors.Join(err, errSettled, errChanged) != nil || settled < 0 || changed < 0 ||
		parts[3] != "" && !postgres.IsID(parts[3]) || c.String() != text {
		return ListCursor{}, ErrCursor
	}
	return c, nil
}

// BeginList checks a cursor of a connection's list, and gives the one to read on from: of a reading that
// begins now, it says from which changes on the next reading has to begin. It comes before the page is read.
// Errors: ErrIncarnation, ErrCursorAhead, upon which the list is read from its beginning; ErrNotFound for an
// unknown connection.
func BeginList(ctx context.Context, db postgres.DB, connection string, c ListCursor) (ListCursor, error) {
	var code, incarnation string
	var head int64
	err := db.QueryRow(ctx, findHead, connection).Scan(&code, &head, &incarnation)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, ErrNotFound
	}
	if err != nil {
		return c, fmt.Errorf("onestop: head of %s: %w", connection, err)
	}
	settled, next, err := dossier.Horizon(ctx, db)
	switch {
	case err != nil:
		return c, err
	case c != (ListCursor{}) && c.Incarnation != incarnation:
		return c, ErrIncarnation
	case max(c.Settled, c.After.Changed) > next:
		return c, ErrCursorAhead
	case c.Settled == 0:
		c.Settled = settled
	}
	c.Incarnation = incarnation
	return c, nil
}

// Next is the cursor behind a page that ends at a place: of the same reading while there is more, else the
// one from which a later reading finds all that has changed since.
func (c ListCursor) Next(at dossier.Place, more bool) ListCursor {
	if more {
		return ListCursor{c.Incarnation, c.Settled, at}
	}
	return ListCursor{Incarnation: c.Incarnation, After: dossier.Place{Changed: c.Settled}}
}
