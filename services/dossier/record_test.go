package dossier

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

func TestLifeOfADossier(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	party := w.party()
	d := w.submit(party, noon)
	w.move(d, Received, KindReceived)
	w.move(d, Processing, KindProcessing)
	w.tx(func(tx pgx.Tx) error {
		return Record(ctx, tx, w.v, d, NewEntry{Kind: KindSupplementAsked, Actor: officer, At: noon,
			Note: "Ảnh giấy chứng sinh bị mờ", Data: map[string]any{"deadline": "2026-11-26"}})
	})
	if d.PausedAt == nil || d.ReturnTo == nil || *d.ReturnTo != Processing {
		t.Errorf("a supplement: paused %v, returns to %v", d.PausedAt, d.ReturnTo)
	}
	if err := w.try(func(tx pgx.Tx) error {
		return move(ctx, tx, w.v, d, Received, NewEntry{Kind: KindSupplemented, Actor: officer, At: noon})
	}); !errors.Is(err, ErrMove) {
		t.Errorf("back to where it did not come from: %v", err)
	}
	w.tx(func(tx pgx.Tx) error {
		body, err := w.revision(d.Code, 2).Bytes()
		if err != nil {
			return err
		}
		if _, err := InsertRevision(ctx, tx, w.v, NewRevision{
			Dossier: d.ID, Owner: d.Owner, Number: 2, Body: body, Person: party, At: noon,
		}); err != nil {
			return err
		}
		return Record(ctx, tx, w.v, d, NewEntry{Kind: KindSupplemented, Actor: citizen(party), Revision: 2,
			At: noon})
	})
	w.move(d, Completed, KindCompleted)
	w.move(d, Returned, KindReturned)
	stored, err := FindByCode(ctx, w.db, w.v, d.Code, party)
	if err != nil {
		t.Fatal(err)
	}
	if stored.Status != Returned || stored.PausedAt != nil || stored.ReturnTo != nil ||
		stored.ReceivedAt == nil ||
		stored.CompletedAt == nil || stored.RowVersion != d.RowVersion ||
		!bytes.Equal(stored.HistoryHash, d.HistoryHash) {
		t.Errorf("stored %+v\nin hand %+v", stored, d)
	}
	checkHistory(t, w, d, party)
}

func checkHistory(t *testing.T, w *world, d *Dossier, party any) {
	t.Helper()
	events, err := History(t.Context(), w.db, w.v, d.ID)
	if err != nil || len(events) != 7 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	first, asked := events[0], events[3]
	if first.From != "" || first.To != Submitted || first.Revision != 1 || first.Actor.Person != party ||
		first.Actor.Name != "" {
		t.Errorf("first event %+v", first)
	}
	if asked.Note != "Ảnh giấy chứng sinh bị mờ" || asked.Actor != officer ||
		asked.Data["deadline"] != "2026-11-26" || !asked.At.Equal(noon) {
		t.Errorf("supplement event %+v", asked)
	}
	if err := VerifyChain(t.Context(), w.db, w.v, d.ID); err != nil {
		t.Error(err)
	}
}

// TestStaleHand: who read the dossier before another changed it changes nothing.
func TestStaleHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.submit(w.party(), noon)
	stale := *d
	w.move(d, Received, KindReceived)
	ctx := t.Context()
	for name, act := range map[string]func(tx pgx.Tx, d *Dossier) error{
		"move": func(tx pgx.Tx, d *Dossier) error {
			return Record(ctx, tx, w.v, d, NewEntry{Kind: KindRefused, Actor: officer, At: noon})
		},
		"note": func(tx pgx.Tx, d *Dossier) error {
			return Record(ctx, tx, w.v, d, NewEntry{Kind: KindNote, Actor: officer, At: noon})
		},
		"due":  func(tx pgx.Tx, d *Dossier) error { return setDue(ctx, tx, d, workday.Due{At: noon}) },
		"code": func(tx pgx.Tx, d *Dossier) error { return SetOfficeCode(ctx, tx, d, "X") },
		"transfer": func(tx pgx.Tx, d *Dossier) error {
			return Transfer(ctx, tx, w.v, d, Receiving, w.deciding, noon)
		},
	} {
		hand := stale
		if err := w.try(func(tx pgx.Tx) error { return act(tx, &hand) }); !errors.Is(err, ErrLocked) {
			t.Errorf("%s: %v, want ErrLocked", name, err)
		}
		if hand.RowVersion != stale.RowVersion || hand.Status != stale.Status {
			t.Errorf("%s: a refused change shows in hand", name)
		}
	}
	if err := VerifyChain(ctx, w.db, w.v, d.ID); err != nil {
		t.Error(err)
	}
}

func TestHeaderSetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d := w.submit(w.party(), noon)
	steps := []workday.Step{{Date: day, Why: workday.Received}, {Date: day.AddDays(1), Counted: true,
		Why: workday.Counted}}
	w.tx(func(tx pgx.Tx) error {
		return errors.Join(
			SetSync(ctx, tx, d, Delivered), SetSync(ctx, tx, d, Delivered), SetSync(ctx, tx, d, Acknowledged),
			SetDelivery(ctx, tx, d, Ready), SetPayment(ctx, tx, d, Owed), SetPayment(ctx, tx, d, Paid),
			setDue(ctx, tx, d, workday.Due{At: noon.AddDate(0, 0, 1), Steps: steps}),
			SetOfficeCode(ctx, tx, d, "MC-1"),
		)
	})
	if err := w.try(func(tx pgx.Tx) error {
		return SetDelivery(ctx, tx, d, Delivery("lost"))
	}); !errors.Is(err, ErrMove) {
		t.Errorf("an unknown state: %v", err)
	}
	got, err := FindByCode(ctx, w.db, w.v, d.Code, d.Owner)
	if err != nil {
		t.Fatal(err)
	}
	if got.Sync != Acknowledged || got.Delivery != Ready || got.Payment != Paid ||
		!got.DueAt.Equal(noon.AddDate(0, 0, 1)) ||
		len(got.DueSheet) != 2 || got.DueSheet[1] != steps[1] || *got.OfficeCode != "MC-1" {
		t.Errorf("stored %+v", got)
	}
	if got.Status != Submitted || got.RowVersion != d.RowVersion {
		t.Errorf("status %s, version %d and %d", got.Status, got.RowVersion, d.RowVersion)
	}
	if changed, err := MarkSync(ctx, w.db, Failing, d.ID); err != nil || changed != 0 {
		t.Errorf("what was acknowledged fails again: %v, %v", changed, err)
	}
	if changed, err := MarkSync(ctx, w.db, Waiting, d.ID); err != nil || changed != 1 {
		t.Errorf("a new event: %v, %v", changed, err)
	}
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d := w.submit(w.party(), noon)
	third := agency.ID(postgres.NewID())
	_, err := w.db.Exec(ctx,
		`insert into agency (id, code, name, kind, calendar, valid_from) values ($1, 'H42.37.14359', '{}', 'commune', 'office', '2025-07-01')`, third)
	if err != nil {
		t.Fatal(err)
	}
	w.tx(func(tx pgx.Tx) error { return Transfer(ctx, tx, w.v, d, Receiving, third, noon.Add(time.Hour)) })
	if err := w.try(func(tx pgx.Tx) error {
		return Transfer(ctx, tx, w.v, d, Receiving, third, noon.Add(2*time.Hour))
	}); !errors.Is(err, ErrMove) {
		t.Errorf("to where it is: %v", err)
	}
	if _, err := FindForAgencies(ctx, w.db, w.v, d.Code, []agency.ID{w.receiving}); !errors.Is(err,
		ErrNotFound) {
		t.Errorf("the agency that gave it away still finds it: %v", err)
	}
	for _, id := range []agency.ID{third, w.deciding} {
		if _, err := FindForAgencies(ctx, w.db, w.v, d.Code, []agency.ID{id}); err != nil {
			t.Errorf("agency %s: %v", id, err)
		}
	}
	n := count(ctx, t, w.db, `select count(*) from dossier_agency where dossier_id = $1 and role = 'receiving'
		and (agency_id = $2 and to_at = $4 or agency_id = $3 and from_at = $4 and to_at is null)`, d.ID,
		w.receiving, third, noon.Add(time.Hour))
	if n != 2 {
		t.Errorf("%d rows of the receiving agencies over time, want 2", n)
	}
}

// TestEveryKindIsForWhoMayCauseIt tries every kind by every actor from every status: it is refused to whom
// the table does not name, and else goes where the table says or is ErrMove. What is refused does not reach
// the database.
func TestEveryKindIsForWhoMayCauseIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.submit(w.party(), noon)
	for _, status := range Statuses {
		for _, row := range kinds {
			for _, by := range actorKinds {
				hand := *d
				hand.Status = status
				if back := Processing; status.Waits() {
					hand.ReturnTo = &back
				}
				w.tryKind(&hand, row, by)
			}
		}
	}
	err := Record(t.Context(), nil, w.v, d, NewEntry{Kind: "lost", Actor: officer, At: noon})
	if err == nil || errors.Is(err, ErrMove) {
		t.Errorf("a kind that there is not: %v", err)
	}
}

func (w *world) tryKind(d *Dossier, row kindRow, by ActorKind) {
	w.Helper()
	ctx, from, to := w.Context(), d.Status, d.target(row)
	entry := NewEntry{Kind: row.kind, Actor: Actor{Kind: by}, At: noon}
	switch may, allowed := slices.Contains(row.by, by), d.Allows(row.kind); {
	case !may:
		if err := Record(ctx, nil, w.v, d, entry); err == nil || errors.Is(err, ErrMove) {
			w.Errorf("%s by %s: %v, want a refusal", row.kind, by, err)
		}
		return
	case row.moves() && !d.CanMove(to):
		if err := Record(ctx, nil, w.v, d, entry); !errors.Is(err, ErrMove) || !errors.Is(allowed, ErrMove) {
			w.Errorf("%s when %s: %v and %v, want ErrMove", row.kind, from, err, allowed)
		}
		return
	case allowed != nil:
		w.Errorf("%s when %s: %v", row.kind, from, allowed)
	}
	undo := errors.New("take it back")
	err := w.try(func(tx pgx.Tx) error {
		const set = `update dossier set status = $2, return_to = $3 where id = $1`
		if _, err := tx.Exec(ctx, set, d.ID, d.Status, d.ReturnTo); err != nil {
			return err
		}
		if err := Record(ctx, tx, w.v, d, entry); err != nil {
			return err
		}
		return undo
	})
	if want := map[bool]Status{true: to, false: from}[row.moves()]; !errors.Is(err, undo) ||
		d.Status != want {
		w.Errorf("%s by %s when %s: %v, led to %s, want %s", row.kind, by, from, err, d.Status, want)
	}
	if paused := d.PausedAt != nil; paused != (row.moves() && to.pauses()) {
		w.Errorf("%s when %s: the clock stands still is %v", row.kind, from, paused)
	}
}
