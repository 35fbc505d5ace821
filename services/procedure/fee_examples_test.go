package procedure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"congdvc/services/dong"
	"congdvc/services/workday"
)

// TestWorkedFees are sums worked by hand from the texts that set the fees.
func TestWorkedFees(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	pages := func(pages, copies int64) map[string]int64 {
		return map[string]int64{"trang": pages, "ban": copies}
	}
	const lltp = "3.000333"
	for _, c := range []struct {
		code, caseID, channel, exemption, on string
		quantities                           map[string]int64
		want                                 dong.Amount
		words                                string
	}{
		// 2,000 for each of pages 1 and 2, 1,000 from page 3, at most 200,000 a copy: 4,000 + 196 × 1,000 =
		// 200,000 at 198.
		{"2.000815", "", Counter, "", "2026-11-24", nil, 2_000, "Hai nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(1, 1), 2_000, "Hai nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(2, 1), 4_000, "Bốn nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(3, 1), 5_000, "Năm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(10, 1), 12_000, "Mười hai nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(197, 1), 199_000,
			"Một trăm chín mươi chín nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(198, 1), 200_000, "Hai trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(199, 1), 200_000, "Hai trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(500, 1), 200_000, "Hai trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(3, 2), 10_000, "Mười nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(500, 2), 400_000, "Bốn trăm nghìn đồng"},
		{"2.000815", "", Counter, "", "2026-11-24", pages(3, 0), 0, "Không đồng"},
		{"2.000884", "", Counter, "", "2026-11-24", nil, 10_000, "Mười nghìn đồng"},
		{"2.000884", "", Counter, "", "2026-11-24", map[string]int64{"truong_hop": 3}, 30_000,
			"Ba mươi nghìn đồng"},
		{driving, "", Online, "", "2025-12-31", nil, 115_000, "Một trăm mười lăm nghìn đồng"},
		{driving, "", Online, "", "2026-01-01", nil, 135_000, "Một trăm ba mươi lăm nghìn đồng"},
		{driving, "", Counter, "", "2025-12-31", nil, 135_000, "Một trăm ba mươi lăm nghìn đồng"},
		{driving, "", Counter, "", "2026-01-01", nil, 135_000, "Một trăm ba mươi lăm nghìn đồng"},
		{copies, "", Online, "", "2026-11-24", nil, 8_000, "Tám nghìn đồng"},
		{copies, "", Online, "", "2026-11-24", map[string]int64{"ban_sao": 3}, 24_000,
			"Hai mươi bốn nghìn đồng"},
		// more than the form takes
		{copies, "", Online, "", "2026-11-24", map[string]int64{"ban_sao": 21}, 0, "Không đồng"},
		{"1.001612", "", Online, "", "2026-11-24", nil, 150_000, "Một trăm năm mươi nghìn đồng"},
		{"1.001612", "", Post, "", "2026-11-24", nil, 150_000, "Một trăm năm mươi nghìn đồng"},
		{"1.001612", "", Counter, "", "2026-11-24", nil, 50_000, "Năm mươi nghìn đồng"},
		{residence, "ca_nhan", Online, "", "2026-11-24", nil, 7_000, "Bảy nghìn đồng"},
		{residence, "ca_nhan", Counter, "", "2026-11-24", nil, 15_000, "Mười lăm nghìn đồng"},
		{residence, "ca_nhan", Counter, "", "2026-11-24", map[string]int64{"nguoi": 9}, 15_000,
			"Mười lăm nghìn đồng"},
		{residence, "danh_sach", Counter, "", "2026-11-24", nil, 10_000, "Mười nghìn đồng"},
		{residence, "danh_sach", Counter, "", "2026-11-24", map[string]int64{"nguoi": 37}, 370_000,
			"Ba trăm bảy mươi nghìn đồng"},
		// not filed so
		{residence, "danh_sach", Online, "", "2026-11-24", map[string]int64{"nguoi": 37}, 0, "Không đồng"},
		// without the charge, which the council sets
		{death, "", Online, "", "2026-11-24", map[string]int64{"ban_sao": 3}, 24_000,
			"Hai mươi bốn nghìn đồng"},
		{death, "", Online, "ho_ngheo", "2026-11-24", map[string]int64{"ban_sao": 3}, 24_000,
			"Hai mươi bốn nghìn đồng"},
		{lltp, "so_1", Counter, "", "2026-11-24", nil, 200_000, "Hai trăm nghìn đồng"},
		{lltp, "so_2", Online, "", "2026-11-24", nil, 200_000, "Hai trăm nghìn đồng"},
		{lltp, "so_1", Counter, "giam", "2026-11-24", nil, 100_000, "Một trăm nghìn đồng"},
		{lltp, "so_1", Counter, "mien", "2026-11-24", nil, 0, "Không đồng"},
		// no such exemption
		{lltp, "so_1", Counter, "khac", "2026-11-24", nil, 200_000, "Hai trăm nghìn đồng"},
		{company, "", Online, "", "2026-11-24", nil, 100_000, "Một trăm nghìn đồng"},
		{company, "", Counter, "", "2026-11-24", nil, 50_000, "Năm mươi nghìn đồng"},
		{"2.001827", "", Post, "", "2026-11-24", nil, 700_000, "Bảy trăm nghìn đồng"},
		{"2.001628", "", Counter, "", "2026-11-24", nil, 3_000_000, "Ba triệu đồng"},
		{"1.001193", "", Online, "", "2026-11-24", nil, 0, "Không đồng"},
	} {
		q, err := versions[c.code].Quote(Choice{Case: c.caseID, Channel: c.channel, Exemption: c.exemption,
			Quantities: c.quantities, On: day(t, c.on)})
		if err != nil || q.Total != c.want || q.Total.InWords() != c.words {
			t.Errorf("%s %s %s %q %v on %s: %d (%s), %v; want %d", c.code, c.caseID, c.channel, c.exemption,
				c.quantities, c.on, q.Total, q.Total.InWords(), err, c.want)
		}
	}
}

// TestLineSaysHow: a line tells its runs of units, its ceiling, its validity and the exemption that was
// applied.
func TestLineSaysHow(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	q, err := versions["2.000815"].Quote(Choice{Channel: Counter, Quantities: map[string]int64{"trang": 500,
		"ban": 2}, On: day(t, "2026-11-24")})
	if err != nil {
		t.Fatal(err)
	}
	l := q.Lines[0]
	want := []FeePart{{1, 2, 2_000, 4_000}, {3, 500, 1_000, 498_000}}
	if !slices.Equal(l.Parts, want) || !l.Capped || l.Quantity != 500 || l.Times != 2 ||
		*l.Ceiling != 200_000 || l.Refundable || l.Basis != "226/2016/TT-BTC" {
		t.Errorf("certified copies: %+v", l)
	}
	q, err = versions[driving].Quote(Choice{Channel: Online, On: day(t, "2025-12-31")})
	if err != nil || q.Lines[0].To == nil || *q.Lines[0].To != day(t, "2026-01-01") ||
		q.Lines[0].From != day(t, "2023-12-01") {
		t.Errorf("the rate until the end of 2025: %+v, %v", q, err)
	}
	q, err = versions["3.000333"].Quote(Choice{Channel: Post, Case: "so_2", Exemption: "mien",
		On: day(t, "2026-11-24")})
	if err != nil || len(q.Lines) != 0 || len(q.Free) != 1 || q.Free[0].Exemption.ID != "mien" ||
		q.Free[0].Full != 200_000 || q.Due != dueNever {
		t.Errorf("who pays nothing: %+v, %v", q, err)
	}
	q, err = versions["1.001193"].Quote(Choice{Channel: Online, On: day(t, "2026-11-24")})
	if err != nil || len(q.Free) != 1 || q.Free[0].Code != "le_phi_khai_sinh" || q.Free[0].Exemption != nil {
		t.Errorf("what is free says so: %+v, %v", q, err)
	}
}

// someVersion has a counted and a flat fee and exemptions, all by chance but as the checks of a definition
// allow.
func someVersion(r *rand.Rand) *Version {
	amount := func(most int64) *dong.Amount { a := dong.Amount(r.Int64N(most)); return &a }
	rule := FeeRule{Code: "a", Unit: unitPer, Quantity: "q", Times: "t", Amount: amount(100_000),
		From: workday.Date{Year: 2020, Month: 1, Day: 1}, Due: DueAtSubmission}
	for from := int64(1); r.IntN(2) == 0; {
		from += 1 + r.Int64N(9)
		rule.Steps = append(rule.Steps, FeeStep{From: from, Amount: *amount(100_000)})
	}
	if r.IntN(2) == 0 {
		top := *rule.Amount + 1 + *amount(500_000)
		rule.Ceiling = &top
	}
	flat := FeeRule{Code: "b", Unit: UnitFlat, Amount: amount(300_000), From: rule.From, Due: DueAtCounter}
	return &Version{Definition: Definition{Fees: []FeeRule{rule, flat},
		Quantities: []Quantity{{ID: "q", Max: 1000}, {ID: "t", Max: 100}}, Exemptions: []Exemption{
			{ID: "percent", Percent: 1 + r.IntN(100), From: rule.From},
			{ID: "amount", Amount: amount(150_000), Fees: []string{"a"}, From: rule.From},
		}}}
}

// TestFeeProperties: the sum is that of its lines, more units never cost less, no copy costs more than the
// ceiling, and no exemption makes a fee larger.
func TestFeeProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 4000 {
		v := someVersion(r)
		quote := func(exemption string, q, n int64) FeeQuote {
			got, err := v.Quote(Choice{Channel: Online, Exemption: exemption,
				Quantities: map[string]int64{"q": q, "t": n}, On: workday.Date{Year: 2026, Month: 1, Day: 1}})
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
	}{{101, 50, 50}, {199, 1, 197}, {1, 99, 0}, {8_000, 100, 0}, {math.MaxInt64, 100, 0},
		{math.MaxInt64, 50, math.MaxInt64 / 2}, {15_000, 30, 10_500}} {
		got, err := (&Exemption{Percent: c.percent}).lower(FeeLine{Full: c.full, Quantity: 1, Times: 1})
		if err != nil || got != c.want {
			t.Errorf("%d less %d %% is %d, %v; want %d", c.full, c.percent, got, err, c.want)
		}
	}
}
