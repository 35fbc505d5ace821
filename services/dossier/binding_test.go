package dossier

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/postgres"
)

// write changes rows as somebody who can write to the database only.
func (w *world) write(sql string, args ...any) {
	w.Helper()
	w.tx(func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.Context(), `set local session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(w.Context(), sql, args...)
		return err
	})
}

// TestStolenDossier: whoever can write to the database gives somebody else's dossier to a thief who may log
// in, or to another agency. Neither finds it, and the check names the column.
func TestStolenDossier(t *testing.T) {
	t.Parallel()
	for column, c := range map[string]struct {
		to     func(w *world, thief identity.PartyID) string
		agency bool
	}{
		"owner_party_id": {func(_ *world, thief identity.PartyID) string { return string(thief) },
			false},
		"submitted_by": {func(_ *world, thief identity.PartyID) string { return string(thief) },
			false},
		"receiving_agency_id": {func(w *world, _ identity.PartyID) string { return string(w.other()) }, true},
		"deciding_agency_id":  {func(w *world, _ identity.PartyID) string { return string(w.other()) }, true},
	} {
		for way, set := range map[string]string{"": "", "with no mark": ", mark = null",
			"with a mark of its own": `, mark = decode(repeat('ab', 32), 'hex')`} {
			t.Run(column+" "+way, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				ctx, owner, thief := t.Context(), w.party(), w.party()
				d := w.submit(owner, noon)
				to := c.to(w, thief)
				w.write(`update dossier set `+column+` = $2`+set+` where id = $1`, d.ID, to)
				got := map[string]error{
					"by code":  second(FindByCode(ctx, w.db, w.v, d.Code, thief)),
					"by id":    second(FindByID(ctx, w.db, w.v, d.ID, thief)),
					"readers":  second(FindForReaders(ctx, w.db, w.v, d.Code, thief, thief)),
					"tracking": second(Followers(ctx, w.db, w.v, d.Code)),
					"agency":   second(FindForAgencies(ctx, w.db, w.v, d.Code, []agency.ID{agency.ID(to)})),
					"bytes":    second(RevisionBytes(ctx, w.db, w.v, d.Code, 1, []agency.ID{agency.ID(to)})),
					"revision": second(OwnRevision(ctx, w.db, w.v, d.ID, 1)),
				}
				for what, err := range got {
					if !errors.Is(err, ErrNotFound) {
						t.Errorf("%s: %v", what, err)
					}
				}
				for what, list := range map[string]func() ([]Dossier, error){
					"list": func() ([]Dossier, error) { return List(ctx, w.db, w.v, thief, Page{}) },
					"under way": func() ([]Dossier, error) {
						return UnderWay(ctx, w.db, w.v, thief, d.ProcedureCode)
					},
					"filed for": func() ([]Dossier, error) {
						return FiledFor(ctx, w.db, w.v, thief, thief,
							9)
					},
				} {
					if all, err := list(); err != nil || len(all) != 0 {
						t.Errorf("%s: %d, %v", what, len(all), err)
					}
				}
				err := VerifyChain(ctx, w.db, w.v, d.ID)
				if !errors.Is(err, ErrChain) || !strings.Contains(err.Error(), column) {
					t.Errorf("verify: %v", err)
				}
			})
		}
	}
}

// other is an agency that has to do with no dossier.
func (w *world) other() agency.ID {
	w.Helper()
	id := agency.ID(postgres.NewID())
	w.write(`insert into agency (id, code, name, kind, calendar, valid_from)
		select $2, 'H99', name, kind, calendar, valid_from from agency where id = $1`, w.receiving, id)
	return id
}

// TestStolenDraft gives a draft to a thief, and a dossier to the thief's own draft.
func TestStolenDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, owner, thief := t.Context(), w.party(), w.party()
	for _, column := range []string{"party_id", "acting_id", "person_id"} {
		d := w.draft(owner)
		w.write(`update draft set `+column+` = $2 where id = $1`, d.ID, thief)
		for _, party := range []identity.PartyID{owner, thief} {
			if _, err := FindDraft(ctx, w.db, w.v, d.ID, party); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", column, err)
			}
			if list, err := Drafts(ctx, w.db, w.v, party); err != nil || len(list) != 0 {
				t.Errorf("%s: %d, %v", column, len(list), err)
			}
		}
		if _, err := OwnerOfDraft(ctx, w.db, w.v, d.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", column, err)
		}
	}
	loot, own := w.submit(owner, noon), w.submit(thief, noon)
	w.write(`update draft set dossier_id = $2 where id = $1`, own.Draft, loot.ID)
	if _, err := FindByDraft(ctx, w.db, w.v, own.Draft, thief); !errors.Is(err, ErrNotFound) {
		t.Errorf("by draft: %v", err)
	}
	w.write(`update draft set dossier_id = $2 where id = $1`, own.Draft, own.ID)
	w.write(`update draft set dossier_id = $2 where id = $1`, loot.Draft, own.ID)
	w.write(`update draft set revision = 2, supplement = '{}' where id = $1`, loot.Draft)
	if _, err := DraftOfRevision(ctx, w.db, w.v, own.ID, 2); !errors.Is(err, ErrNotFound) {
		t.Errorf("the files of another dossier: %v", err)
	}
}

// TestStolenRevision: a revision of somebody else's dossier under a dossier of one's own does not open, and
// who is written into one as its person reads nothing of it.
func TestStolenRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, owner, thief := t.Context(), w.party(), w.party()
	loot, own := w.submit(owner, noon), w.submit(thief, noon)
	w.write(`insert into dossier_revision (dossier_id, number, body, sha256, person_id, created_at, mark)
		select $2, 2, body, sha256, $3, created_at, mark from dossier_revision where dossier_id = $1`, loot.ID,
		own.ID, thief)
	if r, err := OwnRevision(ctx, w.db, w.v, own.ID, 2); err == nil {
		t.Errorf("%+v", r)
	}
	if err := VerifyChain(ctx, w.db, w.v, own.ID); !errors.Is(err, ErrChain) {
		t.Errorf("%v", err)
	}
	w.write(`update dossier_revision set person_id = $2 where dossier_id = $1`, loot.ID, thief)
	if _, err := FindForReaders(ctx, w.db, w.v, loot.Code, thief, thief); !errors.Is(err, ErrNotFound) {
		t.Errorf("the readers of another's dossier: %v", err)
	}
}

// TestNamesOfOthers: an entry that names another person as a reader, or in a history, does not show the name.
func TestNamesOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, owner, victim := t.Context(), w.party(), w.party()
	d := w.submit(owner, noon)
	for _, record := range []func() error{
		func() error { return RecordReading(ctx, w.db, w.v, d.ID, w.party(), ReadHeader, noon) },
		func() error { return RecordAccess(ctx, w.db, w.v, d.ID, officer, ReadHeader, noon) },
	} {
		if err := record(); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := Accesses(ctx, w.db, w.v, d.ID, ""); err != nil || len(list) != 2 {
		t.Fatalf("%d, %v", len(list), err)
	}
	w.write(`update dossier_access set actor = jsonb_build_object('kind', 'citizen', 'person', $2::text)
		where dossier_id = $1`, d.ID, victim)
	list, err := Accesses(ctx, w.db, w.v, d.ID, "")
	if err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, a := range list {
		if want := (Access{ID: a.ID, Foreign: true}); a != want {
			t.Errorf("%+v, want %+v", a, want)
		}
	}
	w.write(`update dossier_history set actor = json_build_object('kind', 'citizen', 'person', $2::text)
		where dossier_id = $1`, d.ID, victim)
	if h, err := History(ctx, w.db, w.v, d.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("%+v, %v", h, err)
	}
}

// TestChainOfBefore: a dossier of before the marks is right when it has been bound, goes on with rows of the
// second version, and is as safe as any from then on.
func TestChainOfBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, owner := t.Context(), w.party()
	d := w.fiveEvents()
	w.asBefore(d)
	if err := VerifyChain(ctx, w.db, w.v, d.ID); !errors.Is(err, ErrChain) {
		t.Errorf("not bound yet: %v", err)
	}
	if _, err := FindByCode(ctx, w.db, w.v, d.Code, d.Owner); !errors.Is(err, ErrNotFound) {
		t.Errorf("not bound yet: %v", err)
	}
	if err := binding.OpenUntil(ctx, w.db, w.v, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := FindByCode(ctx, w.db, w.v, d.Code, d.Owner); err != nil {
		t.Errorf("in the window: %v", err)
	}
	if _, err := binding.Bind(ctx, w.db, w.v, binding.Tables, func(string, int) {}); err != nil {
		t.Fatal(err)
	}
	if err := binding.Close(ctx, w.db); err != nil {
		t.Fatal(err)
	}
	now, err := FindByCode(ctx, w.db, w.v, d.Code, d.Owner)
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifyChain(ctx, w.db, w.v, d.ID); err != nil {
		t.Errorf("bound: %v", err)
	}
	w.tx(func(tx pgx.Tx) error {
		return Record(ctx, tx, w.v, now, NewEntry{Kind: KindNote, Actor: officer, At: noon})
	})
	if h, err := History(ctx, w.db, w.v, d.ID); err != nil || len(h) != 6 {
		t.Errorf("%d, %v", len(h), err)
	}
	if err := VerifyChain(ctx, w.db, w.v, d.ID); err != nil {
		t.Errorf("gone on: %v", err)
	}
	w.write(`update dossier set owner_party_id = $2 where id = $1`, d.ID, owner)
	if err := VerifyChain(ctx, w.db, w.v, d.ID); !errors.Is(err, ErrChain) ||
		!strings.Contains(err.Error(), "owner_party_id") {
		t.Errorf("stolen: %v", err)
	}
	seen := []string{}
	if _, err := binding.Verify(ctx, w.db, w.v, func(f binding.Fault) error {
		seen = append(seen, f.String())
		return nil
	}); err != nil || len(seen) != 1 || !strings.HasPrefix(seen[0], "dossier "+string(d.ID)) {
		t.Errorf("%q, %v", seen, err)
	}
}

// asBefore makes a dossier what a program of before the marks would have made.
func (w *world) asBefore(d *Dossier) {
	w.Helper()
	rows, err := historyRows(w.Context(), w.db, d.ID)
	if err != nil {
		w.Fatal(err)
	}
	prev := []byte{}
	for _, r := range rows {
		r.Bound, r.PrevHash = nil, prev
		r.Hash = r.digest(d.ID)
		w.write(`update dossier_history set bound = null, prev_hash = $3, hash = $4
			where dossier_id = $1 and seq = $2`, d.ID, r.Seq, r.PrevHash, r.Hash)
		prev = r.Hash
	}
	w.write(`update dossier set mark = null, history_hash = $2, history_seal = $3 where id = $1`, d.ID, prev,
		endSeal(w.v, d.ID, len(rows), prev))
	w.write(`update draft set mark = null`)
	revision := w.revision(d.Code, 1)
	body, err := revision.Bytes()
	if err != nil {
		w.Fatal(err)
	}
	sealed, err := w.v.Seal(body, revisionBindBefore(d.ID, 1))
	if err != nil {
		w.Fatal(err)
	}
	w.write(`update dossier_revision set mark = null, body = $2 where dossier_id = $1`, d.ID, sealed)
}

// TestDigestOfBefore is the first version's hash, as it was before there was a second.
func TestDigestOfBefore(t *testing.T) {
	t.Parallel()
	r := historyRow{Seq: 1, At: noon, Kind: KindSubmitted, To: Submitted, ActorKind: Citizen, Actor: "{}",
		Data: "{}"}
	first := r.digest("0198c0de-0000-7000-8000-000000000001")
	text, err := json.Marshal(bound{})
	if err != nil {
		t.Fatal(err)
	}
	whose := string(text)
	r.Bound = &whose
	if second := r.digest("0198c0de-0000-7000-8000-000000000001"); string(first) == string(second) {
		t.Error("whose the dossier is does not matter")
	}
}
