package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"congdvc/services/vault"
)

// keysetOf names the keys of a configuration.
func keysetOf(t *testing.T, env map[string]string) string {
	t.Helper()
	v, err := vault.Open(env["VAULT_KEYSET_FILE"], env["VAULT_KEK_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	return v.ID()
}

// otherKeys gives the program another valid keyset.
func (p *program) otherKeys() {
	p.Helper()
	p.env["VAULT_KEYSET_FILE"] += "-other"
	p.env["VAULT_KEK_FILE"] += "-other"
	p.must("keys", "create")
}

// TestForeignKeys: a database that belongs to keys is served, worked and changed with no others, and both are
// named; with its own, rotated, it is.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.outside()
	p.must("import", "starter")
	own := keysetOf(t, p.env)
	keyset, kek := p.env["VAULT_KEYSET_FILE"], p.env["VAULT_KEK_FILE"]
	p.otherKeys()
	other := keysetOf(t, p.env)
	if own == other {
		t.Fatal(own)
	}
	for _, command := range [][]string{{"serve"}, {"work"}, {"migrate"}, {"import", "starter"},
		{"onestop", "list"}, {"files", "status"}, {"files", "adopt", "--missing"}, {"verify", "files"},
		{"verify", "chain", "--all"}} {
		_, err := p.run(command...)
		if err == nil || !strings.Contains(err.Error(), own) || !strings.Contains(err.Error(), other) {
			t.Errorf("%q: %v, want %s and %s", command, err, own, other)
		}
	}
	lines, err := p.inspected(checkDay)
	if err == nil || strings.Contains(lines, "files  ") {
		t.Errorf("check: %v", err)
	}
	p.has(lines, "FAIL  keys", own, other)

	p.env["VAULT_KEYSET_FILE"], p.env["VAULT_KEK_FILE"] = keyset, kek
	for range 3 {
		p.must("keys", "rotate")
	}
	p.must("onestop", "list")
	lines, _ = p.inspected(checkDay)
	p.has(lines, "ok    keys", own, "ok    files")
}

// TestKeysOfAnOlderDatabase: one from before it knew its keys is bound by those that open what it has, and by
// no others.
func TestKeysOfAnOlderDatabase(t *testing.T) {
	t.Parallel()
	for what, seal := range map[string]func(*program){
		"a connection": func(p *program) {
			p.must("import", "starter")
			p.must("onestop", "create", "chung", "Một cửa chung", "--all-communes")
		},
		"a person": func(p *program) {
			p.must("import", "starter")
			p.openRooms("", "").Citizen(p, 1)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t)
			seal(p)
			p.exec(`delete from installation`)
			keyset, kek := p.env["VAULT_KEYSET_FILE"], p.env["VAULT_KEK_FILE"]
			p.otherKeys()
			p.refused(keysetOf(t, p.env), "migrate")
			p.env["VAULT_KEYSET_FILE"], p.env["VAULT_KEK_FILE"] = keyset, kek
			p.must("migrate")
		})
	}
}

// TestReadyBelongs: a running portal whose database gets other keys, or whose folder is not mounted any more,
// is not ready, and says what does not belong together.
func TestReadyBelongs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	asked := func() (status int, said string) {
		answer, err := http.Get("http://" + s.env["INSIDE_LISTEN"] + "/readyz")
		s.ok(err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		s.ok(err)
		return answer.StatusCode, string(body)
	}
	var state struct{ Keys, Files bool }
	status, said := asked()
	s.ok(json.Unmarshal([]byte(said), &state))
	if status != http.StatusOK || !state.Keys || !state.Files {
		t.Fatalf("%d %s", status, said)
	}

	dir := s.env["FILES_DIR"]
	s.ok(os.Rename(dir, dir+"-away"))
	s.ok(os.Mkdir(dir, 0o700))
	s.until("the portal misses its folder", func() bool {
		status, said = asked()
		return status == http.StatusServiceUnavailable && strings.Contains(said, `"files":false`) &&
			strings.Contains(said, `"keys":true`)
	})
	s.ok(os.Remove(dir))
	s.ok(os.Rename(dir+"-away", dir))

	v, err := vault.New()
	s.ok(err)
	foreign, err := v.SealText("0190a1b2-0000-7000-8000-000000000000",
		"installation/0190a1b2-0000-7000-8000-000000000000")
	s.ok(err)
	s.exec(`update installation set keyset = $1, canary = '0190a1b2-0000-7000-8000-000000000000',
canary_sealed = $2, canary_index = $3`, v.ID(), foreign,
		v.Index("installation", "0190a1b2-0000-7000-8000-000000000000"))
	s.until("the portal knows that the database is of other keys", func() bool {
		status, said = asked()
		return status == http.StatusServiceUnavailable && strings.Contains(said, `"keys":false`) &&
			strings.Contains(said, v.ID()) && strings.Contains(said, keysetOf(t, s.env))
	})
}

// TestIndexKeyBelongs: a keyset of which only the key of the blind index is another would find nobody again.
func TestIndexKeyBelongs(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("migrate")
	p.exec(`update installation set canary_index = sha256('x')`)
	p.refused("belongs to other keys", "import", "starter")
}

// TestUnmountedFolder: nothing starts on a folder that is not the store of the database, and nothing is
// written there; check says so.
func TestUnmountedFolder(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.outside()
	dir := p.env["FILES_DIR"]
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	const another = "another installation's"
	for _, what := range []string{"nothing", "a mount point", another} {
		var err error
		switch what {
		case "a mount point":
			err = os.Mkdir(dir, 0o700)
		case another:
			other := newProgram(t)
			other.must("migrate")
			err = errors.Join(os.Remove(dir), os.Rename(other.env["FILES_DIR"], dir))
		}
		if err != nil {
			t.Fatal(what, err)
		}
		for _, command := range []string{"serve", "work", "migrate"} {
			if _, err := p.run(command); err == nil || !strings.Contains(err.Error(), "filestore") {
				t.Errorf("%s: portal %s: %v", what, command, err)
			}
		}
		p.refused("filestore", "files", "status")
		lines, err := p.inspected(checkDay)
		if err == nil {
			t.Errorf("%s: check passes", what)
		}
		p.has(lines, "ok    keys", "FAIL  files")
		if entries, err := os.ReadDir(dir); what != another && len(entries) > 0 {
			t.Errorf("%s: filled with %v, %v", what, entries, err)
		}
	}
}
