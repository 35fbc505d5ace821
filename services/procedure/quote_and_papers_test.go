package procedure

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"congdvc/services/agency"
	"congdvc/services/dong"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

func day(t testing.TB, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// answers makes answers from pairs of a field and a text.
func answers(pairs ...string) eform.Answers {
	a := eform.Answers{}
	for i := 0; i < len(pairs); i += 2 {
		a[pairs[i]] = eform.Value{Text: pairs[i+1]}
	}
	return a
}

func TestQuote(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	for _, c := range []struct {
		code, channel, on string
		answers           eform.Answers
		total             dong.Amount
		lines             int
		due               string
		fault             error
	}{
		{"1.001193", Online, "2026-11-23", nil, 0, 0, dueNever, nil},
		{"1.001193", Online, "2026-11-23", answers("ban_sao.so_luong", "3"), 24_000, 1, DueAtSubmission, nil},
		{"1.001193", Counter, "2026-11-23", answers("ban_sao.so_luong", "3"), 24_000, 1, DueAtCounter, nil},
		{"2.000635", Online, "2026-11-23", answers("ban_sao.so_luong", "1"), 8_000, 1, DueAtSubmission, nil},
		{"2.000635", Online, "2026-11-23", answers("ban_sao.so_luong", "20"), 160_000, 1, DueAtSubmission,
			nil},
		{"2.000635", Online, "2026-11-23", answers("ban_sao.so_luong", "hai"), 0, 0, dueNever, nil},
		{"2.000635", Online, "2026-11-23", answers("ban_sao.so_luong", "9223372036854775807"), 0, 0, dueNever,
			nil},
		{"2.000635", Online, "2026-11-23", answers("ban_sao.so_luong", "-5"), 0, 0, dueNever, nil},
		{"2.000635", Online, "2026-06-30", answers("ban_sao.so_luong", "1"), 0, 0, "", ErrFeeGap},
		{"1.001612", Online, "2026-11-23", nil, 150_000, 1, DueAtSubmission, nil},
		{"1.001612", Post, "2026-11-23", nil, 150_000, 1, DueAtSubmission, nil},
		{"1.001612", Counter, "2026-11-23", nil, 50_000, 1, DueAtCounter, nil},
		{"1.000894", Online, "2026-11-23", nil, 0, 0, dueNever, nil},
		{death, Online, "2026-11-23", answers("ban_sao.so_luong", "3"), 24_000, 1, DueAtSubmission, nil},
		{single, Online, "2026-11-23", answers("md.loai", "khac", "md.so_ban", "2"), 0, 0, dueNever, nil},
		{correction, Post, "2026-11-23", answers("ban_sao.so_luong", "1"), 8_000, 1, DueAtSubmission, nil},
		{residence, Online, "2026-11-23", nil, 7_000, 1, DueAtSubmission, nil},
		{residence, Counter, "2026-11-23", nil, 15_000, 1, DueAtCounter, nil},
		{funeral, Online, "2026-11-23", nil, 0, 0, dueNever, nil},
		{driving, Online, "2025-12-31", nil, 115_000, 1, DueAtSubmission, nil},
		{driving, Online, "2026-01-01", nil, 135_000, 1, DueAtSubmission, nil},
		{driving, Counter, "2025-12-31", nil, 135_000, 1, DueAtCounter, nil},
		{company, Online, "2026-11-23", nil, 100_000, 1, DueAtSubmission, nil},
		{company, Counter, "2026-11-23", nil, 50_000, 1, DueAtCounter, nil},
		{signature, Counter, "2026-11-23", nil, 10_000, 1, DueAtCounter, nil},
		{"1.000894", Online, "2026-11-23", answers("ban_sao.so_luong", "2"), 16_000, 1, DueAtSubmission, nil},
	} {
		got, err := versions[c.code].Quote(versions[c.code].ChoiceOf(versions[c.code].firstCase(), c.channel,
			c.answers, day(t, c.on)))
		if !errors.Is(err, c.fault) || got.Total != c.total || len(got.Lines) != c.lines || got.Due != c.due {
			t.Errorf("%s %s %s %v: %+v, %v", c.code, c.channel, c.on, c.answers, got, err)
		}
	}
	got, err := versions["1.001612"].Quote(Choice{Channel: Online, On: day(t, "2026-11-23")})
	if err != nil || got.Lines[0].Refundable || got.Lines[0].Kind != "le_phi" ||
		got.Lines[0].Basis != "85/2019/TT-BTC" {
		t.Errorf("the charge for a household business: %+v, %v", got, err)
	}
}

// A rate for a time, as the driving licence's 115,000 đ online until 31/12/2025, gives way to the full rate;
// a case may have its own.
func TestQuoteByTimeAndCase(t *testing.T) {
	t.Parallel()
	end := day(t, "2026-01-01")
	rule := func(amount dong.Amount, from string, to *workday.Date, channels, cases []string) FeeRule {
		return FeeRule{Code: "le_phi", Kind: "le_phi", Amount: new(amount), Unit: UnitFlat,
			From: day(t, from), To: to, Channels: channels, Cases: cases, Due: DueAtSubmission,
			Basis: "37/2023/TT-BTC"}
	}
	v := &Version{Definition: Definition{Code: "3.000347", Fees: []FeeRule{
		rule(30_000, "2023-08-01", nil, nil, []string{"mien_giam"}),
		rule(115_000, "2023-12-01", &end, []string{Online}, nil),
		rule(135_000, "2026-01-01", nil, []string{Online}, nil),
		rule(135_000, "2023-08-01", nil, []string{Counter}, nil),
	}}}
	for _, c := range []struct {
		caseID, channel, on string
		want                dong.Amount
		fault               error
	}{
		{"", Online, "2025-12-31", 115_000, nil},
		{"", Online, "2026-01-01", 135_000, nil},
		{"", Counter, "2025-12-31", 135_000, nil},
		{"mien_giam", Online, "2025-12-31", 30_000, nil},
		{"", Online, "2023-11-30", 0, ErrFeeGap},
		{"", Post, "2025-12-31", 0, nil},
	} {
		got, err := v.Quote(Choice{Case: c.caseID, Channel: c.channel, On: day(t, c.on)})
		if !errors.Is(err, c.fault) || got.Total != c.want {
			t.Errorf("%q %s %s: %d, %v; want %d", c.caseID, c.channel, c.on, got.Total, err, c.want)
		}
	}
}

func TestRequirements(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	for _, c := range []struct {
		code    string
		answers eform.Answers
		want    []string // those to submit
	}{
		{"1.001193", answers("nyc.quan_he", "me", "con.loai_khai_sinh", "thuong", "gcs.loai", "giay"),
			[]string{"giay_chung_sinh"}},
		{"1.001193", answers("nyc.quan_he", "me", "con.loai_khai_sinh", "thuong", "gcs.loai", "dien_tu"),
			nil},
		{"1.001193", answers("nyc.quan_he", "nguoi_duoc_uy_quyen", "con.loai_khai_sinh", "mang_thai_ho",
			"gcs.loai", "cam_doan"),
			[]string{"giay_cam_doan", "van_ban_mang_thai_ho", "van_ban_uy_quyen"}},
		// The certificate of birth is not asked about for an abandoned child, so an answer left over from
		// before counts for nothing.
		{"1.001193", answers("nyc.quan_he", "nuoi_duong", "con.loai_khai_sinh", "bo_roi", "gcs.loai", "giay"),
			[]string{"bien_ban_bo_roi"}},
		{"2.000635", answers("nyc.loai", "ca_nhan", "nyc.quan_he", "ban_than"),
			[]string{"tai_lieu_lien_quan"}},
		{"2.000635", answers("nyc.loai", "co_quan"), []string{"van_ban_yeu_cau", "tai_lieu_lien_quan"}},
		{"2.000635", answers("nyc.loai", "ca_nhan", "nyc.quan_he", "nguoi_duoc_uy_quyen"),
			[]string{"van_ban_uy_quyen", "tai_lieu_lien_quan"}},
		{"1.001612", answers("nyc.vai_tro", "chu_ho", "hkd.chu_the", "ca_nhan", "chu_ho.co_tai_khoan", "no"),
			nil},
		{"1.001612", answers("nyc.vai_tro", "chu_ho", "hkd.chu_the", "ho_gia_dinh"),
			[]string{"van_ban_uy_quyen_ho_gia_dinh"}},
		{"1.001612", answers("nyc.vai_tro", "buu_chinh", "hkd.chu_the", "ca_nhan", "chu_ho.co_tai_khoan",
			"yes"), []string{"phieu_gui_buu_chinh"}},
		{"1.001612", answers("nyc.vai_tro", "to_chuc_uy_quyen", "hkd.chu_the", "ca_nhan",
			"chu_ho.co_tai_khoan", "no"),
			[]string{"hop_dong_dich_vu", "giay_gioi_thieu", "can_cuoc_chu_ho"}},
		{"1.000894", nil, nil},
		{death, answers("nyc.quan_he", "con", "gbt.loai", "giay"), []string{"giay_bao_tu"}},
		{death, answers("nyc.quan_he", "con", "gbt.loai", "dien_tu"), nil},
		{death, answers("nyc.quan_he", "nguoi_duoc_uy_quyen", "gbt.loai", "khong"),
			[]string{"chung_cu", "van_ban_uy_quyen"}},
		{single, answers("nyc.quan_he", "ban_than", "md.cap_lai", "no", "md.nop_lai", "yes"),
			[]string{"giay_to_truoc_day"}},
		{single, answers("nyc.quan_he", "ban_than", "md.cap_lai", "yes", "md.nop_lai", "yes"),
			[]string{"giay_cu", "giay_to_truoc_day"}},
		{correction, answers("nyc.quan_he", "con"), []string{"can_cu"}},
		{residence, answers("tt.cho_o", "thue", "tt.tra_cuu", "no"),
			[]string{"cho_o_hop_phap", "dong_y_bang_van_ban", "quyet_dinh_quoc_tich"}},
		{residence, answers("tt.cho_o", "cua_toi", "tt.tra_cuu", "yes"),
			[]string{"dong_y_bang_van_ban", "quyet_dinh_quoc_tich"}},
		{residence, answers("tt.cho_o", "gia_dinh", "tt.tra_cuu", "no"),
			[]string{"dong_y_bang_van_ban", "quyet_dinh_quoc_tich"}},
		{residence, answers("tt.cho_o", "quan_doi"), []string{"gioi_thieu_quan_doi", "dong_y_bang_van_ban",
			"quyet_dinh_quoc_tich"}},
		{funeral, answers("nkt.doi_tuong", "tro_cap"), []string{"giay_chung_tu"}},
		{funeral, answers("nkt.doi_tuong", "tu_80"), []string{"giay_chung_tu", "quyet_dinh_thoi_huong"}},
		{building, answers("cdt.loai", "ca_nhan", "ct.lien_ke", "yes", "ct.pccc", "no", "ct.tham_tra", "no"),
			[]string{"giay_to_dat", "ban_ve", "cam_ket_lien_ke"}},
		{building, answers("cdt.loai", "to_chuc", "ct.lien_ke", "no", "ct.pccc", "yes", "ct.tham_tra", "yes"),
			[]string{"giay_to_dat", "ban_ve", "pccc", "tham_tra"}},
	} {
		var got []string
		for _, r := range versions[c.code].Required(versions[c.code].ChoiceOf(versions[c.code].firstCase(),
			Online, c.answers, day(t, "2026-11-23"))) {
			if r.Mode == Submit {
				got = append(got, r.ID)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %v asks for %v, want %v", c.code, c.answers, got, c.want)
		}
	}
}

// TestCaseByItsChannels: what a case that is limited to channels goes together with, and what not.
func TestCaseByItsChannels(t *testing.T) {
	t.Parallel()
	v := starter(t)[residence]
	ids := func(all []Requirement) (ids []string) {
		for _, r := range all {
			ids = append(ids, r.ID)
		}
		return ids
	}
	if v.SoleCase(Online) != "ca_nhan" || v.SoleCase(Counter) != "" || len(v.CasesFor(Counter)) != 2 ||
		len(v.ChannelsFor("danh_sach")) != 1 || len(v.ChannelsFor("ca_nhan")) != 2 || !v.Online() {
		t.Error("a list can be filed elsewhere than at the counter, or a person cannot be filed online")
	}
	if _, ok := v.Term("danh_sach", Online); ok {
		t.Error("a list has a time online")
	}
	if term, ok := v.Term("danh_sach", Counter); !ok || term.Amount != 3 {
		t.Errorf("a list takes %+v at the counter", term)
	}
	if got := ids(v.Required(Choice{Case: "danh_sach", Channel: Counter})); !slices.Equal(got,
		[]string{"ct01_tung_nguoi", "van_ban_danh_sach"}) {
		t.Errorf("a list needs %v", got)
	}
	if len(v.Questions("danh_sach")) != 0 || len(v.Questions("ca_nhan")) == 0 {
		t.Error("a list is asked about what only a person answers, or a person nothing")
	}
	if len(v.QuantitiesFor("danh_sach", Counter)) != 1 || len(v.QuantitiesFor("ca_nhan", Counter)) != 0 {
		t.Error("people are counted where there is no list, or not where there is one")
	}
	if gaps := v.FeeGaps(day(t, "2026-11-24"), day(t, "2027-11-24")); len(gaps) > 0 {
		t.Errorf("gaps where nothing is filed: %v", gaps)
	}
	x := &Version{Definition: Definition{Cases: []Case{{ID: "a", Channels: []string{Counter}}},
		Channels: []Channel{{ID: Online}, {ID: Counter}}, Exemptions: []Exemption{{ID: "x", Percent: 1}},
		Fees: []FeeRule{{Code: "f", Unit: UnitFlat, Amount: new(dong.Amount(7)),
			From: day(t, "2026-01-01")}}}, form: v.form}
	x.Level = FullyOnline
	if x.Online() || len(x.ExemptionsFor("a", Online, day(t, "2026-11-24"))) != 0 ||
		len(x.ExemptionsFor("a", Counter, day(t, "2026-11-24"))) != 1 {
		t.Error("a version whose only case is for the counter takes dossiers online")
	}
	if r := x.headline(day(t, "2026-11-24")); r == nil || *r.Amount != 7 {
		t.Errorf("the headline is %+v", r)
	}
}

func TestRequirementsByCase(t *testing.T) {
	t.Parallel()
	v := &Version{Definition: Definition{Cases: []Case{{ID: "so_1"}, {ID: "so_2"}},
		Channels: []Channel{{ID: Online, Times: []Time{
			{Term: workday.Term{Amount: 10, Unit: workday.CalendarDay}},
			{Case: "so_2", Term: workday.Term{Amount: 15, Unit: workday.CalendarDay}}}}},
		Requirements: []Requirement{{ID: "all"}, {ID: "two", Cases: []string{"so_2"}}}}}
	for caseID, want := range map[string]struct{ papers, days int }{"so_1": {1, 10}, "so_2": {2, 15}} {
		term, ok := v.Term(caseID, Online)
		if got := v.Required(Choice{Case: caseID, Channel: Online}); len(got) != want.papers || !ok ||
			term.Amount != want.days {
			t.Errorf("%s: %v, %v", caseID, got, term)
		}
	}
	if _, ok := v.Term("so_1", Post); ok {
		t.Error("a channel that is not there has a time")
	}
	if v.Receives(&agency.Agency{Kind: agency.Commune}) || v.Online() {
		t.Error("a version without receivers or form takes dossiers")
	}
}

// TestSameDay: received at 15:00 the result is due that day, a minute later on the next working day.
func TestSameDay(t *testing.T) {
	t.Parallel()
	registry, err := agency.Starter()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := registry.Calendars[0].Calendar()
	if err != nil {
		t.Fatal(err)
	}
	versions, monday := starter(t), day(t, "2026-11-16")
	for _, c := range []struct {
		code    string
		minutes workday.Clock
		want    string
	}{
		{"1.001193", 15 * 60, "2026-11-16"}, {"1.001193", 15*60 + 1, "2026-11-17"},
		{"2.000635", 9 * 60, "2026-11-16"}, {"2.000635", 16 * 60, "2026-11-17"},
		{death, 15 * 60, "2026-11-16"}, {death, 15*60 + 1, "2026-11-17"}, {residence, 9 * 60, "2026-11-19"},
		{funeral, 9 * 60, "2026-11-23"}, {building, 9 * 60, "2026-12-07"}, {single, 9 * 60, "2026-11-19"},
		{correction, 9 * 60, "2026-11-17"}, {"1.000894", 9 * 60, "2026-11-17"},
		{"1.001612", 9 * 60, "2026-11-19"},
	} {
		term, ok := versions[c.code].Term("", Online)
		due, err := calendar.Due(monday.At(c.minutes), term)
		if !ok || err != nil || due.Date != day(t, c.want) {
			t.Errorf("%s received at %s is due %s, %v; want %s", c.code, c.minutes, due.Date, err, c.want)
		}
	}
}

// someValue gives a field a value that may be right, wrong, or of another shape.
func someValue(r *rand.Rand, f *eform.Field) eform.Value {
	texts := []string{"", "yes", "no", "0", "3", "-1", "99999999999999999999", "2026-11-23", "x", "nam"}
	for _, e := range f.Entries() {
		texts = append(texts, e.Value)
	}
	text := texts[r.IntN(len(texts))]
	switch r.IntN(12) {
	case 0:
		return eform.Value{Many: []string{text}}
	case 1:
		return eform.Value{Rows: []map[string]string{{"province": text}}}
	}
	return eform.Value{Text: text}
}

// TestAnyAnswersAreTaken: whatever is answered, requirements and fee come without a panic, the same each
// time, and add up.
func TestAnyAnswersAreTaken(t *testing.T) {
	t.Parallel()
	for code, v := range starter(t) {
		if v.Form() == nil {
			continue
		}
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			for range 1500 {
				a := eform.Answers{"stray": {Text: "x"}}
				for _, f := range v.Form().Fields() {
					if r.IntN(3) > 0 {
						a[f.ID] = someValue(r, f)
					}
				}
				in := v.ChoiceOf([]string{"", "lạ"}[r.IntN(2)],
					[]string{Online, Counter, Post, "fax"}[r.IntN(4)], a,
					workday.Date{Year: 2025 + r.IntN(3), Month: 3, Day: 1})
				q, err := v.Quote(in)
				if err != nil && !errors.Is(err, ErrFeeGap) {
					t.Fatalf("%v: %v", a, err)
				}
				sum := dong.Amount(0)
				for _, l := range q.Lines {
					if l.Amount <= 0 || l.Basis == "" {
						t.Fatalf("%v: line %+v", a, l)
					}
					sum += l.Amount
				}
				if sum != q.Total || err == nil && (q.Due == dueNever) != (q.Total == 0) {
					t.Fatalf("%v: quote %+v", a, q)
				}
				asked := v.Asked(in)
				if fmt.Sprint(asked) != fmt.Sprint(v.Asked(in)) {
					t.Fatalf("%v: other requirements the second time", a)
				}
			}
		})
	}
}

func TestFaultsHaveKinds(t *testing.T) {
	t.Parallel()
	if ErrNotFound.Kind != fault.NotFound || ErrFeeGap.Kind != fault.Unavailable {
		t.Error("a fault would be answered by the wrong status")
	}
}
