package backoffice

import (
	"encoding/json"
	"net/url"
	"slices"
	"testing"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func list(t testing.TB, s *scene, query string) (l onestop.DossierList) {
	t.Helper()
	got := s.call(t, request{path: "/dossiers" + query})
	if err := json.Unmarshal([]byte(got.body), &l); err != nil || got.status != 200 {
		t.Fatalf("%s: %d %s", query, got.status, got.body)
	}
	return l
}

func codes(l onestop.DossierList) (all []dossier.Code) {
	for _, d := range l.Dossiers {
		all = append(all, d.Code)
	}
	return all
}

func counts(t testing.TB, s *scene, query string) (c onestop.DossierCounts) {
	t.Helper()
	got := s.call(t, request{path: "/dossier-counts" + query})
	if err := json.Unmarshal([]byte(got.body), &c); err != nil || got.status != 200 {
		t.Fatalf("%s: %d %s", query, got.status, got.body)
	}
	return c
}

// TestDossiersAreListed: page by page, by every filter, and what changes meanwhile comes again.
func TestDossiersAreListed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if l := list(t, s, ""); len(l.Dossiers) != 0 || l.More || l.Next == "" {
		t.Errorf("of nothing: %+v", l)
	}
	var all []dossier.Code
	for n := range 5 {
		all = append(all, s.Submitted(t, s.Citizen(t, n+1)))
		s.Clock.Advance(24 * time.Hour)
	}
	whole := list(t, s, "")
	if !slices.Equal(codes(whole), all) || whole.More {
		t.Fatalf("%v, want %v, more %v", codes(whole), all, whole.More)
	}
	one := s.call(t, request{path: at(all[0])}).dossier(t)
	if got := whole.Dossiers[0]; got.RowVersion != one.RowVersion || got.Revisions[0] != one.Revisions[0] ||
		got.ChangedAt.Time().IsZero() {
		t.Errorf("listed %+v, by its code %+v", got, one)
	}
	if list(t, s, "?after="+whole.Next).Dossiers[:0] == nil {
		t.Error("no list but null")
	}

	first := list(t, s, "?limit=2")
	s.post(t, at(all[0], "/receive"), `{}`) // it was read already
	s.post(t, at(all[4], "/receive"), `{}`) // it was not
	second := list(t, s, "?limit=2&after="+first.Next)
	third := list(t, s, "?limit=2&after="+second.Next)
	read := slices.Concat(codes(first), codes(second), codes(third))
	want := []dossier.Code{all[0], all[1], all[2], all[3], all[0], all[4]}
	if !slices.Equal(read, want) || third.More || !second.More {
		t.Errorf("read %v, want %v", read, want)
	}
	if got := third.Dossiers[0].Status; got != "received" {
		t.Errorf("it comes again as %s", got)
	}
	s.post(t, at(all[2], "/receive"), `{}`)
	// What others in the same cluster were doing may have made it begin earlier.
	if got := codes(list(t, s, "?after="+whole.Next)); len(got) < 3 || !slices.Equal(got[len(got)-3:],
		[]dossier.Code{all[0], all[4], all[2]}) {
		t.Errorf("since then %v", got)
	}
	s.filters(t, all)
}

// filters tries each filter on a province in which the dossiers 0, 2 and 4 were received.
func (s *scene) filters(t *testing.T, all []dossier.Code) {
	t.Helper()
	last := list(t, s, "").Dossiers[4]
	since := url.QueryEscape(last.ChangedAt.String())
	day := func(n int) string { return s.Clock.Now().AddDate(0, 0, n-5).Format(time.DateOnly) }
	s.post(t, at(all[1], "/acknowledge"), `{"office_code": "NB-1"}`)
	for query, want := range map[string][]dossier.Code{
		"agency=" + s.Commune.Code:                                {all[3], all[0], all[4], all[2], all[1]},
		"status=received":                                         {all[0], all[4], all[2]},
		"status=submitted,received":                               {all[3], all[0], all[4], all[2], all[1]},
		"status=withdrawn":                                        nil,
		"sync=acknowledged":                                       {all[1]},
		"sync=waiting&status=submitted":                           {all[3]},
		"changed_since=" + since:                                  {all[2], all[1]},
		"submitted_from=" + day(3):                                {all[3], all[4]},
		"submitted_until=" + day(0):                               {all[0]},
		"submitted_from=" + day(2) + "&submitted_until=" + day(2): {all[2]},
		"due_until=2026-11-22":                                    nil,
		"due_until=2027-01-31":                                    {all[0], all[4], all[2]},
	} {
		if got := codes(list(t, s, "?"+query)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
		if got := counts(t, s, "?"+query); got.Total != len(want) {
			t.Errorf("%s counts %+v, want %d", query, got, len(want))
		}
	}
	all5 := counts(t, s, "")
	if all5.Total != 5 || len(all5.Agencies) != 1 || all5.Agencies[0].Agency != s.Commune.Code ||
		!slices.Equal(all5.Agencies[0].Statuses, []onestop.StatusCount{{Status: dossier.Submitted, Count: 2},
			{Status: dossier.Received, Count: 3}}) {
		t.Errorf("all: %+v", all5)
	}
}

func TestListParameters(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	cursor := list(t, s, "").Next
	for query, names := range map[string][]string{
		"state=received":                     {"state"},
		"status=received&status=submitted":   {"status"},
		"status=":                            {"status"},
		"status=gone&sync=x&due_until=today": {"status", "sync", "due_until"},
		"agency=H42.12":                      {"agency"}, // it is there, but another connection serves it
		"agency=":                            {"agency"},
		"agency=%FF":                         {"agency"},
		"changed_since=2026-11-23":           {"changed_since"},
		"changed_since=0000-01-01T00:00:00Z": {"changed_since"},
		"submitted_from=2026-02-30":          {"submitted_from"},
		"submitted_until=0000-01-01":         {"submitted_until"},
		"limit=0":                            {"limit"}, "limit=501": {"limit"}, "limit=x": {"limit"},
		"after=x": {"after"}, "after=" + cursor + "x": {"after"}, "after=k3f9ab2c.1042": {"after"},
		"after=k3f9ab2c.-1.0.": {"after"}, "after=k3f9ab2c.1.1.1": {"after"},
	} {
		paths := []string{"/dossiers?"}
		if names[0] != "limit" && names[0] != "after" {
			paths = append(paths, "/dossier-counts?")
		}
		for _, path := range paths {
			got := s.call(t, request{path: path + query})
			if got.status != 400 {
				t.Errorf("%s: %d %s", query, got.status, got.body)
				continue
			}
			var told []string
			for _, f := range got.problem(t).Errors {
				told = append(told, f.Parameter)
			}
			slices.Sort(told)
			slices.Sort(names)
			if !slices.Equal(told, names) {
				t.Errorf("%s: named %v, want %v", query, told, names)
			}
		}
	}
	for after, want := range map[string]string{
		"aaaaaaaa" + cursor[8:]:                "onestop.cursor_incarnation",
		cursor[:8] + ".0.4611686018427387904.": "onestop.cursor_ahead",
		cursor[:8] + ".4611686018427387904.0.": "onestop.cursor_ahead",
	} {
		if got := s.call(t, request{path: "/dossiers?after=" + after}); got.status != 410 ||
			got.problem(t).Type != onestop.ProblemType(want) {
			t.Errorf("%s: %d %s", after, got.status, got.body)
		}
	}
}
