package attachment

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
	"congdvc/services/typeface"
)

// maxName is the length of a cleaned name in bytes; file systems take 255.
const maxName = 200

// extensions has the extensions of each media type, the usual one first.
var extensions = map[string][]string{
	PDF:  {".pdf"},
	JPEG: {".jpg", ".jpeg"},
	PNG:  {".png"},
}

// cleanName turns whatever name a browser sent into one that can be shown and saved anywhere: without
// folders, control characters, invisible characters or marks that change the direction, at most 200 bytes, in
// NFC, with the extension of what the file really is, and of a file that is kept in letters that papers can
// show. When nothing is left of a name it is "tep".
func cleanName(name, mediaType string) string {
	name = fromForm.Replace(strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = norm.NFC.String(strings.Map(visible, name))
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	stem, ext := name, ""
	for _, e := range extensions[mediaType] {
		if strings.EqualFold(path.Ext(name), e) {
			stem, ext = name[:len(name)-len(e)], e
		}
	}
	if ext == "" && len(extensions[mediaType]) > 0 {
		ext = extensions[mediaType][0]
	}
	if mediaType != "" {
		stem = printable(stem)
	}
	stem = strings.TrimRight(cut(stem, maxName-len(ext)), ". ")
	if strings.Trim(stem, "_ .") == "" {
		stem = "tep"
	}
	return stem + ext
}

// printable puts one "_" for each run of letters that no embedded font has: the name stands on the papers of
// the dossier too.
func printable(stem string) string {
	var b strings.Builder
	for _, r := range stem {
		switch {
		case typeface.Draws(r):
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	return b.String()
}

// fromForm reads a quotation mark and line ends in a file's name as browsers send them in a form (HTML
// Standard, "multipart/form-data encoding algorithm").
var fromForm = strings.NewReplacer("%22", `"`, "%0D", " ", "%0A", " ")

// ShownName is a name that a browser sent as it can be shown to people, before its content is known.
func ShownName(name string) string { return cleanName(name, "") }

// visible drops what is not seen and what file systems reserve; any white space becomes a space.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), number.Invisible(r), unicode.Is(unicode.Co, r),
		unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return -1
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	}
	return r
}

// cut shortens s to at most n bytes, between letters and their marks.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && (!utf8.RuneStart(s[n]) || !norm.NFC.PropertiesString(s[n:]).BoundaryBefore()) {
		n--
	}
	return s[:n]
}
