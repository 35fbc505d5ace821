package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
	"congdvc/services/result"
)

const (
	// AsideAfter is the age from which a file that no row names is set aside. A row follows its file within
	// seconds; a week leaves time to notice that an older database was restored.
	AsideAfter = 7 * 24 * time.Hour
	// AsidePartAfter is the same for a file whose writing did not end: no upload takes so long.
	AsidePartAfter = 48 * time.Hour
	// AsideFor is how long what was set aside can still be brought back.
	AsideFor = 30 * 24 * time.Hour
	// asideLook bounds how many files one run compares with the tables; the next one goes on elsewhere.
	asideLook = 50_000
	asideStep = 1000
)

// Stray is what a look at the store for things that nobody needs found, or moved.
type Stray struct {
	Looked    int // files that were old enough to be looked for in the tables
	Files     int // that no row names
	Parts     int // that nobody goes on writing
	Aside     int // that lie aside
	Restored  int // that lay aside, and that a row names
	Forgotten int // that lay aside for long, and are deleted
}

// SetAside takes out of the store what no row names and nobody writes, when it is old enough, and deletes
// what was set aside long ago. What a row names comes back. It does nothing unless the keys and the store
// belong to the database. Errors: as of Installation.Check.
func (d *Desk) SetAside(ctx context.Context) (Stray, error) {
	// Another folder is the first each hour, so that the bound does not always spare the same ones.
	first := int(d.Now().Unix()/3600) * 11
	return d.stray(ctx, strayed{first: first, most: asideLook, file: d.Files.SetAside,
		part: d.Files.SetPartAside, restore: d.Files.Restore, forget: d.Files.Forget})
}

// Strayed counts what SetAside would do, and changes nothing.
func (d *Desk) Strayed(ctx context.Context) (Stray, error) {
	stays := func(string) error { return nil }
	moves := func(string, time.Time) error { return nil }
	return d.stray(ctx, strayed{file: moves, part: moves, restore: stays, forget: stays})
}

// strayed is what is done with each sort of stray.
type strayed struct {
	first, most     int // folder to begin with; files to look at, 0 for all
	file, part      func(name string, now time.Time) error
	restore, forget func(name string) error
}

func (d *Desk) stray(ctx context.Context, do strayed) (s Stray, err error) {
	if err := d.Installation().Check(ctx); err != nil {
		return s, err
	}
	now := d.Now()
	if err := d.strayAside(ctx, do, now, &s); err != nil {
		return s, err
	}
	parts, err := d.Files.Parts(ctx, now.Add(-AsidePartAfter))
	if err != nil {
		return s, err
	}
	for _, name := range parts {
		if err := do.part(name, now); err != nil {
			return s, err
		}
		s.Parts++
	}
	for n := 0; n < filestore.Folders && (do.most == 0 || s.Looked < do.most); n++ {
		if err := d.strayFolder(ctx, do, (do.first+n)%filestore.Folders, now, &s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (d *Desk) strayFolder(ctx context.Context, do strayed, folder int, now time.Time, s *Stray) error {
	aged, err := d.Files.Aged(ctx, folder, now.Add(-AsideAfter))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(aged, asideStep) {
		s.Looked += len(some)
		unnamed, err := d.unnamed(ctx, some)
		if err != nil {
			return err
		}
		for _, id := range unnamed {
			if err := do.file(id, now); err != nil {
				return err
			}
			s.Files++
		}
	}
	return nil
}

// strayAside looks after what lies aside already.
func (d *Desk) strayAside(ctx context.Context, do strayed, now time.Time, s *Stray) error {
	all, err := d.Files.Asides(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(all, asideStep) {
		var ids []string
		for _, a := range some {
			if a.ID != "" {
				ids = append(ids, a.ID)
			}
		}
		unnamed, err := d.unnamed(ctx, ids)
		if err != nil {
			return err
		}
		for _, a := range some {
			switch old := a.Since.Before(now.Add(-AsideFor)); {
			case a.ID != "" && !slices.Contains(unnamed, a.ID):
				err, s.Restored = do.restore(a.ID), s.Restored+1
			case old:
				err, s.Forgotten = do.forget(a.Name), s.Forgotten+1
			default:
				s.Aside++
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// unnamed are those of some files that no row names. What was filed or issued is named for ever, even when
// the row is gone or changed by which it would be found.
func (d *Desk) unnamed(ctx context.Context, files []string) ([]string, error) {
	if len(files) == 0 {
		return nil, nil
	}
	given, givenErr := attachment.Named(ctx, d.Pool, files)
	issued, issuedErr := result.Named(ctx, d.Pool, files)
	filed, filedErr := dossier.FiledFiles(ctx, d.Pool, files)
	if err := errors.Join(givenErr, issuedErr, filedErr); err != nil {
		return nil, err
	}
	is := map[string]bool{}
	for _, id := range slices.Concat(given, issued, filed) {
		is[id] = true
	}
	return slices.DeleteFunc(slices.Clone(files), func(id string) bool { return is[id] }), nil
}
