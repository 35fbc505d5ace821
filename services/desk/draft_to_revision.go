package desk

import (
	"context"
	"slices"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
)

// revisionOf gives the content of a draft as the revision that it will become,
// without the code, the instant and the payment, which are not known yet.
func (d *Desk) revisionOf(ctx context.Context, db postgres.DB, who identity.Who,
	view *DraftView) (*dossier.Revision, error) {
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
		Procedure: dossier.ProcedureRef{
			Code: view.Version.Code, Version: view.Version.Number, VersionID: view.Version.ID,
			FormHash: view.Version.FormHash, Audience: view.Version.Audience,
		},
		Case: view.Draft.Case, Lang: view.Draft.Lang,
		Owner: partyOf(owner), Person: partyOf(person), OnBehalf: who.Person != who.Party,
		Capacity:        view.Capacity(),
		ReceivingAgency: view.Agency.Code, DecidingAgency: view.Deciding.Code,
		Answers: view.Answers,
	}
	r.DecidingAgencyName = view.Deciding.Name.Vi
	r.Provenance, r.Ground, r.Confirmed = view.Provenance(), groundOf(view, who), view.confirmed()
	r.Files = view.files()
	if view.Fee.Total > 0 {
		r.Fee = &dossier.Fee{Total: view.Fee.Total}
		for _, l := range view.Fee.Lines {
			r.Fee.Lines = append(r.Fee.Lines, dossier.FeeLine{
				Code: l.Code, Name: l.Name.Vi, Kind: l.Kind, Unit: l.Unit,
				Quantity: l.Quantity * l.Times, Amount: l.Amount, Basis: l.Basis,
				Refundable: l.Refundable,
			})
		}
	}
	for _, l := range view.Fee.Unset {
		r.FeesUnset = append(r.FeesUnset, dossier.FeeUnset{
			Code: l.Code, Name: l.Name.Vi, Kind: l.Kind, SetBy: l.SetBy, Basis: l.Basis,
		})
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

// Preview gives a draft as the revision that it would become now, complete or not. It is shown to the person
// and never stored.
func (d *Desk) Preview(ctx context.Context, who identity.Who, view *DraftView) (*dossier.Revision, error) {
	shown := *view
	if shown.Agency == nil { // not chosen, or no longer there
		shown.Agency = &agency.Agency{}
	}
	if shown.Deciding == nil {
		shown.Deciding = &agency.Agency{}
	}
	return d.revisionOf(ctx, d.Pool, who, &shown)
}
