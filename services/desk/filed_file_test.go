package desk_test

import (
	"os"
	"testing"
	"time"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/postgres"
)

// A row of the draft $1 that gives up the file of another row, $2.
const givenUpSQL = `
insert into attachment (id, draft_id, requirement, file_id, name_sealed, media_type, size, sha256, state, created_at,
    removed_at, mark)
select gen_random_uuid(), $1, 'x', $2, 'x', 'image/png', 1, repeat('0', 64), 'removed', '2026-01-01', '2026-01-01', mark
from attachment limit 1`

// TestTheDatabaseTakesNoFile: whoever writes the database as the running role, and has no keys, has the
// portal delete neither what was filed nor what was issued, nor what lies in somebody's draft.
func TestTheDatabaseTakesNoFile(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, ctx := w.Province, t.Context()
	running := p.Desk.Pool
	lan := person(t, p)
	code := p.Submitted(t, lan)
	filed := view(t, p, lan, code).First.Files[0].ID
	_, _, _, see := delivered(t, p)
	issued := see().Results[0].File
	open, other := p.Copies(t, lan, 1), p.Copies(t, lan, 1)
	mine := fileOf(t, p, lan, open)
	files := map[string]string{"filed": filed, "issued": issued, "in a draft": mine.File}

	for _, sql := range []string{
		`update attachment set state = 'removed', removed_at = '2026-01-01' where file_id = $1`,
		`delete from attachment where file_id = $1`,
		`update attachment set draft_id = draft_id where file_id = $1`,
		`update attachment set mark = null where file_id = $1`,
		`delete from filed_file where file_id = $1`,
		`update filed_file set file_id = file_id || 'x' where file_id = $1`,
		`update draft set state = 'discarded', updated_at = '2026-01-01' where id = (select draft_id from attachment where file_id = $1)`,
		`update draft set dossier_id = null where id = (select draft_id from attachment where file_id = $1)`,
	} {
		if _, err := running.Exec(ctx, sql, filed); err == nil {
			t.Errorf("%s: done", sql)
		}
	}
	for _, file := range files {
		_, err := running.Exec(ctx, givenUpSQL, other, file)
		do(t, err)
	}
	// These may be written, and say nothing.
	_, err := running.Exec(ctx, `update attachment set state = 'removed', removed_at = '2026-01-01',
		removal = mark where file_id = $1`, mine.File)
	do(t, err)
	_, err = running.Exec(ctx, `update result set file_id = $2 where file_id = $1`, issued, postgres.NewID())
	do(t, err)
	looked(t, p, files)
	// With the owner's own hand the rows go altogether: what was filed is known all the same.
	_, err = p.Pool.Exec(ctx, `alter table attachment disable trigger user`)
	do(t, err)
	_, err = p.Pool.Exec(ctx, `delete from attachment where file_id = any($1)`, []string{filed, issued})
	do(t, err)
	looked(t, p, files)
}

// looked lets the portal tidy as it does, for months, and proves that files are in their place.
func looked(t *testing.T, p *desktest.Province, files map[string]string) {
	t.Helper()
	for range 3 {
		for _, file := range files {
			old := p.Clock.Now().Add(-2 * desk.AsideAfter)
			do(t, os.Chtimes(placeOf(p, file), old, old))
		}
		p.Clock.Advance(2 * time.Hour)
		do(t, p.Desk.Tidy(t.Context()))
		if done, err := p.Desk.SetAside(t.Context()); err != nil || done.Files+done.Forgotten > 0 {
			t.Errorf("set aside: %+v, %v", done, err)
		}
		for what, file := range files {
			if !exists(t, placeOf(p, file)) {
				t.Fatalf("the file %s is gone", what)
			}
		}
		p.Clock.Advance(desk.AsideFor / 3)
	}
}

// TestEveryFiledFileIsNamed: filing and delivering write down which files stay for ever.
func TestEveryFiledFileIsNamed(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.Province
	code := p.Submitted(t, person(t, p))
	_, _, _, see := delivered(t, p)
	if len(see().Results) != 1 || code == "" {
		t.Fatal("nothing was filed")
	}
	const unnamed = `select count(*) from (
		select a.file_id from attachment a join draft d on d.id = a.draft_id where d.state = 'submitted' and a.state = 'kept'
		union select file_id from result) f where not exists (select from filed_file n where n.file_id = f.file_id)`
	if n := count(t, p, unnamed); n != 0 {
		t.Errorf("%d files that were filed or issued are not named", n)
	}
	if n := count(t, p, `select count(*) from filed_file`); n < 3 {
		t.Errorf("%d files are named", n)
	}
}
