package inspection

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// TestLook brings one kind of trouble at a time into the starter catalogue.
func TestLook(t *testing.T) {
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
		arrange func(s *scene)
		on      workday.Date
		fails   bool
		says    string
	}{
		"a fee that ends later": {func(s *scene) {
			s.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				for i := range d.Fees {
					d.Fees[i].To = day("2027-03-01")
				}
			})
		}, checkDay, false, "warn  procedure 1.001612   from 2027-03-01 on nothing says what"},
		"a fee that has ended": {func(s *scene) {
			s.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				for i := range d.Fees {
					d.Fees[i].To = day("2026-11-20")
				}
			})
		}, checkDay, true, "FAIL  procedure 1.001612   nothing says what"},
		"a case without papers": {func(s *scene) {
			s.store("1.013831", procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				d.Cases = append(d.Cases, procedure.Case{ID: "moi"})
				d.Cases[len(d.Cases)-1].Name.Vi = "Trường hợp mới"
				for i := range d.Requirements {
					d.Requirements[i].Cases = []string{"khac"}
				}
			})
		}, checkDay, false, "warn  procedure 1.013831   its case moi (Trường hợp mới) asks for no paper"},
		"a named agency that ends": {func(s *scene) {
			s.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				d.ReceivedBy.Agencies = []string{"H42.STP"}
			})
			s.exec(`update agency set valid_to = '2027-01-01' where code = 'H42.STP'`)
		}, checkDay, false,
			"warn  procedure 1.001612   from 2027-01-01 on it is received by H42.STP, which does not " +
				"hold then"},
		"a deciding agency that has ended": {func(s *scene) {
			s.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				d.DecidedBy = procedure.Decider{By: procedure.ByAgency, Agency: "H42.STP"}
			})
			s.exec(`update agency set valid_to = '2026-11-20' where code = 'H42.STP'`)
		}, checkDay, true, "FAIL  procedure 1.001612   it is decided by H42.STP, which does not hold then"},
		"a commune that is merged away": {func(s *scene) {
			s.exec(`update agency set valid_to = '2027-02-01' where code = 'H42.37.14329'`)
		}, checkDay, false, "receives dossiers and ends on 2027-02-01. What to do: import the agency that " +
			"takes its place"},
		"a commune renamed, without connection under its new name": {func(s *scene) {
			s.exec(`update agency set valid_to = '2027-02-01' where code = 'H42.37.14329'`)
			s.exec(`insert into agency (id, code, name, kind, calendar, valid_from)
select gen_random_uuid(), code, name, kind, calendar, valid_to from agency where code = 'H42.37.14329'`)
		}, checkDay, false, "warn  agency H42.37.14329  on 2027-02-01"},
		"a connection that ends": {func(s *scene) {
			s.exec(
				`update connection_agency set valid_to = '2027-02-01' where agency_id in (select id from agency where code = 'H42.37.14329')`)
			s.agreed()
		}, checkDay, false, "warn  agency H42.37.14329  on 2027-11-24"},
		"an agency without connection": {func(s *scene) {
			s.exec(
				`delete from connection_agency where agency_id in (select id from agency where code = 'H42.37.14329')`)
		}, checkDay, true, "FAIL  agency H42.37.14329"},
		"many agencies without connection": {func(s *scene) {
			s.exec(`delete from connection_agency`)
		}, checkDay, true, "FAIL  agencies             14 that receive dossiers have no one-stop system, " +
			"so nothing can be filed there. What to do: portal onestop serve CODE --agencies H42.37."},
		"a kind with no living agency": {func(s *scene) {
			s.store(code, procedure.Published, "2026-11-01", func(d *procedure.Definition) {
				d.ReceivedBy.Kinds = append(d.ReceivedBy.Kinds, agency.Department)
			})
			s.exec(`update agency set valid_to = '2026-11-20' where kind = 'department'`)
		}, checkDay, true, "FAIL  procedure 1.001612   there is no agency of the kind department"},
		"a calendar without the coming year": {func(*scene) {}, workday.Date{Year: 2027, Month: time.October,
			Day: 25}, false, "warn  calendar"},
		"a version that ends without a successor": {func(s *scene) {
			s.exec(
				`update procedure_version set state = 'closed', effective_to = '2027-01-15' where code = $1`,
				code)
		}, checkDay, false, "warn  procedure 1.001612   it ends on 2027-01-15 and nothing takes its place"},
		"a version that ends before the next begins": {func(s *scene) {
			s.store(code, procedure.Published, "2027-02-01", func(*procedure.Definition) {})
			s.exec(`update procedure_version set effective_to = '2027-01-15' where code = $1 and number = 1`,
				code)
		}, checkDay, false, "it ends on 2027-01-15 and its next version begins only on 2027-02-01"},
		"a draft that was never published": {func(s *scene) {
			s.store(code, procedure.Draft, "2026-11-01", func(*procedure.Definition) {})
		}, checkDay, false, "warn  procedure 1.001612   draft 2 was to begin on 2026-11-01 and was never " +
			"published"},
		"a draft for later": {func(s *scene) {
			s.store(code, procedure.Draft, "2027-01-01", func(*procedure.Definition) {})
		}, checkDay, false, "draft 2, meant to begin on 2027-01-01, is not published"},
		"a general form without an agency": {func(s *scene) {
			s.records(nationalRecord)
			s.allowGeneral("9.000001", checkDay)
			s.exec(`update agency set valid_to = greatest(valid_from, '2026-11-20') where kind = 'commune'`)
		}, checkDay, true, "FAIL  procedure 9.000001   there is no agency that receives it"},
		"records without receivers": {func(s *scene) {
			s.records(nationalRecord + "\n" +
				strings.NewReplacer("9.000001", "9.000002", "Cấp xã", "Cấp Bộ").Replace(nationalRecord))
		}, checkDay, false,
			"ok    national records     2 in force; 1 have no receiving agency in the province, 2 name " +
				"no paper"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			before, failed := s.lines(test.on)
			if failed || test.on == checkDay && strings.Contains(before, "warn") {
				t.Fatalf("the starter catalogue itself:\n%s", before)
			}
			test.arrange(s)
			lines, failed := s.lines(test.on)
			if failed != test.fails {
				t.Errorf("fails: %v\n%s", failed, lines)
			}
			if !strings.Contains(lines, test.says) {
				t.Errorf("%q is not in\n%s", test.says, lines)
			}
		})
	}
}

// TestOverlap: the database itself refuses two versions of a procedure that would hold on one day, so nothing
// needs to show them.
func TestOverlap(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	err := pgx.BeginFunc(t.Context(), s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(),
			`insert into procedure_version (id, code, number, state, origin, effective_from, definition, form_hash, content_hash, search_text, search)
select gen_random_uuid(), code, number + 1, 'published', 'operator', effective_from + 10, definition, '', 'x', '', '' from procedure_version where code = '1.001612'`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "procedure_version_once") {
		t.Errorf("%v", err)
	}
}
