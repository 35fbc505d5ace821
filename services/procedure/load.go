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
type Changes struct{ Added, Changed, Same int }

const (
	addProcedure = `insert into procedure (code) values ($1) on conflict do nothing`

	// The row is the lock by which two loads of one procedure take turns.
	lockProcedure = `select code from procedure where code = $1 for update`

	newest = `select id, number, content_hash, effective_from, definition ? 'source' from procedure_version
where code = $1 order by number desc limit 1`

	// A version ends where the next begins, at the earliest with its own first day: then it was never in force.
	closeFormer = `update procedure_version
set state = 'closed', effective_to = greatest(effective_from, $2)
where code = $1 and state = 'published' and (effective_to is null or effective_to > $2)`

	addVersion = `insert into procedure_version
    (id, code, number, state, effective_from, definition, form, form_hash, content_hash, field, audience, receivers, search_text, search)
values (@id, @code, @number, @state, @effective_from, @definition, @form, @form_hash, @content_hash, @field, @audience, @receivers,
    unaccented(lower(@near)), ` + weighted + `)`

	reindex = `update procedure_version set field = @field, audience = @audience, receivers = @receivers,
    search_text = unaccented(lower(@near)), search = ` + weighted + `
where id = @id and (field, audience, receivers, search_text, search) is distinct from
    (@field, @audience, @receivers, unaccented(lower(@near)), ` + weighted + `)`

	weighted = `setweight(to_tsvector('simple', unaccented(lower(@names))), 'A')
    || setweight(to_tsvector('simple', unaccented(lower(@known_as))), 'B')
    || setweight(to_tsvector('simple', unaccented(lower(@belongs))), 'C')
    || setweight(to_tsvector('simple', unaccented(lower(@about))), 'D')`
)

// Load brings definitions into the database. The same bytes as those of a procedure's newest version change nothing;
// other bytes make a version with the next number, in force from its own first day, on which the former one ends.
// Drafts of dossiers keep the version that they were begun under. The words for the search are made anew each time.
func Load(ctx context.Context, tx pgx.Tx, sources []Source) (Changes, error) {
	var changes Changes
	for _, s := range sources {
		if err := s.load(ctx, tx, &changes); err != nil {
			return Changes{}, fmt.Errorf("procedure: load %s: %w", s.Definition.Code, err)
		}
	}
	return changes, nil
}

func (s Source) load(ctx context.Context, tx pgx.Tx, changes *Changes) error {
	code := s.Definition.Code
	if _, err := tx.Exec(ctx, addProcedure, code); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, lockProcedure, code); err != nil {
		return err
	}
	var last struct {
		id, hash string
		number   int
		from     workday.Date
		imported bool
	}
	err := tx.QueryRow(ctx, newest, code).Scan(&last.id, &last.number, &last.hash, &last.from, &last.imported)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	words := s.Definition.words()
	switch {
	case last.hash == s.hash:
		changes.Same++
		words["id"] = last.id
		_, err := tx.Exec(ctx, reindex, words)
		return err
	case last.number == 0:
		changes.Added++
	// A version from elsewhere holds from the day on which it was read, so that one with a day by law may go before it.
	case s.Definition.EffectiveFrom.Before(last.from) && !last.imported:
		return fmt.Errorf("begins on %s, before the newest version's %s", s.Definition.EffectiveFrom, last.from)
	default:
		changes.Changed++
	}
	if _, err := tx.Exec(ctx, closeFormer, code, s.Definition.EffectiveFrom); err != nil {
		return err
	}
	return s.insert(ctx, tx, last.number+1, words)
}

func (s Source) insert(ctx context.Context, tx pgx.Tx, number int, args pgx.StrictNamedArgs) error {
	definition, err := json.Marshal(s.Definition)
	if err != nil {
		return err
	}
	args["id"], args["code"], args["number"] = postgres.NewID(), s.Definition.Code, number
	args["state"], args["effective_from"], args["definition"] = Published, s.Definition.EffectiveFrom, definition
	args["form"], args["form_hash"], args["content_hash"] = s.form, s.formHash, s.hash
	_, err = tx.Exec(ctx, addVersion, args)
	return err
}
