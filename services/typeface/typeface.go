// Package typeface is the type that the portal prints in, and knows which letters it has: forms refuse at the
// field what their paper could not show. The type is Liberation Serif, which has the widths of Times New
// Roman, the type of the State's papers. It has all of Latin, with the marks that the letters of Ê Đê, Gia
// Rai, Ba Na and others combine with, Greek and Cyrillic. It comes as a Go module that embeds the font;
// another font with TrueType outlines can take its place here.
package typeface

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/text/unicode/norm"
)

// Substitute stands on paper for a letter that the type lacks.
const Substitute = '□'

// Usual returns the font cut down to the characters that nearly every paper makes do with; see IsUsual. It
// costs a library that reads a whole font for each paper much less than Whole. Do not change the bytes.
var Usual = sync.OnceValues(func() ([]byte, error) { return cut(IsUsual) })

// Whole returns the font with every character of Draws. Do not change the bytes.
var Whole = sync.OnceValues(func() ([]byte, error) { return cut(Draws) })

func cut(want func(rune) bool) ([]byte, error) {
	made, err := subset(liberationserifregular.TTF, want)
	if err != nil {
		return nil, fmt.Errorf("typeface: cut the font: %w", err)
	}
	return made, nil
}

// full is the font as it comes.
var full = sync.OnceValue(func() *font {
	f, err := readFont(liberationserifregular.TTF)
	if err != nil {
		panic(fmt.Sprintf("typeface: read the font: %v", err)) // it is part of the program
	}
	return f
})

// glyphs has the glyph of each character that the font has a shape for and that can be set by itself, one
// after the other from left to right.
var glyphs = sync.OnceValue(func() map[rune]uint16 {
	has := full().characters(func(c rune) bool {
		return !unicode.In(c, unicode.C, unicode.Hebrew, unicode.Bopomofo)
	})
	for c, id := range has {
		if id == 0 {
			delete(has, c)
		}
	}
	return has
})

// A set of characters of the basic plane, a bit each.
type set [1 << 16 / 64]uint64

func (s *set) has(c rune) bool { return c >= 0 && c < 1<<16 && s[c/64]&(1<<(c%64)) != 0 }

var drawn = sync.OnceValue(func() *set {
	s := new(set)
	for c := range glyphs() {
		s[c/64] |= 1 << (c % 64)
	}
	return s
})

// Draws tells whether the type has a character. Marks that combine with the letter before them are among
// them.
func Draws(c rune) bool { return c >= ' ' && c <= '~' || drawn().has(c) }

// IsUsual tells whether a character is in the usual cut: Latin with every mark of Vietnamese and its
// neighbours, punctuation, money, and a few signs.
func IsUsual(c rune) bool {
	switch {
	case c >= ' ' && c <= '~':
		return true
	case c >= 0xa0 && c <= 0x24f, // Latin
		c >= 0x1ea0 && c <= 0x1ef9,                             // Vietnamese
		c >= 0x2010 && c <= 0x2026, c >= 0x20a0 && c <= 0x20bf: // punctuation, currencies
		return Draws(c)
	}
	return strings.ContainsRune("№→≤≥≠−•□", c)
}

// Lacking returns the first letter of a text that the type lacks, with its marks; "" where it has them all.
// Line breaks are no letters.
func Lacking(text string) string {
	for i, c := range text {
		if Draws(c) || c == '\n' {
			continue
		}
		end := i + len(string(c))
		for _, mark := range text[end:] {
			if !unicode.IsMark(mark) {
				break
			}
			end += len(string(mark))
		}
		return text[i:end]
	}
	return ""
}

// IsMark tells whether a character is drawn over, under or through the one before it, see Place.
func IsMark(c rune) bool { return c >= 0x300 && unicode.Is(unicode.Mn, c) && Draws(c) }

// An Offset says where a mark is drawn: from the origin of its letter to the right and up, in ems.
type Offset struct{ X, Y float64 }

// Classes of combining marks (Unicode Standard Annex 44, Canonical_Combining_Class).
const (
	classOverlay = 1
	classBelow   = 220
	classBelowOn = 202 // below, and touching
	classAbove   = 230
)

// apart is the room between a letter and a mark and between two marks, in units of the font; mostStacked is
// how many marks find a place of their own above or below a letter.
const (
	apart       = 90
	mostStacked = 3
)

// Place says where the marks of a letter are drawn, which is in NFC: in the middle of it, the ones above
// higher where it is high or has a mark already, the ones below lower.
func Place(letter rune, marks []rune) []Offset {
	plain := []rune(norm.NFD.String(string(letter)))
	middle, top, bottom := shape(plain[0])
	for _, mark := range plain[1:] {
		if class(mark) == classAbove || class(mark) == classBelow {
			_, top, bottom = shape(letter)
		}
	}
	em := float64(be.Uint16(full().tables["head"][18:]))
	places := make([]Offset, len(marks))
	for i, mark := range marks {
		own, high, low := shape(mark)
		shift := 0
		switch kind := class(mark); {
		case kind == classAbove && i < mostStacked:
			shift = max(0, top+apart-low)
			top = high + shift
		case (kind == classBelow || kind == classBelowOn) && i < mostStacked:
			shift = min(0, bottom-apart-high)
			bottom = low + shift
		case kind != classAbove && kind != classBelow && kind != classBelowOn && kind != classOverlay:
			places[i] = Offset{X: float64(be.Uint16(full().metrics(glyphs()[letter]))) / em} // beside it
			continue
		}
		places[i] = Offset{X: float64(middle-own) / em, Y: float64(shift) / em}
	}
	return places
}

func class(mark rune) uint8 { return norm.NFC.PropertiesString(string(mark)).CCC() }

// shape returns the middle, the top and the bottom of a character's outline in units of the font; zeros for a
// blank.
func shape(c rune) (middle, top, bottom int) {
	outline := full().glyph(glyphs()[c])
	if len(outline) < 10 {
		return 0, 0, 0
	}
	at := func(i int) int { return int(int16(be.Uint16(outline[i:]))) }
	return (at(2) + at(6)) / 2, at(8), at(4)
}
