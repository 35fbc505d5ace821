package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// ruled is what an inspection of the rules writes on a day, and whether it fails.
func (p *program) ruled(on workday.Date) (lines string, failed bool) {
	p.Helper()
	var out bytes.Buffer
	i := &inspection{ctx: p.Context(), out: &out, now: on.At(9 * 60)}
	i.rules(p.pool)
	return out.String(), i.verdict() != nil
}

func (p *program) exec(sql string, args ...any) {
	p.Helper()
	if _, err := p.pool.Exec(p.Context(), sql, args...); err != nil {
		p.Fatal(err)
	}
}

// store publishes or keeps a starter procedure after a change, past the checks of an import.
func (p *program) store(code string, state procedure.State, from string, change func(*procedure.Definition)) {
	p.Helper()
	sources, err := procedure.Starter()
	if err != nil {
		p.Fatal(err)
	}
	for _, s := range sources {
		if s.Definition.Code != code {
			continue
		}
		change(&s.Definition)
		p.exec(`update procedure_version set state = 'closed', effective_to = $2::date where code = $1 and effective_to is null and $3 <> 'draft'`, code, from, state)
		p.exec(`insert into procedure_version (id, code, number, state, origin, effective_from, definition, form, form_hash, content_hash, search_text, search, receivers)
select gen_random_uuid(), code, number + 1, $2, 'operator', $3, $4, form, form_hash, 'x', '', '', receivers
from procedure_version where code = $1 order by number desc limit 1`, code, state, from, s.Definition)
	}
}

func TestCheckRules(t *testing.T) {
	t.Parallel()
	day := func(s string) *workday.Date {
		d, err := workday.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return &d
	}
	const code = "1.001612"
	tests := map[string]struct {
		arrange func(p *program)
		on      workday.Date
		fails   bool
		says    string
	}{
		"a fee that ends later": {func(p *program) {
			p.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				for i := range d.Fees {
					d.Fees[i].To = day("2027-03-01")
				}
			})
		}, checkDay, false, "warn  procedure 1.001612   from 2027-03-01 on nothing says what"},
		"a fee that has ended": {func(p *program) {
			p.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				for i := range d.Fees {
					d.Fees[i].To = day("2026-11-20")
				}
			})
		}, checkDay, true, "FAIL  procedure 1.001612   nothing says what"},
		"a case without papers": {func(p *program) {
			p.store("1.013831", procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				d.Cases = append(d.Cases, procedure.Case{ID: "moi"})
				d.Cases[len(d.Cases)-1].Name.Vi = "Trường hợp mới"
				for i := range d.Requirements {
					d.Requirements[i].Cases = []string{"khac"}
				}
			})
		}, checkDay, false, "warn  procedure 1.013831   its case moi (Trường hợp mới) asks for no paper"},
		"a named agency that ends": {func(p *program) {
			p.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) { d.ReceivedBy.Agencies = []string{"H42.STP"} })
			p.exec(`update agency set valid_to = '2027-01-01' where code = 'H42.STP'`)
		}, checkDay, false, "warn  procedure 1.001612   from 2027-01-01 on it is received by H42.STP, which does not hold then"},
		"a deciding agency that has ended": {func(p *program) {
			p.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				d.DecidedBy = procedure.Decider{By: procedure.ByAgency, Agency: "H42.STP"}
			})
			p.exec(`update agency set valid_to = '2026-11-20' where code = 'H42.STP'`)
		}, checkDay, true, "FAIL  procedure 1.001612   it is decided by H42.STP, which does not hold then"},
		"a commune that is merged away": {func(p *program) {
			p.exec(`update agency set valid_to = '2027-02-01' where code = 'H42.37.14329'`)
		}, checkDay, false, "receives dossiers and ends on 2027-02-01. What to do: import the agency that takes its place"},
		"a commune renamed, without connection under its new name": {func(p *program) {
			p.exec(`update agency set valid_to = '2027-02-01' where code = 'H42.37.14329'`)
			p.exec(`insert into agency (id, code, name, kind, calendar, valid_from)
select gen_random_uuid(), code, name, kind, calendar, valid_to from agency where code = 'H42.37.14329'`)
		}, checkDay, false, "warn  agency H42.37.14329  on 2027-02-01"},
		"a connection that ends": {func(p *program) {
			p.exec(`update connection_agency set valid_to = '2027-02-01' where agency_id in (select id from agency where code = 'H42.37.14329')`)
		}, checkDay, false, "warn  agency H42.37.14329  on 2027-11-24"},
		"an agency without connection": {func(p *program) {
			p.exec(`delete from connection_agency where agency_id in (select id from agency where code = 'H42.37.14329')`)
		}, checkDay, true, "FAIL  agency H42.37.14329"},
		"many agencies without connection": {func(p *program) { p.exec(`delete from connection_agency`) }, checkDay, true, "FAIL  agencies             14 that receive dossiers have no one-stop system, so nothing can be filed there. What to do: portal onestop serve CODE --agencies H42.37."},
		"a kind with no living agency": {func(p *program) {
			p.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) { d.ReceivedBy.Kinds = append(d.ReceivedBy.Kinds, agency.Department) })
			p.exec(`update agency set valid_to = '2026-11-20' where kind = 'department'`)
		}, checkDay, true, "FAIL  procedure 1.001612   there is no agency of the kind department"},
		"a calendar without the coming year": {func(*program) {}, workday.Date{Year: 2027, Month: time.October, Day: 25}, false, "warn  calendar"},
		"a version that ends without a successor": {func(p *program) {
			p.exec(`update procedure_version set state = 'closed', effective_to = '2027-01-15' where code = $1`, code)
		}, checkDay, false, "warn  procedure 1.001612   it ends on 2027-01-15 and nothing takes its place"},
		"a version that ends before the next begins": {func(p *program) {
			p.store(code, procedure.Published, "2027-02-01", func(*procedure.Definition) {})
			p.exec(`update procedure_version set effective_to = '2027-01-15' where code = $1 and number = 1`, code)
		}, checkDay, false, "it ends on 2027-01-15 and its next version begins only on 2027-02-01"},
		"a draft that was never published": {func(p *program) {
			p.store(code, procedure.Draft, "2026-11-01", func(*procedure.Definition) {})
		}, checkDay, false, "warn  procedure 1.001612   draft 2 was to begin on 2026-11-01 and was never published"},
		"a draft for later": {func(p *program) {
			p.store(code, procedure.Draft, "2027-01-01", func(*procedure.Definition) {})
		}, checkDay, false, "draft 2, meant to begin on 2027-01-01, is not published"},
		"a general form without an agency": {func(p *program) {
			p.must("import", "procedures", "--from", "2026-11-01", p.input(nationalRecord))
			p.must("procedures", "allow-general", "9.000001")
			p.exec(`update agency set valid_to = greatest(valid_from, '2026-11-20') where kind = 'commune'`)
		}, today(), true, "FAIL  procedure 9.000001   there is no agency that receives it"},
		"records without receivers": {func(p *program) {
			p.must("import", "procedures", "--from", "2026-11-01", p.input(nationalRecord+"\n"+
				strings.NewReplacer("9.000001", "9.000002", "Cấp xã", "Cấp Bộ").Replace(nationalRecord)))
		}, checkDay, false, "ok    national records     2 in force; 1 have no receiving agency in the province, 2 name no paper"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t)
			p.must("import", "starter")
			p.serveAll()
			before, failed := p.ruled(test.on)
			if failed || test.on == checkDay && strings.Contains(before, "warn") {
				t.Fatalf("the starter catalogue itself:\n%s", before)
			}
			test.arrange(p)
			lines, failed := p.ruled(test.on)
			if failed != test.fails {
				t.Errorf("fails: %v\n%s", failed, lines)
			}
			p.has(lines, test.says)
		})
	}
}

// TestOverlap: the database itself refuses two versions of a procedure that would hold on one day, so nothing needs to
// show them.
func TestOverlap(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	err := pgx.BeginFunc(t.Context(), p.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into procedure_version (id, code, number, state, origin, effective_from, definition, form_hash, content_hash, search_text, search)
select gen_random_uuid(), code, number + 1, 'published', 'operator', effective_from + 10, definition, '', 'x', '', '' from procedure_version where code = '1.001612'`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "procedure_version_once") {
		t.Errorf("%v", err)
	}
}
