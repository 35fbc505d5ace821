package procedure

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/eform"
	"congdvc/services/postgres"
)

const formsOfCode = `select id::text from procedure_version where code = $1 and form is not null and state <> 'draft' order by number`

// FormQuality looks for mistakes of a form's author: fields that the form can never ask for, and fields whose
// id had another type in an earlier version of the procedure, so that answers could not be carried over. The
// first error joins what is wrong; the second is that of looking.
func (v *Version) FormQuality(ctx context.Context, db postgres.DB) (wrong, err error) {
	if v.form == nil {
		return nil, nil
	}
	rows, err := db.Query(ctx, formsOfCode, v.Code)
	if err != nil {
		return nil, fmt.Errorf("procedure: forms of %s: %w", v.Code, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("procedure: forms of %s: %w", v.Code, err)
	}
	faults := []error{v.form.Unreachable()}
	for _, id := range ids {
		if id == v.ID {
			break
		}
		earlier, err := ByID(ctx, db, id)
		if err != nil {
			return nil, err
		}
		faults = append(faults, eform.TypesChanged(earlier.form, v.form))
	}
	return errors.Join(faults...), nil
}
