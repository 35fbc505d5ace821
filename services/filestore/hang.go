package filestore

import (
	"errors"
	"io"
	"os"
	"time"
)

// stepTime is how long one step with the directory may take: opening, writing a chunk, bringing it to the
// disk.
const stepTime = 20 * time.Second

var errHangs = errors.New("filestore: the directory does not answer")

// within takes one step with the directory, which may hang and cannot be called back. Whoever waits hears
// ErrAway after Patience, and who comes meanwhile hears it at once, until the directory answers. What the
// step gives then goes to drop.
func within[T any](s *Store, step func() (T, error), drop func(T)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	if s.hanging.Load() > 0 {
		return none, ErrAway.From(errHangs)
	}
	done := make(chan answer, 1)
	go func() {
		value, err := step()
		done <- answer{value, err}
	}()
	timer := time.NewTimer(s.Patience)
	defer timer.Stop()
	select {
	case a := <-done:
		return a.value, a.err
	case <-timer.C:
	}
	s.hanging.Add(1)
	go func() {
		late := <-done
		s.hanging.Add(-1)
		if late.err == nil {
			drop(late.value)
		}
	}()
	return none, ErrAway.From(errHangs)
}

// do is within for a step that gives nothing.
func (s *Store) do(step func() error) error {
	_, err := within(s, func() (struct{}, error) { return struct{}{}, step() }, func(struct{}) {})
	return err
}

// A chunkWriter writes each chunk as a step. No bytes are used again by whoever gives them.
type chunkWriter struct {
	store *Store
	file  *os.File
}

func (w chunkWriter) Write(p []byte) (int, error) {
	return within(w.store, func() (int, error) { return w.file.Write(p) }, func(int) {})
}

// entry is a file in the directory that was entered for it.
type entry struct {
	root *os.Root
	file *os.File
}

func (e entry) Close() error { return errors.Join(e.file.Close(), e.root.Close()) }

func closed[T io.Closer](late T) { _ = late.Close() } // nobody waits for it any more
