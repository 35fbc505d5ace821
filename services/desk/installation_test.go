package desk_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/filestore"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// forgetStore is a database from before the markers.
const forgetStore = `update installation set store = null`

// TestBinding: a store is made only where database and folder are both new, and an older installation keeps
// the folder that has its files.
func TestBinding(t *testing.T) {
	t.Parallel()
	marker := func(p *desktest.Province) string { return filepath.Join(p.Folder, filestore.MarkerName) }
	empty := func(t *testing.T, p *desktest.Province) {
		do(t, os.Rename(p.Folder, p.Folder+"-away"))
		do(t, os.Mkdir(p.Folder, 0o700))
	}
	noFiles := func(t *testing.T, p *desktest.Province) {
		_, err := p.Pool.Exec(t.Context(), `
alter table attachment disable trigger user; alter table filed_file disable trigger user;
delete from attachment; delete from filed_file;
alter table attachment enable trigger user; alter table filed_file enable trigger user`)
		do(t, err)
	}
	unmarked := func(t *testing.T, p *desktest.Province) { do(t, os.Remove(marker(p))) }
	for what, c := range map[string]struct {
		changes []func(*testing.T, *desktest.Province)
		want    error
	}{
		"as it was, its marker found":       {nil, nil},
		"from before the markers":           {list(unmarked), nil},
		"files, and an empty folder":        {list(empty), desk.ErrOtherFiles},
		"files, one of them lost":           {list(unmarked, loseOne), desk.ErrOtherFiles},
		"files, one of them lost, a marker": {list(loseOne), desk.ErrOtherFiles},
		"no files, and an empty folder":     {list(noFiles, empty), nil},
		"no files, and a full folder":       {list(noFiles, unmarked), desk.ErrOtherFiles},
		"no files, a full folder, a marker": {list(noFiles), desk.ErrOtherFiles},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := desktest.New(t, desktest.Options{})
			lan := person(t, p)
			p.Submitted(t, lan)
			p.Copies(t, lan, 1)
			_, err := p.Pool.Exec(t.Context(), forgetStore)
			do(t, err)
			for _, change := range c.changes {
				change(t, p)
			}
			before := stored(t, p)
			i := p.Desk.Installation()
			i.Files = filestore.At(p.Folder, p.Vault)
			err = i.Bind(t.Context())
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if again := i.Bind(t.Context()); (again == nil) != (c.want == nil) {
				t.Errorf("again: %v", again)
			}
			if checked := i.Check(t.Context()); (checked == nil) != (c.want == nil) {
				t.Errorf("check: %v", checked)
			}
			if n := stored(t, p); n != before {
				t.Errorf("%d files, before %d", n, before)
			}
		})
	}
}

func list(changes ...func(*testing.T, *desktest.Province)) []func(*testing.T, *desktest.Province) {
	return changes
}

// loseOne takes one file away that the database names.
func loseOne(t *testing.T, p *desktest.Province) {
	var file string
	do(t, p.Pool.QueryRow(t.Context(), `select file_id from attachment order by created_at limit 1`).Scan(&file))
	do(t, os.Remove(placeOf(p, file)))
}

// TestAdopting: an operator binds a folder that was moved or restored, and has to say what is given up.
func TestAdopting(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx := t.Context()
	p.Submitted(t, person(t, p))
	i := p.Desk.Installation()
	store := i.Files.ID()
	bound := func(what string) {
		t.Helper()
		if err := i.Check(ctx); err != nil || i.Files.ID() != store {
			t.Errorf("%s: store %s, %v", what, i.Files.ID(), err)
		}
	}
	do(t, os.Remove(filepath.Join(p.Folder, filestore.MarkerName)))
	_, _, err := i.Adopt(ctx, desk.Adoption{})
	do(t, err)
	bound("the marker was lost")

	loseOne(t, p)
	_, m, err := i.Adopt(ctx, desk.Adoption{})
	if lost := (desk.MissingFiles{}); !errors.As(err, &lost) || lost.Missing != 1 || m.Files != 1 {
		t.Errorf("a file is missing: %v", err)
	}
	_, _, err = i.Adopt(ctx, desk.Adoption{Missing: true})
	do(t, err)
	bound("a file is given up")

	do(t, os.RemoveAll(p.Folder))
	another, err := filestore.New(p.Folder, p.Vault)
	do(t, err)
	_, _, err = i.Adopt(ctx, desk.Adoption{Missing: true})
	if !errors.Is(err, desk.ErrOtherFiles) || !strings.Contains(err.Error(), another.ID()) {
		t.Errorf("another store: %v", err)
	}
	_, _, err = i.Adopt(ctx, desk.Adoption{Missing: true, From: postgres.NewID()})
	refused(t, "a third store", err, desk.ErrOtherFiles)
	_, _, err = i.Adopt(ctx, desk.Adoption{Missing: true, From: another.ID()})
	do(t, err)
	bound("another store that is taken over")

	keys, err := vault.New()
	do(t, err)
	do(t, os.RemoveAll(p.Folder))
	_, err = filestore.New(p.Folder, keys)
	do(t, err)
	_, _, err = i.Adopt(ctx, desk.Adoption{Missing: true})
	refused(t, "a store of other keys", err, filestore.ErrForeignKeys)
}

// TestOneStoreForAll: processes that start at the same time bind one store.
func TestOneStoreForAll(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	_, err := p.Pool.Exec(t.Context(), `delete from installation`)
	do(t, err)
	do(t, os.RemoveAll(p.Folder))
	const many = 5
	ids, ended := make([]string, many), make(chan error)
	for n := range many {
		i := p.Desk.Installation()
		i.Files = filestore.At(p.Folder, p.Vault)
		go func() {
			err := i.Bind(t.Context())
			ids[n] = i.Files.ID()
			ended <- err
		}()
	}
	for range many {
		do(t, <-ended)
	}
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Errorf("stores %q", ids)
		}
	}
}
