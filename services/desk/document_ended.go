package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/result"

	"github.com/jackc/pgx/v5"
)

// stillHolds fails with ErrNoDocument when the e-result to be attached does not hold any more. If it holds,
// it cannot end before the transaction does.
func (d *Desk) stillHolds(ctx context.Context, tx pgx.Tx, source *dossier.FileSource, at time.Time) error {
	if source == nil || source.Result == nil {
		return nil
	}
	code := result.Code(source.Result.Code)
	holding, err := result.KeepHolding(ctx, tx, d.Vault, []result.Code{code}, at)
	if err == nil && !holding[code] {
		err = ErrNoDocument
	}
	return err
}

// resultsGiven are the codes of the e-results among a draft's files, for requirements that apply and may
// still be changed.
func (d *DraftView) resultsGiven() (codes []result.Code) {
	for _, r := range d.Requirements {
		if r.Mode != procedure.Submit || !d.Draft.MayAttach(r.ID) {
			continue
		}
		for _, a := range d.FilesOf(r.ID) {
			if a.Source != nil && a.Source.Result != nil {
				codes = append(codes, result.Code(a.Source.Result.Code))
			}
		}
	}
	return codes
}

// resultsHold reports whether every e-result among the files of a frozen revision held at an instant.
func (d *Desk) resultsHold(ctx context.Context, tx pgx.Tx, r *dossier.Revision, at time.Time) (bool, error) {
	var codes []result.Code
	for _, f := range r.Files {
		if f.Source != nil && f.Source.Result != nil {
			codes = append(codes, result.Code(f.Source.Result.Code))
		}
	}
	holding, err := result.KeepHolding(ctx, tx, d.Vault, codes, at)
	return !slices.ContainsFunc(codes, func(code result.Code) bool { return !holding[code] }), err
}

// ended adds a fault for each file that is an e-result but is not in holding.
func (d *DraftView) ended(holding map[result.Code]bool) {
	for _, r := range d.Requirements {
		if r.Mode != procedure.Submit || !d.Draft.MayAttach(r.ID) {
			continue
		}
		for _, a := range d.FilesOf(r.ID) {
			if of := a.Source; of != nil && of.Result != nil && !holding[result.Code(of.Result.Code)] {
				d.Faults.Add(ErrDocumentEnded.At(RequirementField(r.ID)).With("Name", of.Result.Name).
					With("Code", of.Result.Code))
			}
		}
	}
}

// keepResults locks the e-results among the files of a draft that is being submitted, so that none is revoked
// before the submission is written. Errors: ErrDocumentEnded for each that was revoked already.
func (d *Desk) keepResults(ctx context.Context, tx pgx.Tx, view *DraftView) error {
	holding, err := result.KeepHolding(ctx, tx, d.Vault, view.resultsGiven(), d.Now())
	if err != nil {
		return fmt.Errorf("desk: results of draft %s: %w", view.Draft.ID, err)
	}
	view.ended(holding)
	return view.Faults.Err()
}
