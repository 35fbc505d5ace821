package desk

import (
	"testing"

	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// TestWhatASupplementCannotChangeIsTolerated holds that an answer which was taken before papers' letters were
// looked at does not keep a supplement from being handed in, unless the person is asked for it.
func TestWhatASupplementCannotChangeIsTolerated(t *testing.T) {
	t.Parallel()
	form, err := eform.Load([]byte(`{"id":"f","steps":[{"id":"s","title":{"vi":"Mục","en":"Item"},
		"sections":[{"id":"c","fields":[{"id":"ten","type":"name","label":{"vi":"Tên","en":"Name"}},
		{"id":"ghi","type":"text","label":{"vi":"Ghi chú","en":"Note"}}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	asked := &dossier.Asked{Fields: []string{"ghi"}}
	for name, c := range map[string]struct {
		asked   *dossier.Asked
		answers eform.Answers
		faults  int
	}{
		"a supplement": {asked, eform.Answers{"ten": {Text: "김"}, "ghi": {Text: "a"}}, 0},
		"asked for":    {asked, eform.Answers{"ten": {Text: "김"}, "ghi": {Text: "김"}}, 1},
		"another":      {asked, eform.Answers{"ten": {Text: "Lan 2"}, "ghi": {Text: "a"}}, 1},
		"a new one":    {nil, eform.Answers{"ten": {Text: "김"}, "ghi": {Text: "a"}}, 1},
	} {
		view := &DraftView{Form: form, Draft: &dossier.Draft{Asked: c.asked}}
		left := 0
		for _, bad := range form.Check(c.answers, workday.Date{Year: 2026, Month: 11, Day: 27}) {
			if !view.tolerated(bad) {
				left++
			}
		}
		if left != c.faults {
			t.Errorf("%s: %d faults, want %d", name, left, c.faults)
		}
	}
}
