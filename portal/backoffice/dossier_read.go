package backoffice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"time"

	"congdvc/i18n"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"
)

const (
	usualBatch    = 100
	usualAttempts = 50
	mostAttempts  = 200
)

func (b *Backoffice) getFeed(v *call) error {
	values, err := v.query("after", "limit", "wait")
	if err != nil {
		return err
	}
	after, err := onestop.ParseCursor(values["after"])
	if err != nil {
		return onestop.ErrCursor.At("after")
	}
	limit, err := between(values, "limit", 1, onestop.MaxBatch, usualBatch)
	if err != nil {
		return err
	}
	wait, err := between(values, "wait", 0, int64(onestop.MaxWait/time.Second), 0)
	if err != nil {
		return err
	}
	batch, err := b.await(v, after, int(limit), time.Duration(wait)*time.Second)
	if err != nil {
		return err
	}
	return v.answer(batch.Wire())
}

// await waits for events, but not while the server is being stopped: that would
// hold it up.
func (b *Backoffice) await(v *call, after onestop.Cursor, limit int,
	wait time.Duration) (onestop.Batch, error) {
	stopping := v.Context().Done()
	ctx, cancel := context.WithCancel(v.UserContext())
	defer cancel()
	go func() {
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	batch, err := onestop.Await(ctx, b.Pool, v.key.Connection, after, limit, wait)
	if errors.Is(err, context.Canceled) {
		return onestop.After(v.UserContext(), b.Pool, v.key.Connection, after, limit)
	}
	return batch, err
}

func (b *Backoffice) getAttempts(v *call) error {
	values, err := v.query("before", "limit")
	if err != nil {
		return err
	}
	before, err := between(values, "before", 1, math.MaxInt64, 0)
	if err != nil {
		return err
	}
	limit, err := between(values, "limit", 1, mostAttempts, usualAttempts)
	if err != nil {
		return err
	}
	// One more than asked for tells whether there is a further page.
	list, err := onestop.Attempts(v.UserContext(), b.Pool, v.key.Connection, before, int(limit)+1)
	if err != nil {
		return err
	}
	out := onestop.PushAttempts{Attempts: []onestop.PushAttempt{}}
	if len(list) > int(limit) {
		list = list[:limit]
		out.Next = list[limit-1].ID
	}
	for _, a := range list {
		out.Attempts = append(out.Attempts, a.Wire())
	}
	return v.answer(out)
}

func (b *Backoffice) postReplay(v *call) error {
	in, err := body[onestop.ReplayRange](v)
	if err != nil {
		return err
	}
	if err := in.Check().Err(); err != nil {
		return err
	}
	o, err := v.changing(v.Body())
	if err != nil {
		return err
	}
	ctx := v.UserContext()
	var answer []byte
	err = pgx.BeginFunc(ctx, b.Pool, func(tx pgx.Tx) error {
		if answer, err = onestop.Claim(ctx, tx, o.Call); err != nil || answer != nil {
			return err
		}
		events, err := onestop.Replay(ctx, tx, v.key.Connection, in.From, in.To, v.now)
		if err != nil {
			return err
		}
		if answer, err = json.Marshal(onestop.Replayed{Events: events}); err != nil {
			return err
		}
		return onestop.Answer(ctx, tx, o.Call, answer)
	})
	if err != nil {
		return err
	}
	return v.bytes(answer)
}

func (b *Backoffice) getDossier(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	d, err := b.Desk.DossierFor(v.UserContext(), v.office(), code)
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderETag, etagOf(d.RowVersion))
	return v.answer(d)
}

// revision reads the exact bytes of the revision that the path names.
func (b *Backoffice) revision(v *call) ([]byte, error) {
	code, err := v.code()
	if err != nil {
		return nil, err
	}
	number, err := v.number()
	if err != nil {
		return nil, err
	}
	return b.Desk.RevisionFor(v.UserContext(), v.office(), code, number)
}

func (b *Backoffice) getRevision(v *call) error {
	raw, err := b.revision(v)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	v.Set(fiber.HeaderETag, `"`+hex.EncodeToString(sum[:])+`"`)
	return v.bytes(raw)
}

func (b *Backoffice) getReadable(v *call) error {
	raw, err := b.revision(v)
	if err != nil {
		return err
	}
	r, err := dossier.ParseRevision(raw)
	if err != nil {
		return err
	}
	version, err := procedure.ByID(v.UserContext(), b.Pool, r.Procedure.VersionID)
	if err != nil {
		return err
	}
	l := lang(v.Ctx)
	out := onestop.ReadableRevision{Dossier: r.Dossier, Number: r.Number, Procedure: version.Name.In(l),
		Fields: []onestop.ReadableField{}, Requirements: []onestop.ReadableRequirement{},
		Results: []onestop.ReadableResult{}}
	for _, c := range version.Cases {
		if c.ID == r.Case {
			out.Case = c.Name.In(l)
		}
	}
	differs, confirmed := differing(l, version.Form(), r), desk.ConfirmedTexts(l, version.Form(), r)
	for _, row := range version.Form().Present(r.Answers, l) {
		field := readable(row, version.Form().Field(row.Field))
		field.Differs, field.Confirmed = differs[row.Field], confirmed[row.Field]
		out.Fields = append(out.Fields, field)
	}
	for _, q := range version.Required(version.ChoiceOf(r.Case, procedure.Online, r.Answers,
		workday.DateOf(r.SubmittedAt))) {
		if q.Mode == procedure.Submit {
			out.Requirements = append(out.Requirements, onestop.ReadableRequirement{ID: q.ID,
				Name: q.Name.In(l)})
		}
	}
	for _, k := range version.Results {
		if k.Code != "" {
			out.Results = append(out.Results, onestop.ReadableResult{Code: k.Code, Name: k.Name.In(l)})
		}
	}
	v.Set(fiber.HeaderContentLanguage, string(l))
	return v.answer(out)
}

// differing is what sources say of the answers that the person gave otherwise, by field.
func differing(l i18n.Lang, form *eform.Form, r *dossier.Revision) map[string]*onestop.ReadableSource {
	by := map[string]*onestop.ReadableSource{}
	for _, p := range r.Provenance {
		if field := form.Field(p.Field); field != nil && p.Own != nil {
			by[p.Field] = &onestop.ReadableSource{Source: string(p.Source), Dossier: p.Dossier,
				Text: field.Read(p.Value, l), Reason: p.Reason}
		}
	}
	return by
}

func readable(row eform.Row, field *eform.Field) onestop.ReadableField {
	f := onestop.ReadableField{ID: row.Field, Section: row.Section, Label: row.Label, Text: row.Text,
		Asks: field != nil && field.Asks()}
	if row.Table != nil {
		f.Table = &onestop.ReadableTable{Head: row.Table.Head, Rows: row.Table.Rows}
	}
	return f
}
