package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congdvc/portal/address"
)

// TestACopiedCodeIsFound looks a dossier up by its code and digits as other keyboards, word processors and
// chats give them.
func TestACopiedCodeIsFound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := string(s.Submitted(t, s.Citizen(t, 1)))
	wide := strings.Map(func(r rune) rune { return r - '!' + '！' }, code)
	for _, c := range [][2]string{
		{"Mã hồ sơ: " + code + ".", "0001"},
		{s.URL + "/ho-so/" + strings.ToLower(code) + "?x=1", "０００１"},
		{"“" + strings.ReplaceAll(code, "-", "–") + "”", "\u200b0001\u00a0"},
		{wide, "0 0 0 1"},
		{"Hồ sơ " + strings.ReplaceAll(code, "-", " - ") + " đã được tiếp nhận", "٠٠٠١"},
	} {
		p := s.visitor(t).post("/tra-cuu", url.Values{"code": {c[0]}, "digits": {c[1]}})
		if p.StatusCode != http.StatusOK || !strings.Contains(p.body, code) {
			t.Errorf("%q with %q: %d", c[0], c[1], p.StatusCode)
		}
	}
	b := s.visitor(t)
	if p := b.get("/xac-minh?" + url.Values{"ma": {"Mã kết quả: 01AB‑CDEF‑GHJK‑MNPQ."}}.Encode()); p.path !=
		"/xac-minh/01AB-CDEF-GHJK-MNPQ" {
		t.Errorf("the result is looked for at %s", p.path)
	}
}

// TestWhatIsTypedIsFoldedAndSaid types answers as other keyboards give them: they are kept in one form, and a
// letter that papers cannot show is said at its field, also in the reason for another answer than a source's.
func TestWhatIsTypedIsFoldedAndSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	step := address.DraftStep("vi", id, 1)
	p := b.fill(b.get(step), url.Values{"nyc.ho_ten": {"K‘Brê 金"}, "__why.nyc.ho_ten": {"Tên khác 김"}})
	for _, want := range []string{"có chữ “金” không in được", `id="nyc.ho_ten-err"`,
		`href="#__why.nyc.ho_ten"`, "Lý do có chữ “김” không in được", `value="K&#39;Brê 金"`} {
		if p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) {
			t.Errorf("%d, without %q", p.StatusCode, want)
		}
	}
	checkPage(t, s, p)
	p = b.fill(p, url.Values{"nyc.ho_ten": {"Y Ơ\u0306n K‘Brê"}, "__why.nyc.ho_ten": {"Tên khác"},
		"nyc.dien_thoai": {"0049 (0) 151/234\u200b56789"}})
	if p.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", p.StatusCode, p.body)
	}
	b.shows(step, `value="Y Ơ`+"\u0306"+`n K&#39;Brê"`, `value="&#43;4915123456789"`)
	review := b.get(address.DraftReview("vi", id))
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	code := strings.Split(strings.TrimPrefix(done.path, "/ho-so/"), "/")[0]
	text := b.text(address.DossierFormPDF("vi", code, "1"))
	for _, want := range []string{"Y Ơ\u0306n K'Brê", "+4915123456789"} {
		if !strings.Contains(text, want) || strings.Contains(text, "□") {
			t.Errorf("the form has no %q: %s", want, text)
		}
	}
}
