package dossier

import (
	"bytes"
	"errors"
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
		return Move(ctx, tx, w.v, d, MoveIn{To: Supplement, Kind: KindSupplementAsked, Actor: officer, At: noon,
			Note: "Ảnh giấy chứng sinh bị mờ", Data: map[string]any{"deadline": "2026-11-26"}})
	})
	if d.PausedAt == nil || d.ReturnTo == nil || *d.ReturnTo != Processing {
		t.Errorf("a supplement: paused %v, returns to %v", d.PausedAt, d.ReturnTo)
	}
	if err := w.try(func(tx pgx.Tx) error {
		return Move(ctx, tx, w.v, d, MoveIn{To: Received, Kind: KindSupplemented, Actor: officer, At: noon})
	}); !errors.Is(err, ErrMove) {
		t.Errorf("back to where it did not come from: %v", err)
	}
	w.tx(func(tx pgx.Tx) error {
		body, err := w.revision(d.Code, 2).Bytes()
		if err != nil {
			return err
		}
		if _, err := InsertRevision(ctx, tx, w.v, d.ID, 2, body, party, noon); err != nil {
			return err
		}
		return Move(ctx, tx, w.v, d, MoveIn{To: Processing, Kind: KindSupplemented, Actor: citizen(party), Revision: 2, At: noon})
	})
	w.move(d, Completed, KindCompleted)
	w.move(d, Returned, KindReturned)
	stored, err := FindByCode(ctx, w.db, d.Code, party)
	if err != nil {
		t.Fatal(err)
	}
	if stored.Status != Returned || stored.PausedAt != nil || stored.ReturnTo != nil || stored.ReceivedAt == nil ||
		stored.CompletedAt == nil || stored.RowVersion != d.RowVersion || !bytes.Equal(stored.HistoryHash, d.HistoryHash) {
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
	if first.From != "" || first.To != Submitted || first.Revision != 1 || first.Actor.Person != party || first.Actor.Name != "" {
		t.Errorf("first event %+v", first)
	}
	if asked.Note != "Ảnh giấy chứng sinh bị mờ" || asked.Actor != officer || asked.Data["deadline"] != "2026-11-26" || !asked.At.Equal(noon) {
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
			return Move(ctx, tx, w.v, d, MoveIn{To: Refused, Kind: KindRefused, Actor: officer, At: noon})
		},
		"note": func(tx pgx.Tx, d *Dossier) error {
			return Note(ctx, tx, w.v, d, MoveIn{Kind: KindNote, Actor: officer, At: noon})
		},
		"due":      func(tx pgx.Tx, d *Dossier) error { return SetDue(ctx, tx, d, workday.Due{At: noon}) },
		"pause":    func(tx pgx.Tx, d *Dossier) error { return SetPaused(ctx, tx, d, &noon) },
		"code":     func(tx pgx.Tx, d *Dossier) error { return SetOfficeCode(ctx, tx, d, "X") },
		"transfer": func(tx pgx.Tx, d *Dossier) error { return Transfer(ctx, tx, d, Receiving, w.deciding, noon) },
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
	steps := []workday.Step{{Date: day, Why: workday.Received}, {Date: day.AddDays(1), Counted: true, Why: workday.Counted}}
	w.tx(func(tx pgx.Tx) error {
		return errors.Join(
			SetSync(ctx, tx, d, Delivered), SetSync(ctx, tx, d, Delivered), SetSync(ctx, tx, d, Acknowledged),
			SetDelivery(ctx, tx, d, Ready), SetPayment(ctx, tx, d, Owed), SetPayment(ctx, tx, d, Paid),
			SetDue(ctx, tx, d, workday.Due{At: noon.AddDate(0, 0, 1), Steps: steps}), SetPaused(ctx, tx, d, &noon),
			SetOfficeCode(ctx, tx, d, "MC-1"),
		)
	})
	if err := w.try(func(tx pgx.Tx) error { return SetDelivery(ctx, tx, d, Delivery("lost")) }); !errors.Is(err, ErrMove) {
		t.Errorf("an unknown state: %v", err)
	}
	got, err := FindByCode(ctx, w.db, d.Code, d.Owner)
	if err != nil {
		t.Fatal(err)
	}
	if got.Sync != Acknowledged || got.Delivery != Ready || got.Payment != Paid || !got.DueAt.Equal(noon.AddDate(0, 0, 1)) ||
		len(got.DueSheet) != 2 || got.DueSheet[1] != steps[1] || !got.PausedAt.Equal(noon) || *got.OfficeCode != "MC-1" {
		t.Errorf("stored %+v", got)
	}
	if got.Status != Submitted || got.RowVersion != d.RowVersion {
		t.Errorf("status %s, version %d and %d", got.Status, got.RowVersion, d.RowVersion)
	}
	if changed, err := MarkSync(ctx, w.db, d.ID, Failing); err != nil || changed {
		t.Errorf("what was acknowledged fails again: %v, %v", changed, err)
	}
	if changed, err := MarkSync(ctx, w.db, d.ID, Waiting); err != nil || !changed {
		t.Errorf("a new event: %v, %v", changed, err)
	}
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d := w.submit(w.party(), noon)
	third := agency.ID(postgres.NewID())
	_, err := w.db.Exec(ctx, `insert into agency (id, code, name, kind, calendar, valid_from) values ($1, 'H42.37.14359', '{}', 'commune', 'office', '2025-07-01')`, third)
	if err != nil {
		t.Fatal(err)
	}
	w.tx(func(tx pgx.Tx) error { return Transfer(ctx, tx, d, Receiving, third, noon.Add(time.Hour)) })
	if err := w.try(func(tx pgx.Tx) error { return Transfer(ctx, tx, d, Receiving, third, noon.Add(2*time.Hour)) }); !errors.Is(err, ErrMove) {
		t.Errorf("to where it is: %v", err)
	}
	if _, err := FindForAgencies(ctx, w.db, d.Code, []agency.ID{w.receiving}); !errors.Is(err, ErrNotFound) {
		t.Errorf("the agency that gave it away still finds it: %v", err)
	}
	for _, id := range []agency.ID{third, w.deciding} {
		if _, err := FindForAgencies(ctx, w.db, d.Code, []agency.ID{id}); err != nil {
			t.Errorf("agency %s: %v", id, err)
		}
	}
	n := count(ctx, t, w.db, `select count(*) from dossier_agency where dossier_id = $1 and role = 'receiving'
		and (agency_id = $2 and to_at = $4 or agency_id = $3 and from_at = $4 and to_at is null)`, d.ID, w.receiving, third, noon.Add(time.Hour))
	if n != 2 {
		t.Errorf("%d rows of the receiving agencies over time, want 2", n)
	}
}
