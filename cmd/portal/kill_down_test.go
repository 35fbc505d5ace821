package main

import (
	"testing"

	"congdvc/portal/address"
)

// TestEndpointDown submits while the agency's software is away: the dossier is accepted, its page says the
// truth, and it arrives by itself once the software is back, although the portal was killed meanwhile.
func TestEndpointDown(t *testing.T) {
	t.Parallel()
	const (
		stuck    = "Chưa chuyển được tới cơ quan, đang thử lại"
		there    = "Chờ cán bộ tiếp nhận"
		failures = `select count(*) from push_attempt where status = 503`
	)
	s := newSite(t)
	v := s.visit(s.idp.People()[0])
	e := &entry{visitor: v, draft: s.rooms.Copies(t, v.who, 1)}
	s.office.GoDown()
	code, _, err := v.handIn(e.draft)
	s.ok(err)
	e.code = code
	page := s.url + address.Dossier("vi", code)
	s.until("the page says that the dossier did not arrive", func() bool { return v.sees(page, stuck) })
	s.kill()
	before := s.count(t.Context(), failures)
	s.start()
	s.ready()
	if !v.sees(page, stuck) || v.sees(page, there) {
		t.Error("after a restart the page says something else")
	}
	s.until("the restarted portal tries too", func() bool { return s.count(t.Context(), failures) > before })
	if !v.sees(page, stuck) {
		t.Error("after another try the page says something else")
	}
	if d := s.office.Dossiers(); len(d) != 0 {
		t.Errorf("the office has it while it is away: %+v", d)
	}
	s.office.ComeBack()
	s.kept([]*entry{e})
	s.arrived([]*entry{e})
	if !v.sees(page, there) || v.sees(page, stuck) {
		t.Error("the page does not say that the dossier arrived")
	}
	s.has(s.must("onestop", "list"), "chung", "ok")
	s.has(s.must("onestop", "attempts", "chung"), "204", "503")
}
