package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// aside is the folder of what nobody seems to need. A file of it is back in its place as soon as somebody
// asks for it.
const aside = "aside"

// Folders is how many folders the files of a store lie in.
const Folders = 256

// An Aside is a sealed file, or a part of one, that lies aside.
type Aside struct {
	Name  string
	ID    string // of the file; "" for a part
	Size  int64  // bytes on the disk
	Since time.Time
}

// Aged lists the ids of the files in one of the folders, 0 to 255, that were written before an instant.
// Errors: ErrAway.
func (s *Store) Aged(ctx context.Context, folder int, before time.Time) ([]string, error) {
	var ids []string
	err := s.each(ctx, fmt.Sprintf("%02x", folder), func(info fs.FileInfo) {
		if _, err := place(info.Name()); err == nil && info.ModTime().Before(before) {
			ids = append(ids, info.Name())
		}
	})
	return ids, err
}

// Parts lists the files that somebody began to write before an instant and did not end. Errors: ErrAway.
func (s *Store) Parts(ctx context.Context, before time.Time) ([]string, error) {
	var names []string
	err := s.each(ctx, parts, func(info fs.FileInfo) {
		if info.ModTime().Before(before) {
			names = append(names, info.Name())
		}
	})
	return names, err
}

// Asides lists what lies aside. Errors: ErrAway.
func (s *Store) Asides(ctx context.Context) ([]Aside, error) {
	var all []Aside
	err := s.each(ctx, aside, func(info fs.FileInfo) {
		a := Aside{Name: info.Name(), Size: info.Size(), Since: info.ModTime()}
		if _, err := place(a.Name); err == nil {
			a.ID = a.Name
		}
		all = append(all, a)
	})
	return all, err
}

// each calls see for the files of one folder of the store; one that is missing has none.
func (s *Store) each(ctx context.Context, folder string, see func(fs.FileInfo)) error {
	root, err := within(s, s.enter, closed[*os.Root])
	if err != nil {
		return err
	}
	defer root.Close()
	dir, err := root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("filestore: list %s: %w", folder, err)
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(1000)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("filestore: list %s: %w", folder, err)
		}
		for _, entry := range entries {
			info, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
				continue
			}
			if err != nil {
				return fmt.Errorf("filestore: list %s: %w", folder, err)
			}
			see(info)
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("filestore: list %s: %w", folder, err)
		}
	}
}

// SetAside takes a file out of its place, as of an instant. One that is absent is nothing to do. Errors:
// ErrAway.
func (s *Store) SetAside(id string, now time.Time) error {
	from, err := place(id)
	if err != nil {
		return err
	}
	return s.do(func() error { return s.move(from, filepath.Join(aside, id), now) })
}

// SetPartAside takes away what Parts named.
func (s *Store) SetPartAside(name string, now time.Time) error {
	if !filepath.IsLocal(name) || strings.ContainsRune(name, filepath.Separator) {
		return fmt.Errorf("filestore: %q is no name of a part", name)
	}
	return s.do(func() error { return s.move(filepath.Join(parts, name), filepath.Join(aside, name), now) })
}

func (s *Store) move(from, to string, now time.Time) error {
	root, err := s.enter()
	if err != nil {
		return err
	}
	defer root.Close()
	// The time says since when it lies aside. It is set before the move: should the program die between, the
	// file is one that was just written, and stays for a while.
	if err = root.Chtimes(from, now, now); err == nil {
		err = settle(root, from, to)
	}
	if err == nil {
		err = syncFolder(root, filepath.Dir(from))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("filestore: move %s: %w", from, err)
	}
	return nil
}

// Restore brings a file back that lies aside. One that does not is nothing to do. Errors: ErrAway.
func (s *Store) Restore(id string) error {
	to, err := place(id)
	if err != nil {
		return err
	}
	file, err := within(s, func() (*os.File, error) { return s.recall(to) }, closed[*os.File])
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("filestore: bring %s back: %w", id, err)
	}
	return file.Close()
}

// recall opens a file that is not in its place: it may lie aside, and then is back. Errors: ErrNotFound,
// ErrAway.
func (s *Store) recall(to string) (*os.File, error) {
	root, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	now := time.Now()
	from := filepath.Join(aside, filepath.Base(to))
	if err = root.Chtimes(from, now, now); err == nil {
		err = settle(root, from, to)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := root.Open(to) // another process may have brought it back
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return file, err
}

// Forget deletes what lies aside under a name. Errors: ErrAway.
func (s *Store) Forget(name string) error {
	if !filepath.IsLocal(name) || strings.ContainsRune(name, filepath.Separator) {
		return fmt.Errorf("filestore: %q is no name of what lies aside", name)
	}
	if err := s.do(func() error { return s.remove(filepath.Join(aside, name)) }); err != nil {
		return fmt.Errorf("filestore: forget %s: %w", name, err)
	}
	return nil
}
