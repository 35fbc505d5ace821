package result

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/dossier"
)

// MostReserved is how many codes may wait for a result of one dossier.
const MostReserved = 20

// An older release that does not know reservations writes the codes of its results to the table result only.
const reserveSQL = `
insert into result_code (code, dossier_id, created_at)
select $1, $2, $3
where (select count(*) from result_code where dossier_id = $2 and result_id is null) < $4
    and not exists (select from result where code = $1)`

// Reserve draws a code for a result that the agency has yet to sign, so that the paper itself can carry it.
// Nothing is found under it before the result is delivered. The caller has locked the dossier. Errors:
// ErrReserved.
func Reserve(ctx context.Context, tx pgx.Tx, of dossier.ID, now time.Time) (Code, error) {
	code := NewCode()
	tag, err := tx.Exec(ctx, reserveSQL, code, of, now, MostReserved)
	if err != nil {
		return "", fmt.Errorf("result: reserve a code for %s: %w", of, err)
	}
	if tag.RowsAffected() == 0 {
		return "", ErrReserved.With("Most", MostReserved)
	}
	return code, nil
}

const (
	useReservedSQL = `
update result_code set result_id = $1 where code = $2 and dossier_id = $3 and result_id is null`
	useDrawnSQL = `
insert into result_code (code, dossier_id, created_at, result_id) values ($2, $3, $4, $1) on conflict do nothing`
)

// use gives a code to the result that was inserted with it. Errors: ErrCode.
func use(ctx context.Context, tx pgx.Tx, id ID, code Code, n New) error {
	sql, args := useDrawnSQL, []any{id, code, n.Dossier, n.Now}
	if n.Code != "" {
		sql, args = useReservedSQL, args[:3]
	}
	tag, err := tx.Exec(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("result: use the code of %s: %w", id, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrCode.At("code")
	}
	return nil
}
