package filestore_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/vault"
)

func wantAway(t *testing.T, what string, err error) {
	t.Helper()
	if f := fault.All(err); !errors.Is(err, filestore.ErrAway) || len(f) != 1 ||
		f[0].Kind != fault.Unavailable {
		t.Errorf("%s: %v; want ErrAway", what, err)
	}
}

// TestAFullFolder: what does not fit is refused as an outage, and leaves nothing.
func TestAFullFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a small disk")
	}
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := filestore.New(dir, v)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ProveWriting(); err != nil {
		t.Fatal(err)
	}
	before := newID()
	put(t, s, before, content(100))
	_, err = s.Put(t.Context(), newID(), bytes.NewReader(content(3*mib)), 4*mib)
	wantAway(t, "a file that does not fit", err)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the log does not say why: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 2*mib), 0o600); !errors.Is(err,
		syscall.ENOSPC) {
		t.Fatalf("it is not full: %v", err)
	}
	wantAway(t, "ProveWriting of a full folder", s.ProveWriting())
	if got, err := get(s, before); err != nil || len(got) != 100 {
		t.Errorf("a file from before: %d bytes, %v", len(got), err)
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	if left := filesIn(t, dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if err := s.ProveWriting(); err != nil {
		t.Error(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	wantAway(t, "ProveWriting of a folder that only reads", s.ProveWriting())
	_, err = s.Put(t.Context(), newID(), bytes.NewReader(content(10)), mib)
	wantAway(t, "Put there", err)
	wantAway(t, "Delete there", s.Delete(t.Context(), before))
}

// TestAFolderThatIsGone: nothing is written beside the store.
func TestAFolderThatIsGone(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	wantAway(t, "ProveWriting", s.ProveWriting())
	_, err := s.Put(t.Context(), newID(), bytes.NewReader(content(10)), mib)
	wantAway(t, "Put", err)
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made again: %v", err)
	}
}

// TestASenderWhoLeaves is no outage of the folder.
func TestASenderWhoLeaves(t *testing.T) {
	t.Parallel()
	s, _ := store(t)
	_, err := s.Put(t.Context(), newID(), io.MultiReader(bytes.NewReader(content(10)), broken{}), mib)
	if errors.Is(err, filestore.ErrAway) || !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
