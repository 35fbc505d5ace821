package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// ErrUnconfirmed means that something unlikely was handed in without being confirmed. Args: Answers, the
// labels of the answers that do not fit together. A form may ask the same of several persons, so the labels
// help to find the right warning.
var ErrUnconfirmed = fault.New(fault.Invalid, "desk.unconfirmed")

// A Warning is something unlikely about a draft, and whether its person confirmed it.
type Warning struct {
	eform.Warning
	ConfirmedAt time.Time // zero while it is not confirmed for the answers as they are
}

// Confirmed reports whether the person said that it is so.
func (w Warning) Confirmed() bool { return !w.ConfirmedAt.IsZero() }

// ConfirmField is the name under which the fault of an unconfirmed warning stands.
func ConfirmField(token string) string { return "confirm." + token }

// warnings are what the form finds unlikely, each with its confirmation if there is one.
func (d *Desk) warnings(ctx context.Context, db postgres.DB, draft *dossier.Draft,
	found []eform.Warning) ([]Warning, error) {
	if len(found) == 0 {
		return nil, nil
	}
	confirmations, err := dossier.Confirmations(ctx, db, d.Vault, draft.ID)
	if err != nil {
		return nil, err
	}
	all := make([]Warning, len(found))
	for i, w := range found {
		all[i].Warning = w
		for _, c := range confirmations {
			if c.Token == w.Token {
				all[i].ConfirmedAt = c.At
			}
		}
	}
	return all, nil
}

// hindrances are everything that keeps a draft from being handed in: its faults, and unconfirmed warnings.
func (d *DraftView) hindrances() fault.List {
	all := slices.Clone(d.Faults)
	for _, w := range d.Warnings {
		if !w.Confirmed() {
			all.Add(ErrUnconfirmed.At(ConfirmField(w.Token)).With("Answers", w.answers()))
		}
	}
	return all
}

// answers names the answers that do not fit together.
func (w Warning) answers() i18n.Text {
	read := func(l i18n.Lang) string {
		texts := make([]string, len(w.Sides))
		for i, side := range w.Sides {
			texts[i] = side.Label.In(l) + " " + side.Read(l)
		}
		return strings.Join(texts, ", ")
	}
	return i18n.Text{Vi: read(i18n.Vi), En: read(i18n.En)}
}

// Confirm stores which of a draft's warnings its person has confirmed, by their tokens; all others become
// unconfirmed. A token of answers that have changed since has no effect, nor has a call for a draft that is
// not being edited. Errors: dossier.ErrNotFound.
func (d *Desk) Confirm(ctx context.Context, who identity.Who, id dossier.DraftID, tokens []string) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := d.lockHeld(ctx, tx, who, id)
		if err != nil || draft.State != dossier.Editing {
			return err
		}
		on, err := d.dayOf(ctx, tx, draft)
		if err != nil {
			return err
		}
		view, err := d.view(ctx, tx, draft, on)
		if err != nil {
			return err
		}
		var list []dossier.Confirmation
		changed := false
		for _, w := range view.Warnings {
			ticked := slices.Contains(tokens, w.Token)
			changed = changed || ticked != w.Confirmed()
			if at := w.ConfirmedAt; ticked {
				if at.IsZero() {
					at = d.Now().UTC().Truncate(time.Microsecond)
				}
				list = append(list, dossier.Confirmation{Token: w.Token, At: at})
			}
		}
		if !changed {
			return nil
		}
		return dossier.SetConfirmations(ctx, tx, d.Vault, draft, list, d.Now())
	})
}

// confirmed are the warnings that were confirmed, as a revision keeps them.
func (d *DraftView) confirmed() []dossier.Confirmed {
	var list []dossier.Confirmed
	for _, w := range d.Warnings {
		if w.Confirmed() {
			list = append(list, confirmed(w.Warning, w.ConfirmedAt))
		}
	}
	return list
}

func confirmed(w eform.Warning, at time.Time) dossier.Confirmed {
	return dossier.Confirmed{
		Rule: w.Rule, Fields: w.Fields, Row: w.Row, Message: i18n.Fault(i18n.Vi, w.Fault),
		ConfirmedAt: at,
	}
}

// ConfirmedTexts are the warnings that the person of a revision confirmed to be right, each under the first
// field that it is about. In another language than Vietnamese they are taken from the form, where it still
// has them.
func ConfirmedTexts(l i18n.Lang, f *eform.Form, r *dossier.Revision) map[string][]string {
	by := map[string][]string{}
	if f == nil || len(r.Confirmed) == 0 {
		return by
	}
	kept, _ := f.Prune(r.Answers)
	found := f.Warnings(kept, workday.DateOf(r.SubmittedAt))
	for _, c := range r.Confirmed {
		text := c.Message
		for _, w := range found {
			if l != i18n.Vi && same(c, w) {
				text = i18n.Fault(l, w.Fault)
			}
		}
		field, _, _ := strings.Cut(c.Fields[0], ".")
		if c.Row == 0 {
			field = c.Fields[0]
		}
		by[field] = append(by[field], text)
	}
	return by
}

// same reports whether a warning is the one that was confirmed.
func same(c dossier.Confirmed, w eform.Warning) bool {
	now := confirmed(w, c.ConfirmedAt)
	return c.Rule == now.Rule && slices.Equal(c.Fields, now.Fields) && c.Row == now.Row &&
		c.Message == now.Message
}

// confirmedBefore is what a supplement's draft takes over from the confirmations of the revision before it.
func confirmedBefore(f *eform.Form, r *dossier.Revision, on workday.Date) []dossier.Confirmation {
	if f == nil || len(r.Confirmed) == 0 {
		return nil
	}
	kept, _ := f.Prune(r.Answers)
	var list []dossier.Confirmation
	for _, w := range f.Warnings(kept, on) {
		for _, was := range r.Confirmed {
			if same(was, w) {
				list = append(list, dossier.Confirmation{Token: w.Token, At: was.ConfirmedAt})
			}
		}
	}
	return list
}
