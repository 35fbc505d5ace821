package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"congdvc/services/binding"
	"congdvc/services/workday"
)

const checkGolden = "testdata/check.golden"

// What changes from run to run, and with every migration.
var (
	port   = regexp.MustCompile(`127\.0\.0\.1:\d{2,}`)
	schema = regexp.MustCompile(`schema \d+`)
	store  = regexp.MustCompile(`store [0-9a-f-]{36}`)
	keyset = regexp.MustCompile(`keyset [0-9a-f]{8}-[0-9a-f]{8}`)
)

func (p *program) exec(sql string, args ...any) {
	p.Helper()
	if _, err := p.pool.Exec(p.Context(), sql, args...); err != nil {
		p.Fatal(err)
	}
}

// another stores a version of a starter procedure that differs from its newest one by an expression of SQL,
// past the checks of an import. The former one ends where it begins, unless the new one is a draft.
func (p *program) another(code, state, from, definition, form string) {
	p.Helper()
	if state != "draft" {
		p.exec(`update procedure_version set state = 'closed', effective_to = $2::date
where code = $1 and effective_to is null and state <> 'draft'`, code, from)
	}
	p.exec(`insert into procedure_version (id, code, number, state, origin, effective_from, definition, form,
    form_hash, content_hash, search_text, search, receivers)
select gen_random_uuid(), code, number + 1, $2, 'operator', $3, `+definition+`, `+form+`,
    form_hash, 'x', '', '', receivers
from procedure_version where code = $1 order by number desc limit 1`, code, state, from)
}

// trouble makes one of everything that a check can find in the catalogue, the agencies and their connections.
func (p *program) trouble() {
	p.Helper()
	const same, published, early = "form", "published", "2026-11-01"
	commune := func(sql, code string) { p.exec(sql, "H42.37."+code) }
	commune(`update agency set valid_to = '2027-02-01' where code = $1`, "14329")
	commune(`update agency set valid_to = '2027-02-01' where code = $1`, "14359")
	commune(`insert into agency (id, code, name, kind, calendar, valid_from)
select gen_random_uuid(), code, name, kind, calendar, valid_to from agency where code = $1`, "14359")
	commune(`update connection_agency set valid_to = '2027-03-01'
where agency_id in (select id from agency where code = $1)`, "14362")
	if _, err := binding.Bind(p.Context(), p.pool, p.keys(), binding.Tables, func(string,
		int) {
	}); err != nil {
		p.Fatal(err)
	}
	commune(`delete from connection_agency
where agency_id in (select id from agency where code = $1)`, "14428")
	p.another("1.001612", published, early, `jsonb_set(definition, '{fees,0,to}', '"2027-03-01"')`, same)
	p.another("1.001612", "draft", early, "definition", same)
	p.another("2.000635", published, early, `jsonb_set(jsonb_set(definition, '{fees,0,to}', '"2026-11-20"'),
    '{received_by,agencies}', '["H42.CU"]')`,
		`convert_to(replace(convert_from(form, 'UTF8'), '"type": "name"', '"type": "text"'), 'UTF8')`)
	p.another("1.000656", published, early,
		`jsonb_set(definition, '{received_by,kinds}', '["commune", "ministry"]')`, same)
	p.another("1.004859", published, early,
		`jsonb_set(definition, '{decided_by}', '{"by": "agency", "agency": "H42.CU"}')`, same)
	p.another("1.013831", published, early, `jsonb_set(definition, '{cases}',
    coalesce(nullif(definition->'cases', 'null'), '[]')
        || '[{"id": "moi", "name": {"vi": "Trường hợp mới", "en": ""}}]')
    || jsonb_build_object('requirements', (select jsonb_agg(r || '{"cases": ["khac"], "exemptions": []}')
        from jsonb_array_elements(definition->'requirements') r))`, same)
	p.another("2.000908", "draft", "2027-01-01", "definition", same)
	p.exec(`update procedure_version set state = 'closed', effective_to = '2027-01-15'
where code = '1.000894'`)
	p.another("1.004873", published, "2027-02-01", "definition", same)
	p.exec(`update procedure_version set effective_to = '2027-01-15' where code = '1.004873' and number = 1`)
	p.must("import", "procedures", "--from", early, p.input(nationalRecord+"\n"+
		strings.NewReplacer("9.000001", "9.000002", "Cấp xã", "Cấp Bộ").Replace(nationalRecord)))
}

// TestCheckGolden: every line that a check writes, over a database that fills up and then gets into trouble.
func TestCheckGolden(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	var all strings.Builder
	look := func(scene string, on workday.Date) {
		lines, err := p.inspected(on)
		all.WriteString("== " + scene + "\n" + lines)
		if err != nil {
			all.WriteString("error: " + err.Error() + "\n")
		}
	}
	look("nothing is there", checkDay)
	p.outside()
	p.must("import", "starter")
	look("agencies without a one-stop system", checkDay)
	p.serveAll()
	look("all is well", checkDay)
	look("a calendar that will end", workday.Date{Year: 2027, Month: time.October, Day: 25})
	look("a calendar that has ended", workday.Date{Year: 2027, Month: time.December, Day: 20})
	p.trouble()
	look("trouble", checkDay)
	p.env["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/nothing"
	p.env["VAULT_KEK_FILE"] += "-absent"
	p.env["REDIS_ADDRS"], p.env["SMTP_ADDR"], p.env["OIDC_ISSUER"] = "127.0.0.1:1", "127.0.0.1:1",
		"http://127.0.0.1:1"
	p.env["STRIPE_SECRET_KEY"], p.env["STRIPE_API_BASE"] = "sk_test_1", "http://127.0.0.1:1"
	look("everything is away", checkDay)
	delete(p.env, "OIDC_CLIENT_ID")
	p.env["PUBLIC_URL"] = "dichvucong"
	if out, err := p.run("check"); err != nil {
		all.WriteString("== a configuration with faults\n" + out + "error: " + err.Error() + "\n")
	}

	got := strings.ReplaceAll(all.String(), filepath.Dir(p.env["FILES_DIR"]), "DIR")
	got = keyset.ReplaceAllString(store.ReplaceAllString(got, "store STORE"), "keyset KEYSET")
	got = schema.ReplaceAllString(port.ReplaceAllString(got, "127.0.0.1:PORT"), "schema N")
	if *update {
		if err := os.WriteFile(checkGolden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(checkGolden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("something else than %s; -update writes it anew:\n%s", checkGolden, got)
	}
}
