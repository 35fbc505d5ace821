package desk

import (
	"context"
	"errors"
	"math"
	"strconv"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
)

// header is a dossier as one-stop systems see it.
func (d *Desk) header(ctx context.Context, db postgres.DB, h *dossier.Dossier) (*onestop.Dossier, error) {
	out, err := d.headers(ctx, db, *h)
	if err != nil {
		return nil, err
	}
	return &out[0], nil
}

// headers is header of several dossiers, in their order.
func (d *Desk) headers(ctx context.Context, db postgres.DB, list ...dossier.Dossier) ([]onestop.Dossier,
	error) {
	offices := make([]agency.ID, 0, 2*len(list))
	for _, h := range list {
		offices = append(offices, h.ReceivingAgency, h.DecidingAgency)
	}
	agencies, err := agency.FindMany(ctx, db, offices...)
	if err != nil {
		return nil, err
	}
	revisions, err := dossier.RevisionsOf(ctx, db, idsOf(list))
	if err != nil {
		return nil, err
	}
	afterFee := map[string]bool{}
	for _, h := range list {
		if _, known := afterFee[h.VersionID]; known {
			continue
		}
		v, err := procedure.ByID(ctx, db, h.VersionID)
		if err != nil {
			return nil, err
		}
		afterFee[h.VersionID] = v.ResultAfterFee
	}
	out := make([]onestop.Dossier, len(list))
	for i, h := range list {
		out[i] = onestop.Dossier{
			Code: h.Code, Procedure: h.ProcedureCode, ProcedureVersion: h.VersionID, Case: h.Case,
			Language: h.Lang, ReceivingAgency: agencies[h.ReceivingAgency].Code,
			DecidingAgency: agencies[h.DecidingAgency].Code, Status: string(h.Status),
			NationalStatus: h.Status.National(), Sync: string(h.Sync), Payment: string(h.Payment),
			Delivery: string(h.Delivery), SubmittedAt: onestop.At(h.SubmittedAt),
			ReceivedAt: onestop.AtOrNone(h.ReceivedAt), DueAt: onestop.AtOrNone(h.DueAt),
			PausedAt: onestop.AtOrNone(h.PausedAt), CompletedAt: onestop.AtOrNone(h.CompletedAt),
			ResultAfterFee: afterFee[h.VersionID], RowVersion: h.RowVersion,
		}
		if h.OfficeCode != nil {
			out[i].OfficeCode = *h.OfficeCode
		}
		for _, r := range revisions[h.ID] {
			out[i].Revisions = append(out[i].Revisions, onestop.RevisionHeader{Number: r.Number,
				SHA256: r.SHA256, CreatedAt: onestop.At(r.CreatedAt),
				Href: "/api/v1/dossiers/" + string(h.Code) + "/revisions/" + strconv.Itoa(r.Number)})
		}
	}
	return out, nil
}

// recordReading writes down that an officer reads something of a dossier, unless the call only looks.
func (d *Desk) recordReading(ctx context.Context, o Office, h *dossier.Dossier, what string) error {
	if o.Looks {
		return nil
	}
	return dossier.RecordAccess(ctx, d.Pool, d.Vault, h.ID, o.Actor, what, d.Now())
}

// allRevisions is the last one that whoever serves a dossier may read.
const allRevisions = math.MaxInt

// readable finds a dossier that a one-stop system may read: one that its agencies receive or decide, or one
// that it had acknowledged before another system took its place, up to the revision that it had. Errors:
// dossier.ErrNotFound, onestop.ErrMoved for a later revision.
func (d *Desk) readable(ctx context.Context, o Office, code dossier.Code,
	number int) (h *dossier.Dossier, last int, err error) {
	h, err = dossier.FindForAgencies(ctx, d.Pool, d.Vault, code, o.Agencies)
	if !errors.Is(err, dossier.ErrNotFound) {
		return h, allRevisions, err
	}
	receiving, last, err := onestop.Former(ctx, d.Pool, d.Vault, o.Connection, code, d.Now())
	if err != nil {
		return nil, 0, err
	}
	if number > last {
		return nil, 0, onestop.ErrMoved
	}
	h, err = dossier.FindForAgencies(ctx, d.Pool, d.Vault, code, []agency.ID{receiving})
	return h, last, err
}

// RevisionFor gives the exact bytes of a revision to a one-stop system and records that its officer read
// them. Errors: dossier.ErrNotFound, onestop.ErrMoved.
func (d *Desk) RevisionFor(ctx context.Context, o Office, code dossier.Code, number int) ([]byte, error) {
	h, _, err := d.readable(ctx, o, code, number)
	if err != nil {
		return nil, err
	}
	body, err := dossier.RevisionBytes(ctx, d.Pool, d.Vault, code, number, []agency.ID{h.ReceivingAgency})
	if err != nil {
		return nil, err
	}
	return body, d.recordReading(ctx, o, h, dossier.ReadRevision)
}

// FileFor opens a file of a revision for a one-stop system and records that its officer read it. Errors:
// dossier.ErrNotFound, onestop.ErrMoved.
func (d *Desk) FileFor(ctx context.Context, o Office, code dossier.Code, number int,
	file string) (*File, error) {
	h, _, err := d.readable(ctx, o, code, number)
	if err != nil {
		return nil, err
	}
	body, err := dossier.RevisionBytes(ctx, d.Pool, d.Vault, code, number, []agency.ID{h.ReceivingAgency})
	if err != nil {
		return nil, err
	}
	revision, err := dossier.ParseRevision(body)
	if err != nil {
		return nil, err
	}
	f, err := revision.File(file)
	if err != nil {
		return nil, err
	}
	if err := d.recordReading(ctx, o, h, dossier.ReadFile); err != nil {
		return nil, err
	}
	return d.open(ctx, File{
		ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256,
		At: revision.SubmittedAt,
	})
}
