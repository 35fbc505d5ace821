package vault_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"congdvc/services/vault"
)

func fresh(t *testing.T) *vault.Vault {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSeal(t *testing.T) {
	t.Parallel()
	v, other := fresh(t), fresh(t)
	sealed, err := v.SealText("087084000999", "party/1/number")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("0870")) || len(sealed) != 12+33 {
		t.Errorf("sealed to %d bytes: %q", len(sealed), sealed)
	}
	if got, err := v.OpenText(sealed, "party/1/number"); got != "087084000999" || err != nil {
		t.Errorf("opened %q, %v", got, err)
	}
	again, err := v.SealText("087084000999", "party/1/number")
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("sealing twice gives the same bytes (%v)", err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, try := range map[string]func() (string, error){
		"another place":  func() (string, error) { return v.OpenText(sealed, "party/2/number") },
		"no place":       func() (string, error) { return v.OpenText(sealed, "") },
		"another vault":  func() (string, error) { return other.OpenText(sealed, "party/1/number") },
		"a changed byte": func() (string, error) { return v.OpenText(changed, "party/1/number") },
		"cut":            func() (string, error) { return v.OpenText(sealed[:20], "party/1/number") },
		"nothing":        func() (string, error) { return v.OpenText(nil, "party/1/number") },
	} {
		if got, err := try(); got != "" || !errors.Is(err, vault.ErrCannotOpen) {
			t.Errorf("%s: opened %q, %v", name, got, err)
		}
	}
	empty, err := v.Seal(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := v.Open(empty, nil); len(plain) != 0 || err != nil {
		t.Errorf("nothing opened as %q, %v", plain, err)
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	v, other := fresh(t), fresh(t)
	index := v.Index("citizen_id", "087084000999")
	if len(index) != 32 || !bytes.Equal(index, v.Index("citizen_id", "087084000999")) {
		t.Errorf("index of %d bytes, or not always the same", len(index))
	}
	for name, different := range map[string][]byte{
		"value":      v.Index("citizen_id", "087084000998"),
		"kind":       v.Index("tax_code", "087084000999"),
		"division":   v.Index("citizen_id0", "87084000999"),
		"the vault":  other.Index("citizen_id", "087084000999"),
		"everything": v.Index("", ""),
	} {
		if bytes.Equal(index, different) {
			t.Errorf("the index does not depend on %s", name)
		}
	}
}

// paths names the two files in a new folder.
func paths(t *testing.T) (keyset, kek string) {
	dir := t.TempDir()
	return filepath.Join(dir, "keyset.json"), filepath.Join(dir, "kek")
}

func TestCreateAndOpen(t *testing.T) {
	t.Parallel()
	keyset, kek := paths(t)
	if err := vault.Create(keyset, kek); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{keyset, kek} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	first, err := vault.Open(keyset, kek)
	if err != nil {
		t.Fatal(err)
	}
	second, err := vault.Open(keyset, kek)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := first.SealText("Lan", "x")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := second.OpenText(sealed, "x"); got != "Lan" || err != nil {
		t.Errorf("another process opened %q, %v", got, err)
	}
	if !bytes.Equal(first.Index("a", "b"), second.Index("a", "b")) {
		t.Error("another process has another index")
	}
}

func TestCreateUsesTheGivenKeyAndOverwritesNothing(t *testing.T) {
	t.Parallel()
	keyset, kek := paths(t)
	given := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	if err := os.WriteFile(kek, []byte(given), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := vault.Create(keyset, kek); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(keyset)
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Create(keyset, kek); !errors.Is(err, vault.ErrExists) {
		t.Errorf("created twice: %v", err)
	}
	after, err := os.ReadFile(keyset)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the keyset changed (%v)", err)
	}
	if now, err := os.ReadFile(kek); err != nil || string(now) != given {
		t.Errorf("the key-encryption key changed (%v)", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(keyset, kek string) error
		want  error
	}{
		{"no keyset", func(keyset, _ string) error { return os.Remove(keyset) }, vault.ErrNoKeyset},
		{"no key", func(_, kek string) error { return os.Remove(kek) }, vault.ErrNoKEK},
		{"key too short", func(_, kek string) error {
			return os.WriteFile(kek, []byte("c2hvcnQ="), 0o600)
		}, vault.ErrBadKEK},
		{"key not base64", func(_, kek string) error {
			return os.WriteFile(kek, []byte("**"), 0o600)
		}, vault.ErrBadKEK},
		{"another key", func(_, kek string) error {
			return os.WriteFile(kek, []byte(base64.StdEncoding.EncodeToString(make([]byte, 32))), 0o600)
		}, vault.ErrWrongKEK},
		{"damaged keyset", func(keyset, _ string) error {
			return os.WriteFile(keyset, []byte("{"), 0o600)
		}, vault.ErrWrongKEK},
		{"keysets swapped", func(keyset, _ string) error {
			content, err := os.ReadFile(keyset)
			if err != nil {
				return err
			}
			swapped := strings.NewReplacer(`"sealing"`, `"index"`, `"index"`, `"sealing"`).
				Replace(string(content))
			return os.WriteFile(keyset, []byte(swapped), 0o600)
		}, vault.ErrWrongKEK},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keyset, kek := paths(t)
			if err := vault.Create(keyset, kek); err != nil {
				t.Fatal(err)
			}
			if err := c.spoil(keyset, kek); err != nil {
				t.Fatal(err)
			}
			if _, err := vault.Open(keyset, kek); !errors.Is(err, c.want) {
				t.Errorf("Open: %v, want %v", err, c.want)
			}
			if err := vault.Rotate(keyset, kek); !errors.Is(err, c.want) {
				t.Errorf("Rotate: %v, want %v", err, c.want)
			}
		})
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	keyset, kek := paths(t)
	if err := vault.Create(keyset, kek); err != nil {
		t.Fatal(err)
	}
	open := func() *vault.Vault {
		v, err := vault.Open(keyset, kek)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	seal := func(v *vault.Vault) []byte {
		sealed, err := v.SealText("Lan", "x")
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	before := open()
	index := before.Index("citizen_id", "087084000999")
	old := seal(before)
	if err := vault.Rotate(keyset, kek); err != nil {
		t.Fatal(err)
	}
	after := open()
	// The first five bytes name the key.
	if bytes.Equal(seal(after)[:5], old[:5]) {
		t.Error("the same key still seals")
	}
	if got, err := after.OpenText(old, "x"); got != "Lan" || err != nil {
		t.Errorf("what was sealed before opened as %q, %v", got, err)
	}
	if got, err := before.OpenText(seal(after), "x"); got != "Lan" || err != nil {
		t.Errorf("a process with the file as before opened %q, %v", got, err)
	}
	if !bytes.Equal(index, after.Index("citizen_id", "087084000999")) {
		t.Error("the index key rotated")
	}
	for range 3 {
		if err := vault.Rotate(keyset, kek); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := open().OpenText(old, "x"); got != "Lan" || err != nil {
		t.Errorf("after four rotations opened %q, %v", got, err)
	}
	if info, err := os.Stat(keyset); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestRotateAtOnce: no rotation is lost, and what an interrupted one left is no obstacle.
func TestRotateAtOnce(t *testing.T) {
	t.Parallel()
	keyset, kek := paths(t)
	if err := vault.Create(keyset, kek); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyset+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var lock sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := vault.Rotate(keyset, kek); err != nil {
				t.Error(err)
			}
			v, err := vault.Open(keyset, kek)
			if err != nil {
				t.Error(err)
				return
			}
			sealed, err := v.SealText("Lan", "x")
			if err != nil {
				t.Error(err)
				return
			}
			lock.Lock()
			defer lock.Unlock()
			seen[string(sealed)] = true
		})
	}
	all.Wait()
	last, err := vault.Open(keyset, kek)
	if err != nil {
		t.Fatal(err)
	}
	for sealed := range seen {
		if got, err := last.OpenText([]byte(sealed), "x"); got != "Lan" || err != nil {
			t.Errorf("a key was lost: %q, %v", got, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	v, err := vault.New()
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := v.SealText("Lan", "x")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed, "x")
	f.Add([]byte{}, "")
	f.Fuzz(func(t *testing.T, given []byte, bind string) {
		if plain, err := v.OpenText(given, bind); err == nil && (plain != "Lan" || bind != "x" ||
			!bytes.Equal(given, sealed)) {
			t.Errorf("opened %q at %q", plain, bind)
		}
	})
}
