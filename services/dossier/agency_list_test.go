package dossier

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
)

func (w *world) changed(f AgencyFilter, after Place, limit int) (ids []ID, next Place, more bool) {
	w.Helper()
	list, next, more, err := ListChanged(w.Context(), w.db, w.v, f, after, limit)
	if err != nil {
		w.Fatal(err)
	}
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids, next, more
}

// TestNoChangeIsMissed: a transaction that began before a reading of the list and commits behind it is found
// by the next one, although it stands before places that were read.
func TestNoChangeIsMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	slow, quick := w.submit(w.party(), noon), w.submit(w.party(), noon)
	both := AgencyFilter{Agencies: []agency.ID{w.receiving, w.deciding}}
	tx, err := w.db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	late := *slow
	err = Record(ctx, tx, w.v, &late, NewEntry{Kind: KindReceived, Actor: officer, At: noon})
	if err != nil {
		t.Fatal(err)
	}
	w.move(quick, Received, KindReceived)
	settled, next, err := Horizon(ctx, w.db)
	if err != nil || settled >= next {
		t.Fatalf("settled %d, next %d, %v", settled, next, err)
	}
	ids, end, more := w.changed(both, Place{}, 10)
	if !slices.Equal(ids, []ID{slow.ID, quick.ID}) || more {
		t.Fatalf("%v, more %v", ids, more)
	}
	if end.Changed < settled {
		t.Fatalf("the reading ends at %d, before what is not settled from %d on", end.Changed, settled)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	ids, _, _ = w.changed(both, Place{Changed: settled}, 10)
	if !slices.Equal(ids, []ID{slow.ID, quick.ID}) {
		t.Errorf("the next reading finds %v", ids)
	}
	_, last, _ := w.changed(both, Place{}, 10)
	for deadline := time.Now().Add(2 * time.Minute); settled <= last.Changed; { // others use the same cluster
		if settled, _, err = Horizon(ctx, w.db); err != nil || time.Now().After(deadline) {
			t.Fatalf("settled up to %d, %v", settled, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if ids, _, _ := w.changed(both, Place{Changed: settled}, 10); len(ids) > 0 {
		t.Errorf("nothing has changed, and there are %v", ids)
	}
}

// TestPlaceInTheList: only what raises the row version moves a dossier, and each one stands there once.
func TestPlaceInTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	a, b := w.submit(w.party(), noon), w.submit(w.party(), noon)
	for name, f := range map[string]AgencyFilter{
		"receiver": {Agencies: []agency.ID{w.receiving}}, "decider": {Agencies: []agency.ID{w.deciding}},
		"both": {Agencies: []agency.ID{w.receiving, w.deciding}},
	} {
		ids, end, more := w.changed(f, Place{}, 1)
		if !slices.Equal(ids, []ID{a.ID}) || !more {
			t.Errorf("%s: %v, more %v", name, ids, more)
		}
		if ids, _, more := w.changed(f, end, 1); !slices.Equal(ids, []ID{b.ID}) || more {
			t.Errorf("%s behind: %v, more %v", name, ids, more)
		}
		counts, err := CountOf(ctx, w.db, f)
		if err != nil || len(counts) != 1 || counts[0].Number != 2 || counts[0].Status != Submitted {
			t.Errorf("%s: %+v %v", name, counts, err)
		}
	}
	if ids, _, _ := w.changed(AgencyFilter{}, Place{}, 10); len(ids) > 0 {
		t.Errorf("of no agency: %v", ids)
	}
	if moved, err := MarkSync(ctx, w.db, Delivered, a.ID); err != nil || moved != 1 {
		t.Fatal(moved, err)
	}
	f := AgencyFilter{Agencies: []agency.ID{w.receiving}}
	if ids, _, _ := w.changed(f, Place{}, 10); !slices.Equal(ids, []ID{a.ID, b.ID}) {
		t.Errorf("a push moves it: %v", ids)
	}
	if _, err := w.db.Exec(ctx, `update dossier set changed = 4611686018427387904 where id = $1`,
		a.ID); err != nil {
		t.Fatal(err)
	}
	w.tx(func(tx pgx.Tx) error { return SettleChanges(ctx, tx) })
	if ids, end, _ := w.changed(f, Place{}, 1); !slices.Equal(ids, []ID{a.ID}) || end.Changed != 0 {
		t.Errorf("restored into another cluster: %v, %+v", ids, end)
	}
	w.tx(func(tx pgx.Tx) error { // it is another's now, but for the portal it never was
		_, err := tx.Exec(ctx, `update dossier set mark = '\x00' where id = $1`, a.ID)
		return err
	})
	if ids, end, more := w.changed(f, Place{}, 1); len(ids) > 0 || !more || end.ID != a.ID {
		t.Errorf("not written by the portal: %v, more %v, %+v", ids, more, end)
	}
}

const manySQL = `
with a as (insert into agency (id, code, name, kind, calendar, valid_from)
  select gen_random_uuid(), 'H42.37.' || n, '{}', 'commune', 'office', '2025-07-01' from generate_series(1, 98) n returning id),
o as (select id, row_number() over () % 100 as turn from (select id from a union all select $3::uuid union all select $5::uuid) x),
d as (insert into draft (id, party_id, person_id, procedure_version_id, procedure_code, case_id, lang, state, revision,
    created_at, updated_at, expires_at)
  select gen_random_uuid(), $1, $1, $2, '1.001193', '', 'vi', 'editing', 1, now(), now(), now()
  from generate_series(1, $4) returning id)
insert into dossier (id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
    receiving_agency_id, deciding_agency_id, status, payment_status, lang, submitted_at, due_at)
select gen_random_uuid(), 'H42.37.14329-261123-' || n, d.id, '1.001193', $2, '', $1, $1, o.id,
    case n % 7 when 1 then $5 else o.id end, case n % 50 when 0 then 'submitted' else 'completed' end, 'none', 'vi', now(), now()
from (select id, row_number() over () as n from d) d join o on o.turn = d.n / 3 % 100`

// fill adds dossiers of a hundred agencies; one in fifty is open, and one in seven is decided by the agency
// that decides.
func (w *world) fill(rows int) {
	w.Helper()
	ctx := w.Context()
	if _, err := w.db.Exec(ctx, manySQL, w.party(), w.version, w.receiving, rows, w.deciding); err != nil {
		w.Fatal(err)
	}
	if _, err := w.db.Exec(ctx, `analyze dossier`); err != nil {
		w.Fatal(err)
	}
}

// plan is how the database carries a statement out.
func (w *world) plan(sql string, args pgx.NamedArgs) string {
	w.Helper()
	rows, err := w.db.Query(w.Context(), "explain analyze "+sql, args)
	if err != nil {
		w.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// TestListsUseTheirIndex: no list reads the whole table, whichever agencies it is about.
func TestListsUseTheirIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(20_000)
	rows, err := w.db.Query(t.Context(), `select id::text from agency`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[agency.ID])
	if err != nil {
		t.Fatal(err)
	}
	open := []Status{Submitted, Received}
	for name, c := range map[string]struct {
		filter AgencyFilter
		index  string
	}{
		"everything": {AgencyFilter{}, "dossier_received_by"},
		"open ones":  {AgencyFilter{Statuses: open}, "dossier_open_received_by"},
		"changed":    {AgencyFilter{ChangedSince: time.Now().Add(-time.Hour)}, "dossier_received_by"},
		"overdue":    {AgencyFilter{Statuses: open, DueBefore: time.Now()}, "dossier_open_received_by"},
		"ended ones": {AgencyFilter{Statuses: []Status{Completed}}, "dossier_received_by"},
	} {
		for _, agencies := range [][]agency.ID{{w.receiving}, {w.deciding}, all} {
			c.filter.Agencies = agencies
			sql, args := c.filter.changesSQL()
			args["changed"], args["id"], args["limit"] = 1, firstID, 101
			plan := w.plan(sql, args)
			if strings.Contains(plan, "Seq Scan on dossier") || !strings.Contains(plan, c.index) {
				t.Errorf("%s of %d agencies:\n%s", name, len(agencies), plan)
			}
			t.Logf("%s of %d agencies: %s", name, len(agencies), plan[strings.LastIndex(plan, "\n")+1:])
		}
	}
}
