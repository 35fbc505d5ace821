package filestore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"congdvc/services/filestore"
	"congdvc/services/vault"
)

// TestDamage: whatever is done to the bytes on the disk, a reader gives an error and never other bytes.
func TestDamage(t *testing.T) {
	t.Parallel()
	const header, record = 12, mib + 33
	original := content(3*mib + 100)
	for _, c := range []struct {
		name  string
		spoil func(b, other []byte) []byte
		opens bool // the damage is found when reading, not yet when opening
	}{
		{"last chunk cut off", func(b, _ []byte) []byte { return b[:header+3*record] }, false},
		{"a byte cut off", func(b, _ []byte) []byte { return b[:len(b)-1] }, false},
		{"a byte more", func(b, _ []byte) []byte { return append(b, 0) }, false},
		{"only the header", func(b, _ []byte) []byte { return b[:header] }, false},
		{"nothing", func(b, _ []byte) []byte { return nil }, false},
		{"no header", func(b, _ []byte) []byte { return b[header:] }, false},
		{"wild overhead", func(b, _ []byte) []byte { b[8] = 0xff; return b }, false},
		{"overhead one off", func(b, _ []byte) []byte { b[11]++; return b }, false},
		{"a bit in the first chunk", func(b, _ []byte) []byte { b[header+500] ^= 1; return b }, true},
		{"chunks in another order", func(b, _ []byte) []byte {
			swapped := bytes.Clone(b)
			copy(swapped[header:], b[header+record:header+2*record])
			copy(swapped[header+record:], b[header:header+record])
			return swapped
		}, true},
		{"a chunk left out", func(b, _ []byte) []byte {
			return append(b[:header+record], b[header+2*record:]...)
		}, false},
		{"a chunk of another file", func(b, other []byte) []byte {
			copy(b[header:header+record], other[header:])
			return b
		}, true},
		{"another file", func(_, other []byte) []byte { return other }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, dir := store(t)
			id, otherID := newID(), newID()
			put(t, s, id, original)
			put(t, s, otherID, content(3*mib+100))
			path := filepath.Join(dir, id[34:], id)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			other, err := os.ReadFile(filepath.Join(dir, otherID[34:], otherID))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, c.spoil(b, other), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := s.Open(t.Context(), id)
			if c.opens != (err == nil) || err != nil && !errors.Is(err, filestore.ErrDamaged) {
				t.Fatalf("open: %v", err)
			}
			if err != nil {
				return
			}
			defer r.Close()
			if got, err := io.ReadAll(r); !errors.Is(err, filestore.ErrDamaged) ||
				!bytes.HasPrefix(original, got) {
				t.Errorf("read %d bytes, %v", len(got), err)
			}
		})
	}
}

// FuzzOpen: no bytes on the disk make a reader panic or give what was not sealed.
func FuzzOpen(f *testing.F) {
	v, err := vault.New()
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	s, err := filestore.New(dir, v)
	if err != nil {
		f.Fatal(err)
	}
	id := newID()
	path := filepath.Join(dir, id[34:], id)
	if _, err := s.Put(context.Background(), id, strings.NewReader("hồ sơ"), 100); err != nil {
		f.Fatal(err)
	}
	real, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(real)
	f.Add([]byte("CDVFILE1\xff\xff\xff\xff"))
	f.Add([]byte("CDVFILE1\x00\x00\x00\x00x"))
	f.Fuzz(func(t *testing.T, onDisk []byte) {
		if err := os.WriteFile(path, onDisk, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := get(s, id); err == nil && string(got) != "hồ sơ" {
			t.Errorf("read %q", got)
		}
	})
}
