package procedure

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"congdvc/services/dong"
	"congdvc/services/workday"
)

// TestWorkedFees are sums worked by hand from the texts that set the fees.
func TestWorkedFees(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	pages := func(pages, copies int64) map[string]int64 { return map[string]int64{"trang": pages, "ban": copies} }
	const lltp = "3.000333"
	for _, c := range []struct {
		code, caseID, channel, exemption, on string
		quantities                           map[string]int64
		want                                 dong.Amount
		words                                string
	}{
		// 2,000 for each of pages 1 and 2, 1,000 from page 3, at most 200,000 a copy: 4,000 + 196 × 1,000 = 200,000 at 198.
		{"2.000815", "", Counter, "", "2026-11-24", nil, 2_000, "Hai nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(1, 1), 2_000, "Hai nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(2, 1), 4_000, "Bốn nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(3, 1), 5_000, "Năm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(10, 1), 12_000, "Mười hai nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(197, 1), 199_000, "Một trăm chín mươi chín nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(198, 1), 200_000, "Hai trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(199, 1), 200_000, "Hai trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(500, 1), 200_000, "Hai trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(3, 2), 10_000, "Mười nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(500, 2), 400_000, "Bốn trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(3, 0), 0, "Không đồng"},
		{"2.000884", "", Counter, "", "2026-11-24", nil, 10_000, "Mười nghìn đồng"},
		{"2.000884", "", Counter, "", "2026-11-24", map[string]int64{"truong_hop": 3}, 30_000, "Ba mươi nghìn đồng"},
		{driving, "", Online, "", "2025-12-31", nil, 115_000, "Một trăm mười lăm nghìn đồng"},
		{driving, "", Online, "", "2026-01-01", nil, 135_000, "Một trăm ba mươi lăm nghìn đồng"},
		{driving, "", Counter, "", "2025-12-31", nil, 135_000, "Một trăm ba mươi lăm nghìn đồng"},
		{driving, "", Counter, "", "2026-01-01", nil, 135_000, "Một trăm ba mươi lăm nghìn đồng"},
		{copies, "", Online, "", "2026-11-24", nil, 8_000, "Tám nghìn đồng"},
		{copies, "", Online, "", "2026-11-24", map[string]int64{"ban_sao": 3}, 24_000, "Hai mươi bốn nghìn đồng"},
		{copies, "", Online, "", "2026-11-24", map[string]int64{"ban_sao": 21}, 0, "Không đồng"}, // more than the form takes
		{"1.001612", "", Online, "", "2026-11-24", nil, 150_000, "Một trăm năm mươi nghìn đồng"},
		{"1.001612", "", Post, "", "2026-11-24", nil, 150_000, "Một trăm năm mươi nghìn đồng"},
		{"1.001612", "", Counter, "", "2026-11-24", nil, 50_000, "Năm mươi nghìn đồng"},
		{residence, "ca_nhan", Online, "", "2026-11-24", nil, 7_000, "Bảy nghìn đồng"},
		{residence, "ca_nhan", Counter, "", "2026-11-24", nil, 15_000, "Mười lăm nghìn đồng"},
		{residence, "ca_nhan", Counter, "", "2026-11-24", map[string]int64{"nguoi": 9}, 15_000, "Mười lăm nghìn đồng"},
		{residence, "danh_sach", Counter, "", "2026-11-24", nil, 10_000, "Mười nghìn đồng"},
		{residence, "danh_sach", Counter, "", "2026-11-24", map[string]int64{"nguoi": 37}, 370_000, "Ba trăm bảy mươi nghìn đồng"},
		{residence, "danh_sach", Online, "", "2026-11-24", map[string]int64{"nguoi": 37}, 0, "Không đồng"},       // not filed so
		{death, "", Online, "", "2026-11-24", map[string]int64{"ban_sao": 3}, 24_000, "Hai mươi bốn nghìn đồng"}, // without the charge, which the council sets
		{death, "", Online, "ho_ngheo", "2026-11-24", map[string]int64{"ban_sao": 3}, 24_000, "Hai mươi bốn nghìn đồng"},
		{lltp, "so_1", Counter, "", "2026-11-24", nil, 200_000, "Hai trăm nghìn đồng"},
		{lltp, "so_2", Online, "", "2026-11-24", nil, 200_000, "Hai trăm nghìn đồng"},
		{lltp, "so_1", Counter, "giam", "2026-11-24", nil, 100_000, "Một trăm nghìn đồng"},
		{lltp, "so_1", Counter, "mien", "2026-11-24", nil, 0, "Không đồng"},
		{lltp, "so_1", Counter, "khac", "2026-11-24", nil, 200_000, "Hai trăm nghìn đồng"}, // no such exemption
		{company, "", Online, "", "2026-11-24", nil, 100_000, "Một trăm nghìn đồng"},
		{company, "", Counter, "", "2026-11-24", nil, 50_000, "Năm mươi nghìn đồng"},
		{"2.001827", "", Post, "", "2026-11-24", nil, 700_000, "Bảy trăm nghìn đồng"},
		{"2.001628", "", Counter, "", "2026-11-24", nil, 3_000_000, "Ba triệu đồng"},
		{"1.001193", "", Online, "", "2026-11-24", nil, 0, "Không đồng"},
	} {
		q, err := versions[c.code].Quote(Choice{Case: c.caseID, Channel: c.channel, Exemption: c.exemption, Quantities: c.quantities, On: day(t, c.on)})
		if err != nil || q.Total != c.want || q.Total.InWords() != c.words {
			t.Errorf("%s %s %s %q %v on %s: %d (%s), %v; want %d", c.code, c.caseID, c.channel, c.exemption, c.quantities, c.on, q.Total, q.Total.InWords(), err, c.want)
		}
	}
}

// TestLineSaysHow: a line tells its runs of units, its ceiling, its validity and the exemption that was applied.
func TestLineSaysHow(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	q, err := versions["2.000815"].Quote(Choice{Channel: Counter, Quantities: map[string]int64{"trang": 500, "ban": 2}, On: day(t, "2026-11-24")})
	if err != nil {
		t.Fatal(err)
	}
	l := q.Lines[0]
	want := []FeePart{{1, 2, 2_000, 4_000}, {3, 500, 1_000, 498_000}}
	if !slices.Equal(l.Parts, want) || !l.Capped || l.Quantity != 500 || l.Times != 2 || *l.Ceiling != 200_000 || l.Refundable || l.Basis != "226/2016/TT-BTC" {
		t.Errorf("certified copies: %+v", l)
	}
	q, err = versions[driving].Quote(Choice{Channel: Online, On: day(t, "2025-12-31")})
	if err != nil || q.Lines[0].To == nil || *q.Lines[0].To != day(t, "2026-01-01") || q.Lines[0].From != day(t, "2023-12-01") {
		t.Errorf("the rate until the end of 2025: %+v, %v", q, err)
	}
	q, err = versions["3.000333"].Quote(Choice{Channel: Post, Case: "so_2", Exemption: "mien", On: day(t, "2026-11-24")})
	if err != nil || len(q.Lines) != 0 || len(q.Free) != 1 || q.Free[0].Exemption.ID != "mien" || q.Free[0].Full != 200_000 || q.Due != dueNever {
		t.Errorf("who pays nothing: %+v, %v", q, err)
	}
	q, err = versions["1.001193"].Quote(Choice{Channel: Online, On: day(t, "2026-11-24")})
	if err != nil || len(q.Free) != 1 || q.Free[0].Code != "le_phi_khai_sinh" || q.Free[0].Exemption != nil {
		t.Errorf("what is free says so: %+v, %v", q, err)
	}
}

// someVersion has a counted and a flat fee and exemptions, all by chance but as the checks of a definition allow.
func someVersion(r *rand.Rand) *Version {
	amount := func(most int64) *dong.Amount { a := dong.Amount(r.Int64N(most)); return &a }
	rule := FeeRule{Code: "a", Unit: unitPer, Quantity: "q", Times: "t", Amount: amount(100_000), From: workday.Date{Year: 2020, Month: 1, Day: 1}, Due: DueAtSubmission}
	for from := int64(1); r.IntN(2) == 0; {
		from += 1 + r.Int64N(9)
		rule.Steps = append(rule.Steps, FeeStep{From: from, Amount: *amount(100_000)})
	}
	if r.IntN(2) == 0 {
		top := *rule.Amount + 1 + *amount(500_000)
		rule.Ceiling = &top
	}
	flat := FeeRule{Code: "b", Unit: UnitFlat, Amount: amount(300_000), From: rule.From, Due: DueAtCounter}
	return &Version{Definition: Definition{Fees: []FeeRule{rule, flat}, Quantities: []Quantity{{ID: "q", Max: 1000}, {ID: "t", Max: 100}},
		Exemptions: []Exemption{
			{ID: "percent", Percent: 1 + r.IntN(100), From: rule.From},
			{ID: "amount", Amount: amount(150_000), Fees: []string{"a"}, From: rule.From},
		}}}
}

// TestFeeProperties: the sum is that of its lines, more units never cost less, no copy costs more than the ceiling, and no
// exemption makes a fee larger.
func TestFeeProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 4000 {
		v := someVersion(r)
		quote := func(exemption string, q, n int64) FeeQuote {
			got, err := v.Quote(Choice{Channel: Online, Exemption: exemption, Quantities: map[string]int64{"q": q, "t": n}, On: workday.Date{Year: 2026, Month: 1, Day: 1}})
			if err != nil {
				t.Fatalf("%+v: %v", v.Fees, err)
			}
			var sum, free dong.Amount
			for _, l := range got.Lines {
				sum += l.Amount
				if l.Ceiling != nil && l.Full > *l.Ceiling*dong.Amount(l.Times) {
					t.Fatalf("above the ceiling: %+v", l)
				}
			}
			for _, l := range got.Free {
				free += l.Amount
			}
			if sum != got.Total || free != 0 || (got.Total == 0) != (got.Due == dueNever) {
				t.Fatalf("does not add up: %+v", got)
			}
			return got
		}
		q, n := r.Int64N(60), r.Int64N(8)
		full := quote("", q, n).Total
		if more := quote("", q+1+r.Int64N(5), n).Total; more < full {
			t.Fatalf("%+v: %d units cost %d, more cost %d", v.Fees, q, full, more)
		}
		if more := quote("", q, n+1).Total; more < full {
			t.Fatalf("%+v: another copy costs less", v.Fees)
		}
		for _, x := range []string{"percent", "amount"} {
			less := quote(x, q, n).Total
			if less > full {
				t.Fatalf("%+v: exemption %s raises %d to %d", v.Exemptions, x, full, less)
			}
			if more := quote(x, q+1, n).Total; more < less {
				t.Fatalf("%+v: under %s more units cost less", v.Exemptions, x)
			}
		}
	}
}

// TestPercentOfOddSums is rounded down to whole đồng, and right for the largest sums.
func TestPercentOfOddSums(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		full    dong.Amount
		percent int
		want    dong.Amount
	}{{101, 50, 50}, {199, 1, 197}, {1, 99, 0}, {8_000, 100, 0}, {math.MaxInt64, 100, 0}, {math.MaxInt64, 50, math.MaxInt64 / 2}, {15_000, 30, 10_500}} {
		got, err := (&Exemption{Percent: c.percent}).lower(FeeLine{Full: c.full, Quantity: 1, Times: 1})
		if err != nil || got != c.want {
			t.Errorf("%d less %d %% is %d, %v; want %d", c.full, c.percent, got, err, c.want)
		}
	}
}

// TestUnsetIsNeitherFreeNorCharged: an amount that another sets is in the third list and adds nothing, until an exemption
// takes all of it.
func TestUnsetIsNeitherFreeNorCharged(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	codes := func(lines []FeeLine) (codes []string) {
		for _, l := range lines {
			codes = append(codes, l.Code)
		}
		return codes
	}
	on := []string{"nkt.ngay_chet", "2026-11-10", "nkt.so_ngay", "15"}
	late := []string{"nkt.ngay_chet", "2026-11-09", "nkt.so_ngay", "16"}
	for _, c := range []struct {
		code                string
		answers             []string
		lines, free, unset  []string
		exemption, evidence string
	}{
		{death, nil, nil, nil, []string{"le_phi_khai_tu"}, "", ""},
		{death, late, nil, nil, []string{"le_phi_khai_tu"}, "", ""},
		{death, on, nil, []string{"le_phi_khai_tu"}, nil, "dung_han", ""},
		{death, append(late, "mien.dien", "ho_ngheo", "ban_sao.so_luong", "2"), []string{"phi_ban_sao"}, []string{"le_phi_khai_tu"}, nil, "ho_ngheo", "chung_minh_mien"},
		{death, append(late, "mien.dien", "khong"), nil, nil, []string{"le_phi_khai_tu"}, "", ""},
		{death, append(on, "mien.dien", "ho_ngheo"), nil, []string{"le_phi_khai_tu"}, nil, "dung_han", ""}, // no proof for what is free anyway
		{single, nil, nil, nil, []string{"le_phi_xac_nhan"}, "", ""},
		{single, []string{"mien.dien", "khuyet_tat"}, nil, []string{"le_phi_xac_nhan"}, nil, "khuyet_tat", "chung_minh_mien"},
		{correction, []string{"ban_sao.so_luong", "1"}, []string{"phi_ban_sao"}, nil, []string{"le_phi_cai_chinh"}, "", ""},
		{correction, []string{"mien.dien", "nguoi_co_cong"}, nil, []string{"le_phi_cai_chinh"}, nil, "nguoi_co_cong", "chung_minh_mien"},
		{"1.001193", nil, nil, []string{"le_phi_khai_sinh"}, nil, "", ""},
		{building, nil, nil, nil, nil, "", ""},
	} {
		v := versions[c.code]
		in := v.ChoiceOf(v.firstCase(), Online, answers(c.answers...), day(t, "2026-11-25"))
		q, err := v.Quote(in)
		if err != nil || !slices.Equal(codes(q.Lines), c.lines) || !slices.Equal(codes(q.Free), c.free) || !slices.Equal(codes(q.Unset), c.unset) || in.Exemption != c.exemption {
			t.Errorf("%s %v: charged %v, free %v, unset %v under %q, %v", c.code, c.answers, codes(q.Lines), codes(q.Free), codes(q.Unset), in.Exemption, err)
		}
		if len(c.lines) == 0 && (q.Total != 0 || q.Due != dueNever) {
			t.Errorf("%s %v charges %d, %s", c.code, c.answers, q.Total, q.Due)
		}
		for _, l := range q.Unset {
			if l.SetBy != SetByCouncil || l.Amount != 0 || l.Full != 0 {
				t.Errorf("%s: %+v", c.code, l)
			}
		}
		asked := slices.ContainsFunc(v.Required(in), func(r Requirement) bool { return r.ID == "chung_minh_mien" })
		if asked != (c.evidence != "") {
			t.Errorf("%s %v: the proof is asked: %v", c.code, c.answers, asked)
		}
	}
}

// TestPartlyExemptFromTheUnknown: less of an amount that is not known is not known either; a counted one of which nothing
// is asked for is in no list.
func TestPartlyExemptFromTheUnknown(t *testing.T) {
	t.Parallel()
	v := &Version{Definition: Definition{Fees: []FeeRule{{Code: "a", Unit: unitPer, Quantity: "q", SetBy: SetByCouncil}}, Quantities: []Quantity{{ID: "q", Max: 9}},
		Exemptions: []Exemption{{ID: "half", Percent: 50}, {ID: "fixed", Amount: new(dong.Amount(5))}, {ID: "nothing", Amount: new(dong.Amount(0))}, {ID: "other", Percent: 100, Fees: []string{"b"}}}}}
	for exemption, want := range map[string][3]int{"": {0, 0, 1}, "half": {0, 0, 1}, "fixed": {0, 0, 1}, "nothing": {0, 1, 0}, "other": {0, 0, 1}} {
		q, err := v.Quote(Choice{Exemption: exemption, Quantities: map[string]int64{"q": 2}, On: workday.Date{Year: 2026, Month: 1, Day: 1}})
		if got := [3]int{len(q.Lines), len(q.Free), len(q.Unset)}; err != nil || got != want || q.Total != 0 {
			t.Errorf("%q: %v, %v; want %v", exemption, got, err, want)
		}
	}
	q, err := v.Quote(Choice{Quantities: map[string]int64{"q": 0}, On: workday.Date{Year: 2026, Month: 1, Day: 1}})
	if err != nil || len(q.Lines)+len(q.Free)+len(q.Unset) > 0 {
		t.Errorf("none of them: %+v, %v", q, err)
	}
}

// TestExemptions: who may claim what, where and when, and the proof that comes with it.
func TestExemptions(t *testing.T) {
	t.Parallel()
	v := starter(t)["3.000333"]
	asked := func(exemption string) bool {
		return slices.ContainsFunc(v.Asked(Choice{Case: "so_1", Channel: Counter, Exemption: exemption, On: day(t, "2026-11-24")}), func(a Asked) bool { return a.ID == "mien_giam" })
	}
	if asked("") || asked("khac") || !asked("giam") || !asked("mien") {
		t.Error("the proof is asked of others than who claims an exemption")
	}
	end := day(t, "2027-01-01")
	x := Exemption{ID: "x", Percent: 50, Cases: []string{"so_1"}, Channels: []string{Counter}, From: day(t, "2026-01-01"), To: &end}
	v = &Version{Definition: Definition{Exemptions: []Exemption{x}}}
	for _, c := range []struct {
		caseID, channel, on string
		want                int
	}{{"so_1", Counter, "2026-01-01", 1}, {"so_1", Counter, "2026-12-31", 1}, {"so_1", Counter, "2027-01-01", 0}, {"so_1", Counter, "2025-12-31", 0},
		{"so_2", Counter, "2026-01-01", 0}, {"so_1", Online, "2026-01-01", 0}} {
		if got := v.ExemptionsFor(c.caseID, c.channel, day(t, c.on)); len(got) != c.want {
			t.Errorf("%v: %v", c, got)
		}
	}
}

// TestOverflowIsAnError: a rule that was never checked says that its sum is too large instead of a wrong sum.
func TestOverflowIsAnError(t *testing.T) {
	t.Parallel()
	v := &Version{Definition: Definition{Fees: []FeeRule{{Code: "a", Unit: unitPer, Quantity: "q", Times: "q", Amount: new(dong.Amount(math.MaxInt64 / 1000))}},
		Quantities: []Quantity{{ID: "q", Default: 1000, Max: mostQuantity}}}}
	if _, err := v.Quote(Choice{On: workday.Date{Year: 2026, Month: 1, Day: 1}}); !errors.Is(err, dong.ErrOverflow) {
		t.Errorf("got %v", err)
	}
}

// money is a definition whose parts about money are given, the rest being right.
func money(cases, requirements, fees, quantities, exemptions string) []byte {
	return []byte(`{"code": "1.000001", "effective_from": "2026-01-01", "name": {"vi": "a", "en": "b"}, "summary": {"vi": "a", "en": "b"},
		"field": {"code": "f", "name": {"vi": "a", "en": "b"}}, "level": "information", "agency": {"vi": "a", "en": "b"}, "received_by": {"kinds": ["commune"]},
		"cases": [` + cases + `], "channels": [{"id": "counter", "times": [{"term": {"amount": 1, "unit": "working_day"}}]}, {"id": "post", "times": []}], "requirements": [` + requirements + `], "fees": [` + fees + `],
		"quantities": [` + quantities + `], "exemptions": [` + exemptions + `],
		"steps": [{"vi": "a", "en": "b"}], "results": [{"code": "", "name": {"vi": "a", "en": "b"}}], "basis": [{"number": "1", "name": {"vi": "a", "en": "b"}}]}`)
}

// TestMoneyIsChecked: what is wrong with fees, quantities, exemptions and cases is refused and told.
func TestMoneyIsChecked(t *testing.T) {
	t.Parallel()
	const (
		text  = `"name": {"vi": "a", "en": "b"}`
		paper = `{"id": "p", "mode": "submit", "originals": 1, "copies": 0, ` + text
		fee   = `{"code": "l", "kind": "phi", "due": "at_counter", "basis": "b", "unit_name": {"vi": "a", "en": "b"}, ` + text + `, "amount": 2000, `
		flat  = fee + `"unit": "flat", `
		per   = fee + `"unit": "per", "quantity": "q", "from": "2026-01-01"`
		q     = `{"id": "q", "default": 1, "max": 100, ` + text + `}`
		x     = `{"id": "x", "basis": "b", "from": "2026-01-01", ` + text
	)
	for name, c := range map[string]struct{ cases, papers, fees, quantities, exemptions, want string }{
		"right":                   {"", paper + `}`, per + `, "steps": [{"from": 3, "amount": 0}], "ceiling": 9000}`, q, x + `, "percent": 50, "evidence": "p"}`, ""},
		"rules take turns":        {"", "", flat + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat + `"from": "2026-05-01"}`, "", "", ""},
		"ends with nothing after": {"", "", flat + `"from": "2026-01-01", "to": "2026-05-01"}`, "", "", ""},
		"gap between rules":       {"", "", flat + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat + `"from": "2026-06-01"}`, "", "", "has a gap on 2026-05-01"},
		"gap at the start":        {"", "", flat + `"from": "2026-02-01"}`, "", "", "has a gap on 2026-01-01"},
		"two rules at once":       {"", "", flat + `"from": "2026-01-01"}, ` + flat + `"from": "2026-06-01"}`, "", "", "beside another rule"},
		"unknown quantity":        {"", "", per + `}`, "", "", `unknown quantity "q"`},
		"unknown times":           {"", "", per + `, "times": "z"}`, q, "", `unknown quantity "z"`},
		"times itself":            {"", "", per + `, "times": "q"}`, q, "", "multiplied by the quantity that counts it"},
		"idle quantity":           {"", "", flat + `"from": "2026-01-01"}`, q, "", "counts no fee"},
		"default above max":       {"", "", per + `}`, `{"id": "q", "default": 101, "max": 100, ` + text + `}`, "", "needs a default"},
		"quantity of no form":     {"", "", per + `}`, `{"id": "q", "default": 1, "max": 100, "field": "f", ` + text + `}`, "", "not a number in the form"},
		"steps out of order":      {"", "", per + `, "steps": [{"from": 5, "amount": 1}, {"from": 3, "amount": 1}]}`, q, "", "does not come after 5"},
		"step at the first":       {"", "", per + `, "steps": [{"from": 1, "amount": 1}]}`, q, "", "does not come after 1"},
		"low ceiling":             {"", "", per + `, "ceiling": 1999}`, q, "", "ceiling below"},
		"flat with steps":         {"", "", flat + `"from": "2026-01-01", "steps": [{"from": 3, "amount": 1}]}`, "", "", "is flat but"},
		"too large":               {"", "", strings.Replace(per, "2000", "922337203685477580", 1) + `}`, q, "", "too large"},
		"percent out of range":    {"", "", flat + `"from": "2026-01-01"}`, "", x + `, "percent": 101}`, "percentage from 1 to 100"},
		"percent and amount":      {"", "", flat + `"from": "2026-01-01"}`, "", x + `, "percent": 10, "amount": 0}`, "either a percentage"},
		"neither":                 {"", "", flat + `"from": "2026-01-01"}`, "", x + `}`, "either a percentage"},
		"exemption of no fee":     {"", "", "", "", x + `, "percent": 10, "fees": ["z"]}`, `unknown fee "z"`},
		"no such evidence":        {"", "", "", "", x + `, "percent": 10, "evidence": "z"}`, `unknown requirement "z"`},
		"evidence of others":      {"", paper + `, "exemptions": ["y"]}`, "", "", x + `, "percent": 10, "evidence": "p"}, ` + strings.Replace(x, `"x"`, `"y"`, 1) + `, "percent": 10}`, "other exemptions only"},
		"exemption twice":         {"", "", "", "", x + `, "percent": 10}, ` + x + `, "percent": 20}`, "twice on one day"},
		"exemption by turns":      {"", "", "", "", x + `, "percent": 10, "to": "2026-03-01"}, ` + strings.Replace(x, "2026-01-01", "2026-03-01", 1) + `, "percent": 20}`, ""},
		"asked of nobody":         {"", paper + `, "exemptions": ["z"]}`, "", "", "", `unknown exemption "z"`},
		"condition without form":  {"", "", "", "", x + `, "percent": 10, "when": {"field": "f", "op": "filled"}}`, "there is no form"},
		"case without papers":     {`{"id": "c", ` + text + `}, {"id": "d", ` + text + `}`, paper + `, "cases": ["c"]}`, "", "", "", "case d has no requirement"},
		"case that says so":       {`{"id": "c", ` + text + `}, {"id": "d", "no_papers": true, ` + text + `}`, paper + `, "cases": ["c"]}`, "", "", "", ""},
		"no papers at all":        {`{"id": "c", ` + text + `}`, "", "", "", "", ""},
		"case by its channel":     {`{"id": "c", "channels": ["counter"], ` + text + `}, {"id": "d", ` + text + `}`, paper + `}`, flat + `"from": "2026-01-01", "cases": ["c"], "channels": ["counter"]}, ` + flat + `"from": "2026-01-01", "cases": ["d"]}`, "", "", ""},
		"fee of one case only":    {`{"id": "c", ` + text + `}, {"id": "d", ` + text + `}`, "", flat + `"from": "2026-01-01", "cases": ["c"]}`, "", "", `no fee is named (case "d", counter)`},
		"fee of one channel only": {"", "", flat + `"from": "2026-01-01", "channels": ["counter"]}`, "", "", `no fee is named (case "", post)`},
		"free by one channel":     {"", "", flat + `"from": "2026-01-01", "channels": ["counter"]}, ` + strings.Replace(flat, "2000", "0", 1) + `"from": "2026-01-01", "channels": ["post"]}`, "", "", ""},
		"case by no channel":      {`{"id": "c", "channels": ["online"], ` + text + `}`, "", "", "", "", `unknown channel "online"`},
		"case by a channel twice": {`{"id": "c", "channels": ["counter", "counter"], ` + text + `}`, "", "", "", "", "names channel counter twice"},
		"case without a time":     {`{"id": "c", "channels": ["post"], ` + text + `}`, "", "", "", "", "channel post, which has no time for it"},
		"channel of no case":      {`{"id": "c", "channels": ["counter"], ` + text + `}`, "", "", "", "", "channel post can never apply"},
		"fee that never applies":  {`{"id": "c", "channels": ["counter"], ` + text + `}, {"id": "d", ` + text + `}`, "", flat + `"from": "2026-01-01", "cases": ["c"], "channels": ["post"]}`, "", "", "can never apply"},
		"paper never asked":       {`{"id": "c", ` + text + `}, {"id": "d", ` + text + `}`, paper + `}, ` + strings.Replace(paper, `"p"`, `"r"`, 1) + `, "cases": ["d"], "exemptions": ["x"]}`, "", "", x + `, "percent": 10, "cases": ["c"]}`, "requirement r can never apply"},
		"relief that never comes": {`{"id": "c", "channels": ["counter"], ` + text + `}, {"id": "d", ` + text + `}`, "", "", "", x + `, "percent": 10, "cases": ["c"], "channels": ["post"]}`, "exemption x can never apply"},
		"amount set elsewhere":    {"", "", strings.Replace(flat, `"amount": 2000`, `"set_by": "provincial_council"`, 1) + `"from": "2026-01-01"}`, "", "", ""},
		"amount and set":          {"", "", flat + `"set_by": "provincial_council", "from": "2026-01-01"}`, "", "", "leaves its amount to another but has"},
		"set by whom":             {"", "", strings.Replace(flat, `"amount": 2000`, `"set_by": "mayor"`, 1) + `"from": "2026-01-01"}`, "", "", `unknown "mayor"`},
		"no amount":               {"", "", strings.Replace(flat, `"amount": 2000, `, "", 1) + `"from": "2026-01-01"}`, "", "", "needs an amount, or set_by"},
		"steps of no amount":      {"", "", strings.Replace(per, `"amount": 2000`, `"set_by": "provincial_council"`, 1) + `, "steps": [{"from": 3, "amount": 0}]}`, q, "", "leaves its amount to another but has"},
		"set in time":             {"", "", strings.Replace(flat, `"amount": 2000`, `"set_by": "provincial_council"`, 1) + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat + `"from": "2026-05-01"}`, "", "", ""},
		"set with a gap":          {"", "", strings.Replace(flat, `"amount": 2000`, `"set_by": "provincial_council"`, 1) + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat + `"from": "2026-06-01"}`, "", "", "has a gap on 2026-05-01"},
		"unknown substitute":      {"", paper + `, "substitute": {"by": "luck", "vi": "a", "en": "b"}}`, "", "", "", `substitute "luck"`},
		"substitute of no kind":   {"", paper + `, "substitute": {"by": "earlier_result", "vi": "a", "en": "b"}}`, "", "", "", "names no kind of result"},
		"substitute of no code":   {"", paper + `, "substitute": {"by": "data", "vi": "a", "en": "b", "results": ["x"]}}`, "", "", "", "no code of a kind of result"},
		"substitute twice":        {"", paper + `, "substitute": {"by": "data", "vi": "a", "en": "b", "results": ["KQ.G15.000038", "KQ.G15.000038"]}}`, "", "", "", "of its own"},
		"substitute by a result":  {"", paper + `, "substitute": {"by": "earlier_result", "vi": "a", "en": "b", "results": ["KQ.G15.000038"]}}`, "", "", "", ""},
	} {
		_, err := Parse(money(c.cases, c.papers, c.fees, c.quantities, c.exemptions), nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}
