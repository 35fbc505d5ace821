package filestore_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/vault"
)

// moved lets a store's directory be another one, as a mount does, and gives where it lies now.
func moved(t *testing.T, dir string) string {
	t.Helper()
	elsewhere := dir + "-elsewhere"
	if err := os.Rename(dir, elsewhere); err != nil {
		t.Fatal(err)
	}
	return elsewhere
}

// TestUnmounted: a directory without the marker, with another one, or none at all is neither filled nor
// believed, by a store that was open before either; when it is back, everything is.
func TestUnmounted(t *testing.T) {
	t.Parallel()
	for name, instead := range map[string]func(t *testing.T, dir string){
		"an empty mount point": func(t *testing.T, dir string) { must(t, os.Mkdir(dir, 0o700)) },
		"nothing":              func(*testing.T, string) {},
		"another store": func(t *testing.T, dir string) {
			v, err := vault.New()
			must(t, err)
			_, err = filestore.New(dir, v)
			must(t, err)
		},
		"a damaged marker": func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o700))
			must(t, os.WriteFile(filepath.Join(dir, filestore.MarkerName), []byte("{"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := store(t)
			id, other := newID(), newID()
			put(t, s, id, []byte("x"))
			must(t, s.Ready(t.Context()))
			elsewhere := moved(t, dir)
			instead(t, dir)
			before := filesIn(t, filepath.Dir(dir))
			_, putErr := s.Put(t.Context(), other, strings.NewReader("y"), 10)
			_, openErr := s.Open(t.Context(), id)
			_, sizeErr := s.Size(t.Context(), id)
			_, agedErr := s.Aged(t.Context(), 0, time.Now())
			for act, err := range map[string]error{"put": putErr, "open": openErr, "size": sizeErr,
				"aged": agedErr, "delete": s.Delete(t.Context(), id), "ready": s.Ready(t.Context()),
				"aside": s.SetAside(id, time.Now()), "forget": s.Forget(id), "restore": s.Restore(id)} {
				if !errors.Is(err, filestore.ErrAway) || fault.All(err)[0].Kind != fault.Unavailable {
					t.Errorf("%s: %v", act, err)
				}
			}
			if now := filesIn(t, filepath.Dir(dir)); !slices.Equal(now, before) {
				t.Errorf("written: %q", now)
			}
			must(t, os.RemoveAll(dir))
			must(t, os.Rename(elsewhere, dir))
			put(t, s, other, []byte("y"))
			if got, err := get(s, id); string(got) != "x" || err != nil {
				t.Errorf("back again: %q, %v", got, err)
			}
		})
	}
}

// TestUnmountedWhileWriting: what was begun in the store does not end in the bare mount point, and is not
// said to be kept.
func TestUnmountedWhileWriting(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	away := readerFunc(func() error {
		moved(t, dir)
		return os.Mkdir(dir, 0o700)
	})
	_, err := s.Put(t.Context(), newID(), io.MultiReader(strings.NewReader("x"), away), 10)
	if !errors.Is(err, filestore.ErrAway) {
		t.Errorf("put: %v", err)
	}
	if left := filesIn(t, dir); len(left) > 0 {
		t.Errorf("written: %q", left)
	}
}

// readerFunc does something when it is read, and is at its end then.
type readerFunc func() error

func (f readerFunc) Read([]byte) (int, error) {
	if err := f(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// TestFound: a store is made where nothing is, and never over anything.
func TestFound(t *testing.T) {
	t.Parallel()
	v, err := vault.New()
	must(t, err)
	for name, c := range map[string]struct {
		there string // a file of the directory; "" is no directory, "/" an empty one
		want  error
	}{
		"missing":                   {"", nil},
		"empty":                     {"/", nil},
		"a fresh disk":              {"lost+found/", nil},
		"a file":                    {"00/0190a1b2-0000-7000-8000-000000000000", filestore.ErrNotEmpty},
		"something that lies aside": {"aside/x", filestore.ErrNotEmpty},
		"a part":                    {"tmp/x", filestore.ErrNotEmpty},
		"something else":            {"notes.txt", filestore.ErrNotEmpty},
		"a store":                   {filestore.MarkerName, filestore.ErrNotEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "files")
			switch path := filepath.Join(dir, c.there); {
			case c.there == "":
			case strings.HasSuffix(c.there, "/"):
				must(t, os.MkdirAll(path, 0o700))
			default:
				must(t, os.MkdirAll(filepath.Dir(path), 0o700))
				must(t, os.WriteFile(path, []byte("x"), 0o600))
			}
			s := filestore.At(dir, v)
			if err := s.Found("a"); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err := s.Ready(t.Context()); (err == nil) != (c.want == nil) {
				t.Errorf("ready: %v", err)
			}
		})
	}
}

// TestMarkerOfOtherKeys: both keysets are named.
func TestMarkerOfOtherKeys(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	v, err := vault.New()
	must(t, err)
	other := filestore.At(dir, v)
	other.Bind(s.ID())
	m, err := other.Marker()
	if !errors.Is(err, filestore.ErrForeignKeys) || !strings.Contains(err.Error(), m.Keyset) ||
		!strings.Contains(err.Error(), v.ID()) {
		t.Errorf("marker: %v", err)
	}
	if err := other.Ready(t.Context()); !errors.Is(err, filestore.ErrForeignKeys) ||
		!errors.Is(err, filestore.ErrAway) {
		t.Errorf("ready: %v", err)
	}
}

// TestSize: the size before sealing, without opening a chunk; a file that lost its end has another one.
func TestSize(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	for _, size := range []int{1, mib, mib + 1, 3*mib + 5} {
		id := newID()
		put(t, s, id, content(size))
		if got, err := s.Size(t.Context(), id); got != int64(size) || err != nil {
			t.Errorf("%d is %d, %v", size, got, err)
		}
		path := filepath.Join(dir, id[34:], id)
		info, err := os.Stat(path)
		must(t, err)
		must(t, os.Truncate(path, info.Size()-1))
		if got, err := s.Size(t.Context(), id); got == int64(size) && err == nil {
			t.Errorf("%d cut off is %d, %v", size, got, err)
		}
	}
	if _, err := s.Size(t.Context(), newID()); !errors.Is(err, filestore.ErrNotFound) {
		t.Errorf("absent: %v", err)
	}
}

// TestAside: by age and by name, out of its place and back in it as soon as it is asked for.
func TestAside(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	now := time.Now()
	old, young := newID(), newID()
	put(t, s, old, []byte("old"))
	put(t, s, young, []byte("young"))
	must(t, os.WriteFile(filepath.Join(dir, "tmp", "part"), []byte("x"), 0o600))
	then := now.Add(-48 * time.Hour)
	for _, path := range []string{filepath.Join(dir, old[34:], old), filepath.Join(dir, "tmp", "part")} {
		must(t, os.Chtimes(path, then, then))
	}
	var aged []string
	for folder := range filestore.Folders {
		some, err := s.Aged(t.Context(), folder, now.Add(-24*time.Hour))
		must(t, err)
		aged = append(aged, some...)
	}
	names, err := s.Parts(t.Context(), now.Add(-24*time.Hour))
	must(t, err)
	if !slices.Equal(aged, []string{old}) || !slices.Equal(names, []string{"part"}) {
		t.Fatalf("aged %q, parts %q", aged, names)
	}
	must(t, s.SetAside(old, now))
	must(t, s.SetAside(newID(), now))
	must(t, s.SetPartAside("part", now))
	all, err := s.Asides(t.Context())
	must(t, err)
	if len(all) != 2 || all[0].Since.Before(now.Add(-time.Second)) {
		t.Errorf("aside %+v", all)
	}
	if files := filesIn(t, filepath.Join(dir, old[34:])); slices.Contains(files, old) {
		t.Errorf("still in its place: %q", files)
	}
	if got, err := get(s, old); string(got) != "old" || err != nil {
		t.Errorf("asked for: %q, %v", got, err)
	}
	if all, err = s.Asides(t.Context()); err != nil || len(all) != 1 || all[0].ID != "" {
		t.Errorf("aside %+v, %v", all, err)
	}
	must(t, s.Forget("part"))
	if files := filesIn(t, dir); len(files) != 2 {
		t.Errorf("left %q", files)
	}
	for _, name := range []string{"../x", "a/b", "", "..", "/etc"} {
		if s.Forget(name) == nil || s.SetPartAside(name, now) == nil {
			t.Errorf("took %q", name)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
