package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/vault"
)

const expiringSQL = `select ` + draftColumns + ` from draft
where state = 'editing' and revision = 1 and warned_at is null and expires_at <= $1
order by expires_at limit $2 for update skip locked`

const warnedSQL = `update draft set warned_at = $2, expires_at = $3 where id = $1`

// Warn marks up to limit drafts that expire within the notice time as warned, and returns them; the caller
// tells their people in the same transaction. Everybody gets the full notice time: a draft that would expire
// sooner, because no sweep ran in between, is kept longer. A supplement ends with its dossier's deadline and
// is not warned of.
func Warn(ctx context.Context, tx pgx.Tx, v *vault.Vault, now time.Time, notice time.Duration,
	limit int) ([]Draft, error) {
	now = now.UTC().Truncate(time.Microsecond)
	rows, err := tx.Query(ctx, expiringSQL, now.Add(notice), limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: find drafts to warn of: %w", err)
	}
	drafts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Draft])
	if err != nil {
		return nil, fmt.Errorf("dossier: find drafts to warn of: %w", err)
	}
	for i := range drafts {
		d := &drafts[i]
		d.WarnedAt, d.ExpiresAt = &now, now.Add(notice)
		if _, err := tx.Exec(ctx, warnedSQL, d.ID, now, d.ExpiresAt); err != nil {
			return nil, fmt.Errorf("dossier: warn of draft %s: %w", d.ID, err)
		}
	}
	return binding.Keep(drafts, func(d *Draft) (bool, error) {
		return binding.Draft.Holds(ctx, tx, v, d.Mark, d.binds()...)
	})
}

const (
	expiredSQL = `select ` + draftColumns + ` from draft
where state = 'editing' and revision = 1 and expires_at <= $1 and warned_at <= $1 - make_interval(secs => $2)
order by expires_at limit $3 for update skip locked`

	expireSQL = `
with gone as (
    update draft set state = 'discarded', reasons_sealed = null, confirmed_sealed = null, updated_at = $1, mark = m.mark
    from unnest($2::uuid[], $3::bytea[]) m(id, mark) where draft.id = m.id returning draft.id
), emptied as (
    delete from draft_field using gone where draft_field.draft_id = gone.id
), ungiven as (
    delete from draft_given using gone where draft_given.draft_id = gone.id
), forgotten as (
    delete from draft_operation using gone where draft_operation.draft_id = gone.id
)
select id from gone`
)

// Expire discards up to limit drafts whose time has passed and whose people were warned a full notice time
// ago, wipes their answers and returns them. Their files go with the sweep of package attachment. A clock
// that was set back discards nothing, because then neither instant has come. A frozen draft waits for its
// payment and does not expire; a supplement ends with its dossier's deadline. What is no draft that this
// portal wrote stays as it is.
func Expire(ctx context.Context, tx pgx.Tx, v *vault.Vault, now time.Time, notice time.Duration,
	limit int) ([]DraftID, error) {
	now = now.UTC().Truncate(time.Microsecond)
	drafts, err := manyDrafts(ctx, tx, v, expiredSQL, now, notice.Seconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: find drafts to expire: %w", err)
	}
	ids, marks := make([]DraftID, len(drafts)), make([][]byte, len(drafts))
	for i := range drafts {
		drafts[i].State = Discarded
		ids[i], marks[i] = drafts[i].ID, drafts[i].marked(v).Mark
	}
	rows, err := tx.Query(ctx, expireSQL, now, ids, marks)
	if err != nil {
		return nil, fmt.Errorf("dossier: expire drafts: %w", err)
	}
	if ids, err = pgx.CollectRows(rows, pgx.RowTo[DraftID]); err != nil {
		return nil, fmt.Errorf("dossier: expire drafts: %w", err)
	}
	return ids, nil
}
