// Package number checks the numbers and names that people are known by: personal identification numbers, tax
// codes, telephone numbers, e-mail addresses, names. It is pure: it knows the shape of a number, not whether
// it was issued. Plain is what every parser of numbers, dates, codes and names makes of its text first.
package number

import (
	"strings"

	"congdvc/services/fault"
)

// The faults of what is given. Callers add the field by At.
var (
	ErrCitizenID = fault.New(fault.Invalid, "number.citizen_id")
	ErrTaxCode   = fault.New(fault.Invalid, "number.tax_code")
	ErrPhone     = fault.New(fault.Invalid, "number.phone")
	ErrEmail     = fault.New(fault.Invalid, "number.email")
	ErrName      = fault.New(fault.Invalid, "number.name")
)

// CitizenID is a personal identification number (số định danh cá nhân) of twelve digits: three for the
// province or country where the birth was registered, one for century and gender, two for the year of birth,
// six at random. It has no check digit.
type CitizenID string

// ParseCitizenID reads a personal identification number as people type it: made Plain, and without the
// spaces, dots and hyphens between its digits. Error: ErrCitizenID.
func ParseCitizenID(s string) (CitizenID, error) {
	s = compact(s)
	if len(s) != 12 || !digitsOnly(s) || s[:3] == "000" {
		return "", ErrCitizenID
	}
	return CitizenID(s), nil
}

// Gender returns "male" or "female", as the fourth digit says: even or odd. A form that says otherwise
// deserves a question, not a refusal: people have been recorded wrongly.
func (id CitizenID) Gender() string {
	if (id[3]-'0')%2 == 0 {
		return "male"
	}
	return "female"
}

// BirthYear returns the year of birth, 1900 to 2399.
func (id CitizenID) BirthYear() int {
	return 1900 + 100*int((id[3]-'0')/2) + 10*int(id[4]-'0') + int(id[5]-'0')
}

// TaxCode is a tax code (mã số thuế) in its printed form: ten digits; ten, a hyphen and three for a dependent
// unit; or the twelve digits of a personal identification number, which persons, households and household
// businesses use since 1 July 2025 (Circular 86/2024/TT-BTC).
type TaxCode string

// ParseTaxCode reads a tax code and checks its check digit. Spaces, dots and hyphens between the digits may
// be left out or in. Error: ErrTaxCode.
func ParseTaxCode(s string) (TaxCode, error) {
	s = compact(s)
	if !digitsOnly(s) {
		return "", ErrTaxCode
	}
	switch len(s) {
	case 12:
		if id, err := ParseCitizenID(s); err == nil {
			return TaxCode(id), nil
		}
	case 10:
		if taxCheck(s) {
			return TaxCode(s), nil
		}
	case 13:
		if taxCheck(s[:10]) && s[10:] != "000" {
			return TaxCode(s[:10] + "-" + s[10:]), nil
		}
	}
	return "", ErrTaxCode
}

// taxCheck reports whether the tenth digit fits the first nine: it is 10 minus their weighted sum modulo 11.
// Numbers for which that gives 10 are never issued, nor are those whose third to ninth digits are all zero.
func taxCheck(s string) bool {
	sum := 0
	for i, weight := range []int{31, 29, 23, 19, 17, 13, 7, 5, 3} {
		sum += weight * int(s[i]-'0')
	}
	return s[2:9] != "0000000" && 10-sum%11 == int(s[9]-'0')
}

// longestTyped is far more than any number takes with what people put around its digits, in bytes.
const longestTyped = 512

// compact makes a text plain and drops what people put between digits: spaces, dots and hyphens. Nothing is
// left of a text that is too long.
func compact(s string) string {
	if len(s) > longestTyped {
		return ""
	}
	return betweenDigits.Replace(Plain(s))
}

var betweenDigits = strings.NewReplacer(" ", "", ".", "", "-", "")

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// LastFour returns the last four characters, or all when there are fewer.
func LastFour(s string) string {
	r := []rune(s)
	return string(r[max(0, len(r)-4):])
}

// MaskNumber hides all but the last four characters: "********0999". Of up to eight characters it shows the
// last two, and of up to four nothing, so that most of a number is always hidden.
func MaskNumber(s string) string {
	r := []rune(s)
	shown := 4
	if len(r) <= 8 {
		shown = 2
	}
	if len(r) <= 4 {
		shown = 0
	}
	return strings.Repeat("*", len(r)-shown) + string(r[len(r)-shown:])
}
