package desk

import (
	"context"
	"errors"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
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

// Dossier reads a party's dossier. Errors: dossier.ErrNotFound.
func (d *Desk) Dossier(ctx context.Context, who identity.Who, code dossier.Code) (*DossierView, error) {
	h, err := dossier.FindByCode(ctx, d.Pool, code, who.Party)
	if err != nil {
		return nil, err
	}
	view := &DossierView{Dossier: h}
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
	if view.Slips, err = sheet.SlipsOf(ctx, d.Pool, string(h.ID)); err != nil {
		return nil, err
	}
	if view.Receipts, err = payments.ReceiptsOfDraft(ctx, d.Pool, d.Vault, string(h.Draft)); err != nil {
		return nil, err
	}
	if view.Quote, err = payments.QuoteOf(ctx, d.Pool, string(h.Draft)); errors.Is(err, payments.ErrNotFound) {
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
	draft, err := dossier.SupplementDraft(ctx, d.Pool, h.ID, h.Owner)
	if err != nil {
		return nil, nil, err
	}
	reasons, err := dossier.Reasons(ctx, d.Pool, d.Vault, draft)
	return draft.Asked, reasons, err
}

// File is a stored file that is about to be sent. The caller closes Reader.
type File struct {
	ID, Name, MediaType string
	Size                int64
	SHA256              string
	Reader              *filestore.Reader
}

func (d *Desk) open(ctx context.Context, f File) (*File, error) {
	reader, err := d.Files.Open(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	f.Reader = reader
	return &f, nil
}

// DossierFile opens a file that the owner handed in. Errors: dossier.ErrNotFound.
func (d *Desk) DossierFile(ctx context.Context, who identity.Who, code dossier.Code, file string) (*File, error) {
	h, err := dossier.FindByCode(ctx, d.Pool, code, who.Party)
	if err != nil {
		return nil, err
	}
	all, err := dossier.Revisions(ctx, d.Pool, h.ID)
	if err != nil {
		return nil, err
	}
	for n := len(all); n > 0; n-- {
		r, err := dossier.OwnRevision(ctx, d.Pool, d.Vault, h.ID, n)
		if err != nil {
			return nil, err
		}
		if f, err := r.File(file); err == nil {
			return d.open(ctx, File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256})
		}
	}
	return nil, dossier.ErrNotFound
}

// TrackView is what the public tracking page may show.
type TrackView struct {
	Dossier   *dossier.Public
	Procedure i18n.Text
	Agency    i18n.Text
}

// Track finds a dossier by its code and the last four digits of its owner's
// number. A wrong code and wrong digits are the same dossier.ErrNotFound. The
// caller limits how often it may be asked.
func (d *Desk) Track(ctx context.Context, code, lastFour string) (*TrackView, error) {
	parsed, err := dossier.ParseCode(code)
	if err != nil {
		return nil, dossier.ErrNotFound
	}
	found, err := dossier.PublicStatus(ctx, d.Pool, parsed)
	if err != nil {
		return nil, err
	}
	owner, err := dossier.OwnerOf(ctx, d.Pool, parsed)
	if err != nil {
		return nil, err
	}
	match, err := identity.NumberMatches(ctx, d.Pool, d.Vault, owner, lastFour)
	if err != nil {
		return nil, err
	}
	if !match {
		return nil, dossier.ErrNotFound
	}
	v, err := procedure.ByID(ctx, d.Pool, found.VersionID)
	if err != nil {
		return nil, err
	}
	office, err := agency.Find(ctx, d.Pool, found.DecidingAgency)
	if err != nil {
		return nil, err
	}
	return &TrackView{Dossier: found, Procedure: v.Name, Agency: office.Name}, nil
}

// ActsFor lists the person and the parties for whom this login lets them act.
func (d *Desk) ActsFor(ctx context.Context, who identity.Who) ([]identity.Party, error) {
	self, err := identity.Find(ctx, d.Pool, d.Vault, who.Person)
	if err != nil {
		return nil, err
	}
	others, err := identity.Mandates(ctx, d.Pool, d.Vault, who.Person)
	return append([]identity.Party{*self}, others...), err
}

// MayActFor refuses a party for whom the person may not act. Errors: ErrNotAllowed.
func (d *Desk) MayActFor(ctx context.Context, who identity.Who, party identity.PartyID) error {
	may, err := identity.MayAct(ctx, d.Pool, who.Person, party, d.Now())
	if err != nil {
		return err
	}
	if !may {
		return ErrNotAllowed
	}
	return nil
}
