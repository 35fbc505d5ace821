package main

import (
	"strings"
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

// TestUpgradeToMarksOfTheCatalogue: what operators brought in before is bound by migrate, what they bring in
// afterwards by the commands; and none of these goes on from a row that somebody else wrote.
func TestUpgradeToMarksOfTheCatalogue(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	p.must("verify", "bindings")
	if err := migrations.Down(t.Context(), p.pool, 290); err != nil {
		t.Fatal(err)
	}
	out := p.must("migrate")
	p.has(out, " of procedure_version\n", " of agency\n", "portal keys bind")
	if strings.Contains(out, "bound 0 of procedure_version") || strings.Contains(out, "bound 0 of agency") {
		t.Error(out)
	}
	p.must("verify", "bindings")
	p.must("keys", "bind")
	p.must("import", "starter")
	p.must("procedures", "close", "2.000815", "--on", "2099-01-01")
	p.must("verify", "bindings")
	for table, sql := range map[string]string{
		"agency": `update agency set name = name || '{"vi": "Sở khác"}' where code = 'H42.STP'`,
		"procedure_version": `update procedure_version set effective_to = '2098-01-01', state = 'closed'
			where code = '2.000635' and state = 'published'`,
	} {
		if tag, err := p.pool.Exec(t.Context(), sql); err != nil || tag.RowsAffected() != 1 {
			t.Fatal(tag, err)
		}
		p.refused("portal verify bindings", "import", "starter")
		p.refused("portal verify bindings", "procedures", "close", "1.001193", "--on", "2099-01-01")
		out, _ := p.run("verify", "bindings")
		p.has(out, "BROKEN "+table+" ")
		p.must("keys", "bind", "--again")
	}
}
