package portal_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
)

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	to, token := address.DraftRequirement("vi", draftOf(files), "tai_lieu_lien_quan"), files.token(t)
	big := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), 21<<20)...)
	for name, c := range map[string]struct {
		file    string
		content []byte
		say     string
	}{
		"empty":      {"a.pdf", nil, "không có nội dung"},
		"too large":  {"a.pdf", big, "quá lớn"},
		"wrong type": {"a.pdf", []byte("MZ\x90\x00 not a paper"), "Loại tệp này"},
		"damaged":    {"a.png", desktest.Photo(t)[:20], "bị hỏng"},
		"no file":    {"", nil, "chọn một tệp"},
		"bad name":   {"a\x07.png", desktest.Photo(t), "Tên tệp có ký tự"},
	} {
		p := b.upload(to, token, c.file, c.content)
		if p.StatusCode < 400 || p.StatusCode >= 500 || !strings.Contains(p.body, c.say) ||
			!strings.Contains(p.body, `aria-invalid="true"`) {
			t.Errorf("%s: %d, without %q", name, p.StatusCode, c.say)
		}
		checkPage(t, s, p)
	}
	if p := b.upload(to, "wrong", "a.png", desktest.Photo(t)); p.StatusCode != http.StatusForbidden {
		t.Errorf("a forged upload: %d", p.StatusCode)
	}
	if p := b.upload(address.DraftRequirement("vi", draftOf(files), "khong_co"), token, "a.png",
		desktest.Photo(t)); p.StatusCode != http.StatusForbidden {
		t.Errorf("a requirement that is not asked: %d", p.StatusCode)
	}
	if p := b.get(files.path); strings.Contains(p.body, "/tep/") {
		t.Error("a refused file was kept")
	}
}
