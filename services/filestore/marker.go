package filestore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// MarkerName is the file in a store's directory that says which store it is. It has no dot before it, so that
// whoever copies everything copies it too.
const MarkerName = "store.json"

// Errors of the marker. They are wrapped with what was found.
var (
	ErrNoMarker = errors.New("filestore: the directory bears no marker: its disk is not mounted, or it is " +
		"another")
	ErrOtherStore  = errors.New("filestore: the directory is another store")
	ErrForeignKeys = errors.New("filestore: the store's marker was sealed by other keys")
	ErrNotEmpty    = errors.New("filestore: the directory has files already")
	errUnbound     = errors.New("filestore: nobody has said yet which store it must be")
)

// A Marker says which store a directory is, and by whose keys its files are sealed.
type Marker struct {
	Version int    `json:"version"`
	Store   string `json:"store"`  // the store's id
	Keyset  string `json:"keyset"` // id of the keys
	Sealed  []byte `json:"sealed"` // Store, sealed for this place
}

func markerBind(store string) []byte { return []byte("filestore/marker/" + store) }

// ID is the id of the store that it must be; "" before Bind, Found or Mark.
func (s *Store) ID() string {
	if id := s.id.Load(); id != nil {
		return *id
	}
	return ""
}

// Bind says which store the directory must be, as a database knows it. Ready proves it.
func (s *Store) Bind(id string) { s.id.Store(&id) }

// Marker reads the marker. Errors: ErrNoMarker, also where there is no directory; ErrForeignKeys, with the
// marker.
func (s *Store) Marker() (Marker, error) {
	root, err := s.openRoot()
	if err != nil {
		return Marker{}, err
	}
	defer root.Close()
	m, err := readMarker(root)
	if err != nil {
		return m, fmt.Errorf("%w: %s", err, s.dir)
	}
	return m, s.proves(m)
}

// proves opens the seal of a marker.
func (s *Store) proves(m Marker) error {
	plain, err := s.sealer.Open(m.Sealed, markerBind(m.Store))
	if err != nil || string(plain) != m.Store {
		return fmt.Errorf("%w: store %s in %s is of keyset %s, these keys are keyset %s", ErrForeignKeys,
			m.Store, s.dir, m.Keyset, s.sealer.ID())
	}
	return nil
}

// Ready proves that the directory is there, is the store that it must be, and was sealed by these keys.
// Errors: ErrAway, around ErrNoMarker, ErrOtherStore or ErrForeignKeys.
func (s *Store) Ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("filestore: look at the marker: %w", err)
	}
	return s.do(func() error {
		root, err := s.enter()
		if err != nil {
			return err
		}
		defer root.Close()
		m, err := readMarker(root)
		if err == nil {
			err = s.proves(m)
		}
		if err != nil {
			return ErrAway.From(err)
		}
		return nil
	})
}

// enter opens the directory and proves that it is the store. What is done by way of the root stays in that
// directory, even where its disk is taken away or another is mounted over it.
func (s *Store) enter() (*os.Root, error) {
	want := s.ID()
	if want == "" {
		return nil, ErrAway.From(errUnbound)
	}
	root, err := s.openRoot()
	if err != nil {
		return nil, ErrAway.From(err)
	}
	m, err := readMarker(root)
	switch {
	case errors.Is(err, ErrNoMarker):
		err = fmt.Errorf("%w: %s, which should be store %s", err, s.dir, want)
	case err == nil && m.Store != want:
		err = fmt.Errorf("%w: %s is store %s, and should be store %s", ErrOtherStore, s.dir, m.Store, want)
	case err == nil:
		return root, nil
	}
	return nil, ErrAway.From(errors.Join(err, root.Close()))
}

// still proves that the directory's path leads to the root that was entered.
func (s *Store) still(root *os.Root) error {
	now, err := os.Stat(s.dir)
	if err != nil {
		return ErrAway.From(err)
	}
	entered, err := root.Stat(".")
	if err != nil {
		return ErrAway.From(err)
	}
	if !os.SameFile(now, entered) {
		return ErrAway.From(fmt.Errorf("%w: %s changed while a file was written", ErrOtherStore, s.dir))
	}
	return nil
}

func (s *Store) openRoot() (*os.Root, error) {
	root, err := os.OpenRoot(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s does not exist", ErrNoMarker, s.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("filestore: open the directory: %w", err)
	}
	return root, nil
}

func readMarker(root *os.Root) (m Marker, err error) {
	content, err := root.ReadFile(MarkerName)
	if errors.Is(err, fs.ErrNotExist) {
		return m, ErrNoMarker
	}
	if err != nil {
		return m, fmt.Errorf("filestore: read the marker: %w", err)
	}
	if err := json.Unmarshal(content, &m); err != nil || m.Version != 1 || m.Store == "" {
		return m, fmt.Errorf("%w: %s is damaged, or of a later program", ErrNoMarker, MarkerName)
	}
	return m, nil
}

// Found makes a new store in a directory that is missing or has no files, and binds it. Errors: ErrNotEmpty.
func (s *Store) Found(id string) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("filestore: make the directory: %w", err)
	}
	switch empty, err := s.Empty(); {
	case err != nil:
		return err
	case !empty:
		return fmt.Errorf("%w: %s", ErrNotEmpty, s.dir)
	}
	return s.mark(id, false)
}

// Mark makes the directory, which must exist, the store of an id, whatever it was before, and binds it: it is
// for whoever knows that the files in it are that store's.
func (s *Store) Mark(id string) error { return s.mark(id, true) }

func (s *Store) mark(id string, over bool) error {
	root, err := s.openRoot()
	if err != nil {
		return err
	}
	defer root.Close()
	sealed, err := s.sealer.Seal([]byte(id), markerBind(id))
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(Marker{1, id, s.sealer.ID(), sealed}, "", "  ")
	if err != nil {
		return fmt.Errorf("filestore: write the marker: %w", err)
	}
	if err := writeMarker(root, append(content, '\n'), over); err != nil {
		return fmt.Errorf("filestore: write the marker: %w", err)
	}
	s.Bind(id)
	return nil
}

// writeMarker puts the marker in place at one stroke, and only over another one where it may. Two databases
// that find the same directory new at the same moment are not kept apart; the later one is refused at its
// next look.
func writeMarker(root *os.Root, content []byte, over bool) error {
	if _, err := root.Lstat(MarkerName); err == nil && !over {
		return fmt.Errorf("%w: a marker", ErrNotEmpty)
	}
	fresh := MarkerName + "-" + rand.Text()
	file, err := create(root, fresh)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = root.Rename(fresh, MarkerName)
	}
	if err != nil {
		return errors.Join(err, root.Remove(fresh))
	}
	return syncFolder(root, ".")
}

// Empty tells whether the directory has nothing in it but a marker and folders without files. One that does
// not exist is empty.
func (s *Store) Empty() (bool, error) {
	root, err := s.openRoot()
	if errors.Is(err, ErrNoMarker) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer root.Close()
	errFile := errors.New("a file")
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case path == "lost+found": // of a fresh disk; only its owner may look into it
			return fs.SkipDir
		case err != nil:
			return err
		case entry.IsDir() || path == MarkerName:
			return nil
		}
		return errFile
	})
	if err != nil && !errors.Is(err, errFile) {
		return false, fmt.Errorf("filestore: look whether the directory is empty: %w", err)
	}
	return err == nil, nil
}
