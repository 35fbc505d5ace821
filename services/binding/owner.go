package binding

import (
	"context"
	"errors"
	"fmt"

	"congdvc/services/postgres"
)

// ErrNotOwner says that the running role may not give marks to rows of before: who could do that could take
// them away from records too.
var ErrNotOwner = errors.New("rows of before get their marks by the role that migrates: run this with the " +
	"DATABASE_URL of  portal migrate")

const mayBindSQL = `select coalesce(bool_and(has_column_privilege(name, 'mark', 'update')), true) from unnest($1::text[]) name`

// MayBind proves that the role may give marks to the rows of every table. Errors: ErrNotOwner.
func MayBind(ctx context.Context, db postgres.DB) error {
	names := make([]string, len(Tables))
	for i, t := range Tables {
		names[i] = t.Name
	}
	var may bool
	if err := db.QueryRow(ctx, mayBindSQL, names).Scan(&may); err != nil {
		return fmt.Errorf("binding: look at the role: %w", err)
	}
	if !may {
		return ErrNotOwner
	}
	return nil
}
