package procedure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// An Entry is a version as a list for operators shows it.
type Entry struct {
	ID            string        `db:"id"`
	Code          string        `db:"code"`
	Number        int           `db:"number"`
	State         State         `db:"state"`
	Origin        string        `db:"origin"` // starter, national, operator
	EffectiveFrom workday.Date  `db:"effective_from"`
	EffectiveTo   *workday.Date `db:"effective_to"` // first day on which it no longer applies; nil is open
	Successor     *string       `db:"successor"`    // code of the procedure that takes the place of one that ended
	Name          i18n.Text     `db:"name"`
	Level         Level         `db:"level"`
	Form          bool          `db:"has_form"`
	General       bool          `db:"general"` // filed through the general form
}

const entries = `select id, code, number, state, origin, effective_from, effective_to, successor, definition->'name' as name,
    definition->>'level' as level, form is not null as has_form, definition ? 'general' as general
from procedure_version
where ($1 = '' or code = $1) and ($2 = '' or state = $2)
order by code, number`

// Entries lists versions by code and number; an empty code or state is every one.
func Entries(ctx context.Context, db postgres.DB, code string, state State) ([]Entry, error) {
	rows, err := db.Query(ctx, entries, code, string(state))
	if err != nil {
		return nil, fmt.Errorf("procedure: entries: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
	if err != nil {
		return nil, fmt.Errorf("procedure: entries: %w", err)
	}
	return all, nil
}

const (
	standingDraft = `select id from procedure_version where code = $1 and state = 'draft' order by number desc limit 1`

	replaceDraft = `update procedure_version set effective_from = @effective_from, definition = @definition, form = @form,
    form_hash = @form_hash, content_hash = @content_hash, field = @field, audience = @audience, receivers = @receivers,
    bodies = @bodies, search_text = unaccented(lower(@near)), search = ` + weighted + `
where id = @id and state = 'draft'`
)

// draft keeps a source as the draft of its procedure, in the place of one that is there.
func (s Source) draft(ctx context.Context, tx pgx.Tx, last *standing) (Outcome, error) {
	if last != nil && last.says(s) {
		return Same, nil
	}
	args := s.Definition.words()
	var id string
	err := tx.QueryRow(ctx, standingDraft, s.Definition.Code).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		outcome := Changed
		if last == nil {
			outcome = Added
		}
		return outcome, s.insert(ctx, tx, Draft, originOf(&s.Definition), args)
	}
	if err != nil {
		return Refused, err
	}
	definition, err := json.Marshal(s.Definition)
	if err != nil {
		return Refused, err
	}
	args["id"], args["effective_from"], args["definition"] = id, s.Definition.EffectiveFrom, definition
	args["form"], args["form_hash"], args["content_hash"] = s.form, s.formHash, s.hash
	_, err = tx.Exec(ctx, replaceDraft, args)
	return Changed, err
}

// PublishIn says which draft to publish.
type PublishIn struct {
	Code   string
	Number int           // 0: the only draft
	From   *workday.Date // nil: the day that the draft says, or today when that has passed
	Today  workday.Date
}

const (
	draftToPublish = `select id, definition, form from procedure_version
where code = $1 and state = 'draft' and ($2 = 0 or number = $2) order by number desc limit 1`

	publishDraft = `update procedure_version v set state = 'published', effective_from = $2, definition = $3,
    number = greatest(number, (select max(number) + 1 from procedure_version o where o.code = v.code and o.id <> v.id and o.state <> 'draft'))
where id = $1 and state = 'draft'`
)

// Publish puts a draft in force from a day on, on which the version before it ends. It returns the first day. Refused
// are a day that has passed or lies before the newest version's own, a definition that names an agency which does not
// hold then, and one whose fee nobody could tell on its first day.
func Publish(ctx context.Context, tx pgx.Tx, in PublishIn) (workday.Date, error) {
	last, err := lockStanding(ctx, tx, in.Code)
	if err != nil {
		return in.Today, fmt.Errorf("procedure: publish %s: %w", in.Code, err)
	}
	var id string
	var s Source
	err = tx.QueryRow(ctx, draftToPublish, in.Code, in.Number).Scan(&id, &s.Definition, &s.form)
	if errors.Is(err, pgx.ErrNoRows) {
		return in.Today, refuse("%s has no such draft: portal procedures list --code %s shows what there is", in.Code, in.Code)
	}
	if err != nil {
		return in.Today, fmt.Errorf("procedure: publish %s: %w", in.Code, err)
	}
	d := &s.Definition
	switch {
	case in.From != nil:
		d.EffectiveFrom = *in.From
	case d.EffectiveFrom.Before(in.Today):
		d.EffectiveFrom = in.Today
	}
	if err := s.publishable(in.Today, last); err != nil {
		return in.Today, err
	}
	if err := receiversHold(ctx, tx, d); err != nil {
		return in.Today, err
	}
	definition, err := json.Marshal(d)
	if err == nil {
		_, err = tx.Exec(ctx, closeFormer, in.Code, d.EffectiveFrom)
	}
	if err == nil {
		_, err = tx.Exec(ctx, publishDraft, id, d.EffectiveFrom, definition)
	}
	if err != nil {
		return in.Today, fmt.Errorf("procedure: publish %s: %w", in.Code, err)
	}
	return d.EffectiveFrom, nil
}

// publishable refuses what would be wrong from its first day on.
func (s Source) publishable(today workday.Date, last *standing) error {
	d := &s.Definition
	if d.EffectiveFrom.Before(today) {
		return refuse("%s cannot begin on %s, which has passed: dossiers of the days since keep the version that they were filed under", d.Code, d.EffectiveFrom)
	}
	if last != nil && d.EffectiveFrom.Before(last.EffectiveFrom) {
		return refuse("%s cannot begin on %s: version %d is published from %s on, and both would be in force", d.Code, d.EffectiveFrom, last.Number, last.EffectiveFrom)
	}
	d.complete()
	v := Version{Definition: *d}
	var err error
	if len(s.form) > 0 {
		if v.form, err = eform.Load(s.form); err != nil {
			return fmt.Errorf("procedure: form of %s: %w", d.Code, err)
		}
	}
	if err := d.check(v.form); err != nil {
		return refusal{err}
	}
	if gaps := v.FeeGaps(d.EffectiveFrom, d.EffectiveFrom); len(gaps) > 0 {
		return refuse("%s: on its first day %s nothing says what %s costs (channel %s, case %q)", d.Code, d.EffectiveFrom, gaps[0].Fee, gaps[0].Channel, gaps[0].Case)
	}
	return nil
}

// CloseIn says which procedure ends.
type CloseIn struct {
	Code      string
	On        workday.Date // first day on which it no longer applies
	Successor string       // code of the procedure that takes its place; "" when none does
	Today     workday.Date
}

const closeLast = `update procedure_version set state = 'closed', effective_to = $2, successor = nullif($3, '') where id = $1`

// Close ends a procedure: from a day on nobody can file it, and its page leads to its successor. Closing it again sets
// another day or successor, as long as the first day has not come. Refused are a day that has passed or on which the
// newest version has not begun, and a successor that is unknown, the procedure itself, or not in force on that day.
func Close(ctx context.Context, tx pgx.Tx, in CloseIn) error {
	if in.Successor == in.Code {
		return refuse("%s cannot take its own place", in.Code)
	}
	// Both are locked in the order of their codes, so that two that would take each other's place cannot be closed at once.
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
		return refuse("%s cannot end on %s: version %d begins on %s", in.Code, in.On, last.Number, last.EffectiveFrom)
	}
	if err := successorHolds(ctx, tx, in); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, closeLast, last.ID, in.On, in.Successor); err != nil {
		return fmt.Errorf("procedure: close %s: %w", in.Code, err)
	}
	return nil
}

// successorHolds refuses a successor under which nobody could file on the day. One that is closed itself is refused, so
// that successors never lead in a circle.
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
			return refuse("the successor %s begins on %s only, after %s", in.Successor, next.EffectiveFrom, in.On)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// An Ended tells of a procedure that is not in force on a day although it was published.
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

// EndedOn tells why a procedure is not in force on a day. Errors: ErrNotFound for one that was never published.
func EndedOn(ctx context.Context, db postgres.DB, code string, on workday.Date) (*Ended, error) {
	var e Ended
	err := db.QueryRow(ctx, ended, code, on).Scan(&e.Code, &e.Name, &e.Since, &e.Successor, &e.Begins, &e.Next)
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
