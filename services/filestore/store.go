// Package filestore keeps the bytes of files, sealed, in a local directory. A file is written once under an
// id and never changed. It is a header and a row of records, each one sealed chunk of 1 MiB. A chunk is bound
// to the file's id, its number and whether it is the last, so that a file that was cut, spliced or swapped
// for another does not open. There are chunks, rather than one sealed stream, so that reading can start in
// the middle.
package filestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"congdvc/services/fault"
)

// The faults of this room. ErrTooLarge carries the limit as the argument Bytes (int64).
var (
	ErrTooLarge = fault.New(fault.TooLarge, "filestore.too_large")
	ErrEmpty    = fault.New(fault.Invalid, "filestore.empty")
	ErrNotFound = fault.New(fault.NotFound, "filestore.not_found")
)

// ErrDamaged says that what lies on the disk is not what was put there.
var ErrDamaged = errors.New("filestore: damaged")

// A Sealer seals bytes for one place and opens them there; services/vault has one. Sealing must add the same
// number of bytes to every chunk of a file.
type Sealer interface {
	Seal(plain, bind []byte) ([]byte, error)
	Open(sealed, bind []byte) ([]byte, error)
}

// A Store is a directory of sealed files. Several processes may share it.
type Store struct {
	dir    string
	sealer Sealer
}

// Kept says what was put.
type Kept struct {
	ID     string
	Size   int64  // bytes, before sealing
	SHA256 string // of those bytes, in hexadecimal
}

// abandoned is the age from which nobody uses a temporary file any more: no upload takes so long.
const abandoned = 24 * time.Hour

// New opens the store in a directory, which it makes when it is missing, and removes what writers that were
// killed left behind.
func New(dir string, s Sealer) (*Store, error) {
	store := &Store{dir, s}
	if err := os.MkdirAll(store.temporary(), 0o700); err != nil {
		return nil, fmt.Errorf("filestore: make folder: %w", err)
	}
	left, err := os.ReadDir(store.temporary())
	if err != nil {
		return nil, fmt.Errorf("filestore: list temporary files: %w", err)
	}
	for _, entry := range left {
		info, err := entry.Info()
		if err != nil || time.Since(info.ModTime()) < abandoned {
			continue
		}
		if err := os.Remove(filepath.Join(store.temporary(), entry.Name())); err != nil &&
			!errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("filestore: remove abandoned file: %w", err)
		}
	}
	return store, nil
}

func (s *Store) temporary() string { return filepath.Join(s.dir, "tmp") }

// path returns where a file lies: in one of 256 folders, by the end of its id, which is random in every
// version of UUID in use. Anything but a UUID in its usual lower-case form is refused, so that no id can name
// another place.
func (s *Store) path(id string) (string, error) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.String() != id {
		return "", fmt.Errorf("filestore: %q is not a UUID", id)
	}
	return filepath.Join(s.dir, id[len(id)-2:], id), nil
}

// Put reads r to its end and keeps it under id, in place of what was there, so that repeating is harmless.
// When Put returns the file is on the disk; when Put fails nothing is left. Errors: ErrEmpty; ErrTooLarge
// beyond max bytes; ErrAway; those of r; those of ctx.
func (s *Store) Put(ctx context.Context, id string, r io.Reader, max int64) (Kept, error) {
	path, err := s.path(id)
	if err != nil {
		return Kept{}, err
	}
	file, err := os.CreateTemp(s.temporary(), id+"-*")
	if err != nil {
		return Kept{}, orAway(fmt.Errorf("filestore: create: %w", err))
	}
	hash := sha256.New()
	size, err := s.write(ctx, file, id, io.TeeReader(r, hash), max)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = settle(file.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(file.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return Kept{}, orAway(fmt.Errorf("filestore: put %s: %w", id, err))
	}
	return Kept{ID: id, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// settle gives a written file its name and makes sure that the name is on the disk.
func settle(from, to string) error {
	folder := filepath.Dir(to)
	if err := os.Mkdir(folder, 0o700); err == nil {
		if err := syncFolder(filepath.Dir(folder)); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(folder)
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Delete removes a file; one that is absent is removed already.
func (s *Store) Delete(ctx context.Context, id string) error {
	path, err := s.path(id)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("filestore: delete %s: %w", id, err)
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return orAway(fmt.Errorf("filestore: delete %s: %w", id, err))
	}
	return nil
}
