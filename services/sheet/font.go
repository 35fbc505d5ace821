package sheet

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/go-fonts/liberation/liberationserifregular"
	"github.com/jung-kurt/gofpdf"
)

// family names the font inside the PDFs.
const family = "serif"

// face is Liberation Serif, which has the widths of Times New Roman, the type of the State's papers. It is
// cut down once to the characters that the portal may print, since gofpdf reads the whole font again for
// every PDF.
var face = sync.OnceValues(func() ([]byte, error) {
	cut, err := subset(liberationserifregular.TTF, wanted)
	if err != nil {
		return nil, fmt.Errorf("sheet: cut the font: %w", err)
	}
	return cut, nil
})

// wanted tells whether a character belongs to the scripts that a paper of the portal may hold: Latin with
// every mark of Vietnamese and its neighbours, punctuation, money, and a few signs.
func wanted(c rune) bool {
	switch {
	case c >= 0x20 && c <= 0x7e, c >= 0xa0 && c <= 0x24f: // Latin
		return true
	case c >= 0x1ea0 && c <= 0x1ef9: // Vietnamese
		return true
	case c >= 0x2010 && c <= 0x2026, c >= 0x20a0 && c <= 0x20bf: // punctuation, currencies
		return true
	}
	switch c {
	case '№', '→', '≤', '≥', '≠', '−', '•':
		return true
	}
	return false
}

// glyphs has the characters that the font has a shape for.
var glyphs = sync.OnceValue(func() map[rune]bool {
	has := map[rune]bool{}
	f, err := readFont(liberationserifregular.TTF)
	if err != nil {
		return has
	}
	for c, id := range f.characters(wanted) {
		has[c] = id != 0
	}
	return has
})

// printable tells whether the font has a character.
func printable(c rune) bool { return glyphs()[c] }

// addFont gives a PDF its font: a copy, because gofpdf pads tables in place.
func addFont(pdf *gofpdf.Fpdf) {
	cut, err := face()
	if err != nil {
		pdf.SetError(err)
		return
	}
	pdf.AddUTF8FontFromBytes(family, "", bytes.Clone(cut))
}
