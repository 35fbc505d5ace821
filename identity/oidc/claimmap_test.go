package oidc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity"
	"congdvc/identity/number"
	"congdvc/identity/oidc"
	"congdvc/services/fault"
)

func claims(t testing.TB, raw string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.UseNumber()
	var m map[string]any
	if err := decoder.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMapMissing(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"sub":"a","SoDinhDanh":"037191004821","HoVaTen":"Lan"}`:      "",
		`{"SoDinhDanh":"037191004821","HoVaTen":"Lan"}`:                "sub",
		`{"sub":"a","HoVaTen":"Lan"}`:                                  "SoDinhDanh",
		`{"sub":"a","SoDinhDanh":"12","HoVaTen":"Lan"}`:                "SoDinhDanh",
		`{"sub":"a","SoDinhDanh":["037191004821"],"HoVaTen":"Lan"}`:    "SoDinhDanh",
		`{"sub":"a","SoDinhDanh":"037191004821","HoVaTen":" \u200b "}`: "HoVaTen",
		`{}`: "sub, SoDinhDanh, HoVaTen",
		`{"sub":"a","SoDinhDanh":"037191004821","HoVaTen":"Lan","LoaiTaiKhoan":"2"}`:                                                   "MaSoThue/MaSoDoanhNghiep, TenDoanhNghiep",
		`{"sub":"a","SoDinhDanh":"037191004821","HoVaTen":"Lan","LoaiTaiKhoan":2,"MaSoThue":"0100233489","TenDoanhNghiep":"X"}`:        "MaSoThue/MaSoDoanhNghiep",
		`{"sub":"a","SoDinhDanh":"037191004821","HoVaTen":"Lan","LoaiTaiKhoan":2,"MaSoDoanhNghiep":"0100233488","TenDoanhNghiep":"X"}`: "",
	} {
		_, err := oidc.VNeIDClaims().Map(claims(t, raw))
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", raw, err)
			}
			continue
		}
		var f *fault.Fault
		if !errors.As(err, &f) || !errors.Is(err, oidc.ErrClaims) || f.Args["Claims"] != want {
			t.Errorf("%s: got %v, want %q to be named", raw, err, want)
		}
	}
}

// TestMapFolds reads names and numbers as forms do, so that an answer filled in from them is right there.
func TestMapFolds(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][3]string{
		`{"sub":"a","SoDinhDanh":"０３７１９１００４８２１","HoVaTen":"H’Hen\u200b Niê","SoDienThoai":"+49 151 23456789"}`: {
			"037191004821", "H'Hen Niê", "+4915123456789"},
		`{"sub":"a","SoDinhDanh":"037191\u00ad004821","HoVaTen":"Ravi S／O Kumar","SoDienThoai":"0084912345678"}`: {
			"037191004821", "Ravi S/O Kumar", "0912345678"},
		`{"sub":"a","SoDinhDanh":"037191004821","HoVaTen":"Lan 2"}`: {"037191004821", "Lan 2", ""},
	} {
		c, err := oidc.VNeIDClaims().Map(claims(t, raw))
		if got := [3]string{c.Number, c.Name, c.Profile.Phone}; err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", raw, got, err, want)
		}
	}
}

func TestMapLeavesOutWhatIsMalformed(t *testing.T) {
	t.Parallel()
	got, err := oidc.VNeIDClaims().
		Map(claims(t, `{"sub":"a","SoDinhDanh":"037191004821","HoVaTen":"Nguye\u0302\u0303n  Thi\u0323\tLan",
		"NgayThangNamSinh":"1991","GioiTinh":"khác","SoDienThoai":"12","ThuDienTu":"no","IAL":"cao"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Claims{Subject: "a", Account: identity.Person, Number: "037191004821",
		Name: "Nguyễn Thị Lan"}
	if got != want {
		t.Errorf("got %+v", got)
	}
}

func TestStandardClaims(t *testing.T) {
	t.Parallel()
	got, err := oidc.StandardClaims().
		Map(claims(t,
			`{"sub":"a","national_id":"036086001357","name":"Trần Văn Minh","birthdate":"1986-11-02",
		"gender":"male","phone_number":"+84987654321","email":"Minh@Example.VN","address":{"formatted":"Xã Gia Viễn"},"acr":"substantial"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Claims{Subject: "a", Account: identity.Person, Number: "036086001357",
		Name: "Trần Văn Minh", Assurance: 2, Profile: identity.Profile{Born: "1986-11-02",
			Gender: identity.Male, Phone: "0987654321", Email: "Minh@example.vn", Address: "Xã Gia Viễn"}}
	if got != want {
		t.Errorf("got %+v", got)
	}
}

func TestParseClaimMap(t *testing.T) {
	t.Parallel()
	for raw, good := range map[string]bool{
		`{"number":["n"],"name":["m"]}`:              true,
		`{"number":["n"]}`:                           false,
		`{"number":["n"],"name":["m"],"nmae":["x"]}`: false,
		`[]`: false,
		``:   false,
	} {
		if _, err := oidc.ParseClaimMap([]byte(raw)); (err == nil) != good {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func FuzzMap(f *testing.F) {
	f.Add(
		`{"sub":"a","LoaiTaiKhoan":"2","SoDinhDanh":"037 191 004 821","HoVaTen":"Lan","NgayThangNamSinh":"19910517","IAL":2,"MaSoThue":"0100233488","TenDoanhNghiep":"X"}`)
	f.Add(
		`{"sub":7,"national_id":"036086001357","name":"\u0000Minh","address":{"formatted":{"formatted":"x"}},"acr":"-1"}`)
	f.Add(`{"sub":null,"SoDinhDanh":1e400,"HoVaTen":[],"NgayThangNamSinh":"00000000"}`)
	f.Fuzz(func(t *testing.T, raw string) {
		decoder := json.NewDecoder(strings.NewReader(raw))
		decoder.UseNumber()
		var sent map[string]any
		if decoder.Decode(&sent) != nil {
			return
		}
		for _, m := range []oidc.ClaimMap{oidc.VNeIDClaims(), oidc.StandardClaims()} {
			got, err := m.Map(sent)
			if err != nil {
				if !errors.Is(err, oidc.ErrClaims) || got != (identity.Claims{}) {
					t.Fatalf("%+v, %v", got, err)
				}
				continue
			}
			checkMapped(t, got)
		}
	})
}

// checkMapped holds whatever an issuer sends.
func checkMapped(t *testing.T, got identity.Claims) {
	if id, err := number.ParseCitizenID(got.Number); err != nil || string(id) != got.Number {
		t.Fatalf("number %q", got.Number)
	}
	if got.Subject == "" || got.Name == "" || got.Assurance < 0 || got.Assurance > 9 {
		t.Fatalf("%+v", got)
	}
	if (got.Account == identity.Organisation) != (got.Organisation != nil) {
		t.Fatalf("account %q with organisation %v", got.Account, got.Organisation)
	}
	lines := []string{got.Name, got.Profile.Address}
	if got.Organisation != nil {
		if code, err := number.ParseTaxCode(got.Organisation.TaxCode); err != nil ||
			string(code) != got.Organisation.TaxCode {
			t.Fatalf("tax code %q", got.Organisation.TaxCode)
		}
		lines = append(lines, got.Organisation.Name)
	}
	for _, line := range lines {
		if !utf8.ValidString(line) || !norm.NFC.IsNormalString(line) ||
			strings.ContainsFunc(line, unicode.IsControl) || line != strings.TrimSpace(line) {
			t.Fatalf("line %q", line)
		}
	}
	if born := got.Profile.Born; born != "" {
		if _, err := time.Parse(time.DateOnly, born); err != nil {
			t.Fatalf("born %q", born)
		}
	}
}
