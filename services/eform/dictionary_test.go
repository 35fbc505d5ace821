package eform

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"

	"congdvc/i18n"
	"congdvc/identity/number"
)

func TestDictionaries(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		entries int
		first   string
		code    string
	}{
		"dan_toc": {54, "01", `^\d\d$`}, "tinh": {34, "37", `^\d\d$`}, "gioi_tinh": {2, "nam", ""},
		"quoc_tich": {196, "VNM", `^[A-Z]{3}$`}, "vsic": {79, "0118", `^\d{4}$`},
		"quan_he": {22, "ban_than", ""}, "giay_to": {11, "can_cuoc", ""}, "hon_nhan": {4, "chua_ket_hon", ""},
		"cu_tru": {3, "thuong_tru", ""},
	} {
		entries := Dictionary(name)
		if len(entries) != want.entries || entries[0].Value != want.first {
			t.Errorf("%s: %d entries", name, len(entries))
		}
		seen := map[string]bool{}
		for _, o := range entries {
			if seen[o.Value] || seen[o.Label.Vi] {
				t.Errorf("%s: %s is there twice", name, o.Value)
			}
			seen[o.Value], seen[o.Label.Vi] = true, true
			if !codePattern.MatchString(o.Value) || want.code != "" &&
				!regexp.MustCompile(want.code).MatchString(o.Value) {
				t.Errorf("%s: code %q", name, o.Value)
			}
			if o.Label.Vi == "" || o.Label.En == "" || !norm.NFC.IsNormalString(o.Label.Vi) {
				t.Errorf("%s: label of %s", name, o.Value)
			}
		}
	}
	for name, d := range dictionaries() {
		if d.Source == "" {
			t.Errorf("%s names no source", name)
		}
	}
}

func TestDictionaryText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, code string
		l          i18n.Lang
		want       string
	}{
		{"dan_toc", "06", i18n.Vi, "Mường"}, {"quoc_tich", "KOR", i18n.En, "Republic of Korea"},
		{"vsic", "4711", i18n.Vi,
			"Bán lẻ lương thực, thực phẩm, đồ uống, thuốc lá, thuốc lào chiếm tỷ trọng lớn trong các cửa " +
				"hàng kinh doanh tổng hợp (4711)"}, {"tinh", "Bắc Hà", i18n.Vi, "Bắc Hà"},
		{"khong", "x", i18n.Vi, "x"},
	} {
		if got := DictionaryText(c.name, c.code, c.l); got != c.want {
			t.Errorf("%s %s: %q", c.name, c.code, got)
		}
	}
}

// TestProvincesAgree compares the provinces with the public data set, where it is at hand.
func TestProvincesAgree(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../../shared/data/provinces.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the data set of administrative units is not beside this clone")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	code, name := slices.Index(rows[0], "code"), slices.Index(rows[0], "name")
	names := map[string]string{}
	for _, row := range rows[1:] {
		names[row[code]] = row[name]
	}
	for _, o := range Dictionary("tinh") {
		if number.Fold(names[o.Value]) != number.Fold(o.Label.Vi) {
			t.Errorf("%s is %q here and %q there", o.Value, o.Label.Vi, names[o.Value])
		}
	}
	if len(names) != len(Dictionary("tinh")) {
		t.Errorf("%d provinces there", len(names))
	}
}
