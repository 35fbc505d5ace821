package transfer

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Disposition names a file in a Content-Disposition, once for programs that know only ASCII and once in full
// (RFC 6266, appendix D; RFC 8187). Shown lets a browser show it instead of saving it.
func Disposition(shown bool, name string) string {
	kind := "attachment"
	if shown {
		kind = "inline"
	}
	name = norm.NFC.String(strings.Map(printed, strings.ToValidUTF8(name, "")))
	if strings.Trim(name, ". ") == "" {
		name = "tep"
	}
	// PathEscape leaves some characters that RFC 8187 does not allow.
	full := strings.NewReplacer("'", "%27", "(", "%28", ")", "%29", "*", "%2A", ":", "%3A", "@", "%40", "=",
		"%3D", ",", "%2C", ";", "%3B").Replace(url.PathEscape(name))
	return kind + `; filename="` + plain(name) + `"; filename*=UTF-8''` + full
}

// printed drops what would end a header or is not seen, and what would name a folder.
func printed(r rune) rune {
	switch {
	case r == '/', r == '\\':
		return '_'
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r),
		unicode.Is(unicode.Zp, r):
		return -1
	}
	return r
}

// plain writes a name in ASCII: Vietnamese without its marks, as people write it where they have to.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ':
			return 'd'
		case r == 'Đ':
			return 'D'
		case r < ' ', r > '~', r == '"', r == '%': // some programs decode a per cent sign
			return '_'
		}
		return r
	}, norm.NFD.String(name))
}
