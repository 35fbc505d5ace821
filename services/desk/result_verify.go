package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/result"
	"congdvc/services/signature"
)

// VerifyView is what anybody may know of a result whose code they hold.
type VerifyView struct {
	Result      *result.Result
	Agency      i18n.Text
	Signer      *signature.Signer // nil when the file carries no valid, trusted signature
	Replacement result.Code       // code of the result that replaced it
}

// VerifyResult finds a result by its code, however it is typed. Errors: result.ErrNotFound, ErrUnproved.
func (d *Desk) VerifyResult(ctx context.Context, code string) (*VerifyView, error) {
	r, err := result.ByCode(ctx, d.Pool, d.Vault, code)
	if err != nil {
		return nil, err
	}
	office, err := d.issuer(ctx, r)
	if err != nil {
		return nil, err
	}
	view := &VerifyView{Result: r, Agency: office.Name}
	var report signature.Report
	if err := json.Unmarshal(r.Signer, &report); err != nil {
		return nil, fmt.Errorf("desk: report of result %s: %w", r.ID, err)
	}
	if report.Valid && report.Trusted && len(report.Signers) > 0 {
		view.Signer = &report.Signers[0]
	}
	if r.SupersededBy != nil {
		newer, err := result.Find(ctx, d.Pool, d.Vault, *r.SupersededBy, r.Dossier)
		if err != nil {
			return nil, err
		}
		view.Replacement = newer.Code
	}
	return view, nil
}

// issuer is the agency that decides the dossier of a result.
func (d *Desk) issuer(ctx context.Context, r *result.Result) (*agency.Agency, error) {
	id, err := dossier.DecidingAgencyOf(ctx, d.Pool, d.Vault, r.Dossier)
	if err != nil {
		return nil, err
	}
	if err := d.proved(ctx, d.Pool, nil, id); err != nil {
		return nil, err
	}
	return agency.Find(ctx, d.Pool, id)
}
