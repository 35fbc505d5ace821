package desk

import (
	"context"
	"errors"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dossier"
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
	// Away says that the payment provider was asked and did not answer.
	Away bool
}

// codeTries bounds how often a submission begins again: to draw its number when it turns out to need one, and
// to draw another when a dossier has that one.
const codeTries = 6

// errCodeWanted says that all is in order to file a draft but the code, which is drawn outside of the
// transaction.
var errCodeWanted = errors.New("desk: the draft is to be filed and has no code")

// Submit hands a draft in. A second submit of the same draft, by whatever way,
// gives the same dossier. Where a fee is due at submission the draft is frozen
// first, and its payment submits it. Errors: dossier.ErrNotFound; ErrWithAnother; ErrNewVersion;
// a fault.List of everything that is still missing, unconfirmed warnings and files that the store lost
// included; filestore.ErrAway; ErrFilesChanged.
func (d *Desk) Submit(ctx context.Context, who identity.Who, id dossier.DraftID) (Submission, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return Submission{}, err
	}
	return again(func() (Submission, error) {
		if draft.Asked != nil {
			return d.submitSupplement(ctx, who, draft)
		}
		files, free, err := d.complete(ctx, draft, d.today())
		if err != nil {
			return Submission{}, err
		}
		return d.withCode(ctx, toFile{draft: draft, day: d.today(), draws: free}, func(tx pgx.Tx,
			draft *dossier.Draft, code dossier.Code) (Submission, error) {
			return d.submitIn(ctx, tx, submitting{who, draft, code, files})
		})
	})
}

// complete checks a draft before anything is locked, and proves its files: what a person can put right is
// found here. free says that it is filed now, without a fee to be paid first. Of a draft that is not edited
// any more nothing is proven.
func (d *Desk) complete(ctx context.Context, draft *dossier.Draft,
	on workday.Date) (files proof, free bool, err error) {
	if draft.State != dossier.Editing {
		return nil, false, nil
	}
	view, err := d.view(ctx, d.Pool, draft, on)
	if err != nil {
		return nil, false, err
	}
	if err := view.hindrances().Err(); err != nil {
		return nil, false, err
	}
	files, err = d.provenView(ctx, view)
	return files, !d.PaidOnline(view.Fee), err
}

// submitting is a locked draft, who hands it in, the code that it may take and the files that lie in the
// store.
type submitting struct {
	who   identity.Who
	draft *dossier.Draft
	code  dossier.Code
	files proof
}

// toFile is a draft on its way to become a dossier of a day. draws says that it is known to need a code;
// otherwise none is drawn until the transaction asks for it.
type toFile struct {
	draft *dossier.Draft
	day   workday.Date
	draws bool
}

// withCode locks a draft and runs f in one transaction. f answers errCodeWanted where it would file the draft
// and got no code: then one is drawn, and f runs again. So no number is drawn for what is not filed. A code
// that another dossier took is drawn anew.
func (d *Desk) withCode(ctx context.Context, to toFile,
	f func(pgx.Tx, *dossier.Draft, dossier.Code) (Submission, error)) (s Submission, err error) {
	var code dossier.Code
	for range codeTries {
		if to.draws {
			if code, err = d.drawCode(ctx, to); err != nil {
				return s, err
			}
		}
		known := to.draft
		err = d.tx(ctx, func(tx pgx.Tx) error {
			locked, err := dossier.LockDraft(ctx, tx, d.Vault, known.ID, known.Party)
			if err != nil {
				return err
			}
			use := code
			if !samePlace(locked, known) { // chosen meanwhile: the code names another agency
				use = ""
			}
			to.draft = locked
			s, err = f(tx, locked, use)
			return err
		})
		to.draws = to.draws || errors.Is(err, errCodeWanted)
		if !errors.Is(err, dossier.ErrCodeTaken) && !errors.Is(err, errCodeWanted) {
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

func samePlace(a, b *dossier.Draft) bool {
	return a.ReceivingAgency != nil && b.ReceivingAgency != nil && *a.ReceivingAgency == *b.ReceivingAgency
}

func (d *Desk) drawCode(ctx context.Context, to toFile) (dossier.Code, error) {
	if to.draft.ReceivingAgency == nil {
		return "", ErrNoAgency
	}
	office, err := agency.Find(ctx, d.Pool, *to.draft.ReceivingAgency)
	if err != nil {
		return "", err
	}
	return dossier.NextCode(ctx, d.Pool, to.draft.ID, office.Code, to.day)
}

// submitIn checks a locked draft once more and files or freezes it.
func (d *Desk) submitIn(ctx context.Context, tx pgx.Tx, s submitting) (Submission, error) {
	who, draft, code := s.who, s.draft, s.code
	if err := d.holds(ctx, tx, who, draft); err != nil {
		return Submission{}, err
	}
	switch draft.State {
	case dossier.Filed:
		return d.submitted(ctx, tx, draft)
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
	if err := view.hindrances().Err(); err != nil {
		return Submission{}, err
	}
	if err := d.provedView(ctx, tx, view); err != nil {
		return Submission{}, err
	}
	if code == "" && !d.PaidOnline(view.Fee) {
		return Submission{}, errCodeWanted
	}
	if err := d.keepResults(ctx, tx, view); err != nil {
		return Submission{}, err
	}
	revision, err := d.revisionOf(ctx, tx, who, view)
	if err != nil {
		return Submission{}, err
	}
	if err := s.files.covers(revision.Files); err != nil {
		return Submission{}, err
	}
	filing := filing{
		draft: draft, revision: revision, code: code, person: who.Person, receiving: view.Agency,
		deciding: view.Deciding, at: now,
	}
	if view.Fee.Total == 0 {
		filing.payment = dossier.NoFee
		return Submission{Code: code}, d.file(ctx, tx, filing)
	}
	quote := quoteOf(draft, view, now)
	if d.PaidOnline(view.Fee) {
		quote.Due = payments.DueAtSubmission
		if err := payments.InsertQuote(ctx, tx, d.Vault, quote); err != nil {
			return Submission{}, err
		}
		freezing := dossier.Freezing{Pending: revision, Quote: quote.ID, Person: who.Person, Now: now}
		return Submission{FeeDue: true}, dossier.Freeze(ctx, tx, d.Vault, draft, freezing)
	}
	quote.Due = payments.DueAtCounter
	if err := payments.InsertQuote(ctx, tx, d.Vault, quote); err != nil {
		return Submission{}, err
	}
	filing.payment = dossier.CounterDue
	return Submission{Code: code}, d.file(ctx, tx, filing)
}

func (d *Desk) submitted(ctx context.Context, db postgres.DB, draft *dossier.Draft) (Submission, error) {
	header, err := dossier.FindByDraft(ctx, db, d.Vault, draft.ID, draft.Party)
	if err != nil {
		return Submission{}, err
	}
	return Submission{Code: header.Code}, nil
}
