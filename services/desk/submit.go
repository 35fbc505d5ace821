package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// Submission says what became of a draft that was submitted.
type Submission struct {
	// Code is empty while a fee is to be paid first.
	Code   dossier.Code
	FeeDue bool
}

// codeTries bounds how often a number is drawn anew when another dossier has it.
const codeTries = 5

// Submit hands a draft in. A second submit of the same draft, by whatever way,
// gives the same dossier. Where a fee is due at submission the draft is frozen
// first, and its payment submits it. Errors: dossier.ErrNotFound; ErrNewVersion;
// a fault.List of everything that is still missing, unconfirmed warnings included.
func (d *Desk) Submit(ctx context.Context, who identity.Who, id dossier.DraftID) (Submission, error) {
	draft, err := dossier.FindDraft(ctx, d.Pool, id, who.Party)
	if err != nil {
		return Submission{}, err
	}
	if draft.Asked != nil {
		return d.submitSupplement(ctx, who, draft)
	}
	if draft.State == dossier.Editing {
		view, err := d.view(ctx, d.Pool, draft, d.today())
		if err != nil {
			return Submission{}, err
		}
		if err := view.Hindrances().Err(); err != nil {
			return Submission{}, err
		}
	}
	return d.withCode(ctx, draft, d.today(), func(tx pgx.Tx, draft *dossier.Draft, code dossier.Code) (Submission, error) {
		return d.submitIn(ctx, tx, who, draft, code)
	})
}

// withCode draws a code of a day for a draft that is not submitted yet, locks the
// draft and runs f in one transaction; a code that another dossier took is drawn anew.
func (d *Desk) withCode(ctx context.Context, draft *dossier.Draft, day workday.Date, f func(pgx.Tx, *dossier.Draft, dossier.Code) (Submission, error)) (s Submission, err error) {
	var office *agency.Agency
	if draft.ReceivingAgency != nil {
		if office, err = agency.Find(ctx, d.Pool, *draft.ReceivingAgency); err != nil {
			return s, err
		}
	}
	for range codeTries {
		var code dossier.Code
		if office != nil && (draft.State == dossier.Editing || draft.State == dossier.Frozen) {
			if code, err = dossier.NextCode(ctx, d.Pool, office.Code, day); err != nil {
				return s, err
			}
		}
		err = d.tx(ctx, func(tx pgx.Tx) error {
			locked, err := dossier.LockDraft(ctx, tx, draft.ID, draft.Party)
			if err != nil {
				return err
			}
			s, err = f(tx, locked, code)
			return err
		})
		if !errors.Is(err, dossier.ErrCodeTaken) {
			break
		}
	}
	if err != nil {
		return Submission{}, err
	}
	if s.Code != "" {
		d.Appended()
	}
	return s, nil
}

// submitIn checks a locked draft once more and files or freezes it.
func (d *Desk) submitIn(ctx context.Context, tx pgx.Tx, who identity.Who, draft *dossier.Draft, code dossier.Code) (Submission, error) {
	switch draft.State {
	case dossier.Filed:
		return submitted(ctx, tx, draft)
	case dossier.Frozen:
		return Submission{FeeDue: true}, nil
	case dossier.Discarded:
		return Submission{}, dossier.ErrNotFound
	}
	now := d.Now()
	on := workday.DateOf(now)
	inForce, err := procedure.InForce(ctx, tx, draft.ProcedureCode, on)
	if err != nil {
		return Submission{}, err
	}
	if inForce.ID != draft.VersionID {
		return Submission{}, ErrNewVersion
	}
	view, err := d.view(ctx, tx, draft, on)
	if err != nil {
		return Submission{}, err
	}
	if err := view.Hindrances().Err(); err != nil {
		return Submission{}, err
	}
	if err := d.keepResults(ctx, tx, view); err != nil {
		return Submission{}, err
	}
	revision, err := d.revisionOf(ctx, tx, who, view)
	if err != nil {
		return Submission{}, err
	}
	filing := filing{draft: draft, revision: revision, code: code, person: who.Person, receiving: view.Agency, deciding: view.Deciding, at: now}
	if view.Fee.Total == 0 {
		filing.payment = dossier.NoFee
		return Submission{Code: code}, d.file(ctx, tx, filing)
	}
	quote := quoteOf(draft, view, now)
	if d.PaidOnline(view.Fee) {
		quote.Due = payments.DueAtSubmission
		if err := payments.InsertQuote(ctx, tx, quote); err != nil {
			return Submission{}, err
		}
		freezing := dossier.Freezing{Pending: revision, Quote: quote.ID, Person: who.Person, Now: now}
		return Submission{FeeDue: true}, dossier.Freeze(ctx, tx, d.Vault, draft, freezing)
	}
	quote.Due = payments.DueAtCounter
	if err := payments.InsertQuote(ctx, tx, quote); err != nil {
		return Submission{}, err
	}
	filing.payment = dossier.CounterDue
	return Submission{Code: code}, d.file(ctx, tx, filing)
}

// PaidOnline says whether a fee is paid before submitting: it is due then, and the
// online channel takes such an amount.
func (d *Desk) PaidOnline(f procedure.FeeQuote) bool {
	return d.Checkout != nil && f.Due == procedure.DueAtSubmission && f.Total >= d.SmallestOnline
}

func quoteOf(draft *dossier.Draft, view *DraftView, now time.Time) payments.Quote {
	return payments.Quote{
		ID: postgres.NewID(), Draft: string(draft.ID), Party: string(draft.Party), Agency: string(view.Agency.ID),
		Lines: FeeLines(view.Fee), Total: view.Fee.Total, CreatedAt: now,
	}
}

// FeeLines are the lines of a quote as they are owed.
func FeeLines(f procedure.FeeQuote) []payments.Line {
	lines := make([]payments.Line, 0, len(f.Lines))
	for _, l := range f.Lines {
		lines = append(lines, payments.Line{Code: l.Code, Name: l.Name, Kind: l.Kind, Unit: l.Unit, Quantity: l.Quantity * l.Times,
			Amount: l.Amount, Basis: l.Basis, Refundable: l.Refundable})
	}
	return lines
}

// revisionOf gives the content of a draft as the revision that it will become,
// without the code, the instant and the payment, which are not known yet.
func (d *Desk) revisionOf(ctx context.Context, db postgres.DB, who identity.Who, view *DraftView) (*dossier.Revision, error) {
	owner, err := identity.Find(ctx, db, d.Vault, who.Party)
	if err != nil {
		return nil, err
	}
	person := owner
	if who.Person != who.Party {
		if person, err = identity.Find(ctx, db, d.Vault, who.Person); err != nil {
			return nil, err
		}
	}
	r := &dossier.Revision{
		Number: view.Draft.Revision,
		Procedure: dossier.ProcedureRef{Code: view.Version.Code, Version: view.Version.Number, VersionID: view.Version.ID,
			FormHash: view.Version.FormHash},
		Case: view.Draft.Case, Lang: view.Draft.Lang,
		Owner: partyOf(owner), Person: partyOf(person), OnBehalf: who.Person != who.Party,
		ReceivingAgency: view.Agency.Code, DecidingAgency: view.Deciding.Code,
		Answers: view.Answers,
	}
	r.DecidingAgencyName = view.Deciding.Name.Vi
	r.Provenance, r.Ground, r.Confirmed = view.Provenance(), groundOf(view, who), view.Confirmed()
	asked := map[string]bool{}
	for _, requirement := range view.Requirements {
		asked[requirement.ID] = true
	}
	for _, a := range view.Attachments {
		if !asked[a.Requirement] {
			continue
		}
		r.Files = append(r.Files, dossier.RevisionFile{ID: a.File, Requirement: a.Requirement, Name: a.Name,
			MediaType: a.MediaType, Size: a.Size, SHA256: a.SHA256, Source: a.Source})
	}
	if view.Fee.Total > 0 {
		r.Fee = &dossier.Fee{Total: view.Fee.Total}
		for _, l := range view.Fee.Lines {
			r.Fee.Lines = append(r.Fee.Lines, dossier.FeeLine{Code: l.Code, Name: l.Name.Vi, Kind: l.Kind, Unit: l.Unit,
				Quantity: l.Quantity * l.Times, Amount: l.Amount, Basis: l.Basis, Refundable: l.Refundable})
		}
	}
	for _, l := range view.Fee.Unset {
		r.FeesUnset = append(r.FeesUnset, dossier.FeeUnset{Code: l.Code, Name: l.Name.Vi, Kind: l.Kind, SetBy: l.SetBy, Basis: l.Basis})
	}
	r.Exemption = exemptionOf(view.Fee)
	return r, nil
}

// exemptionOf is the exemption of a quote as a revision has it, nil where none is applied.
func exemptionOf(f procedure.FeeQuote) *dossier.Exemption {
	var out *dossier.Exemption
	for _, l := range slices.Concat(f.Lines, f.Free, f.Unset) {
		x := l.Exemption
		if x == nil {
			continue
		}
		if out == nil {
			out = &dossier.Exemption{ID: x.ID, Name: x.Name.Vi, Basis: x.Basis, Evidence: x.Evidence}
		}
		fee := dossier.FeeExempt{Code: l.Code, Name: l.Name.Vi, Whole: x.Whole()}
		if l.Full > 0 {
			fee.Full, fee.Amount = new(l.Full), new(l.Amount)
		}
		out.Fees = append(out.Fees, fee)
	}
	return out
}

func partyOf(p *identity.Party) dossier.Party {
	return dossier.Party{Kind: p.Kind, Name: p.Name, Number: p.Number, Profile: p.Profile}
}

// filing is a complete revision on its way to become a dossier.
type filing struct {
	draft     *dossier.Draft
	revision  *dossier.Revision
	code      dossier.Code
	person    identity.PartyID
	receiving *agency.Agency
	deciding  *agency.Agency
	at        time.Time
	payment   dossier.PaymentStatus
	receipt   string
}

// file makes the dossier of a locked draft: the header, the exact bytes of
// revision 1, the first row of the history, the event for the one-stop system and
// the notice, all in one transaction.
func (d *Desk) file(ctx context.Context, tx pgx.Tx, f filing) error {
	f.revision.Dossier, f.revision.SubmittedAt = f.code, f.at
	if f.payment == dossier.Paid {
		paidAt := f.at
		f.revision.Fee.PaidAt, f.revision.Fee.Receipt = &paidAt, f.receipt
	}
	body, err := f.revision.Bytes()
	if err != nil {
		return err
	}
	header, err := dossier.Insert(ctx, tx, dossier.NewDossier{
		Code: f.code, Draft: f.draft, SubmittedBy: f.person, ReceivingAgency: f.receiving.ID, DecidingAgency: f.deciding.ID,
		Payment: f.payment, At: f.at,
	})
	if err != nil {
		return err
	}
	sum, err := dossier.InsertRevision(ctx, tx, d.Vault, dossier.NewRevision{
		Dossier: header.ID, Number: 1, Body: body, Person: f.person, At: f.at,
	})
	if err != nil {
		return err
	}
	var fee *onestop.ThinFee
	if f.payment == dossier.Paid {
		fee = &onestop.ThinFee{Amount: int64(f.revision.Fee.Total), Receipt: f.receipt}
	}
	err = d.record(ctx, tx, header, happening{NewEntry: dossier.NewEntry{
		Kind: dossier.KindSubmitted, Actor: dossier.Actor{Kind: dossier.Citizen, Person: f.person}, Revision: 1, At: f.at,
	}, sum: sum, fee: fee})
	if err != nil {
		return err
	}
	if err := dossier.MarkSubmitted(ctx, tx, f.draft, header.ID, f.at); err != nil || fee == nil {
		return err
	}
	// The fee that was paid before is told by a notice of its own; the event of the submission names it.
	paid := notice.Args{Amount: &f.revision.Fee.Total, Receipt: f.receipt}
	return d.tell(ctx, tx, header, dossier.NoticePaymentReceived, paid)
}

func (d *Desk) thin(h *dossier.Dossier, revision int, sum, agencyCode string, fee *onestop.ThinFee) onestop.Thin {
	return onestop.Thin{Dossier: h.Code, Revision: revision, SHA256: sum, Language: h.Lang, Agency: agencyCode,
		Procedure: h.ProcedureCode, Fee: fee, OccurredAt: d.Now().UTC()}
}

// tell queues a notice to the person who acts in a dossier, with the facts that it names, and its mail.
func (d *Desk) tell(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, kind dossier.NoticeKind, args notice.Args) error {
	_, err := notice.Queue(ctx, tx, notice.Notice{
		Party: h.Owner, Person: h.SubmittedBy, Dossier: h.Code, Kind: kind, Args: args, CreatedAt: d.Now(),
	})
	return err
}

func submitted(ctx context.Context, db postgres.DB, draft *dossier.Draft) (Submission, error) {
	header, err := dossier.FindByDraft(ctx, db, draft.ID, draft.Party)
	if err != nil {
		return Submission{}, err
	}
	return Submission{Code: header.Code}, nil
}
