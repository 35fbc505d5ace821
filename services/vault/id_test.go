package vault_test

import (
	"encoding/json"
	"os"
	"testing"

	"congdvc/services/vault"
)

// TestID: a keyset keeps its name when it rotates, and no two have one, nor do halves of two put together.
func TestID(t *testing.T) {
	t.Parallel()
	keyset, kek := paths(t)
	if err := vault.Create(keyset, kek); err != nil {
		t.Fatal(err)
	}
	id := func(keyset string) string {
		v, err := vault.Open(keyset, kek)
		if err != nil {
			t.Fatal(err)
		}
		return v.ID()
	}
	first := id(keyset)
	if len(first) != len("1f00a2c4-9be01d77") {
		t.Error(first)
	}
	for range 3 {
		if err := vault.Rotate(keyset, kek); err != nil {
			t.Fatal(err)
		}
	}
	if now := id(keyset); now != first {
		t.Errorf("%s became %s", first, now)
	}
	other := keyset + "-other"
	if err := vault.Create(other, kek); err != nil {
		t.Fatal(err)
	}
	var mixed, its map[string]any
	for path, into := range map[string]*map[string]any{keyset: &mixed, other: &its} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
	mixed["index"] = its["index"]
	content, err := json.Marshal(mixed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyset+"-mixed", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if a, b := id(other), id(keyset+"-mixed"); a == first || b == first || a == b {
		t.Errorf("%s, %s, %s", first, a, b)
	}
}
