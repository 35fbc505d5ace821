// Package filestore keeps the bytes of files, sealed, in a local directory. A file is written once under an
// id and never changed. It is a header and a row of records, each one sealed chunk of 1 MiB. A chunk is bound
// to the file's id, its number and whether it is the last, so that a file that was cut, spliced or swapped
// for another does not open. There are chunks, rather than one sealed stream, so that reading can start in
// the middle.
package filestore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
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
// number of bytes to every chunk of a file. ID names the keys.
type Sealer interface {
	Seal(plain, bind []byte) ([]byte, error)
	Open(sealed, bind []byte) ([]byte, error)
	ID() string
}

// A Store is a directory of sealed files. Several processes may share it. It bears a marker, so that the
// empty mount point of a disk that is away, or another installation's directory, is not taken for it: nothing
// is written, deleted or said to be missing unless the marker is there.
type Store struct {
	dir    string
	sealer Sealer
	id     atomic.Pointer[string] // of the store that it must be; nil before Bind

	Patience time.Duration // for one step with the directory; 20 s
	hanging  atomic.Int32  // steps that took longer, and are not over
}

// Kept says what was put.
type Kept struct {
	ID     string
	Size   int64  // bytes, before sealing
	SHA256 string // of those bytes, in hexadecimal
}

// At is a store that may lie in a directory. Nothing is looked at, and nothing can be put, before Bind, Found
// or Mark.
func At(dir string, s Sealer) *Store { return &Store{dir: dir, sealer: s, Patience: stepTime} }

// New makes a store in a directory that is missing or empty, under an id of its own.
func New(dir string, s Sealer) (*Store, error) {
	store := At(dir, s)
	return store, store.Found(uuid.NewString())
}

// parts is the folder of files that are being written.
const parts = "tmp"

// place returns where a file lies in the directory: in one of 256 folders, by the end of its id, which is
// random in every version of UUID in use. Anything but a UUID in its usual lower-case form is refused, so
// that no id can name another place.
func place(id string) (string, error) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.String() != id {
		return "", fmt.Errorf("filestore: %q is not a UUID", id)
	}
	return filepath.Join(id[len(id)-2:], id), nil
}

// Put reads r to its end and keeps it under id, in place of what was there, so that repeating is harmless.
// When Put returns the file is on the disk; when Put fails nothing is left. Errors: ErrEmpty; ErrTooLarge
// beyond max bytes; ErrAway; those of r; those of ctx.
func (s *Store) Put(ctx context.Context, id string, r io.Reader, max int64) (Kept, error) {
	to, err := place(id)
	if err != nil {
		return Kept{}, err
	}
	part := filepath.Join(parts, id+"-"+rand.Text())
	e, err := within(s, func() (entry, error) { return s.begun(part) }, closed[entry])
	if err != nil {
		return Kept{}, orAway(fmt.Errorf("filestore: put %s: %w", id, err))
	}
	hash := sha256.New()
	size, err := s.write(ctx, chunkWriter{s, e.file}, id, io.TeeReader(r, hash), max)
	if errors.Is(err, errHangs) {
		go e.end(part, err) // its end would hang, too
	} else {
		failed := err
		err = s.do(func() error {
			if failed == nil {
				failed = s.kept(e, part, to)
			}
			return e.end(part, failed)
		})
	}
	if err != nil {
		return Kept{}, orAway(fmt.Errorf("filestore: put %s: %w", id, err))
	}
	return Kept{ID: id, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// begun makes a part. All that follows happens in the directory that bears the marker, whatever is mounted
// meanwhile.
func (s *Store) begun(part string) (entry, error) {
	root, err := s.enter()
	if err != nil {
		return entry{}, err
	}
	file, err := create(root, part)
	if err != nil {
		return entry{}, errors.Join(fmt.Errorf("create: %w", err), root.Close())
	}
	return entry{root, file}, nil
}

// kept brings a part to the disk, and to its place.
func (s *Store) kept(e entry, part, to string) error {
	if err := e.file.Sync(); err != nil {
		return err
	}
	if err := settle(e.root, part, to); err != nil {
		return err
	}
	return s.still(e.root)
}

// end closes a part, and removes it where it failed. It returns what failed.
func (e entry) end(part string, failed error) error {
	if failed != nil {
		if gone := e.root.Remove(part); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			failed = errors.Join(failed, gone)
		}
	}
	return errors.Join(failed, e.Close())
}

// create makes a new file, and its folder the first time.
func create(root *os.Root, name string) (*os.File, error) {
	const new, private = os.O_RDWR | os.O_CREATE | os.O_EXCL, 0o600
	file, err := root.OpenFile(name, new, private)
	if errors.Is(err, fs.ErrNotExist) {
		if err := folder(root, filepath.Dir(name)); err != nil {
			return nil, err
		}
		return root.OpenFile(name, new, private)
	}
	return file, err
}

// folder makes a folder of the store unless it is there.
func folder(root *os.Root, name string) error {
	err := root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(root, ".")
}

// settle moves a file within the store and makes sure that its new name is on the disk.
func settle(root *os.Root, from, to string) error {
	if err := folder(root, filepath.Dir(to)); err != nil {
		return err
	}
	if err := root.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(root, filepath.Dir(to))
}

func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Delete removes a file; one that is absent is removed already. Errors: ErrAway.
func (s *Store) Delete(ctx context.Context, id string) error {
	name, err := place(id)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("filestore: delete %s: %w", id, err)
	}
	if err := s.do(func() error { return s.remove(name) }); err != nil {
		return orAway(fmt.Errorf("filestore: delete %s: %w", id, err))
	}
	return nil
}

func (s *Store) remove(name string) error {
	root, err := s.enter()
	if err != nil {
		return err
	}
	defer root.Close()
	err = root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(root, filepath.Dir(name))
}
