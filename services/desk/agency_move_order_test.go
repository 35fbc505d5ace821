package desk_test

import (
	"slices"
	"testing"
	"time"

	"congdvc/services/agency"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// waits ends when somebody waits for a lock of the database.
func waits(t testing.TB, p *desktest.Province) {
	t.Helper()
	const waiting = `
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock'`
	for end := time.Now().Add(time.Minute); count(t, p, waiting) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody waits for a lock")
		}
	}
}

// TestTwoMovesAtOnce: whoever moves an agency second finds it where the first one has moved it.
func TestTwoMovesAtOnce(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx := t.Context()
	code := p.Submitted(t, p.Citizen(t, 1))
	next, third := newSystem(t, p, "rieng"), newSystem(t, p, "khac")
	p.Clock.Advance(time.Minute)
	moved := make(chan error, 1)
	do(t, p.Desk.Tx(ctx, func(tx pgx.Tx) error {
		if _, err := p.Desk.MoveAgencies(ctx, tx, next, p.Commune); err != nil {
			return err
		}
		go func() {
			moved <- p.Desk.Tx(ctx, func(tx pgx.Tx) error {
				_, err := p.Desk.MoveAgencies(ctx, tx, third, p.Commune)
				return err
			})
		}()
		waits(t, p)
		return nil
	}))
	do(t, <-moved)
	same(t, "old log", logOf(t, p, p.Connection, code), dossier.EventEnded)
	same(t, "the first one's log", logOf(t, p, next, code), dossier.EventEnded)
	same(t, "the second one's log", logOf(t, p, third, code), dossier.EventTransferred)
}

// TestAgenciesMoveTogether: agencies that move in one transaction do not get into the way of somebody who
// holds dossiers of several, in the order of their ids.
func TestAgenciesMoveTogether(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	today := workday.DateOf(p.Desk.Now())
	communes, err := agency.List(ctx, p.Pool, agency.Filter{Kind: agency.Commune, On: today})
	do(t, err)
	here := slices.IndexFunc(communes, func(a agency.Agency) bool { return a.ID == p.Commune.ID })
	last, first := p.Commune, communes[(here+1)%len(communes)]
	if last.ID < first.ID {
		last, first = first, last
	}
	// The agency that moves last has the dossier with the lowest id.
	ids := map[agency.ID]dossier.ID{}
	for _, a := range []agency.Agency{last, first} {
		s, err := p.Desk.Submit(ctx, lan, copiesAt(t, p, lan, "2.000635", a.ID, a.UnitCode))
		do(t, err)
		d, err := dossier.FindForAgencies(ctx, p.Pool, p.Vault, s.Code, []agency.ID{a.ID})
		do(t, err)
		ids[a.ID] = d.ID
	}
	next := newSystem(t, p, "rieng")
	p.Clock.Advance(time.Minute)
	const hold = `select 1 from dossier where id = $1 for update`
	moved := make(chan error, 1)
	do(t, pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, hold, ids[last.ID]); err != nil {
			return err
		}
		go func() {
			moved <- pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error { // no second try
				_, err := p.Desk.MoveAgencies(ctx, tx, next, last, first)
				return err
			})
		}()
		waits(t, p)
		_, err := tx.Exec(ctx, hold, ids[first.ID])
		return err
	}))
	do(t, <-moved)
}
