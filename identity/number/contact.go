package number

import (
	"net/mail"
	"regexp"
	"strings"
)

// phone has the mobile prefixes in use, and landlines: 0, an area code that begins with 2, and 11 digits in
// all.
var phone = regexp.MustCompile(PhonePattern)

// PhonePattern is the regular expression of the canonical text of a phone number, for schemas too.
const PhonePattern = `^0((3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}|2[0-9]{9})$`

// ParsePhone reads a Vietnamese telephone number and returns it as it is dialled within the country, digits
// only: "0912345678", "02293871234". It accepts +84 and 84 in front, spaces, dots, hyphens and brackets.
// Error: ErrPhone.
func ParsePhone(s string) (string, error) {
	s = compact(strings.NewReplacer("(", "", ")", "").Replace(s))
	if rest, ok := strings.CutPrefix(s, "+84"); ok {
		s = "0" + strings.TrimPrefix(rest, "0")
	} else if rest, ok := strings.CutPrefix(s, "84"); ok && len(rest) >= 9 {
		s = "0" + strings.TrimPrefix(rest, "0")
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

// ParseEmail reads one bare address and returns it trimmed, with its domain in lower case. The part before
// the @ stays as it is, because its owner's server may tell cases apart. Error: ErrEmail.
func ParseEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxEmail {
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
