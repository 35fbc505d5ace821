package desk

import (
	"context"
	"errors"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/sheet"
)

// DossierView is everything that the page of a dossier shows its owner.
type DossierView struct {
	Dossier    *dossier.Dossier
	Version    *procedure.Version
	Receiving  *agency.Agency
	Deciding   *agency.Agency
	Revision   *dossier.Revision // the newest
	First      *dossier.Revision
	History    []dossier.Entry
	Results    []result.Result
	Slips      []sheet.Slip
	Receipts   []payments.Receipt
	Quote      *payments.Quote // nil when nothing was ever owed
	Supplement *dossier.Asked  // what is asked for now, with Reasons
	Reasons    map[string]string
	// WithdrawalAsked says that the owner asked to withdraw and the agency has not answered.
	WithdrawalAsked bool
}

// Dossier reads a party's dossier for a page that shows how it stands. Errors: dossier.ErrNotFound.
func (d *Desk) Dossier(ctx context.Context, who identity.Who, code dossier.Code) (*DossierView, error) {
	return d.DossierRead(ctx, who, code, dossier.ReadHeader)
}

// DossierRead is Dossier for a page or paper that shows what is named: that is recorded as read, unless by
// who filed it. Errors also payments.ErrNotFound for dossier.ReadPaper where there is no receipt.
func (d *Desk) DossierRead(ctx context.Context, who identity.Who, code dossier.Code,
	what string) (*DossierView, error) {
	h, err := dossier.FindByCode(ctx, d.Pool, d.Vault, code, who.Party)
	if err != nil {
		return nil, err
	}
	view, err := d.dossierView(ctx, h)
	if err != nil {
		return nil, err
	}
	if what == dossier.ReadPaper && len(view.Receipts) == 0 {
		return nil, payments.ErrNotFound
	}
	return view, d.dossierRead(ctx, d.Pool, who, h, what)
}

func (d *Desk) dossierView(ctx context.Context, h *dossier.Dossier) (view *DossierView, err error) {
	view = &DossierView{Dossier: h}
	if view.Version, err = procedure.ByID(ctx, d.Pool, h.VersionID); err != nil {
		return nil, err
	}
	agencies, err := agency.FindMany(ctx, d.Pool, h.ReceivingAgency, h.DecidingAgency)
	if err != nil {
		return nil, err
	}
	view.Receiving, view.Deciding = agencies[h.ReceivingAgency], agencies[h.DecidingAgency]
	if view.History, err = dossier.History(ctx, d.Pool, d.Vault, h.ID); err != nil {
		return nil, err
	}
	if err := d.revisions(ctx, view); err != nil {
		return nil, err
	}
	if view.Results, err = result.ForDossier(ctx, d.Pool, d.Vault, h.ID); err != nil {
		return nil, err
	}
	if view.Slips, err = sheet.SlipsOf(ctx, d.Pool, d.Vault, h.ID); err != nil {
		return nil, err
	}
	if view.Receipts, err = payments.ReceiptsOfDraft(ctx, d.Pool, d.Vault, h.Draft); err != nil {
		return nil, err
	}
	if view.Quote, err = payments.QuoteOf(ctx, d.Pool, d.Vault, h.Draft); errors.Is(err,
		payments.ErrNotFound) {
		view.Quote, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	view.WithdrawalAsked = withdrawalOpen(view.History)
	if h.Status == dossier.Supplement {
		view.Supplement, view.Reasons, err = d.asked(ctx, h)
	}
	return view, err
}

func (d *Desk) revisions(ctx context.Context, view *DossierView) error {
	all, err := dossier.Revisions(ctx, d.Pool, view.Dossier.ID)
	if err != nil {
		return err
	}
	if view.First, err = dossier.OwnRevision(ctx, d.Pool, d.Vault, view.Dossier.ID, 1); err != nil {
		return err
	}
	view.Revision = view.First
	if len(all) > 1 {
		view.Revision, err = dossier.OwnRevision(ctx, d.Pool, d.Vault, view.Dossier.ID, len(all))
	}
	return err
}

// asked reads what the open supplement of a dossier asks for.
func (d *Desk) asked(ctx context.Context, h *dossier.Dossier) (*dossier.Asked, map[string]string, error) {
	draft, err := dossier.SupplementDraft(ctx, d.Pool, d.Vault, h.ID, h.Owner)
	if err != nil {
		return nil, nil, err
	}
	reasons, err := dossier.Reasons(ctx, d.Pool, d.Vault, draft)
	return draft.Asked, reasons, err
}
