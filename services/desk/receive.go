package desk

import (
	"context"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/sheet"

	"github.com/jackc/pgx/v5"
)

// Receive says that an officer received the dossier: the term begins, the person
// gets slip 01 with the date on which the result is due. Errors: dossier.ErrMove.
func (d *Desk) Receive(ctx context.Context, o Office, code dossier.Code, in onestop.Receive) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		at := d.Now()
		if in.ReceivedAt != nil && in.ReceivedAt.After(h.SubmittedAt) && in.ReceivedAt.Before(at) {
			at = *in.ReceivedAt
		}
		err := dossier.Move(ctx, tx, d.Vault, h, dossier.MoveIn{To: dossier.Received, Kind: dossier.KindReceived, Actor: o.Actor, Note: in.Note, At: at})
		if err != nil {
			return nil, err
		}
		v, err := procedure.ByID(ctx, tx, h.VersionID)
		if err != nil {
			return nil, err
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
			if err := dossier.SetDue(ctx, tx, h, due); err != nil {
				return nil, err
			}
		}
		if err := d.slip(ctx, tx, h, v, sheet.SlipReceived, o, func(s *sheet.SlipData) {
			s.ReceivedAt, s.DueAt = h.ReceivedAt, h.DueAt
		}); err != nil {
			return nil, err
		}
		return nil, d.tellWith(ctx, tx, h, notice.Received, notice.Args{Due: h.DueAt})
	})
}
