package number

import (
	"net/mail"
	"regexp"
	"strings"
)

// The canonical texts of telephone numbers: within the country the mobile prefixes in use and landlines,
// which are 0, an area code that begins with 2, and 11 digits in all; of other countries up to fifteen digits
// with the country's code before them (ITU-T E.164).
const (
	phoneHere   = `0((3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}|2[0-9]{9})`
	phoneAbroad = `\+([1-79][0-9]|8[0-35-9])[0-9]{5,13}`
)

// PhonePattern is the regular expression of the canonical text of a phone number, for schemas too.
const PhonePattern = `^(` + phoneHere + `|` + phoneAbroad + `)$`

var phone = regexp.MustCompile(PhonePattern)

// ParsePhone reads a telephone number. A Vietnamese one it returns as it is dialled within the country,
// digits only: "0912345678", "02293871234"; one of another country in the form of E.164: "+4915123456789". It
// takes +84, 0084 and 84 in front of the former and needs + or 00 in front of the latter. Spaces, dots,
// hyphens, strokes and brackets are dropped, with "(0)" behind a country's code. Error: ErrPhone.
func ParsePhone(s string) (string, error) {
	s = compact(s)
	if rest, ok := strings.CutPrefix(s, "00"); ok && (strings.HasPrefix(rest, "2") ||
		!phone.MatchString("0"+rest)) {
		// else a zero too many; codes of Africa's countries begin as landlines of Viet Nam do
		s = "+" + rest
	}
	if strings.HasPrefix(s, "+") {
		s = strings.Replace(s, "(0)", "", 1)
	}
	s = strings.NewReplacer("(", "", ")", "", "/", "").Replace(s)
	for _, code := range []string{"+84", "84", "+0"} {
		if rest, ok := strings.CutPrefix(s, code); ok && len(rest) >= 9 {
			s = "0" + strings.TrimPrefix(rest, "0")
			break
		}
	}
	if !phone.MatchString(s) {
		return "", ErrPhone
	}
	return s, nil
}

// domain is a name of two labels or more in ASCII; an internationalised one comes in its xn-- form.
var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)

// local is the part before the @: the unquoted form of RFC 5321.
var local = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*$`)

// maxEmail is the longest address that mail can be sent to (RFC 5321, section 4.5.3.1.3, less the angle
// brackets).
const maxEmail = 254

// ParseEmail reads one bare address and returns it made Plain, with its domain in lower case. The part before
// the @ stays as it is otherwise, because its owner's server may tell cases apart. Error: ErrEmail.
func ParseEmail(s string) (string, error) {
	if len(s) > 4*maxEmail {
		return "", ErrEmail
	}
	if s = Plain(s); len(s) > maxEmail {
		return "", ErrEmail
	}
	address, err := mail.ParseAddress(s)
	if err != nil || address.Address != s {
		return "", ErrEmail
	}
	at := strings.LastIndexByte(s, '@')
	name, host := s[:at], strings.ToLower(s[at+1:])
	if len(name) > 64 || !local.MatchString(name) || !domain.MatchString(host) {
		return "", ErrEmail
	}
	return name + "@" + host, nil
}
