package desk

import (
	"context"
	"maps"
	"slices"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

// ListDossiers gives a one-stop system the dossiers that its agencies receive or decide now, in the order of
// their last changes: a page of at most limit behind a cursor. The filter names some of its agencies. A list
// says nothing about a person, as events do not, so that it is no reading of each dossier. Errors:
// onestop.ErrIncarnation, onestop.ErrCursorAhead.
func (d *Desk) ListDossiers(ctx context.Context, o Office, f dossier.AgencyFilter, c onestop.ListCursor,
	limit int) (*onestop.DossierList, error) {
	c, err := onestop.BeginList(ctx, d.Pool, o.Connection, c)
	if err != nil {
		return nil, err
	}
	list, end, more, err := dossier.ListChanged(ctx, d.Pool, d.Vault, f, c.After, limit)
	if err != nil {
		return nil, err
	}
	found := make([]dossier.Dossier, len(list))
	for i, h := range list {
		found[i] = h.Dossier
	}
	headers, err := d.headers(ctx, d.Pool, found...)
	if err != nil {
		return nil, err
	}
	out := &onestop.DossierList{Dossiers: make([]onestop.ListedDossier, len(list)), More: more,
		Next: c.Next(end, more).String()}
	for i, h := range headers {
		out.Dossiers[i] = onestop.ListedDossier{Dossier: h, ChangedAt: onestop.At(list[i].ChangedAt)}
	}
	return out, nil
}

// CountDossiers counts what ListDossiers lists, by agency and status.
func (d *Desk) CountDossiers(ctx context.Context, f dossier.AgencyFilter) (*onestop.DossierCounts, error) {
	counts, err := dossier.CountOf(ctx, d.Pool, f)
	if err != nil {
		return nil, err
	}
	agencies, err := agency.FindMany(ctx, d.Pool, f.Agencies...)
	if err != nil {
		return nil, err
	}
	by, total := map[string]map[dossier.Status]int{}, 0
	for _, c := range counts {
		code := agencies[c.Agency].Code
		if by[code] == nil {
			by[code] = map[dossier.Status]int{}
		}
		by[code][c.Status] += c.Number
		total += c.Number
	}
	out := &onestop.DossierCounts{Total: total, Agencies: []onestop.AgencyCount{}}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		one := onestop.AgencyCount{Agency: code}
		for _, s := range dossier.Statuses {
			if n := by[code][s]; n > 0 {
				one.Total += n
				one.Statuses = append(one.Statuses, onestop.StatusCount{Status: s, Count: n})
			}
		}
		out.Agencies = append(out.Agencies, one)
	}
	return out, nil
}
