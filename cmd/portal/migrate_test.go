package main

import (
	"testing"

	"congdvc/migrations"
)

// TestBindings: what was given to somebody else in the database is named, and what has no mark is nobody's
// until an operator says otherwise.
func TestBindings(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	code := p.file()
	p.has(p.must("verify", "bindings"), "ok")
	for _, sql := range []string{`update dossier set owner_party_id = gen_random_uuid()`,
		`update draft set party_id = gen_random_uuid()`} {
		if _, err := p.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	p.refused("are not as this portal wrote them", "verify", "bindings")
	out, _ := p.run("verify", "bindings")
	p.has(out, "BROKEN dossier ", "BROKEN draft ")
	p.refused("owner_party_id", "verify", "chain", string(code))
	p.refused("--again", "keys", "bind")
	p.has(p.must("keys", "bind", "--again"), "bound 1 of dossier", "nobody's")
	p.must("verify", "bindings")
	p.refused("owner_party_id", "verify", "chain", string(code)) // the history still knows
}

// TestUpgradeToMarks: a database of before the marks is bound by migrate, and for a time rows of programs of
// before count.
func TestUpgradeToMarks(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	p.file()
	const before = 209
	if err := migrations.Down(t.Context(), p.pool, before); err != nil {
		t.Fatal(err)
	}
	p.has(p.must("migrate"), "bound 1 of dossier", "bound 1 of draft", "portal keys bind")
	p.must("verify", "bindings")
	if again := p.must("migrate"); again != "" {
		t.Errorf("a second time: %s", again)
	}
	if _, err := p.pool.Exec(t.Context(), `update draft set mark = null`); err != nil {
		t.Fatal(err)
	}
	p.has(p.must("migrate"), "1 rows without a mark count until", "portal keys bind")
	out, _ := p.run("check") // fails for what is not there
	p.has(out, "rows without a mark count until")
	p.has(p.must("keys", "bind"), "bound 0 of dossier\n", "bound 1 of draft")
	p.must("verify", "bindings")
	out, _ = p.run("check")
	p.has(out, "only rows with a mark count")
	if _, err := p.pool.Exec(t.Context(), `update draft set mark = null`); err != nil {
		t.Fatal(err)
	}
	p.refused("--again", "keys", "bind")
	p.has(p.must("migrate"), "1 rows without a mark are nobody's", "portal keys bind --again")
}
