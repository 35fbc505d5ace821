package inspection

import (
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/pgtest"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// cannot are the states that a kind of inspection never says.
var cannot = map[string][]State{
	"online":      {OK, Warn}, // says nothing where something can be filed
	"connections": {OK},
	"calendars":   {OK}, // says nothing of one that reaches far enough
	"endings":     {OK, Fail},
	"drafts":      {OK, Fail},
	"papers":      {OK, Fail}, // whether a case needs papers is for its author to say
	"records":     {Warn, Fail},
}

// TestKinds: each row of the table says every state, except those that it is known to never say.
func TestKinds(t *testing.T) {
	t.Parallel()
	said := map[string][]State{}
	look := func(s *scene, on workday.Date) {
		for _, f := range s.look(on) {
			said[f.Kind] = append(said[f.Kind], f.State)
			checkFinding(t, f, on)
		}
	}
	look(&scene{T: t, pool: pgtest.New(t)}, checkDay)
	s := newScene(t)
	look(s, checkDay)
	look(s, workday.Date{Year: 2027, Month: time.October, Day: 25})
	look(s, workday.Date{Year: 2027, Month: time.December, Day: 20})
	s.trouble()
	look(s, checkDay)

	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
		for _, state := range []State{OK, Warn, Fail} {
			never, does := slices.Contains(cannot[k.name], state), slices.Contains(said[k.name], state)
			if never == does {
				t.Errorf("%s says %q: %v; that it cannot is listed: %v", k.name, state, does, never)
			}
		}
	}
	for name := range cannot {
		if !slices.Contains(names, name) {
			t.Errorf("no kind is named %s", name)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(kinds) {
		t.Errorf("two kinds have one name: %v", names)
	}
}

// trouble makes something of every kind go wrong at once.
func (s *scene) trouble() {
	s.Helper()
	const early = "2026-11-01"
	s.exec(`update agency set valid_to = '2027-02-01' where code = 'H42.37.14329'`)
	s.exec(`delete from connection_agency
where agency_id in (select id from agency where code = 'H42.37.14359')`)
	s.store("1.001612", procedure.Published, early, func(d *procedure.Definition) {
		d.Fees[0].To = &workday.Date{Year: 2027, Month: time.March, Day: 1}
	})
	s.retype("2.000635", early, "name", "text")
	s.exec(`update procedure_version set state = 'closed', effective_to = '2027-01-15'
where code = '1.000894'`)
	s.store("1.004873", procedure.Draft, early, func(*procedure.Definition) {})
	s.store("1.004859", procedure.Draft, "2027-05-01", func(*procedure.Definition) {})
	s.store("1.013831", procedure.Published, early, func(d *procedure.Definition) {
		d.Cases = append(d.Cases, procedure.Case{ID: "moi", Name: i18n.Text{Vi: "Trường hợp mới"}})
		for i := range d.Requirements {
			d.Requirements[i].Cases = []string{"khac"}
		}
	})
	s.records(nationalRecord)
	s.exec(`update connection set endpoint_pending = 'https://motcua.example.vn/su-kien'`)
	s.exec(`insert into connection_key (id, connection_id, hash, prefix, scopes, created_at, expires_at)
select gen_random_uuid(), id, 'x', 'cdvc_xxxxxx', '{read}', $1, $1 from connection`, checkDay.At(0))
}

// checkFinding holds a finding to what a page needs of it.
func checkFinding(t *testing.T, f Finding, today workday.Date) {
	t.Helper()
	well, advice := f.State == OK, f.Advice.text(i18n.Vi)
	if f.Day.IsZero() != well || (advice == "") != well || f.State == Fail && f.Day != today {
		t.Errorf("on %s: the day is %s, the advice %q: %s", today, f.Day, advice, f.Line(i18n.En))
	}
	for _, l := range i18n.Langs {
		subject, says, line := f.Subject.Name.text(l), f.Says.text(l), f.Line(l)
		if strings.Contains(line, "⟦") || subject == "" || says == "" {
			t.Errorf("%s: %s", l, line)
		}
	}
}

func TestUnable(t *testing.T) {
	t.Parallel()
	s := &scene{T: t, pool: pgtest.New(t)}
	s.exec(`drop table procedure_version cascade`)
	findings, err := Look(t.Context(), s.pool, s.vault, checkDay.At(0))
	if err == nil || len(findings) > 0 {
		t.Fatalf("%v, %v", findings, err)
	}
	const advice = ". What to do: portal import starter; if that does not help, see the log of the database"
	if line := Unable(err).Line(i18n.En); line != "FAIL  procedures           "+err.Error()+advice {
		t.Error(line)
	}
}
