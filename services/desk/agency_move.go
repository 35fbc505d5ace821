package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// AgencyMove is what became, or would become, of one agency and its open dossiers.
type AgencyMove struct {
	Agency agency.Agency
	Before string // id of the connection that served it; "" for none, or when it stays the same
	// Transferred is how many open dossiers the new one-stop system is told to take over.
	Transferred int
	// Ended is how many events the former system had not taken, which it will not get any more.
	Ended int
}

// MoveAgencies has a connection serve agencies from today, in the caller's transaction, and tells of each in
// the order of their ids. The log of the connection gets each open dossier of theirs; what the former system
// had not taken ends there, and it may go on reading what it had acknowledged. Errors: agency.ErrNotFound,
// binding.ErrForeign.
func (d *Desk) MoveAgencies(ctx context.Context, tx pgx.Tx, connection string,
	agencies ...agency.Agency) ([]AgencyMove, error) {
	agencies = slices.SortedFunc(slices.Values(agencies), func(a, b agency.Agency) int {
		return cmp.Compare(a.ID, b.ID)
	})
	ids := make([]agency.ID, len(agencies))
	for i, a := range agencies {
		ids[i] = a.ID
	}
	// All agencies are held before anybody looks at who serves them, then all dossiers, whichever agency they
	// belong to, in one order: so does whoever pushes events of several.
	if err := agency.HoldServing(ctx, tx, ids...); err != nil {
		return nil, err
	}
	if _, err := dossier.LockOpen(ctx, tx, d.Vault, ids...); err != nil {
		return nil, err
	}
	moves := make([]AgencyMove, 0, len(agencies))
	for _, a := range agencies {
		move, err := d.moveAgency(ctx, tx, connection, a)
		if err != nil {
			return nil, err
		}
		moves = append(moves, move)
	}
	return moves, nil
}

func (d *Desk) moveAgency(ctx context.Context, tx pgx.Tx, connection string,
	a agency.Agency) (AgencyMove, error) {
	move := AgencyMove{Agency: a}
	if err := binding.Agency.Check(ctx, tx, d.Vault, "id = $1", a.ID); err != nil {
		return move, err
	}
	before, err := agency.ConnectionAt(ctx, tx, d.Vault, a.ID, d.today())
	if err != nil && !errors.Is(err, agency.ErrNoConnection) {
		return move, err
	}
	if err := agency.Serve(ctx, tx, d.Vault, connection, a.ID, d.today()); err != nil {
		return move, err
	}
	if before == "" || before == connection {
		return move, nil
	}
	move.Before = before
	open, err := dossier.LockOpen(ctx, tx, d.Vault, a.ID)
	if err != nil || len(open) == 0 {
		return move, err
	}
	leaving, arriving, err := d.partings(ctx, tx, a.ID, open, before, connection)
	if err != nil {
		return move, err
	}
	if move.Ended, err = d.endAt(ctx, tx, before, leaving); err != nil {
		return move, err
	}
	move.Transferred = len(arriving)
	return move, d.beginAt(ctx, tx, connection, a, arriving)
}

// partings says which dossiers the former connection serves no longer, and of which the new one is to be
// told. A dossier has two agencies: the other one may keep it with the former connection. The new one may
// serve it for the agency that decides; it is told that it serves the receiver too.
func (d *Desk) partings(ctx context.Context, tx pgx.Tx, moved agency.ID, open []dossier.Dossier, before,
	now string) (leaving, arriving []dossier.Dossier, err error) {
	serving := map[agency.ID]string{}
	for _, h := range open {
		other := h.ReceivingAgency
		if other == moved {
			other = h.DecidingAgency
		}
		by, known := serving[other]
		if other != moved && !known {
			by, err = agency.ConnectionAt(ctx, tx, d.Vault, other, d.today())
			if err != nil && !errors.Is(err, agency.ErrNoConnection) {
				return nil, nil, err
			}
			serving[other] = by
		}
		if by != before {
			leaving = append(leaving, h)
		}
		if by != now || h.ReceivingAgency == moved {
			arriving = append(arriving, h)
		}
	}
	return leaving, arriving, nil
}

// endAt ends what a connection has not taken. Taken is what it acknowledged since it serves the dossier: a
// system that pulls leaves no other trace.
func (d *Desk) endAt(ctx context.Context, tx pgx.Tx, connection string,
	leaving []dossier.Dossier) (events int, err error) {
	ids := idsOf(leaving)
	since, err := onestop.ServedSince(ctx, tx, connection, ids)
	if err != nil {
		return 0, err
	}
	had, err := dossier.Acknowledgements(ctx, tx, ids)
	if err != nil {
		return 0, err
	}
	taken := map[dossier.ID]dossier.Acknowledgement{}
	for _, a := range had {
		if !a.At.Before(since[a.Dossier]) {
			taken[a.Dossier] = a
		}
	}
	endings := make([]onestop.Ending, len(ids))
	for i, id := range ids {
		endings[i] = onestop.Ending{Dossier: id, Since: since[id], TakenAt: taken[id].At,
			Taken: taken[id].Revision}
	}
	if events, err = onestop.End(ctx, tx, d.Vault, connection, endings, d.Now()); err != nil {
		return events, err
	}
	headers, err := d.headers(ctx, tx, leaving...)
	if err != nil {
		return events, err
	}
	standings := map[dossier.ID]onestop.FormerStanding{}
	for i, h := range leaving {
		if _, ok := taken[h.ID]; ok {
			standings[h.ID] = onestop.FormerStanding{Header: headers[i], Entries: h.HistorySeq}
		}
	}
	return events, onestop.KeepStandings(ctx, tx, d.Vault, connection, standings)
}

// beginAt tells a connection of dossiers that it serves from now on. Those that the agency receives wait for
// its system to take them.
func (d *Desk) beginAt(ctx context.Context, tx pgx.Tx, connection string, a agency.Agency,
	arriving []dossier.Dossier) error {
	newest, err := dossier.NewestRevisions(ctx, tx, idsOf(arriving))
	if err != nil {
		return err
	}
	thin := map[dossier.ID]onestop.Thin{}
	var received []dossier.ID
	for _, h := range arriving {
		last := newest[h.ID]
		thin[h.ID] = d.thin(&h, announcement{revision: last.Number, sum: last.SHA256}, a.Code)
		if h.ReceivingAgency == a.ID {
			received = append(received, h.ID)
		}
	}
	if err := dossier.ChangeOver(ctx, tx, received); err != nil {
		return err
	}
	return onestop.Transfer(ctx, tx, connection, thin, d.Now())
}

func idsOf(dossiers []dossier.Dossier) []dossier.ID {
	ids := make([]dossier.ID, len(dossiers))
	for i, h := range dossiers {
		ids[i] = h.ID
	}
	return ids
}
