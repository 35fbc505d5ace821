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
)

// header is a dossier as one-stop systems see it.
func (d *Desk) header(ctx context.Context, db postgres.DB, h *dossier.Dossier) (*onestop.Dossier, error) {
	agencies, err := agency.FindMany(ctx, db, h.ReceivingAgency, h.DecidingAgency)
	if err != nil {
		return nil, err
	}
	revisions, err := dossier.Revisions(ctx, db, h.ID)
	if err != nil {
		return nil, err
	}
	out := &onestop.Dossier{
		Code: h.Code, Procedure: h.ProcedureCode, ProcedureVersion: h.VersionID, Case: h.Case,
		Language: h.Lang, ReceivingAgency: agencies[h.ReceivingAgency].Code,
		DecidingAgency: agencies[h.DecidingAgency].Code, Status: string(h.Status),
		NationalStatus: h.Status.National(), Sync: string(h.Sync), Payment: string(h.Payment),
		Delivery: string(h.Delivery), SubmittedAt: h.SubmittedAt, ReceivedAt: h.ReceivedAt, DueAt: h.DueAt,
		PausedAt: h.PausedAt, CompletedAt: h.CompletedAt, RowVersion: h.RowVersion,
	}
	if h.OfficeCode != nil {
		out.OfficeCode = *h.OfficeCode
	}
	for _, r := range revisions {
		out.Revisions = append(out.Revisions, onestop.RevisionHeader{Number: r.Number, SHA256: r.SHA256,
			CreatedAt: r.CreatedAt, Href: "/api/v1/dossiers/" + string(h.Code) + "/revisions/" +
				strconv.Itoa(r.Number)})
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

// readable finds a dossier that a one-stop system may read: one that its agencies receive or decide, or one
// that it had acknowledged before another system took its place, up to the revision that it had. Errors:
// dossier.ErrNotFound, onestop.ErrMoved for a later revision.
func (d *Desk) readable(ctx context.Context, o Office, code dossier.Code,
	number int) (h *dossier.Dossier, last int, err error) {
	h, err = dossier.FindForAgencies(ctx, d.Pool, d.Vault, code, o.Agencies)
	if !errors.Is(err, dossier.ErrNotFound) {
		return h, math.MaxInt, err
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

// DossierFor gives a dossier's header to a one-stop system and records that its officer read it. A system
// whose place another one has taken sees the revisions that it had. Errors: dossier.ErrNotFound.
func (d *Desk) DossierFor(ctx context.Context, o Office, code dossier.Code) (*onestop.Dossier, error) {
	h, last, err := d.readable(ctx, o, code, 1)
	if err != nil {
		return nil, err
	}
	if err := d.recordReading(ctx, o, h, dossier.ReadHeader); err != nil {
		return nil, err
	}
	out, err := d.header(ctx, d.Pool, h)
	if err != nil {
		return nil, err
	}
	out.Revisions = out.Revisions[:min(last, len(out.Revisions))]
	return out, nil
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
