package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// AnswerSupplement gives the draft in which a supplement is answered. It was made
// with the request, holds the answers and files of the last revision, and lets
// only what was asked for be changed. Errors: dossier.ErrNotFound, ErrNotAsked.
func (d *Desk) AnswerSupplement(ctx context.Context, who identity.Who,
	code dossier.Code) (dossier.DraftID, error) {
	h, err := dossier.FindByCode(ctx, d.Pool, d.Vault, code, who.Party)
	if err != nil {
		return "", err
	}
	if h.Status != dossier.Supplement {
		return "", ErrNotAsked
	}
	draft, err := dossier.SupplementDraft(ctx, d.Pool, d.Vault, h.ID, who.Party)
	if err != nil {
		return "", err
	}
	return draft.ID, nil
}

// submitSupplement makes the next revision of a dossier from its supplement's
// draft. The dossier goes back to where it was, and its clock runs on.
func (d *Desk) submitSupplement(ctx context.Context, who identity.Who,
	draft *dossier.Draft) (s Submission, err error) {
	files, err := d.supplementFiles(ctx, draft)
	if err != nil {
		return s, err
	}
	err = d.tx(ctx, func(tx pgx.Tx) error {
		// The dossier is locked first, as in asking for a supplement, stopping and withdrawing.
		h, err := dossier.Lock(ctx, tx, d.Vault, *draft.Dossier)
		if err != nil {
			return err
		}
		draft, err := d.lockHeld(ctx, tx, who, draft.ID)
		if err != nil {
			return err
		}
		if draft.State == dossier.Filed {
			s, err = d.submitted(ctx, tx, draft)
			return err
		}
		if h.Status != dossier.Supplement || draft.State != dossier.Editing {
			return ErrNotAsked
		}
		if err := d.fileSupplement(ctx, tx, submitting{who, draft, h.Code, files}, h); err != nil {
			return err
		}
		s = Submission{Code: h.Code}
		return nil
	})
	if err == nil {
		d.Appended()
	}
	return s, err
}

// supplementFiles proves the files of a supplement that lacks nothing else; what it lacks is said under the
// lock. A file of an earlier revision that the store lost is asked for, although the agency did not: only the
// person has it.
func (d *Desk) supplementFiles(ctx context.Context, draft *dossier.Draft) (proof, error) {
	if draft.State != dossier.Editing {
		return nil, nil
	}
	on, err := d.dayOf(ctx, d.Pool, draft)
	if err != nil {
		return nil, err
	}
	view, err := d.view(ctx, d.Pool, draft, on)
	if err != nil || len(view.hindrances()) > 0 {
		return nil, err
	}
	files, lost := d.provenView(ctx, view)
	var also []string
	for _, r := range view.Requirements {
		if !draft.MayAttach(r.ID) && slices.ContainsFunc(fault.All(lost), func(f *fault.Fault) bool {
			return f.Field == RequirementField(r.ID)
		}) {
			also = append(also, r.ID)
		}
	}
	if len(also) > 0 {
		err = d.tx(ctx, func(tx pgx.Tx) error { return dossier.AskAlso(ctx, tx, d.Vault, draft, also) })
	}
	return files, errors.Join(lost, err)
}

func (d *Desk) fileSupplement(ctx context.Context, tx pgx.Tx, s submitting, h *dossier.Dossier) error {
	now, who, draft := d.Now(), s.who, s.draft
	view, err := d.view(ctx, tx, draft, workday.DateOf(h.SubmittedAt))
	if err != nil {
		return err
	}
	if err := view.hindrances().Err(); err != nil {
		return err
	}
	if err := d.keepResults(ctx, tx, view); err != nil {
		return err
	}
	if err := d.changedSomething(ctx, tx, view, h); err != nil {
		return err
	}
	revision, err := d.revisionOf(ctx, tx, who, view)
	if err != nil {
		return err
	}
	if err := s.files.covers(revision.Files); err != nil {
		return err
	}
	first, err := dossier.OwnRevision(ctx, tx, d.Vault, h.ID, 1)
	if err != nil {
		return err
	}
	offices, err := agency.FindMany(ctx, tx, h.ReceivingAgency, h.DecidingAgency)
	if err != nil {
		return err
	}
	revision.ReceivingAgency, revision.DecidingAgency = offices[h.ReceivingAgency].Code,
		offices[h.DecidingAgency].Code
	revision.Dossier, revision.SubmittedAt, revision.Fee = h.Code, now, first.Fee
	revision.Procedure.Audience = first.Procedure.Audience // whoever could file may supplement
	revision.FeesUnset, revision.Exemption = first.FeesUnset, first.Exemption
	body, err := revision.Bytes()
	if err != nil {
		return err
	}
	sum, err := dossier.InsertRevision(ctx, tx, d.Vault, dossier.NewRevision{
		Dossier: h.ID, Owner: h.Owner, Number: draft.Revision, Body: body, Person: who.Person, At: now,
		Files: revision.Files,
	})
	if err != nil {
		return err
	}
	due, why, err := d.resumed(ctx, tx, h, now)
	if err != nil {
		return err
	}
	err = d.record(ctx, tx, h, happening{NewEntry: dossier.NewEntry{
		Kind: dossier.KindSupplemented, Actor: dossier.Actor{Kind: dossier.Citizen, Person: who.Person},
		Data: why, Revision: draft.Revision, Due: due, At: now,
	}, sum: sum})
	if err != nil {
		return err
	}
	if err := dossier.MarkSubmitted(ctx, tx, d.Vault, draft, h.ID, now); err != nil {
		return err
	}
	// The one-stop system has the dossier, but not this revision of it.
	return dossier.SetSync(ctx, tx, h, dossier.Waiting)
}

// resumed gives the due date of a paused dossier whose clock runs on from now, and what the history tells of
// it. Both are nil when no term runs.
func (d *Desk) resumed(ctx context.Context, db postgres.DB, h *dossier.Dossier,
	now time.Time) (*workday.Due, map[string]any, error) {
	if h.DueAt == nil || h.PausedAt == nil {
		return nil, nil, nil
	}
	calendar, err := agency.CalendarOf(ctx, db, h.DecidingAgency)
	if err != nil {
		return nil, nil, err
	}
	due, err := calendar.Shift(workday.Due{At: *h.DueAt, Date: workday.DateOf(*h.DueAt), Steps: h.DueSheet},
		*h.PausedAt, now)
	if err != nil {
		return nil, nil, err
	}
	return &due, dossier.DueChange{Before: *h.DueAt, After: due.At, PausedAt: h.PausedAt}.Data(), nil
}

// changedSomething refuses a supplement in which nothing that was asked for has changed, and names each item.
// If at least one has changed the supplement is taken, and the agency judges it.
func (d *Desk) changedSomething(ctx context.Context, db postgres.DB, view *DraftView,
	h *dossier.Dossier) error {
	last, err := dossier.OwnRevision(ctx, db, d.Vault, h.ID, view.Draft.Revision-1)
	if err != nil {
		return err
	}
	var unchanged fault.List
	for _, id := range view.Draft.Asked.Fields {
		if !view.Answers[id].Equal(last.Answers[id]) {
			return nil
		}
		unchanged.Add(ErrUnchanged.At(view.Form.Field(id).FirstInput()).With("Name",
			view.Form.Field(id).Label))
	}
	for _, r := range view.Requirements {
		if !view.Draft.MayAttach(r.ID) || r.Mode != procedure.Submit {
			continue
		}
		if !sameFiles(view.FilesOf(r.ID), last.Files, r.ID) {
			return nil
		}
		unchanged.Add(ErrUnchanged.At(RequirementField(r.ID)).With("Name", r.Name))
	}
	return unchanged.Err()
}

func sameFiles(now []attachment.Attachment, before []dossier.RevisionFile, requirement string) bool {
	var was, is []string
	for _, f := range before {
		if f.Requirement == requirement {
			was = append(was, f.ID)
		}
	}
	for _, a := range now {
		is = append(is, a.File)
	}
	slices.Sort(was)
	slices.Sort(is)
	return slices.Equal(was, is)
}
