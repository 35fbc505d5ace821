package desk

import (
	"context"
	"time"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/sheet"

	"github.com/jackc/pgx/v5"
)

// Receive says that an officer received the dossier: the term begins, the person
// gets slip 01 with the date on which the result is due. Errors: dossier.ErrMove, onestop.ErrValue for a
// reception before what was received was there.
func (d *Desk) Receive(ctx context.Context, o Office, code dossier.Code, in onestop.Receive) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		if err := h.Allows(dossier.KindReceived); err != nil {
			return nil, err
		}
		at, err := d.receivedAt(ctx, tx, h, in)
		if err != nil {
			return nil, err
		}
		v, err := procedure.ByID(ctx, tx, h.VersionID)
		if err != nil {
			return nil, err
		}
		received := happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindReceived, Actor: o.Actor, Note: in.Note, At: at},
			version:  v, slip: func(s *sheet.SlipData) { s.ReceivedAt, s.DueAt = h.ReceivedAt, h.DueAt },
		}
		if term, ok := v.Term(h.Case, procedure.Online); ok {
			calendar, err := agency.CalendarOf(ctx, tx, h.DecidingAgency)
			if err != nil {
				return nil, err
			}
			due, err := calendar.Due(at, term)
			if err != nil {
				return nil, err
			}
			received.Due, received.told.Due = &due, &due.At
		}
		return nil, d.record(ctx, tx, h, received)
	})
}

// receivedAt is when an officer received a dossier: not before the last of its submissions, since the term
// begins once it is complete (Decree 118/2025/ND-CP, art. 17), and not ahead of now.
func (d *Desk) receivedAt(ctx context.Context, tx pgx.Tx, h *dossier.Dossier,
	in onestop.Receive) (time.Time, error) {
	revisions, err := dossier.Revisions(ctx, tx, h.ID)
	if err != nil {
		return time.Time{}, err
	}
	handedIn := onestop.Span{From: revisions[len(revisions)-1].CreatedAt, Until: d.Now()}
	at, missed := handedIn.Take("received_at", in.ReceivedAt)
	if missed != nil {
		return time.Time{}, missed
	}
	return at, nil
}
