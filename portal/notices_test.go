package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
)

func TestNoticesLeadToTheirDossier(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	b.shows(address.Notices("vi"), "Chưa có thông báo nào")
	code, _ := b.submitted()
	list := b.shows(address.Notices("vi"), "Cổng Dịch vụ công đã nhận được hồ sơ của bạn", string(code),
		">Mới<")
	b.shows(address.Notices("en"), string(code))
	form := list.hidden()
	minh := s.person(t, "Trần Văn Minh")
	theirs := url.Values{"csrf": {minh.get(address.Account("vi")).token(t)}, "id": {form.Get("id")},
		"code": {string(code)}}
	if p := minh.post(address.Notices("vi"), theirs); p.StatusCode != http.StatusNotFound {
		t.Errorf("another's notice: %d %s", p.StatusCode, p.path)
	}
	b.shows(address.Notices("vi"), ">Mới<")
	if p := b.post(address.Notices("vi"), form); p.path != address.Dossier("vi", code) {
		t.Errorf("a notice leads to %s", p.path)
	}
	if p := b.shows(address.Notices("vi"), string(code)); strings.Contains(p.body, ">Mới<") {
		t.Error("a notice that was read is new")
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	t.Parallel()
	b := newSite(t).visitor(t)
	home := b.get("/")
	assets := regexp.MustCompile(`/static/[a-z]+\.[0-9a-f]+\.[a-z]+`).FindAllString(home.body, -1)
	if len(assets) < 3 {
		t.Fatalf("assets: %v", assets)
	}
	for _, path := range assets {
		p := b.get(path)
		if p.StatusCode != http.StatusOK || !strings.Contains(p.Header.Get("Cache-Control"), "immutable") ||
			p.body == "" {
			t.Errorf("%s: %d %s", path, p.StatusCode, p.Header.Get("Cache-Control"))
		}
	}
	if p := b.get("/static/app.000000000000.css"); p.StatusCode != http.StatusNotFound {
		t.Errorf("an old asset: %d", p.StatusCode)
	}
}
