package dossier

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/postgres"
)

func TestOnlyItsOwnerFindsADossier(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	owner, other := w.party(), w.party()
	d := w.submit(owner, noon)
	if got, err := FindByCode(ctx, w.db, w.v, d.Code, owner); err != nil || got.ID != d.ID {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := FindByDraft(ctx, w.db, w.v, d.Draft, owner); err != nil || got.ID != d.ID {
		t.Errorf("by its draft: %+v, %v", got, err)
	}
	unsubmitted := w.draft(owner)
	w.tx(func(tx pgx.Tx) error {
		for name, err := range map[string]error{
			"other party":       second(FindByCode(ctx, tx, w.v, d.Code, other)),
			"other party locks": second(LockOwn(ctx, tx, w.v, d.Code, other)),
			"other code":        second(FindByCode(ctx, tx, w.v, code(99), owner)),
			"other's draft":     second(FindByDraft(ctx, tx, w.v, d.Draft, other)),
			"unsubmitted draft": second(FindByDraft(ctx, tx, w.v, unsubmitted.ID, owner)),
			"no draft id":       second(FindByDraft(ctx, tx, w.v, "x", owner)),
			"other agency": second(FindForAgencies(ctx, tx, w.v, d.Code,
				[]agency.ID{agency.ID(postgres.NewID())})),
			"other agency locks": second(LockByCode(ctx, tx, w.v, d.Code, nil)),
			"no id":              second(Lock(ctx, tx, w.v, "x")),
			"public, no code":    second(PublicStatus(ctx, tx, w.v, "x")),
		} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		_, err := LockOwn(ctx, tx, w.v, d.Code, owner)
		return errors.Join(err, second(LockByCode(ctx, tx, w.v, d.Code, []agency.ID{w.deciding})),
			second(Lock(ctx, tx, w.v, d.ID)))
	})
	p, err := PublicStatus(ctx, w.db, w.v, d.Code)
	if err != nil || p.Status != Submitted || p.Code != d.Code ||
		p.ProcedureCode != "1.001193" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestListInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.party()
	var want []Code
	for i := range 7 {
		// Three of them at one instant, which only the id parts.
		d := w.submit(owner, noon.Add(time.Duration(i/3)*time.Hour))
		want = append([]Code{d.Code}, want...)
		w.submit(w.party(), noon)
	}
	for _, limit := range []int{1, 2, 3, 7, 8} {
		var got []Code
		page := Page{Limit: limit}
		for {
			list, err := List(t.Context(), w.db, w.v, owner, page)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			for _, d := range list {
				got = append(got, d.Code)
			}
			page.Before = got[len(got)-1]
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v, want %v", limit, got, want)
		}
	}
	if list, err := List(t.Context(), w.db, w.v, w.party(), Page{Before: want[3]}); err != nil ||
		len(list) != 0 {
		t.Errorf("behind another party's code: %d rows, %v", len(list), err)
	}
}

func TestWaitingFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.party()
	asked, done := w.submit(owner, noon), w.submit(owner, noon)
	w.move(asked, Supplement, KindSupplementAsked)
	w.move(done, Refused, KindRefused)
	list, err := WaitingFor(t.Context(), w.db, w.v, owner)
	if err != nil || len(list) != 1 || list[0].ID != asked.ID {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestListsUseIndexes: with many rows no list reads more than its page.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d := w.submit(w.party(), noon)
	many := `with n as (select gen_random_uuid() as draft, gen_random_uuid() as owner, i from generate_series(1, 5000) i),
		dr as (insert into draft (id, party_id, person_id, procedure_version_id, procedure_code, case_id, lang, revision, created_at, updated_at, expires_at)
			select draft, owner, owner, $1, 'x', '', 'vi', 1, $3, $3, $3 from n)
		insert into dossier (id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
			receiving_agency_id, deciding_agency_id, payment_status, lang, submitted_at, status)
		select gen_random_uuid(), 'X-' || i, draft, 'x', $1, '', case when i % 2 = 0 then $4::uuid else owner end, owner, $2, $2, 'none', 'vi',
			$3 + i * interval '1 minute', 'submitted' from n`
	w.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `set local session_replication_role = replica`)
		if err == nil {
			_, err = tx.Exec(ctx, many, w.version, w.receiving, noon, d.Owner)
		}
		return err
	})
	if _, err := w.db.Exec(ctx, `analyze dossier`); err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]struct {
		sql   string
		args  []any
		index string
	}{
		"first page": {listSQL, []any{d.Owner, 20}, "dossier_own"},
		"next page":  {listBeforeSQL, []any{d.Owner, 20, "X-2500"}, "dossier_own"},
		"waiting":    {waitingSQL, []any{d.Owner, 20}, "dossier_waiting"},
		"by code":    {findOwnSQL, []any{"X-18", d.Owner}, "dossier_code"},
	} {
		rows, err := w.db.Query(ctx, "explain (analyze, timing off, summary off) "+q.sql, q.args...)
		if err != nil {
			t.Fatal(name, err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(name, err)
		}
		plan := strings.Join(lines, "\n")
		if !strings.Contains(plan, q.index) || strings.Contains(plan, "Sort") && name != "waiting" ||
			strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "Removed by Filter") {
			t.Errorf("%s does not go by %s alone:\n%s", name, q.index, plan)
		}
	}
}

func TestAccesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d := w.submit(w.party(), noon)
	for i, what := range []string{ReadRevision, ReadFile} {
		if err := RecordAccess(ctx, w.db, w.v, d.ID, officer, what,
			noon.Add(time.Duration(i)*time.Minute)); err !=
			nil {
			t.Fatal(err)
		}
	}
	list, err := Accesses(ctx, w.db, w.v, d.ID, "")
	if err != nil || len(list) != 2 || list[0].What != ReadFile || list[1].Actor != officer ||
		!list[1].At.Equal(noon) {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestLookUps: each gives what is right for its dossier, and nothing for what there is not.
func TestLookUps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	owner, other := w.party(), w.party()
	d := w.submit(owner, noon)
	if got, err := FindByID(ctx, w.db, w.v, d.ID, owner); err != nil || got.Code != d.Code {
		t.Errorf("by id: %+v, %v", got, err)
	}
	if got, err := Followers(ctx, w.db, w.v, d.Code); err != nil || len(got) != 2 || got[0] != owner ||
		got[1] != d.SubmittedBy {
		t.Errorf("followers %s, %v", got, err)
	}
	if got, err := DraftOfRevision(ctx, w.db, w.v, d.ID, 1); err != nil || got != d.Draft {
		t.Errorf("draft %s, %v", got, err)
	}
	if got, err := DecidingAgencyOf(ctx, w.db, w.v, d.ID); err != nil || got != w.deciding {
		t.Errorf("deciding agency %s, %v", got, err)
	}
	if got, err := LangOf(ctx, w.db, d.Code); err != nil || got != "vi" {
		t.Errorf("language %s, %v", got, err)
	}
	nobodys := ID(postgres.NewID())
	for name, err := range map[string]error{
		"by id of another party":     second(FindByID(ctx, w.db, w.v, d.ID, other)),
		"by an id that there is not": second(FindByID(ctx, w.db, w.v, nobodys, owner)),
		"owner of nothing":           second(Followers(ctx, w.db, w.v, code(99))),
		"a revision that is not":     second(DraftOfRevision(ctx, w.db, w.v, d.ID, 2)),
		"deciding agency of nothing": second(DecidingAgencyOf(ctx, w.db, w.v, nobodys)),
		"language of nothing":        second(LangOf(ctx, w.db, code(99))),
		"own revision that is not":   second(OwnRevision(ctx, w.db, w.v, d.ID, 2)),
		"revision of another agency": second(RevisionBytes(ctx, w.db, w.v, d.Code, 1,
			[]agency.ID{agency.ID(nobodys)})),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
}

// TestUnderWay: what has ended, is of another party or of another procedure is not under way.
func TestUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.party()
	w.submit(w.party(), noon)
	open, asked, refused := w.submit(owner, noon), w.submit(owner, noon.Add(time.Hour)), w.submit(owner, noon)
	w.move(asked, Supplement, KindSupplementAsked)
	w.move(refused, Refused, KindRefused)
	list, err := UnderWay(t.Context(), w.db, w.v, owner, "1.001193")
	if err != nil || len(list) != 2 || list[0].ID != asked.ID || list[1].ID != open.ID {
		t.Errorf("%d under way, %v", len(list), err)
	}
	if list, err := UnderWay(t.Context(), w.db, w.v, owner, "1.000894"); err != nil || len(list) != 0 {
		t.Errorf("of another procedure: %d, %v", len(list), err)
	}
}
