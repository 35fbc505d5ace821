package number_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
	"congdvc/services/fault"
)

func TestParseCitizenID(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		given, gender string
		year          int
	}{
		{"087084000999", "male", 1984},
		{" 037 199 001 234 ", "female", 1999},
		{"037.205.001.234", "male", 2005},
		{"001326000001", "female", 2026},
		{"001999999999", "female", 2399},
		{"001800000000", "male", 2300},
	} {
		id, err := number.ParseCitizenID(c.given)
		if err != nil {
			t.Errorf("ParseCitizenID(%q): %v", c.given, err)
			continue
		}
		if id.Gender() != c.gender || id.BirthYear() != c.year {
			t.Errorf("%s: %s, %d; want %v", id, id.Gender(), id.BirthYear(), c)
		}
	}
	for given, want := range map[string]number.CitizenID{
		"０３７０５０００１２３４": "037050001234", "०८७०८४०००९९९": "087084000999", "037084\n000999": "037084000999",
		"037\u200b084–000．999\ufeff": "037084000999",
	} {
		if id, err := number.ParseCitizenID(given); id != want {
			t.Errorf("ParseCitizenID(%q) = %q, %v; want %q", given, id, err, want)
		}
	}
	for _, given := range []string{"", "87084000999", "0870840009990", "08708400099a", "000084000999",
		"08708400099²", "087084 000999\x00", "123456789", strings.Repeat(" ", 600) + "087084000999"} {
		if id, err := number.ParseCitizenID(given); !errors.Is(err, number.ErrCitizenID) {
			t.Errorf("ParseCitizenID(%q) = %q, %v", given, id, err)
		}
	}
}

func TestParseTaxCode(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]number.TaxCode{
		"0100233488":       "0100233488",
		" 0100 233 488 ":   "0100233488",
		"0100233488-001":   "0100233488-001",
		"0100233488001":    "0100233488-001",
		"0100233488 - 999": "0100233488-999",
		"０１００２３３４８８－００１": "0100233488-001",
		"0100233488−001": "0100233488-001",
		"087084000999":   "087084000999",
		"0100233489":     "", // check digit
		"0100233488-000": "",
		"0100233489-001": "",
		"0100000000":     "",
		"0000000000":     "",
		"010023348":      "",
		"01002334881":    "",
		"000084000999":   "",
		"0100233488-0a1": "",
		"":               "",
	} {
		got, err := number.ParseTaxCode(given)
		if got != want || (want == "") != errors.Is(err, number.ErrTaxCode) {
			t.Errorf("ParseTaxCode(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

// TestTaxCodeCheckDigit: of the ten numbers that differ in the last digit only, at most one is valid, and a
// code in which two neighbouring unlike digits were swapped is not.
func TestTaxCodeCheckDigit(t *testing.T) {
	t.Parallel()
	valid := 0
	for last := '0'; last <= '9'; last++ {
		if _, err := number.ParseTaxCode("010023348" + string(last)); err == nil {
			valid++
		}
	}
	if valid != 1 {
		t.Errorf("%d last digits are valid", valid)
	}
	for i := range 8 {
		swapped := []byte("0100233488")
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		if swapped[i] == swapped[i+1] {
			continue
		}
		if _, err := number.ParseTaxCode(string(swapped)); err == nil {
			t.Errorf("%s is valid too", swapped)
		}
	}
}

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"0912345678":             "0912345678",
		"+84 912 345 678":        "0912345678",
		"84912345678":            "0912345678",
		"+840912345678":          "0912345678",
		"0912.345.678":           "0912345678",
		"(0229) 387 1234":        "02293871234",
		"+84 24 3825 1234":       "02438251234",
		"0352345678":             "0352345678",
		"0084912345678":          "0912345678",
		"00 20 3 1234567":        "+2031234567",
		"00 231 770 1234":        "+2317701234",
		"00 84 912 345 678":      "0912345678",
		"+84 (0) 912345678":      "0912345678",
		"+84-(0)912/345678":      "0912345678",
		"84 0912345678":          "0912345678",
		"+0912345678":            "0912345678",
		"０９１２３４５６７８":             "0912345678",
		"0912\u200b345\u202c678": "0912345678",
		"＋８４　９１２　３４５　６７８": "0912345678",
		"0229/3871234":      "02293871234",
		"0912–345—678":      "0912345678",
		"+49 151 23456789":  "+4915123456789",
		"0049 151 23456789": "+4915123456789",
		"+49 (0)151/234567": "+49151234567",
		"+1 (415) 555-0132": "+14155550132",
		"+39 06 698 12345":  "+390669812345",
		"+82-10-1234-5678":  "+821012345678",
		"+852 2345 6789":    "+85223456789",
		"+683 4002":         "+6834002",
		"+8491234567":       "", // Vietnamese, and too short
		"+84312345678":      "",
		"4915123456789":     "",
		"+49151":            "",
		"+4915123456789012": "",
		"++4915123456789":   "",
		"+49 151 2345678x":  "",
		"00912345678":       "", // a zero too many, or India
		"0312345678":        "",
		"0512345678":        "",
		"0612345678":        "",
		"1800599920":        "",
		"091234567":         "",
		"09123456789":       "",
		"0229387123":        "",
		"":                  "",
		"0912345678 ext. 1": "",
	} {
		got, err := number.ParsePhone(given)
		if got != want || (want == "") != errors.Is(err, number.ErrPhone) {
			t.Errorf("ParsePhone(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"lan@example.vn":                        "lan@example.vn",
		"\u200blan＠example．vn\u00a0":            "lan@example.vn",
		" Lan.Nguyen+dvc@Example.COM.VN ":       "Lan.Nguyen+dvc@example.com.vn",
		"a@xn--vi-nam-nya.vn":                   "a@xn--vi-nam-nya.vn",
		"":                                      "",
		"lan":                                   "",
		"lan@example":                           "",
		"lan@localhost":                         "",
		"lan@127.0.0.1":                         "",
		"lan@[127.0.0.1]":                       "",
		"Lan <lan@example.vn>":                  "",
		"lan@example.vn, lan2@example.vn":       "",
		"lan@example.vn\r\nBcc: x@y.vn":         "",
		"\"lan nguyen\"@example.vn":             "",
		"lan..nguyen@example.vn":                "",
		".lan@example.vn":                       "",
		"lân@example.vn":                        "",
		"lan@-example.vn":                       "",
		"lan@example..vn":                       "",
		strings.Repeat("a", 65) + "@vidu.vn":    "",
		"a@" + strings.Repeat("a.", 130) + "vn": "",
	} {
		got, err := number.ParseEmail(given)
		if got != want || (want == "") != errors.Is(err, number.ErrEmail) {
			t.Errorf("ParseEmail(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

func TestParseName(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Nguyễn Thị Lan":                  "Nguyễn Thị Lan",
		"  Nguyễn \t Thị\u00a0 Lan ":      "Nguyễn Thị Lan",
		norm.NFD.String("Nguyễn Thị Lan"): "Nguyễn Thị Lan",
		"H'Hen Niê":                       "H'Hen Niê",
		"Jean-Luc O’Neil":                 "Jean-Luc O'Neil",
		"Marie‐Claire":                    "Marie-Claire",
		"K‘Brê":                           "K'Brê",
		"K`Brê":                           "K'Brê",
		"Kʼ Brê":                          "K' Brê",
		"Ravi S/O Kumar":                  "Ravi S/O Kumar",
		"Devi D／O Raj":                    "Devi D/O Raj",
		"Tan Ah Kow @ Lim":                "Tan Ah Kow @ Lim",
		"Lee Ah Moi (Li Amei)":            "Lee Ah Moi (Li Amei)",
		"Smith, John Jr.":                 "Smith, John Jr.",
		"Gal·la Martí":                    "Gal·la Martí",
		"Y Ơ\u0306n Niê":                  "Y Ơ\u0306n Niê",
		"김철수":                             "김철수",
		"Ｎｇｕｙễｎ　Ｌａｎ":                      "Nguyễn Lan",
		"lan@example.vn":                  "",
		"Lan²":                            "",
		"Lan; Hoa":                        "",
		"\"Lan\"":                         "",
		"J. Smith":                        "J. Smith",
		"Ừ":                               "Ừ",
		"":                                "",
		"   ":                             "",
		"-":                               "",
		"Lan 2":                           "",
		"Lan<script>":                     "",
		"Lan\u202eevil":                   "Lanevil",
		"Lan\u200b":                       "Lan",
		"Lan\x00":                         "",
		"Lan\xff":                         "",
		"\u0301Lan":                       "",
		"L" + strings.Repeat("\u0316", 9): "",
		strings.Repeat("Nguyễn ", 15):     "",
		"😀 Lan":                           "",
	} {
		got, err := number.ParseName(given)
		if got != want || (want == "") != errors.Is(err, number.ErrName) {
			t.Errorf("ParseName(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{number.LastFour("087084000999"), "0999"},
		{number.LastFour("999"), "999"},
		{number.LastFour(""), ""},
		{number.MaskNumber("087084000999"), "********0999"},
		{number.MaskNumber("0912345678"), "******5678"},
		{number.MaskNumber("B1234567"), "******67"},
		{number.MaskNumber("1234"), "****"},
		{number.MaskNumber(""), ""},
		{number.MaskName("Nguyễn Thị Lan"), "N***** T** L**"},
		{number.MaskName(norm.NFD.String("Ừng Ý")), "Ừ** Ý"},
		{number.MaskName(""), ""},
		{number.Fold("Đường  Hoà Bình"), "duong hoa binh"},
		{number.Fold("HÒA"), "hoa"},
		{number.Fold(norm.NFD.String("Nguyễn Thị Ước")), "nguyen thi uoc"},
		{number.Fold("1.001193"), "1.001193"},
		{number.Fold("Ｈoà\u200b　Bình"), "hoa binh"},
		{strings.Join(number.Words(" Hộ tịch, CƯ-TRÚ (1.001193)"), " "), "ho tich cu tru 1 001193"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestFaultsAreInvalid(t *testing.T) {
	t.Parallel()
	for _, f := range []*fault.Fault{number.ErrCitizenID, number.ErrTaxCode, number.ErrPhone, number.ErrEmail,
		number.ErrName} {
		if f.Kind != fault.Invalid {
			t.Errorf("%s is %s", f.Key, f.Kind)
		}
	}
}

// FuzzParse: what a parser gives, it takes again unchanged; and nothing panics.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"087084000999", "0100233488-001", "+84 912 345 678", "lan@example.vn",
		"0049 (0) 151/23456789", "K‘Brê", "Tan Ah Kow @ Lim", "０９１２",
		"Nguyễn  Thị Lan", "đ\u0301", "", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		again := func(name, first string, err error, parse func(string) (string, error)) {
			if err != nil {
				return
			}
			if second, err := parse(first); err != nil || second != first {
				t.Errorf("%s(%q) = %q, then %q, %v", name, given, first, second, err)
			}
		}
		id, err := number.ParseCitizenID(given)
		if err == nil && (id.BirthYear() < 1900 || id.BirthYear() > 2399) {
			t.Errorf("%s: born in %d", id, id.BirthYear())
		}
		tax, err := number.ParseTaxCode(given)
		again("ParseTaxCode", string(tax), err, func(s string) (string, error) {
			c, err := number.ParseTaxCode(s)
			return string(c), err
		})
		phone, err := number.ParsePhone(given)
		again("ParsePhone", phone, err, number.ParsePhone)
		email, err := number.ParseEmail(given)
		again("ParseEmail", email, err, number.ParseEmail)
		name, err := number.ParseName(given)
		again("ParseName", name, err, number.ParseName)
		again("Fold", number.Fold(given), nil, func(s string) (string, error) { return number.Fold(s), nil })
		if shown := number.MaskNumber(given); strings.Count(shown, "")-1 != strings.Count(given, "")-1 {
			t.Errorf("%q is masked as %q", given, shown)
		}
		_ = number.MaskName(given)
	})
}
