package eform_test

import (
	"fmt"
	"time"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

const copies = `{"id": "2.000815", "steps": [{
	"id": "ban_sao", "title": {"vi": "Bản sao", "en": "Copies"},
	"sections": [{"id": "chung", "fields": [
		{"id": "ho_ten", "type": "name", "label": {"vi": "Họ và tên", "en": "Full name"}},
		{"id": "cap", "type": "date", "max": "today", "label": {"vi": "Ngày cấp", "en": "Date of issue"}},
		{"id": "so_ban", "type": "number", "min": 1, "max": 20, "label": {"vi": "Số bản", "en": "Copies"}}
	]}]
}]}`

// A program loads a definition, reads what was posted, says what is wrong with it, and writes answers for
// people.
func Example() {
	form, err := eform.Load([]byte(copies))
	if err != nil {
		fmt.Println(err)
		return
	}
	posted := map[string][]string{
		"ho_ten": {" Nguyễn Thị  Lan "}, "so_ban": {"25"},
		"cap.ngay": {"31"}, "cap.thang": {"2"}, "cap.nam": {"2026"},
	}
	answers, err := form.DecodeStep(form.Step(1), func(name string) []string { return posted[name] })
	if err != nil {
		fmt.Println(err)
		return
	}
	on := workday.Date{Year: 2026, Month: time.November, Day: 23}
	for _, f := range form.Check(answers, on) {
		fmt.Printf("%s: %s\n", f.Field, i18n.Fault(i18n.En, f))
	}

	answers["cap"], answers["so_ban"] = eform.Value{Text: "2026-02-28"}, eform.Value{Text: "2"}
	fmt.Println("faults left:", len(form.Check(answers, on)))
	for _, row := range form.Present(answers, i18n.En) {
		fmt.Printf("%s: %s\n", row.Label, row.Text)
	}

	// Output:
	// cap.ngay: There is no such day in the calendar. Please correct date of issue
	// so_ban: Copies must be 20 or less
	// faults left: 0
	// Full name: Nguyễn Thị Lan
	// Date of issue: 28 February 2026
	// Copies: 2
}
