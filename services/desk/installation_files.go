package desk

import (
	"context"
	"errors"
	"fmt"

	"congdvc/services/attachment"
	"congdvc/services/filestore"
	"congdvc/services/postgres"
	"congdvc/services/result"

	"github.com/jackc/pgx/v5"
)

// ErrOtherFiles says that a folder and a database do not know each other, and that neither is new.
var ErrOtherFiles = errors.New("the folder of files is not known to belong to this database: mount the " +
	"right one, or see  portal files adopt")

// MissingFiles are files that the database names and the store has not.
type MissingFiles struct {
	Files, Missing int
	First          []string // some of those that are missing
}

func (m MissingFiles) Error() string {
	return fmt.Sprintf("%d of %d files that the database names are not there, such as %q", m.Missing, m.Files,
		m.First)
}

const bindStoreSQL = `update installation set store = $1`

// Bind is Check that also binds what is not bound yet. A store is made only where both are new: the database
// names no file, and the folder has none. A folder that has what the database names is bound as it is; that
// is how an installation from before the markers gets its own. Errors: ErrOtherKeys, ErrOtherFiles,
// filestore.ErrAway.
func (i Installation) Bind(ctx context.Context) error {
	if err := i.BindKeys(ctx); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, i.Pool, func(tx pgx.Tx) error {
		// The lock keeps another process that starts at the same time from making a second store.
		b, err := readBound(ctx, tx, " for update")
		if err != nil {
			return err
		}
		if b.Store != nil {
			i.Files.Bind(*b.Store)
			return i.Files.Ready(ctx)
		}
		if err := i.bindNew(ctx, tx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, bindStoreSQL, i.Files.ID())
		return err
	})
}

// bindNew finds or makes the store of a database that knows none.
func (i Installation) bindNew(ctx context.Context, db postgres.DB) error {
	m, err := i.Files.Marker()
	marked := err == nil
	if err != nil && !errors.Is(err, filestore.ErrNoMarker) {
		return err
	}
	empty, err := i.Files.Empty()
	if err != nil {
		return err
	}
	if marked {
		i.Files.Bind(m.Store)
	}
	found, err := i.look(ctx, db, sampled)
	if err != nil {
		return err
	}
	switch {
	case found.Missing > 0:
		return fmt.Errorf("%w (%w)", ErrOtherFiles, found)
	case found.Files == 0 && !empty:
		return fmt.Errorf("%w (it has files, and the database names none)", ErrOtherFiles)
	case marked: // by a start that did not come to its end, or before the database was restored
		return nil
	case found.Files == 0:
		return i.Files.Found(postgres.NewID())
	}
	return i.Files.Mark(postgres.NewID())
}

const (
	sampled = 500 // files of each table tell whether a folder is the right one
	inAll   = 0
	step    = 500
	named   = 5
)

// look proves that files which the database names lie in the folder with their sizes: the first most of each
// table, or all.
func (i Installation) look(ctx context.Context, db postgres.DB, most int) (MissingFiles, error) {
	var m MissingFiles
	see := func(file string, size int64) error {
		m.Files++
		has, err := i.Files.Peek(ctx, file)
		if err != nil || has == size {
			return err
		}
		if m.Missing++; m.Missing <= named {
			m.First = append(m.First, file)
		}
		return nil
	}
	for after, more := "", true; more; {
		some, next, err := attachment.AllKept(ctx, db, after, step)
		if err != nil {
			return m, err
		}
		for _, k := range some {
			if err := see(k.File, k.Size); err != nil {
				return m, err
			}
		}
		after, more = next, next != "" && (most == inAll || m.Files < most)
	}
	results := 0
	for after, more := "", true; more; {
		some, err := result.AllKept(ctx, db, after, step)
		if err != nil {
			return m, err
		}
		for _, k := range some {
			if err := see(k.File, k.Size); err != nil {
				return m, err
			}
			after = k.File
		}
		results += len(some)
		more = len(some) == step && (most == inAll || results < most)
	}
	return m, nil
}

// An Adoption says what an operator knows of a folder.
type Adoption struct {
	Missing bool   // files that are not there are lost
	From    string // id of the store that the folder's marker names, where that is another
}

// Adopt makes the folder the store of the database, after an operator moved or restored one of them. All
// files that the database names must be there, unless they are given up. The folder then bears the id that
// the database knows. Errors: ErrOtherKeys; ErrOtherFiles; MissingFiles.
func (i Installation) Adopt(ctx context.Context, a Adoption) (store string, m MissingFiles, err error) {
	if err := i.BindKeys(ctx); err != nil {
		return "", m, err
	}
	found, err := i.Files.Marker()
	if err != nil && !errors.Is(err, filestore.ErrNoMarker) {
		return "", m, err
	}
	if m, err = i.look(ctx, i.Pool, inAll); err != nil {
		return "", m, err
	}
	if m.Missing > 0 && !a.Missing {
		return "", m, m
	}
	err = pgx.BeginFunc(ctx, i.Pool, func(tx pgx.Tx) error {
		b, err := readBound(ctx, tx, " for update")
		if err != nil {
			return err
		}
		if store = postgres.NewID(); b.Store != nil {
			store = *b.Store
		}
		if found.Store != "" && found.Store != store && found.Store != a.From {
			return fmt.Errorf("%w (it is store %s; where it is the right one all the same, say so by "+
				"--from %s)", ErrOtherFiles, found.Store, found.Store)
		}
		if err := i.Files.Mark(store); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, bindStoreSQL, store)
		return err
	})
	return store, m, err
}
