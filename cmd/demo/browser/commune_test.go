package browser

import "testing"

// TestCommunesOfAProvince: whoever chooses a province is offered its communes, and a name that is typed
// without diacritics is the commune.
func TestCommunesOfAProvince(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.begin("minh", "2.000635")
	v.fill(answers{"nyc.loai": "ca_nhan", "nyc.quan_he": "ban_than", "nyc.cu_tru.tinh": "01"})
	const offered = `document.getElementById("nyc.cu_tru.xa").list?.options.length`
	v.until("the communes of a province that nobody brought in", offered+` === 0`)
	v.fill(answers{"nyc.cu_tru.tinh": "37"})
	v.until("the communes of the province", offered+` === 13`)
	v.fill(answers{"nyc.cu_tru.xa": "tay hoa lu", "nyc.cu_tru.chi_tiet": "Số 3"})
	step := v.path()
	v.press("Tiếp tục")
	v.open(step)
	if got := v.value("nyc.cu_tru.xa"); got != "Phường Tây Hoa Lư" {
		t.Errorf("the commune is %q", got)
	}
	v.picture("commune")
}
