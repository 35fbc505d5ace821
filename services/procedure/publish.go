package procedure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/eform"
	"congdvc/services/workday"
)

const (
	standingDraft = `select id from procedure_version where code = $1 and state = 'draft' order by number desc limit 1`

	replaceDraft = `update procedure_version set effective_from = @effective_from, definition = @definition, form = @form,
    form_hash = @form_hash, content_hash = @content_hash, field = @field, audience = @audience, receivers = @receivers,
    bodies = @bodies, search_text = unaccented(lower(@near)), search = ` + weighted + `
where id = @id and state = 'draft'`
)

// draft keeps a source as the draft of its procedure, in place of an earlier draft.
func (s Source) draft(ctx context.Context, tx pgx.Tx, last *standing) (Outcome, error) {
	if last != nil && last.says(s) {
		return Same, nil
	}
	args := s.Definition.searchArgs()
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

// Publish puts a draft in force from a day on, on which the version before it ends. It returns the first day.
// It refuses a day that has passed or lies before the newest version's own, a definition that names an agency
// which does not exist then, and one that has a fee without an amount on its first day.
func Publish(ctx context.Context, tx pgx.Tx, in PublishIn) (workday.Date, error) {
	last, err := lockStanding(ctx, tx, in.Code)
	if err != nil {
		return in.Today, fmt.Errorf("procedure: publish %s: %w", in.Code, err)
	}
	var id string
	var s Source
	err = tx.QueryRow(ctx, draftToPublish, in.Code, in.Number).Scan(&id, &s.Definition, &s.form)
	if errors.Is(err, pgx.ErrNoRows) {
		return in.Today, refuse("%s has no such draft: portal procedures list --code %s shows what there is",
			in.Code, in.Code)
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
		return refuse("%s cannot begin on %s, which has passed: dossiers of the days since keep the "+
			"version that they were filed under", d.Code, d.EffectiveFrom)
	}
	if last != nil && d.EffectiveFrom.Before(last.EffectiveFrom) {
		return refuse("%s cannot begin on %s: version %d is published from %s on, and both would be in force",
			d.Code, d.EffectiveFrom, last.Number, last.EffectiveFrom)
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
		return refuse("%s: on its first day %s nothing says what %s costs (channel %s, case %q)", d.Code,
			d.EffectiveFrom, gaps[0].Fee, gaps[0].Channel, gaps[0].Case)
	}
	return nil
}
