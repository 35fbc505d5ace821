package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// Office is a one-stop system that calls, and the officer for whom it does.
type Office struct {
	Connection string      // id
	Agencies   []agency.ID // served by the connection today: nothing else is found
	Actor      dossier.Actor
	// Call is the idempotent call; its key is empty for reading.
	Call onestop.Call
	// IfMatch is the row version that the caller last saw; nil when it does not care.
	IfMatch *int64
}

// change carries out one call on a dossier, once: repeated with the same key it
// gives the same bytes again. The answer of f is kept as JSON.
func (d *Desk) change(ctx context.Context, o Office, code dossier.Code, f func(tx pgx.Tx, h *dossier.Dossier) (any, error)) (answer []byte, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		answer, err = onestop.Claim(ctx, tx, o.Call)
		if err != nil || answer != nil {
			return err
		}
		h, err := dossier.LockByCode(ctx, tx, code, o.Agencies)
		if err != nil {
			return err
		}
		if o.IfMatch != nil && *o.IfMatch != h.RowVersion {
			return ErrStale
		}
		out, err := f(tx, h)
		if err != nil {
			return err
		}
		if out == nil {
			if out, err = d.header(ctx, tx, h); err != nil {
				return err
			}
		}
		if answer, err = json.Marshal(out); err != nil {
			return fmt.Errorf("desk: answer: %w", err)
		}
		return onestop.Answer(ctx, tx, o.Call, answer)
	})
	if err != nil {
		return nil, err
	}
	d.Appended()
	return answer, nil
}

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
		Code: string(h.Code), Procedure: h.ProcedureCode, ProcedureVersion: h.VersionID, Case: h.Case, Language: h.Lang,
		ReceivingAgency: agencies[h.ReceivingAgency].Code, DecidingAgency: agencies[h.DecidingAgency].Code,
		Status: string(h.Status), NationalStatus: h.Status.National(), Sync: string(h.Sync), Payment: string(h.Payment),
		Delivery: string(h.Delivery), SubmittedAt: h.SubmittedAt, ReceivedAt: h.ReceivedAt, DueAt: h.DueAt,
		PausedAt: h.PausedAt, CompletedAt: h.CompletedAt, RowVersion: h.RowVersion,
	}
	if h.OfficeCode != nil {
		out.OfficeCode = *h.OfficeCode
	}
	for _, r := range revisions {
		out.Revisions = append(out.Revisions, onestop.RevisionHeader{Number: r.Number, SHA256: r.SHA256, CreatedAt: r.CreatedAt,
			Href: "/api/v1/dossiers/" + string(h.Code) + "/revisions/" + strconv.Itoa(r.Number)})
	}
	return out, nil
}

// DossierFor gives a dossier's header to a one-stop system and records that its
// officer read it. Errors: dossier.ErrNotFound.
func (d *Desk) DossierFor(ctx context.Context, o Office, code dossier.Code) (*onestop.Dossier, error) {
	h, err := dossier.FindForAgencies(ctx, d.Pool, code, o.Agencies)
	if err != nil {
		return nil, err
	}
	if err := dossier.RecordAccess(ctx, d.Pool, h.ID, o.Actor, dossier.ReadHeader, d.Now()); err != nil {
		return nil, err
	}
	return d.header(ctx, d.Pool, h)
}

// RevisionFor gives the exact bytes of a revision to a one-stop system and records
// that its officer read them. Errors: dossier.ErrNotFound.
func (d *Desk) RevisionFor(ctx context.Context, o Office, code dossier.Code, number int) ([]byte, error) {
	h, err := dossier.FindForAgencies(ctx, d.Pool, code, o.Agencies)
	if err != nil {
		return nil, err
	}
	body, err := dossier.RevisionBytes(ctx, d.Pool, d.Vault, code, number, o.Agencies)
	if err != nil {
		return nil, err
	}
	return body, dossier.RecordAccess(ctx, d.Pool, h.ID, o.Actor, dossier.ReadRevision, d.Now())
}

// FileFor opens a file of a revision for a one-stop system and records that its
// officer read it. Errors: dossier.ErrNotFound.
func (d *Desk) FileFor(ctx context.Context, o Office, code dossier.Code, number int, file string) (*File, error) {
	h, err := dossier.FindForAgencies(ctx, d.Pool, code, o.Agencies)
	if err != nil {
		return nil, err
	}
	body, err := dossier.RevisionBytes(ctx, d.Pool, d.Vault, code, number, o.Agencies)
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
	if err := dossier.RecordAccess(ctx, d.Pool, h.ID, o.Actor, dossier.ReadFile, d.Now()); err != nil {
		return nil, err
	}
	return d.open(ctx, File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256})
}

// Acknowledge says that the one-stop system has the dossier under its own code.
// That moves the sync state only; an officer has not seen it yet. The state is that of the system that receives: one
// that only decides may say that it has the dossier, and nothing changes.
func (d *Desk) Acknowledge(ctx context.Context, o Office, code dossier.Code, in onestop.Acknowledge) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		if !slices.Contains(o.Agencies, h.ReceivingAgency) {
			return nil, nil
		}
		if err := dossier.SetOfficeCode(ctx, tx, h, in.OfficeCode); err != nil {
			return nil, err
		}
		if h.Sync == dossier.Acknowledged {
			return nil, nil
		}
		if err := dossier.SetSync(ctx, tx, h, dossier.Acknowledged); err != nil {
			return nil, err
		}
		return nil, d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindAcknowledged, Actor: o.Actor, At: d.Now()},
		})
	})
}

// Note adds a line to the history that the owner reads.
func (d *Desk) Note(ctx context.Context, o Office, code dossier.Code, in onestop.Note) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		return nil, d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindNote, Actor: o.Actor, Note: in.Note, At: d.Now()},
		})
	})
}
