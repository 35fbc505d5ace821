package desk

import (
	"context"
	"errors"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// decider is the agency that decides a dossier with these answers: the one that the law's data names, else
// the commune of an address, else the receiver. When that agency does not exist on the day, or lies outside
// the province, the receiver decides too: it knows whom to pass the dossier on to.
func decider(ctx context.Context, db postgres.DB, v *procedure.Version, receiving *agency.Agency,
	a eform.Answers, on workday.Date) (*agency.Agency, error) {
	var deciding *agency.Agency
	var err error
	switch v.DecidedBy.By {
	case procedure.ByAgency:
		deciding, err = agency.ByCode(ctx, db, v.DecidedBy.Agency, on)
	case procedure.ByCommuneOf:
		deciding, err = agency.ByUnit(ctx, db, v.DecidingUnit(a), on)
	default:
		return receiving, nil
	}
	if errors.Is(err, agency.ErrNotFound) {
		return receiving, nil
	}
	return deciding, err
}

// frozenDecider is the agency that decides by a frozen revision. If that agency was merged away while the
// payment was on its way, the receiver decides instead, and the revision is changed to say so.
func frozenDecider(ctx context.Context, db postgres.DB, r *dossier.Revision, receiving *agency.Agency,
	on workday.Date) (*agency.Agency, error) {
	if r.DecidingAgency == receiving.Code {
		return receiving, nil
	}
	deciding, err := agency.ByCode(ctx, db, r.DecidingAgency, on)
	if errors.Is(err, agency.ErrNotFound) {
		r.DecidingAgency = receiving.Code
		return receiving, nil
	}
	return deciding, err
}
