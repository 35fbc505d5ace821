package desk

import (
	"context"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
)

// TrackView is what the public tracking page may show.
type TrackView struct {
	Dossier   *dossier.Public
	Procedure i18n.Text
	Agency    i18n.Text
}

// Track finds a dossier by its code and the last four digits of its owner's number, or of the identity
// number of who handed it in: for an organisation that is another, and not everybody knows its tax code. A
// wrong code and wrong digits are the same dossier.ErrNotFound. The caller limits how often it may be asked.
func (d *Desk) Track(ctx context.Context, code, lastFour string) (*TrackView, error) {
	parsed, err := dossier.ParseCode(code)
	if err != nil {
		return nil, dossier.ErrNotFound
	}
	found, err := dossier.PublicStatus(ctx, d.Pool, d.Vault, parsed)
	if err != nil {
		return nil, err
	}
	followers, err := dossier.Followers(ctx, d.Pool, d.Vault, parsed)
	if err != nil {
		return nil, err
	}
	match := false
	for _, party := range followers {
		matches, err := identity.NumberMatches(ctx, d.Pool, d.Vault, party, lastFour)
		if err != nil {
			return nil, err
		}
		match = match || matches
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
