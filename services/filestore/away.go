package filestore

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"congdvc/services/fault"
)

// ErrAway says that the directory takes or gives no bytes now: it is full, only reads, does not answer, is
// not there or is not the store. Nothing can be said of its files.
var ErrAway = fault.New(fault.Unavailable, "filestore.away")

// orAway makes ErrAway of what the system says of a file or a folder. What is said of the bytes themselves,
// or of who sends them, stays.
func orAway(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	if !errors.Is(err, ErrAway) && (errors.As(err, &path) || errors.As(err, &link)) {
		return ErrAway.From(err)
	}
	return err
}

// proof is how many bytes ProveWriting writes: more than the rest that a full disk has for small files.
const proof = 64 << 10

// ProveWriting proves that the directory is the store and takes files: it writes one to the disk and removes
// it. Errors: ErrAway.
func (s *Store) ProveWriting() error { return s.do(s.proveWriting) }

func (s *Store) proveWriting() error {
	root, err := s.enter()
	if err != nil {
		return fmt.Errorf("filestore: prove writing: %w", err)
	}
	defer root.Close()
	part := filepath.Join(parts, "ready-"+rand.Text())
	file, err := create(root, part)
	if err != nil {
		return orAway(fmt.Errorf("filestore: prove writing: %w", err))
	}
	_, err = file.Write(bytes.Repeat([]byte{'x'}, proof))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close(), root.Remove(part)); err != nil {
		return orAway(fmt.Errorf("filestore: prove writing: %w", err))
	}
	return nil
}
