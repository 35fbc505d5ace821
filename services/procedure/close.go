package procedure

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// CloseIn says which procedure ends.
type CloseIn struct {
	Code      string
	On        workday.Date // first day on which it no longer applies
	Successor string       // code of the procedure that takes its place; "" when none does
	Today     workday.Date
}

const closeLast = `update procedure_version set state = 'closed', effective_to = $2, successor = nullif($3, '') where id = $1`

// Close ends a procedure: from a day on nobody can file it, and its page leads to its successor. Closing it
// again sets another day or successor, as long as the first day has not come. It refuses a day that has
// passed or lies before the first day of the newest version. It refuses a successor that is unknown, the
// procedure itself, or not in force on that day.
func Close(ctx context.Context, tx pgx.Tx, in CloseIn) error {
	if in.Successor == in.Code {
		return refuse("%s cannot take its own place", in.Code)
	}
	// Both are locked in the order of their codes, so that two procedures cannot be closed at once with each
	// other as successor.
	first, second := in.Code, in.Successor
	if second != "" && second < first {
		first, second = second, first
	}
	for _, code := range []string{first, second} {
		if _, err := tx.Exec(ctx, lockProcedure, code); err != nil {
			return fmt.Errorf("procedure: close %s: %w", in.Code, err)
		}
	}
	last, err := newestOf(ctx, tx, in.Code)
	if err != nil {
		return fmt.Errorf("procedure: close %s: %w", in.Code, err)
	}
	switch {
	case last == nil:
		return refuse("%s has no published version", in.Code)
	case last.EffectiveTo != nil && !last.EffectiveTo.After(in.Today):
		return refuse("%s is closed already, since %s", in.Code, last.EffectiveTo)
	case in.On.Before(in.Today):
		return refuse("%s cannot end on %s, which has passed: dossiers were taken since", in.Code, in.On)
	case in.On.Before(last.EffectiveFrom):
		return refuse("%s cannot end on %s: version %d begins on %s", in.Code, in.On, last.Number,
			last.EffectiveFrom)
	}
	if err := successorHolds(ctx, tx, in); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, closeLast, last.ID, in.On, in.Successor); err != nil {
		return fmt.Errorf("procedure: close %s: %w", in.Code, err)
	}
	return nil
}

// successorHolds refuses a successor under which nobody could file on the day. A successor that is closed
// itself is refused too, so that successors never lead in a circle.
func successorHolds(ctx context.Context, tx pgx.Tx, in CloseIn) error {
	if in.Successor == "" {
		return nil
	}
	next, err := newestOf(ctx, tx, in.Successor)
	switch {
	case err != nil:
		return fmt.Errorf("procedure: close %s: %w", in.Code, err)
	case next == nil:
		return refuse("the successor %s has no published version", in.Successor)
	case next.EffectiveTo != nil:
		return refuse("the successor %s is closed itself, from %s on", in.Successor, next.EffectiveTo)
	case next.EffectiveFrom.After(in.On):
		if _, err := InForce(ctx, tx, in.Successor, in.On); errors.Is(err, ErrNotFound) {
			return refuse("the successor %s begins on %s only, after %s", in.Successor, next.EffectiveFrom,
				in.On)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// An Ended describes a procedure that was published but is not in force on a day.
type Ended struct {
	Code      string
	Name      i18n.Text
	Since     *workday.Date // nil: it is yet to begin
	Begins    *workday.Date // the first day of a version that is still to come
	Successor string        // "" when none takes its place
	Next      i18n.Text     // the successor's name
}

const ended = `select v.code, v.definition->'name', v.effective_to, coalesce(l.successor, ''),
    (select min(effective_from) from procedure_version b where b.code = v.code and b.state <> 'draft' and b.effective_from > $2
        and (b.effective_to is null or b.effective_to > b.effective_from)),
    coalesce((select definition->'name' from procedure_version s where s.code = l.successor and s.state <> 'draft'
        order by effective_from > $2, effective_from desc, number desc limit 1), '{}')
from procedure_version v,
    (select successor from procedure_version where code = $1 and state <> 'draft' order by number desc limit 1) l
where v.code = $1 and v.state <> 'draft'
order by coalesce(v.effective_to = v.effective_from, false), v.effective_from > $2, v.effective_from desc, v.number desc limit 1`

// EndedOn tells why a procedure is not in force on a day. Errors: ErrNotFound for one that was never
// published.
func EndedOn(ctx context.Context, db postgres.DB, code string, on workday.Date) (*Ended, error) {
	var e Ended
	err := db.QueryRow(ctx, ended, code, on).Scan(&e.Code, &e.Name, &e.Since, &e.Successor, &e.Begins,
		&e.Next)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("procedure: ended: %w", err)
	}
	if e.Since != nil && e.Since.After(on) {
		e.Since = nil
	}
	return &e, nil
}
