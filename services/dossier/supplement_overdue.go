package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

const overdueSupplementsSQL = `
select d.id from dossier d join draft s on s.dossier_id = d.id and s.state = 'editing' and s.revision > 1
where d.status = $3 and (s.supplement ->> 'deadline')::timestamptz <= $1
order by d.id limit $2`

// OverdueSupplements returns up to limit dossiers whose owner let the deadline of a supplement pass.
func OverdueSupplements(ctx context.Context, db postgres.DB, now time.Time, limit int) ([]ID, error) {
	rows, err := db.Query(ctx, overdueSupplementsSQL, now, limit, Supplement)
	if err != nil {
		return nil, fmt.Errorf("dossier: overdue supplements: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return nil, fmt.Errorf("dossier: overdue supplements: %w", err)
	}
	return ids, nil
}
