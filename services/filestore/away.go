package filestore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"congdvc/services/fault"
)

// ErrAway says that the folder takes or gives no bytes now: it is full, only reads, or does not answer.
var ErrAway = fault.New(fault.Unavailable, "filestore.away")

// orAway makes ErrAway of what the system says of a file or a folder. What is said of the bytes themselves,
// or of who sends them, stays.
func orAway(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	if errors.As(err, &path) || errors.As(err, &link) {
		return ErrAway.From(err)
	}
	return err
}

// proof is how many bytes ProveWriting writes: more than the rest that a full disk has for small files.
const proof = 64 << 10

// ProveWriting proves that the folder takes files: it writes one to the disk and removes it. Errors: ErrAway.
// A disk that hangs makes it wait.
func (s *Store) ProveWriting() error {
	file, err := os.CreateTemp(s.temporary(), "ready-*")
	if err != nil {
		return orAway(fmt.Errorf("filestore: prove writing: %w", err))
	}
	_, err = file.Write(bytes.Repeat([]byte{'x'}, proof))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close(), os.Remove(file.Name())); err != nil {
		return orAway(fmt.Errorf("filestore: prove writing: %w", err))
	}
	return nil
}
