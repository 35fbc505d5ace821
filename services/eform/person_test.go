package eform

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"congdvc/i18n"
)

func TestAPersonIsItsQuestions(t *testing.T) {
	t.Parallel()
	f := loaded(t, "person.form.json")
	var ids []string
	for _, field := range f.Fields() {
		ids = append(ids, field.ID)
	}
	want := "nyc.ho_ten nyc.gioi_tinh nyc.ngay_sinh nyc.so_dinh_danh nyc.quoc_tich nyc.dien_thoai " +
		"nyc.email co_nguoi_khac ng.ho_ten ng.ngay_sinh ng.so_dinh_danh ng.giay_to " +
		"ng.so_giay_to ng.ngay_cap ng.noi_cap ng.dan_toc ng.noi_sinh ng.que_quan ng.loai_cu_tru ng.cu_tru " +
		"ng.thuong_tru"
	if strings.Join(ids, " ") != want {
		t.Errorf("the fields are %v", ids)
	}
	name, number := f.Field("nyc.ho_ten"), f.Field("ng.so_dinh_danh")
	if name.Prefill != "person.name" || name.Autocomplete != "name" || f.Field("ng.ho_ten").Prefill != "" ||
		f.Field("ng.ho_ten").Label.En != "Name" {
		t.Errorf("%+v and %+v", name, f.Field("ng.ho_ten"))
	}
	if !number.Optional || !number.Sensitive || number.Hint != (i18n.Text{}) ||
		number.Matches.Born != "ng.ngay_sinh" || number.Matches.Gender != "" {
		t.Errorf("%+v, %+v", number, number.Matches)
	}
	if born := f.Field("ng.ngay_sinh"); born.Type != PartialDate || len(born.Rules) != 0 ||
		len(f.Field("nyc.ngay_sinh").Rules) != 1 {
		t.Errorf("%+v", born)
	}
	if p := number.Person(); p == nil || p.ID != "ng" || p != f.Field("ng.ho_ten").Person() ||
		f.Field("co_nguoi_khac").Person() != nil {
		t.Errorf("%+v", p)
	}
}

func TestAPersonIsAskedAndCheckedAsItsQuestions(t *testing.T) {
	t.Parallel()
	f := loaded(t, "person.form.json")
	a := Answers{"nyc.gioi_tinh": {Text: "nam"}, "nyc.ngay_sinh": {Text: "1991-01-01"},
		"nyc.so_dinh_danh": {Text: "037190000123"}, "co_nguoi_khac": {Text: No}}
	var keys []string
	for _, w := range f.Warnings(a, today) {
		keys = append(keys, w.Key+" "+w.Field)
	}
	if !slices.Equal(keys, []string{errGenderDiffers.Key + " nyc.so_dinh_danh",
		errBornDiffers.Key + " nyc.so_dinh_danh"}) {
		t.Errorf("the number of a woman born in 1990: %v", keys)
	}
	for _, c := range []struct {
		number, paper, home string
		shown               string
	}{
		{"", "", "",
			"ng.ho_ten ng.ngay_sinh ng.so_dinh_danh ng.giay_to ng.dan_toc ng.que_quan ng.loai_cu_tru " +
				"ng.cu_tru"},
		{"", "ho_chieu", "thuong_tru",
			"ng.ho_ten ng.ngay_sinh ng.so_dinh_danh ng.giay_to ng.so_giay_to ng.ngay_cap ng.noi_cap " +
				"ng.dan_toc ng.que_quan ng.loai_cu_tru ng.thuong_tru"},
		{"037190000123", "ho_chieu", "",
			"ng.ho_ten ng.ngay_sinh ng.so_dinh_danh ng.dan_toc ng.que_quan ng.loai_cu_tru ng.cu_tru"},
	} {
		shown := f.Shown(Answers{"co_nguoi_khac": {Text: Yes}, "ng.so_dinh_danh": {Text: c.number},
			"ng.giay_to": {Text: c.paper}, "ng.loai_cu_tru": {Text: c.home}})
		var ids []string
		for _, field := range f.Fields() {
			if shown[field.ID] && strings.HasPrefix(field.ID, "ng.") {
				ids = append(ids, field.ID)
			}
		}
		if got := strings.Join(ids, " "); got != c.shown {
			t.Errorf("with %+v the form asks %s", c, got)
		}
	}
	for id := range f.Shown(a) {
		if strings.HasPrefix(id, "ng.") {
			t.Errorf("%s is asked about nobody", id)
		}
	}
	if faults := f.Check(Answers{"nyc.ngay_sinh": {Text: today.String()}}, today); !errors.Is(faults.Err(),
		ErrRule) {
		t.Errorf("born today: %v", faults)
	}
}

func TestPersonsAreKnownAsSuch(t *testing.T) {
	t.Parallel()
	f := loaded(t, "person.form.json")
	raw, err := JSONSchema(f, i18n.En)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct {
			Person string `json:"x-person"`
		} `json:"properties"`
		Persons []struct {
			ID, Title string
			Fields    []string
		} `json:"x-persons"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Persons) != 2 || s.Persons[1].ID != "ng" || s.Persons[1].Title != "The other person" ||
		len(s.Persons[0].Fields) != 7 ||
		s.Properties["ng.cu_tru"].Person != "ng" || s.Properties["co_nguoi_khac"].Person != "" {
		t.Errorf("%+v", s.Persons)
	}
	for _, row := range f.Present(Answers{"co_nguoi_khac": {Text: Yes}}, i18n.Vi) {
		id, _, _ := strings.Cut(row.Field, ".")
		if id == "co_nguoi_khac" {
			id = ""
		}
		if row.Person != id || row.Section != map[string]string{"nyc": "Người yêu cầu",
			"ng": "Người kia"}[id] {
			t.Errorf("%+v", row)
		}
	}
}

// TestEveryUsualPartLoads holds each part alone and all together against the loader, and the schema's list
// against the file.
func TestEveryUsualPartLoads(t *testing.T) {
	t.Parallel()
	s := schema(t)
	var names []string
	for name, usual := range usualParts() {
		names = append(names, `"`+name+`"`)
		for _, own := range []string{"", `"prefill":"person",`} {
			raw := form(`{"id":"p","type":"person","label":T,` + own + `"parts":["` + name + `"]}`)
			_, err := Load(raw)
			if needs := name == "ngay_sinh_bang_chu"; (err != nil) != needs {
				t.Errorf("%s alone: %v", name, err)
			}
			if err := fits(t, s, raw); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, kind := range usual.Types {
			if _, err := Load(form(`{"id":"p","type":"person","label":T,"parts":[{"part":"` + name +
				`","type":"` + string(kind) + `"}]}`)); err != nil {
				t.Errorf("%s of type %s: %v", name, kind, err)
			}
		}
	}
	order := []string{"ho_ten", "gioi_tinh", "ngay_sinh", "ngay_sinh_bang_chu", "so_dinh_danh", "giay_to",
		"so_giay_to", "ngay_cap", "noi_cap", "dan_toc", "quoc_tich", "noi_sinh", "que_quan", "loai_cu_tru",
		"cu_tru", "thuong_tru", "dien_thoai", "email"}
	f, err := Load(form(`{"id":"p","type":"person","label":T,"prefill":"person","parts":["` +
		strings.Replace(strings.Join(order, `","`), `"so_dinh_danh"`,
			`{"part":"so_dinh_danh","optional":true}`, 1) + `"]}`))
	if err != nil || len(f.Fields()) != len(names) {
		t.Errorf("all %d parts: %v", len(names), err)
	}
	if err := f.Unreachable(); err != nil {
		t.Error(err)
	}
}
