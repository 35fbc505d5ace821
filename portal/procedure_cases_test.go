package portal_test

import (
	"html"
	"strings"
	"testing"
)

// TestPapersByCaseOnThePage: what a person chooses on the page of a procedure decides which papers it lists.
func TestPapersByCaseOnThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, c := range []struct{ query, asks, not string }{
		{"3.000347", "Giấy khám sức khỏe", "Giấy tờ chứng minh quan hệ"},
		{"3.000347?truong-hop=khong_kham", "Bản sao giấy phép lái xe", "Giấy khám sức khỏe"},
		{"2.001583?truong-hop=tu_ho_kinh_doanh", "Giấy chứng nhận đăng ký hộ kinh doanh",
			"Cam kết thực hiện mục tiêu xã hội"},
		{"2.001583?truong-hop=xa_hoi", "Cam kết thực hiện mục tiêu xã hội",
			"Giấy chứng nhận đăng ký hộ kinh doanh"},
		{"1.013831?truong-hop=tang_cho_cong_dong", "Văn bản tặng cho quyền sử dụng đất",
			"Đơn đăng ký biến động"},
		{"1.013831?truong-hop=cho_thue_ha_tang", "Văn bản về việc cho thuê",
			"Văn bản tặng cho quyền sử dụng đất"},
		{"2.000908", "Căn cước điện tử", "Giấy tờ chứng minh quan hệ"},
		{"2.000908?truong-hop=nguoi_khac", "Giấy tờ chứng minh quan hệ", "Giấy khám sức khỏe"},
	} {
		body := html.UnescapeString(b.get("/thu-tuc/" + c.query).body)
		_, papers, _ := strings.Cut(body, `id="giay-to"`)
		papers, _, _ = strings.Cut(papers, `id="phi"`)
		if !strings.Contains(papers, c.asks) || strings.Contains(papers, c.not) {
			t.Errorf("%s does not list %q, or lists %q: %s", c.query, c.asks, c.not, papers)
		}
	}
}

// TestACaseOfCommonPapers: the list of all cases does not say of one that it asks for nothing when it asks
// for what every case does.
func TestACaseOfCommonPapers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for path, want := range map[string]string{"/thu-tuc/3.000347": "Không có giấy tờ riêng",
		"/en/thu-tuc/3.000347": "No documents of its own"} {
		if body := b.get(path).body; !strings.Contains(body, want) ||
			strings.Contains(body, "Nguồn không ghi giấy tờ") {
			t.Errorf("%s does not say %q", path, want)
		}
	}
}

// TestFeesToldInWordsAreNotFree: where the law of a fee is told in words and no amount is known, no page says
// that there is nothing to pay.
func TestFeesToldInWordsAreNotFree(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, code := range []string{"1.013831", "1.013225"} {
		body := html.UnescapeString(b.get("/thu-tuc/" + code).body)
		if strings.Contains(body, "Miễn phí") || !strings.Contains(body, "ệ phí") {
			t.Errorf("%s is said to be free", code)
		}
	}
}
