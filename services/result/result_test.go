package result

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/i18n"
	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

type archive struct {
	*testing.T
	db      *pgxpool.Pool
	v       *vault.Vault
	dossier dossier.ID
	other   dossier.ID
}

// seedSQL makes two bare dossiers, of one agency and one version of a procedure.
const seedSQL = `
with c as (insert into agency_calendar (name, definition) values ('office', '{}')),
a as (insert into agency (id, code, name, kind, calendar, valid_from) values ($1, 'H42', '{}', 'province', 'office', '2025-07-01')),
p as (insert into procedure (code) values ('x')),
pv as (insert into procedure_version (id, code, number, state, effective_from, definition, form_hash, content_hash, search_text, search)
    values ($1, 'x', 1, 'published', '2026-01-01', '{}', '', '', '', '')),
d as (insert into draft (id, party_id, person_id, procedure_version_id, procedure_code, case_id, lang, revision, created_at, updated_at, expires_at)
    select id, $1, $1, $1, 'x', '', 'vi', 1, now(), now(), now() from unnest($2::uuid[]) id)
insert into dossier (id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
    receiving_agency_id, deciding_agency_id, payment_status, lang, submitted_at)
select id, 'H42-261123-' || id, id, 'x', $1, '', $1, $1, $1, $1, 'none', 'vi', now() from unnest($2::uuid[]) id`

func newArchive(t *testing.T) *archive {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	k := &archive{T: t, db: pgtest.New(t), v: v, dossier: dossier.ID(postgres.NewID()),
		other: dossier.ID(postgres.NewID())}
	if _, err := k.db.Exec(t.Context(), seedSQL, postgres.NewID(),
		[]string{string(k.dossier), string(k.other)}); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *archive) tx(f func(tx pgx.Tx) error) error { return pgx.BeginFunc(k.Context(), k.db, f) }

func (k *archive) must(f func(tx pgx.Tx) error) {
	k.Helper()
	if err := k.tx(f); err != nil {
		k.Fatal(err)
	}
}

// deliver delivers a file whose hash is one letter repeated.
func (k *archive) deliver(to dossier.ID, letter string) *Result {
	k.Helper()
	var r *Result
	k.must(func(tx pgx.Tx) (err error) {
		r, err = Insert(k.Context(), tx, k.v, New{
			Dossier: to, Name: i18n.Text{Vi: "Giấy khai sinh", En: "Birth certificate"}, Number: "12/2026",
			IssuedOn: workday.DateOf(noon), File: postgres.NewID(),
			FileName: "Giấy khai sinh Trần Bảo An.pdf", Size: 9, SHA256: strings.Repeat(letter, 64),
			Signer: map[string]bool{"valid": true}, Now: noon,
		})
		return err
	})
	return r
}

func TestInsertAndFind(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	ctx := t.Context()
	r := k.deliver(k.dossier, "a")
	if r.State != Issued || r.FileName != "Giấy khai sinh Trần Bảo An.pdf" ||
		r.IssuedOn != workday.DateOf(noon) || r.Name.En != "Birth certificate" {
		t.Errorf("%+v", r)
	}
	if again := k.deliver(k.dossier, "a"); again.ID != r.ID || again.File != r.File {
		t.Errorf("delivered again: %+v", again)
	}
	k.deliver(k.other, "a")
	typed := " " + strings.ToLower(strings.ReplaceAll(string(r.Code), "-", " ")) + " "
	public, err := ByCode(ctx, k.db, k.v, typed)
	if err != nil || public.ID != r.ID || public.FileName != "" ||
		string(public.Signer) != `{"valid": true}` {
		t.Errorf("by its code: %+v, %v", public, err)
	}
	if found, err := Find(ctx, k.db, k.v, r.ID, k.dossier); err != nil || found.Code != r.Code {
		t.Errorf("%+v, %v", found, err)
	}
	if list, err := ForDossier(ctx, k.db, k.v, k.dossier); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	for name, find := range map[string]func() (*Result, error){
		"other dossier": func() (*Result, error) { return Find(ctx, k.db, k.v, r.ID, k.other) },
		"no id":         func() (*Result, error) { return Find(ctx, k.db, k.v, "x", k.dossier) },
		"other code":    func() (*Result, error) { return ByCode(ctx, k.db, k.v, string(NewCode())) },
		"no code":       func() (*Result, error) { return ByCode(ctx, k.db, k.v, "x") },
	} {
		if _, err := find(); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	var sealed string
	if err := k.db.QueryRow(ctx, `select encode(file_name_sealed, 'escape') from result limit 1`).
		Scan(&sealed); err != nil || strings.Contains(sealed, "An.pdf") {
		t.Errorf("%q, %v", sealed, err)
	}
}

func TestEveryMove(t *testing.T) {
	t.Parallel()
	states := []State{Issued, Superseded, Revoked}
	for _, from := range states {
		for _, to := range states {
			if got, want := canMove(from, to), from == Issued && to != Issued; got != want {
				t.Errorf("%s to %s: %v, want %v", from, to, got, want)
			}
		}
		for _, l := range i18n.Langs {
			if i18n.Keys(l)[from.Key()] == "" {
				t.Errorf("%s lacks %s", l, from.Key())
			}
		}
	}
}

func TestSupersedeAndRevoke(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	ctx := t.Context()
	old, by, elsewhere := k.deliver(k.dossier, "a"), k.deliver(k.dossier, "b"), k.deliver(k.other, "c")
	stale := *old
	if err := k.tx(func(tx pgx.Tx) error {
		return Supersede(ctx, tx, k.v, old, elsewhere, "", noon)
	}); !errors.Is(err, ErrLocked) {
		t.Errorf("by another dossier's: %v", err)
	}
	if err := k.tx(func(tx pgx.Tx) error {
		return Supersede(ctx, tx, k.v, old, old, "", noon)
	}); !errors.Is(err, ErrLocked) {
		t.Errorf("by itself: %v", err)
	}
	k.must(func(tx pgx.Tx) error { return Supersede(ctx, tx, k.v, old, by, "Sai họ tên", noon) })
	if err := k.tx(func(tx pgx.Tx) error {
		return Revoke(ctx, tx, k.v, &stale, "", noon)
	}); !errors.Is(err, ErrLocked) {
		t.Errorf("a stale hand revokes: %v", err)
	}
	k.must(func(tx pgx.Tx) error { return Revoke(ctx, tx, k.v, by, "Cấp nhầm", noon) })
	list, err := ForDossier(ctx, k.db, k.v, k.dossier)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	if list[0].State != Superseded || *list[0].SupersededBy != by.ID || list[0].Reason != "Sai họ tên" ||
		!list[0].EndedAt.Equal(noon) {
		t.Errorf("superseded %+v", list[0])
	}
	if list[1].State != Revoked || list[1].Reason != "Cấp nhầm" {
		t.Errorf("revoked %+v", list[1])
	}
	if public, err := ByCode(ctx, k.db, k.v, string(by.Code)); err != nil || public.State != Revoked {
		t.Errorf("verification of a revoked one: %+v, %v", public, err)
	}
}

func TestMarkOpenedOnce(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	r := k.deliver(k.dossier, "a")
	for i, want := range []bool{true, false} {
		k.must(func(tx pgx.Tx) error {
			first, err := MarkOpened(t.Context(), tx, r.ID, noon.Add(time.Duration(i)*time.Hour))
			if first != want {
				t.Errorf("time %d is the first: %v", i+1, first)
			}
			return err
		})
	}
	if list, err := ForDossier(t.Context(), k.db, k.v, k.dossier); err != nil ||
		!list[0].OpenedAt.Equal(noon) {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestStolenResult: a result or its bytes under another dossier is not there, nor can it be verified.
func TestStolenResult(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{`update result set dossier_id = $2 where dossier_id = $1`,
		`update result set file_id = 'another' where dossier_id = $1 and $1 <> $2::uuid`,
		`update result set number = '13/2026' where dossier_id = $1 and $1 <> $2::uuid`,
		`update result set signer = '{"valid": true, "trusted": true}' where dossier_id = $1 and $1 <> $2::uuid`,
		`update result set state = 'revoked', ended_at = now() where dossier_id = $1 and $1 <> $2::uuid`,
		`update result set reason = 'x', mark = mark || '' where dossier_id = $1 and $1 <> $2::uuid`} {
		k := newArchive(t)
		r := k.deliver(k.dossier, "a")
		if _, err := k.db.Exec(t.Context(), sql, k.dossier, k.other); err != nil {
			t.Fatal(err)
		}
		for _, of := range []dossier.ID{k.dossier, k.other} {
			if list, err := ForDossier(t.Context(), k.db, k.v, of); err != nil || len(list) != 0 {
				t.Errorf("%s: %+v, %v", sql, list, err)
			}
		}
		if _, err := ByCode(t.Context(), k.db, k.v, string(r.Code)); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestRevokedStaysRevoked: a result that ended neither counts again by the database alone, nor can its change
// be hidden by another one.
func TestRevokedStaysRevoked(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	ctx, r := t.Context(), k.deliver(k.dossier, "a")
	k.must(func(tx pgx.Tx) error { return Revoke(ctx, tx, k.v, r, "Cấp nhầm", noon) })
	if _, err := k.db.Exec(ctx, `update result set state = 'issued', ended_at = null, reason = ''`); err != nil {
		t.Fatal(err)
	}
	if held, err := Holding(ctx, k.db, k.v, []Code{r.Code}, noon); err != nil || len(held) != 0 {
		t.Errorf("it counts: %v, %v", held, err)
	}
	r.State = Issued
	if err := k.tx(func(tx pgx.Tx) error {
		return Revoke(ctx, tx, k.v, r, "", noon)
	}); !errors.Is(err, binding.ErrForeign) {
		t.Errorf("revoked once more: %v", err)
	}
	if _, err := ByCode(ctx, k.db, k.v, string(r.Code)); !errors.Is(err, ErrNotFound) {
		t.Errorf("by its code: %v", err)
	}
}

// TestStolenWaitingFile: a file that came for one dossier is named by no result of another.
func TestStolenWaitingFile(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	ctx, w := t.Context(), Waiting{"file", 9, strings.Repeat("a", 64)}
	k.must(func(tx pgx.Tx) error { return Wait(ctx, tx, k.v, k.dossier, w, noon) })
	if got, err := FindWaiting(ctx, k.db, k.v, k.dossier, w.File, noon); err != nil || got != w {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := k.db.Exec(ctx, `update result_waiting set dossier_id = $1`, k.other); err != nil {
		t.Fatal(err)
	}
	if _, err := FindWaiting(ctx, k.db, k.v, k.other, w.File, noon); !errors.Is(err, ErrFile) {
		t.Errorf("under another dossier: %v", err)
	}
}
