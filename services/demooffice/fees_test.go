package demooffice

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestFees(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		revision, payment, text string
		unset, claims           []string
	}{
		"nothing owed": {`{}`, "none", "Không thu phí", nil, nil},
		"paid":         {`{"fee": {"total": 16000}}`, "paid", "Đã nộp: 16.000 đ", nil, nil},
		"amount unknown": {`{"fees_unset": [{"name": "Lệ phí hộ tịch"}]}`, "none", "Chưa thu khi nộp hồ sơ",
			[]string{"Lệ phí hộ tịch: cơ quan báo mức và cách nộp khi tiếp nhận"}, nil},
		"told later": {`{"fees_unset": [{"name": "Lệ phí hộ tịch"}]}`, "owed", "Chưa nộp",
			[]string{"Lệ phí hộ tịch: cơ quan báo mức và cách nộp khi tiếp nhận"}, nil},
		"exempt": {
			`{"exemption": {"name": "Hộ nghèo", "fees": [{"name": "Lệ phí", "whole": true}, {"name": "Phí", "full": 8000, "amount": 4000}, {"name": "Khác"}]}}`,
			"none", "Không thu phí", nil, []string{"Lệ phí: miễn", "Phí: còn 4.000 đ thay vì 8.000 đ",
				"Khác: giảm"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r revision
			if err := json.Unmarshal([]byte(tc.revision), &r); err != nil {
				t.Fatal(err)
			}
			if text := r.FeeText(tc.payment); text != tc.text {
				t.Errorf("%q, not %q", text, tc.text)
			}
			if unset := r.Unset(); !slices.Equal(unset, tc.unset) {
				t.Errorf("unset: %q, not %q", unset, tc.unset)
			}
			if claims := r.Claims(); !slices.Equal(claims, tc.claims) {
				t.Errorf("claims: %q, not %q", claims, tc.claims)
			}
		})
	}
}
