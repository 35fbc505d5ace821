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
	return supplements(ctx, db, overdueSupplementsSQL, now, limit, Supplement)
}

func supplements(ctx context.Context, db postgres.DB, sql string, args ...any) ([]ID, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: supplements: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return nil, fmt.Errorf("dossier: supplements: %w", err)
	}
	return ids, nil
}

// SupplementNotice is how long before its deadline, which is the midnight that ends the last day, the owner
// is warned of a supplement: on the day before the last one.
const SupplementNotice = 48 * time.Hour

const endingSupplementsSQL = `
select d.id from dossier d join draft s on s.dossier_id = d.id and s.state = 'editing' and s.revision > 1
where d.status = $3 and s.warned_at is null and s.expires_at > $1
    and s.expires_at <= $1 + make_interval(secs => $4)
    and s.created_at <= s.expires_at - make_interval(secs => $4 * 1.5)
order by d.id limit $2`

// EndingSupplements returns up to limit dossiers whose supplement is near its deadline, and of which nobody
// was warned. One whose whole term is not much longer than the time of the warning was told of just now.
func EndingSupplements(ctx context.Context, db postgres.DB, now time.Time, limit int) ([]ID, error) {
	return supplements(ctx, db, endingSupplementsSQL, now, limit, Supplement, SupplementNotice.Seconds())
}

const warnedSupplementSQL = `update draft set warned_at = $2 where id = $1 and state = 'editing' and warned_at is null`

// WarnedOf writes down that somebody is told that a supplement's draft ends, and reports whether nobody was
// before.
func WarnedOf(ctx context.Context, tx pgx.Tx, d *Draft, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, warnedSupplementSQL, d.ID, now)
	if err != nil {
		return false, fmt.Errorf("dossier: warn of draft %s: %w", d.ID, err)
	}
	return tag.RowsAffected() == 1, nil
}
