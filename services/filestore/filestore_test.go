package filestore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/vault"
)

const mib = 1 << 20

func store(t *testing.T) (*filestore.Store, string) {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s, err := filestore.New(dir, v)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func content(n int) []byte {
	b := make([]byte, n)
	source := rand.NewChaCha8([32]byte{byte(n)})
	source.Read(b)
	return b
}

// filesIn lists the files below a folder.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != filestore.MarkerName {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func put(t *testing.T, s *filestore.Store, id string, b []byte) filestore.Kept {
	t.Helper()
	kept, err := s.Put(t.Context(), id, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func get(s *filestore.Store, id string) ([]byte, error) {
	r, err := s.Open(context.Background(), id)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestPutAndOpen(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	for _, size := range []int{1, 1000, mib - 1, mib, mib + 1, 2 * mib, 3*mib + 12345} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			id, b := newID(), content(size)
			sum := sha256.Sum256(b)
			if kept := put(t, s, id, b); kept != (filestore.Kept{ID: id, Size: int64(size),
				SHA256: hex.EncodeToString(sum[:])}) {
				t.Errorf("kept %+v", kept)
			}
			got, err := get(s, id)
			if err != nil || !bytes.Equal(got, b) {
				t.Errorf("read %d bytes, %v", len(got), err)
			}
			onDisk, err := os.ReadFile(filepath.Join(dir, id[34:], id))
			if err != nil {
				t.Fatal(err)
			}
			if size >= 1000 && bytes.Contains(onDisk, b[100:132]) {
				t.Error("the disk holds it in clear")
			}
		})
	}
}

// TestReader holds the reader to the standard library's own test of readers and seekers.
func TestReader(t *testing.T) {
	t.Parallel()
	s, _ := store(t)
	id, b := newID(), content(2*mib+77)
	put(t, s, id, b)
	r, err := s.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if size, err := r.Seek(0, io.SeekEnd); size != int64(len(b)) || err != nil {
		t.Errorf("size %d, %v", size, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		offset := random.IntN(len(b))
		length := random.IntN(3000)
		if _, err := r.Seek(int64(offset), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.LimitReader(r, int64(length)))
		if err != nil || !bytes.Equal(got, b[offset:min(len(b), offset+length)]) {
			t.Fatalf("from %d, %d bytes: %d, %v", offset, length, len(got), err)
		}
	}
	if at, err := r.Seek(-7, io.SeekEnd); at != int64(len(b))-7 || err != nil {
		t.Errorf("seek to %d, %v", at, err)
	}
	if at, err := r.Seek(3, io.SeekCurrent); at != int64(len(b))-4 || err != nil {
		t.Errorf("seek to %d, %v", at, err)
	}
	if tail, err := io.ReadAll(r); err != nil || !bytes.Equal(tail, b[len(b)-4:]) {
		t.Errorf("tail %v, %v", tail, err)
	}
	if _, err := r.Seek(int64(len(b))+5, io.SeekStart); err != nil {
		t.Errorf("seek past the end: %v", err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("past the end read %d, %v", n, err)
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("went before the start")
	}
	small := newID()
	put(t, s, small, b[:5000])
	again, err := s.Open(t.Context(), small)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := iotest.TestReader(again, b[:5000]); err != nil {
		t.Error(err)
	}
}

func TestPutLeavesNothingWhenItFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		id   string
		r    io.Reader
		max  int64
		want error
	}{
		{"empty", t.Context(), newID(), strings.NewReader(""), 10, filestore.ErrEmpty},
		{"one byte too many", t.Context(), newID(), bytes.NewReader(content(11)), 10, filestore.ErrTooLarge},
		{"a chunk and one byte too many", t.Context(), newID(), bytes.NewReader(content(mib + 1)), mib,
			filestore.ErrTooLarge},
		{"endless", t.Context(), newID(), endless{}, 3 * mib, filestore.ErrTooLarge},
		{"cut within a chunk", t.Context(), newID(), io.MultiReader(strings.NewReader("abc"),
			iotest.ErrReader(broken)), 10, broken},
		{"cut between chunks", t.Context(), newID(), io.MultiReader(bytes.NewReader(content(mib)),
			iotest.ErrReader(broken)), 9 * mib, broken},
		{"cancelled", cancelled, newID(), strings.NewReader("abc"), 10, context.Canceled},
		{"not an id", t.Context(), "../../etc/passwd", strings.NewReader("abc"), 10, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, dir := store(t)
			kept, err := s.Put(c.ctx, c.id, c.r, c.max)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("kept %+v, %v; want %v", kept, err, c.want)
			}
			if left := filesIn(t, dir); len(left) > 0 {
				t.Errorf("left %q", left)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestTooLargeTellsTheLimit(t *testing.T) {
	t.Parallel()
	s, _ := store(t)
	_, err := s.Put(t.Context(), newID(), endless{}, 5*mib)
	if all := fault.All(err); len(all) != 1 || all[0].Args["Bytes"] != int64(5*mib) {
		t.Errorf("told %v", err)
	}
}

func TestRepeatedPutReplaces(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	id := newID()
	put(t, s, id, content(2*mib))
	put(t, s, id, []byte("second"))
	if got, err := get(s, id); string(got) != "second" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if files := filesIn(t, dir); len(files) != 1 {
		t.Errorf("files %q", files)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	s, _ := store(t)
	good := newID()
	for _, id := range []string{"", "a", "../x", strings.ToUpper(good), "{" + good + "}", "urn:uuid:" + good,
		strings.ReplaceAll(good, "-", ""), good + "/", good[:35]} {
		if _, err := s.Put(t.Context(), id, strings.NewReader("x"), 10); err == nil {
			t.Errorf("put %q", id)
		}
		if _, err := s.Open(t.Context(), id); !errors.Is(err, filestore.ErrNotFound) {
			t.Errorf("open %q: %v", id, err)
		}
		if err := s.Delete(t.Context(), id); err == nil {
			t.Errorf("deleted %q", id)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s, _ := store(t)
	id := newID()
	put(t, s, id, []byte("x"))
	for range 2 {
		if err := s.Delete(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Open(t.Context(), id); !errors.Is(err, filestore.ErrNotFound) {
		t.Errorf("open: %v", err)
	}
}
