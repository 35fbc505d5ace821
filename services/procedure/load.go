package procedure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// Changes counts what a Load did: procedures that were new, that got a new version, and that were the same.
// Kept are the codes of procedures that the operator has changed or closed, which a Load leaves as they are.
type Changes struct {
	Added, Changed, Same int
	Kept                 []string
}

// Who brought a version in.
const (
	byStarter  = "starter"
	byNational = "national"
	byOperator = "operator"
)

const (
	addProcedure = `insert into procedure (code) values ($1) on conflict do nothing`

	// The row is the lock by which two loads of one procedure take turns.
	lockProcedure = `select code from procedure where code = $1 for update`

	// A version ends where the next begins, but not before its own first day. If both begin on the same day,
	// the former was never in force.
	closeFormer = `update procedure_version
set state = 'closed', effective_to = greatest(effective_from, $2)
where code = $1 and state <> 'draft' and (effective_to is null or effective_to > greatest(effective_from, $2))`

	addVersion = `insert into procedure_version
    (id, code, number, state, origin, effective_from, definition, form, form_hash, content_hash, field, audience, receivers, bodies, search_text, search)
values (@id, @code, @number, @state, @origin, @effective_from, @definition, @form, @form_hash, @content_hash, @field, @audience, @receivers,
    @bodies, unaccented(lower(@near)), ` + weighted + `)`

	reindex = `update procedure_version set field = @field, audience = @audience, receivers = @receivers, bodies = @bodies,
    search_text = unaccented(lower(@near)), search = ` + weighted + `
where id = @id and (field, audience, receivers, bodies, search_text, search) is distinct from
    (@field, @audience, @receivers, @bodies, unaccented(lower(@near)), ` + weighted + `)`

	weighted = `setweight(to_tsvector('simple', unaccented(lower(@names))), 'A')
    || setweight(to_tsvector('simple', unaccented(lower(@known_as))), 'B')
    || setweight(to_tsvector('simple', unaccented(lower(@belongs))), 'C')
    || setweight(to_tsvector('simple', unaccented(lower(@about))), 'D')`
)

// Load brings the program's own definitions into the database. A definition that says the same as the
// procedure's newest version changes nothing. Any other makes a version with the next number, in force from
// its own first day, on which the former one ends. Drafts of dossiers keep the version under which they were
// begun. The words for the search are made anew each time. What the operator has published or closed stays.
func Load(ctx context.Context, tx pgx.Tx, sources []Source) (Changes, error) {
	var changes Changes
	for _, s := range sources {
		code := s.Definition.Code
		last, err := lockStanding(ctx, tx, code)
		if err == nil && last != nil && (last.Origin == byOperator || last.State == Closed) && !last.says(s) {
			changes.Kept = append(changes.Kept, code)
			continue
		}
		var outcome Outcome
		if err == nil {
			outcome, err = s.load(ctx, tx, last, byStarter)
		}
		if err != nil {
			return Changes{}, fmt.Errorf("procedure: load %s: %w", code, err)
		}
		switch outcome {
		case Added:
			changes.Added++
		case Changed:
			changes.Changed++
		default:
			changes.Same++
		}
	}
	return changes, nil
}

// standing is the newest version of a procedure, drafts left out.
type standing struct {
	ID            string        `db:"id"`
	Number        int           `db:"number"`
	State         State         `db:"state"`
	Origin        string        `db:"origin"`
	Hash          string        `db:"content_hash"`
	FormHash      string        `db:"form_hash"`
	EffectiveFrom workday.Date  `db:"effective_from"`
	EffectiveTo   *workday.Date `db:"effective_to"`
	Definition    Definition    `db:"definition"`
	Own           bool          `db:"own"` // there is a version that was written for this portal
}

const newest = `select id, number, state, origin, content_hash, form_hash, effective_from, effective_to, definition,
    exists (select from procedure_version o where o.code = v.code and o.state <> 'draft' and not o.definition ? 'source') as own
from procedure_version v where code = $1 and state <> 'draft' order by number desc limit 1`

// lockStanding locks a procedure until the transaction ends, so that changes of it take turns, and inserts
// its row if there is none. It returns nil when the procedure has no version, or only drafts.
func lockStanding(ctx context.Context, tx pgx.Tx, code string) (*standing, error) {
	if _, err := tx.Exec(ctx, addProcedure, code); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, lockProcedure, code); err != nil {
		return nil, err
	}
	return newestOf(ctx, tx, code)
}

func newestOf(ctx context.Context, tx pgx.Tx, code string) (*standing, error) {
	rows, err := tx.Query(ctx, newest, code)
	if err != nil {
		return nil, err
	}
	last, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[standing])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return last, err
}

// says reports whether a version says the same as a source. The bytes may differ, because an export writes
// its own.
func (last *standing) says(s Source) bool {
	if last.Hash == s.hash {
		return true
	}
	if last.FormHash != s.formHash {
		return false
	}
	was := last.Definition
	was.complete()
	a, errA := json.Marshal(was)
	b, errB := json.Marshal(s.Definition)
	return errA == nil && errB == nil && string(a) == string(b)
}

// load publishes a source unless the newest version, nil when there is none, says the same.
func (s Source) load(ctx context.Context, tx pgx.Tx, last *standing, origin string) (Outcome, error) {
	args, outcome := s.Definition.searchArgs(), Changed
	switch {
	case last == nil:
		outcome = Added
	case last.says(s):
		args["id"] = last.ID
		_, err := tx.Exec(ctx, reindex, args)
		return Same, err
	// A version from elsewhere begins on the day on which it was read, so a version whose first day is set by
	// law may begin before it.
	case s.Definition.EffectiveFrom.Before(last.EffectiveFrom) && last.Definition.Source == nil:
		return Refused, refuse("begins on %s, before the newest version's %s", s.Definition.EffectiveFrom,
			last.EffectiveFrom)
	}
	return outcome, s.publish(ctx, tx, origin, args)
}

// publish makes a source the newest version.
func (s Source) publish(ctx context.Context, tx pgx.Tx, origin string, args pgx.StrictNamedArgs) error {
	if err := receiversHold(ctx, tx, &s.Definition); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, closeFormer, s.Definition.Code, s.Definition.EffectiveFrom); err != nil {
		return err
	}
	return s.insert(ctx, tx, Published, origin, args)
}

const nextNumber = `select coalesce(max(number), 0) + 1 from procedure_version where code = $1`

func (s Source) insert(ctx context.Context, tx pgx.Tx, state State, origin string,
	args pgx.StrictNamedArgs) error {
	definition, err := json.Marshal(s.Definition)
	if err != nil {
		return err
	}
	var number int
	if err := tx.QueryRow(ctx, nextNumber, s.Definition.Code).Scan(&number); err != nil {
		return err
	}
	args["id"], args["code"], args["number"] = postgres.NewID(), s.Definition.Code, number
	args["state"], args["origin"], args["effective_from"], args["definition"] = state, origin,
		s.Definition.EffectiveFrom, definition
	args["form"], args["form_hash"], args["content_hash"] = s.form, s.formHash, s.hash
	_, err = tx.Exec(ctx, addVersion, args)
	return err
}
