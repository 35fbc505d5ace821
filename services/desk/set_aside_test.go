package desk_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/filestore"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// stray puts a file that no row names into the store, or changes the age of one that is there.
func stray(t *testing.T, p *desktest.Province, file string, age time.Duration) string {
	t.Helper()
	if file == "" {
		file = postgres.NewID()
		_, err := p.Files.Put(t.Context(), file, strings.NewReader("x"), 1)
		do(t, err)
	}
	at := p.Clock.Now().Add(-age)
	do(t, os.Chtimes(placeOf(p, file), at, at))
	return file
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// TestStrays: what no row names is set aside by its age and deleted later. What a row names stays, however
// old it is and whatever its row says; what may still get a row stays too.
func TestStrays(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, ctx := w.Province, t.Context()
	lan := person(t, p)
	const years = 3 * 365 * 24 * time.Hour
	old := stray(t, p, "", desk.AsideAfter+time.Minute)
	young := stray(t, p, "", desk.AsideAfter-time.Minute)
	named := []string{}
	draft := p.Copies(t, lan, 1)
	named = append(named, fileOf(t, p, lan, draft).File)
	code := p.Submitted(t, lan)
	named = append(named, view(t, p, lan, code).First.Files[0].ID)
	_, _, _, see := delivered(t, p)
	named = append(named, see().Results[0].File)
	removed := p.Copies(t, lan, 1)
	a := fileOf(t, p, lan, removed)
	do(t, p.Desk.RemoveAttachment(ctx, lan, removed, a.ID))
	named = append(named, a.File)
	for _, file := range named {
		stray(t, p, file, years)
	}
	part, fresh := filepath.Join(p.Folder, "tmp", "part"), filepath.Join(p.Folder, "tmp", "fresh")
	for path, age := range map[string]time.Duration{part: desk.AsidePartAfter + time.Minute,
		fresh: desk.AsidePartAfter - time.Minute} {
		do(t, os.WriteFile(path, []byte("x"), 0o600))
		at := p.Clock.Now().Add(-age)
		do(t, os.Chtimes(path, at, at))
	}

	want := desk.Stray{Looked: len(named) + 1, Files: 1, Parts: 1}
	if found, err := p.Desk.Strayed(ctx); err != nil || found != want || !exists(t, placeOf(p, old)) {
		t.Errorf("a look: %+v, %v, want %+v", found, err, want)
	}
	if done, err := p.Desk.SetAside(ctx); err != nil || done != want {
		t.Errorf("set aside: %+v, %v, want %+v", done, err, want)
	}
	for path, there := range map[string]bool{placeOf(p, old): false, placeOf(p, young): true, part: false,
		fresh: true, filepath.Join(p.Folder, "aside", old): true,
		filepath.Join(p.Folder, "aside", "part"): true} {
		if exists(t, path) != there {
			t.Errorf("%s: there is %t", path, !there)
		}
	}
	p.Clock.Advance(desk.AsideFor - time.Minute)
	if done, err := p.Desk.SetAside(ctx); err != nil || done.Forgotten != 0 || done.Aside != 2 {
		t.Errorf("shortly before: %+v, %v", done, err)
	}
	p.Clock.Advance(2 * time.Minute)
	if done, err := p.Desk.SetAside(ctx); err != nil || done.Forgotten != 2 {
		t.Errorf("at the end: %+v, %v", done, err)
	}
	for _, file := range named {
		if _, err := p.Files.Open(ctx, file); err != nil {
			t.Errorf("%s, which a row names: %v", file, err)
		}
	}
	if exists(t, filepath.Join(p.Folder, "aside", old)) {
		t.Error("it is still there")
	}
}

// TestAnOlderDatabaseRestored: files of the days that it does not know lie aside, and are back as soon as the
// right database is.
func TestAnOlderDatabaseRestored(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), person(t, p)
	asked, unasked := p.Copies(t, lan, 1), p.Copies(t, lan, 1)
	one, two := fileOf(t, p, lan, asked), fileOf(t, p, lan, unasked)
	stray(t, p, one.File, desk.AsideAfter+time.Hour)
	stray(t, p, two.File, desk.AsideAfter+time.Hour)
	_, err := p.Pool.Exec(ctx, `create table later as select * from attachment`)
	do(t, err)
	_, err = p.Pool.Exec(ctx, `delete from attachment`)
	do(t, err)
	if done, err := p.Desk.SetAside(ctx); err != nil || done.Files != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
	p.Clock.Advance(desk.AsideFor + time.Hour)
	_, err = p.Pool.Exec(ctx, `insert into attachment select * from later`)
	do(t, err)
	if s, err := p.Desk.Submit(ctx, lan, asked); err != nil || s.Code == "" {
		t.Errorf("asked for: %+v, %v", s, err)
	}
	// Its time aside is over, but a row names it.
	if done, err := p.Desk.SetAside(ctx); err != nil || done.Restored != 1 || done.Forgotten != 0 {
		t.Errorf("not asked for: %+v, %v", done, err)
	}
	if s, err := p.Desk.Submit(ctx, lan, unasked); err != nil || s.Code == "" {
		t.Errorf("not asked for: %+v, %v", s, err)
	}
}

// TestStraysStayWhereNothingBelongsTogether: other keys, another folder, an unmounted one, and a database
// that nothing is bound to.
func TestStraysStayWhereNothingBelongsTogether(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	old := stray(t, p, "", 2*desk.AsideAfter)
	other, err := vault.New()
	do(t, err)
	elsewhere := filepath.Join(t.TempDir(), "files")
	_, err = filestore.New(elsewhere, p.Vault)
	do(t, err)
	with := func(change func(*desk.Config)) *desk.Desk {
		c := p.Desk.Config
		change(&c)
		d, err := desk.New(c)
		do(t, err)
		return d
	}
	for what, d := range map[string]*desk.Desk{
		"other keys": with(func(c *desk.Config) {
			c.Vault, c.Files = other, filestore.At(p.Folder, other)
		}),
		"another folder": with(func(c *desk.Config) { c.Files = filestore.At(elsewhere, p.Vault) }),
		"no folder":      with(func(c *desk.Config) { c.Files = filestore.At(elsewhere+"-away", p.Vault) }),
	} {
		if done, err := d.SetAside(t.Context()); err == nil || done != (desk.Stray{}) {
			t.Errorf("%s: %+v, %v", what, done, err)
		}
	}
	_, err = p.Pool.Exec(t.Context(), `delete from installation`)
	do(t, err)
	if _, err := p.Desk.SetAside(t.Context()); !errors.Is(err, desk.ErrUnbound) {
		t.Errorf("nothing bound: %v", err)
	}
	if !exists(t, placeOf(p, old)) {
		t.Error("it was set aside")
	}
}

// TestAFileOnItsWayStays: one that is being written, however long it takes, is no stray.
func TestAFileOnItsWayStays(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{Real: true})
	lan := person(t, p)
	id := p.Copies(t, lan, 1)
	looks := readerFunc(func() {
		if done, err := p.Desk.SetAside(t.Context()); err != nil || done.Parts+done.Files > 0 {
			t.Errorf("%+v, %v", done, err)
		}
	})
	photo := append(desktest.Photo(t), 1)
	_, err := p.Desk.AddAttachment(t.Context(), lan, id, related, attachment.Incoming{Name: "b.png",
		Reader: &during{r: bytes.NewReader(photo), then: looks}})
	do(t, err)
	if s, err := p.Desk.Submit(t.Context(), lan, id); err != nil || s.Code == "" {
		t.Errorf("%+v, %v", s, err)
	}
}

type readerFunc func()

// during reads, and does something before it ends.
type during struct {
	r    *bytes.Reader
	then readerFunc
}

func (d *during) Read(b []byte) (int, error) {
	if d.r.Len() == 0 && d.then != nil {
		d.then()
		d.then = nil
	}
	return d.r.Read(b)
}

// TestNothingIsSweptWhereNothingBelongsTogether: a removed file stays while the keys are not the database's,
// and its row with it while its folder is away.
func TestNothingIsSweptWhereNothingBelongsTogether(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), person(t, p)
	id := p.Copies(t, lan, 1)
	a := fileOf(t, p, lan, id)
	do(t, p.Desk.RemoveAttachment(ctx, lan, id, a.ID))
	p.Clock.Advance(2 * time.Hour)
	const rows = `select count(*) from attachment where file_id = $1`
	const spoil = `update installation set canary_index = sha256(canary_index)`
	var index []byte
	do(t, p.Pool.QueryRow(ctx, `select canary_index from installation`).Scan(&index))
	_, err := p.Pool.Exec(ctx, spoil)
	do(t, err)
	refused(t, "other keys", p.Desk.Tidy(ctx), desk.ErrOtherKeys)
	_, err = p.Pool.Exec(ctx, `update installation set canary_index = $1`, index)
	do(t, err)
	do(t, os.Rename(p.Folder, p.Folder+"-away"))
	refused(t, "no folder", p.Desk.Tidy(ctx), filestore.ErrAway)
	do(t, os.Rename(p.Folder+"-away", p.Folder))
	if count(t, p, rows, a.File) != 1 || !exists(t, placeOf(p, a.File)) {
		t.Error("it was swept")
	}
	do(t, p.Desk.Tidy(ctx))
	if count(t, p, rows, a.File) != 0 || exists(t, placeOf(p, a.File)) {
		t.Error("it was not swept")
	}
}
