package agency

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func loadUnits(t *testing.T, pool *pgxpool.Pool, units []Unit) (Changes, error) {
	t.Helper()
	return bring(t, pool, func(tx pgx.Tx) (Changes, error) { return LoadUnits(t.Context(), tx, units) })
}

// TestLoadUnits: a province has the communes that were named last, whatever the starter or an earlier file
// had; loading the starter anew leaves them alone.
func TestLoadUnits(t *testing.T) {
	t.Parallel()
	pool := withStarter(t)
	first, err := Units(t.Context(), pool, "37")
	if err != nil || len(first) != 13 || !slices.IsSortedFunc(first, func(a, b Unit) int {
		return slices.Compare([]rune(a.Name[:1]), []rune(b.Name[:1]))
	}) {
		t.Fatalf("the starter brings %+v, %v", first, err)
	}
	units := []Unit{{"14329", "37", "Phường Hoa Lư"}, {"14330", "37", "Xã Mới"},
		{"00004", "01", "Phường Ba Đình"}}
	for i, want := range []Changes{{Added: 2, Same: 1, Changed: 12}, {Same: 3}} {
		if got, err := loadUnits(t, pool, units); err != nil || got != want {
			t.Errorf("time %d: %+v, %v; want %+v", i+1, got, err, want)
		}
	}
	units[1].Name = "Phường Mới"
	if got, err := loadUnits(t, pool, units[:2]); err != nil || got != (Changes{Same: 1, Changed: 1}) {
		t.Errorf("a new name: %+v, %v", got, err)
	}
	registry, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bring(t, pool, func(tx pgx.Tx) (Changes, error) {
		changes, _, err := LoadStarter(t.Context(), tx, registry)
		return changes, err
	}); err != nil {
		t.Fatal(err)
	}
	for province, want := range map[string][]Unit{"37": {units[0], units[1]}, "01": {units[2]}, "79": nil} {
		if got, err := Units(t.Context(), pool, province); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s has %+v, %v; want %+v", province, got, err, want)
		}
	}
}

func TestUnitNamed(t *testing.T) {
	t.Parallel()
	units := []Unit{
		{"1", "38", "Phường Hạc Thành"}, {"2", "38", "Xã Hòa An"}, {"3", "38", "Phường Quảng Phú"},
		{"4", "38", "Xã Quảng Phú"}, {"5", "38", "Xã Hoa An"}, {"6", "38", "Đặc khu Vân Đồn"},
	}
	for typed, want := range map[string]string{
		"Phường Hạc Thành": "1", "phuong hac thanh": "1", "Hạc Thành": "1", "HAC THANH": "1",
		"Hac Thanh Ward": "1", "1": "1", "Xã Hoà An": "", "Xã Hòa An": "2", "Xã Hoa An": "5", "xa hoa an": "",
		"Hoa An": "5", "Quảng Phú": "", "xã quảng phú": "4", "Phường Quang Phu": "3",
		"van don": "6", "Vân Đồn Special Zone": "6", "Thị trấn Hạc Thành": "1", "": "", "Xã": "", " ": "",
		"P. Hạc Thành": "1", "P.Hạc Thành": "1", "p hac thanh": "1", "F. Hạc Thành": "1", "P．Hạc　Thành": "1",
		"X. Hòa An": "2", "X.Hoa An": "5", "x. quảng phú": "4", "P. Quảng Phú": "3", "ĐK. Vân Đồn": "6",
		"TT. Vân Đồn": "6", "tt.hạc thành": "1", "Tt Quảng Phú": "", "X. Hạc Thành": "", "P.": "", "TT": "",
		"Phường Hạc Thành, TP. Thanh Hóa": "1", "P. Hạc Thành, thành phố Thanh Hoá, tỉnh Thanh Hóa": "1",
		"Hạc Thành, H. Đông Sơn": "1", "Hạc Thành, Q.1": "1", "Hạc Thành, số 5": "", "Hạc\u200b Thành": "1",
	} {
		got, ok := UnitNamed(units, typed)
		if ok != (want != "") || ok && got.Code != want {
			t.Errorf("%q is %+v, %v; want %q", typed, got, ok, want)
		}
	}
}
