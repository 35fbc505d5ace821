package desk

import (
	"context"
	"errors"
	"slices"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/workday"
)

// DraftView is everything that a page of a draft shows.
type DraftView struct {
	Draft        *dossier.Draft
	Version      *procedure.Version
	Form         *eform.Form
	Agency       *agency.Agency  // where it is handed in
	Deciding     *agency.Agency  // who decides it, by the answers so far; nil while Agency is
	Owner        *identity.Party // for whom it is filed
	Fields       map[string]dossier.Field
	Given        map[string]dossier.Given // what sources say about fields, whatever the answers are
	Answers      eform.Answers            // pruned and with computed fields
	Requirements []procedure.Requirement
	Attachments  []attachment.Attachment
	Fee          procedure.FeeQuote
	// Quote and Payment are those of a draft that waits for its payment.
	Quote   *payments.Quote
	Payment payments.Standing
	// Faults are all that still keep the draft from being submitted; Field is an
	// input's id or RequirementField of a requirement.
	Faults fault.List
	// Warnings are what is unlikely; each has to be confirmed before the draft is submitted.
	Warnings []Warning
	// Unasked are the answers that were given to questions that are not asked any more: they are kept, and
	// not handed in.
	Unasked []string
	// Reasons says why a supplement asks, by field or requirement id.
	Reasons map[string]string
	// DossierCode is that of the dossier that a supplement belongs to.
	DossierCode dossier.Code
}

// RequirementField is the name under which the faults of a requirement's files stand.
func RequirementField(id string) string { return "requirement." + id }

// FilesOf gives the files attached for a requirement.
func (d *DraftView) FilesOf(requirement string) []attachment.Attachment {
	var files []attachment.Attachment
	for _, a := range d.Attachments {
		if a.Requirement == requirement {
			files = append(files, a)
		}
	}
	return files
}

// Draft reads a party's draft with everything its pages show, and records that it was read where somebody
// else wrote in it. Errors: dossier.ErrNotFound, ErrWithAnother.
func (d *Desk) Draft(ctx context.Context, who identity.Who, id dossier.DraftID) (*DraftView, error) {
	view, err := d.draftOf(ctx, who, id)
	if err != nil || !open(view.Draft) {
		return view, err
	}
	return view, d.draftRead(ctx, who, view.Draft, dossier.ReadDraft)
}

func (d *Desk) draftOf(ctx context.Context, who identity.Who, id dossier.DraftID) (*DraftView, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return nil, err
	}
	on, err := d.dayOf(ctx, d.Pool, draft)
	if err != nil {
		return nil, err
	}
	view, err := d.view(ctx, d.Pool, draft, on)
	if err != nil {
		return nil, err
	}
	if err := d.provedView(ctx, d.Pool, view); err != nil && open(draft) {
		return nil, err
	}
	if draft.State == dossier.Frozen {
		if view.Quote, err = payments.FindQuote(ctx, d.Pool, d.Vault, *draft.Quote); err != nil {
			return nil, err
		}
		if view.Payment, err = payments.StandingOf(ctx, d.Pool, d.Vault, *draft.Quote); err != nil {
			return nil, err
		}
	}
	if draft.Asked != nil {
		if view.Reasons, err = dossier.Reasons(ctx, d.Pool, d.Vault, draft); err != nil {
			return nil, err
		}
		supplemented, err := dossier.FindByID(ctx, d.Pool, d.Vault, *draft.Dossier, who.Party)
		if err != nil {
			return nil, err
		}
		view.DossierCode = supplemented.Code
	}
	return view, nil
}

// dayOf is the day whose rules apply to a draft: today, or for a supplement the day of its dossier.
func (d *Desk) dayOf(ctx context.Context, db postgres.DB, draft *dossier.Draft) (workday.Date, error) {
	if draft.Asked == nil {
		return d.today(), nil
	}
	h, err := dossier.FindByID(ctx, db, d.Vault, *draft.Dossier, draft.Party)
	if err != nil {
		return workday.Date{}, err
	}
	return workday.DateOf(h.SubmittedAt), nil
}

// DraftForm is Draft with only the draft, its version and its form: what a save needs.
func (d *Desk) DraftForm(ctx context.Context, who identity.Who, id dossier.DraftID) (*DraftView, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return nil, err
	}
	v, err := procedure.ByID(ctx, d.Pool, draft.VersionID)
	if err != nil {
		return nil, err
	}
	return &DraftView{Draft: draft, Version: v, Form: v.Form()}, nil
}

// Missing counts what still keeps a party's draft from being submitted. Errors: dossier.ErrNotFound.
func (d *Desk) Missing(ctx context.Context, who identity.Who, id dossier.DraftID) (int, error) {
	draft, err := dossier.FindDraft(ctx, d.Pool, d.Vault, id, who.Party)
	if err != nil {
		return 0, err
	}
	on, err := d.dayOf(ctx, d.Pool, draft)
	if err != nil {
		return 0, err
	}
	view, err := d.view(ctx, d.Pool, draft, on)
	if err != nil {
		return 0, err
	}
	return len(view.Faults), nil
}

// view reads and checks a draft through a pool or a transaction.
func (d *Desk) view(ctx context.Context, db postgres.DB, draft *dossier.Draft,
	on workday.Date) (*DraftView, error) {
	view := &DraftView{Draft: draft}
	var err error
	if view.Version, err = procedure.ByID(ctx, db, draft.VersionID); err != nil {
		return nil, err
	}
	view.Form = view.Version.Form()
	if view.Owner, err = identity.Find(ctx, db, d.Vault, draft.Party); err != nil {
		return nil, err
	}
	if view.Fields, err = dossier.Fields(ctx, db, d.Vault, draft.ID); err != nil {
		return nil, err
	}
	if view.Given, err = dossier.GivenFor(ctx, db, d.Vault, draft.ID); err != nil {
		return nil, err
	}
	if view.Attachments, err = attachment.OfDraft(ctx, db, d.Vault, draft.ID); err != nil {
		return nil, err
	}
	if draft.ReceivingAgency != nil {
		if view.Agency, err = agency.Find(ctx, db, *draft.ReceivingAgency); err != nil {
			return nil, err
		}
	}
	typed, unasked := view.Form.Prune(dossier.AnswersOf(view.Fields))
	view.Unasked = unasked
	view.Answers = view.Form.Compute(typed, on)
	if view.Agency != nil {
		if view.Deciding, err = decider(ctx, db, view.Version, view.Agency, view.Answers, on); err != nil {
			return nil, err
		}
	}
	choice := view.Version.ChoiceOf(draft.Case, procedure.Online, view.Answers, on)
	view.Requirements = view.Version.Required(choice)
	view.Faults = view.check(typed, on)
	holding, err := result.Holding(ctx, db, d.Vault, view.resultsGiven(), d.Now())
	if err != nil {
		return nil, err
	}
	view.ended(holding)
	if view.Warnings, err = d.warnings(ctx, db, draft, view.Form.Warnings(typed, on)); err != nil {
		return nil, err
	}
	view.Fee, err = view.Version.Quote(choice)
	if err != nil && len(view.Faults) == 0 {
		return nil, err
	}
	return view, nil
}

// check collects every fault that keeps the draft from being submitted.
func (d *DraftView) check(typed eform.Answers, on workday.Date) fault.List {
	var faults fault.List
	switch {
	case d.Draft.Asked != nil:
		// A supplement goes where its dossier is, whatever happened to the agency since.
	case d.Agency != nil && d.Agency.ValidTo != nil && !d.Agency.HoldsOn(on):
		faults.Add(ErrAgencyGone.At("agency").With("Name", d.Agency.Name).With("Date", *d.Agency.ValidTo))
	case d.Agency == nil || !d.Agency.HoldsOn(on) || !d.Version.Receives(d.Agency):
		faults.Add(ErrNoAgency.At("agency"))
	}
	if d.Draft.Asked == nil { // who filed may also supplement
		faults = append(faults, fault.All(d.Version.CheckFiler(d.Owner.Kind, d.Draft.Capacity))...)
	}
	// A dossier that was filed stays in its case.
	if err := checkCase(d.Version, d.Draft.Case); err != nil && d.Draft.Asked == nil {
		faults = append(faults, fault.All(err)...)
	}
	faults = append(faults, slices.DeleteFunc(d.Form.Check(typed, on), d.tolerated)...)
	for _, r := range d.Requirements {
		if r.Mode == procedure.Submit && !r.Optional && len(d.FilesOf(r.ID)) == 0 {
			faults.Add(attachment.ErrMissing.At(RequirementField(r.ID)).With("Name", r.Name))
		}
	}
	if d.Draft.Asked == nil && d.Version.Unaccounted(typed, len(d.Attachments)) {
		faults.Add(ErrNoPaper.At(RequirementField(procedure.GeneralPapers)))
	}
	return faults
}

// tolerated tells of a letter that papers cannot show in an answer that a supplement may not change: it was
// taken before, and nobody could put it right.
func (d *DraftView) tolerated(bad *fault.Fault) bool {
	field, _ := d.Form.FieldOf(bad.Field)
	return errors.Is(bad, eform.ErrUndrawn) && !d.Draft.MayChange(field)
}
