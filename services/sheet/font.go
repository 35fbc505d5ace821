package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"congdvc/services/typeface"

	"github.com/jung-kurt/gofpdf"
)

// Names of the fonts inside the PDFs. The second has every letter of the type; it is added where a paper
// needs one that the first lacks, since gofpdf reads the whole of a font again for every PDF.
const (
	family      = "serif"
	wholeFamily = "serif-whole"
)

// addFont gives a PDF a font: a copy, because gofpdf pads tables in place.
func addFont(pdf *gofpdf.Fpdf, name string, font func() ([]byte, error)) {
	cut, err := font()
	if err != nil {
		pdf.SetError(err)
		return
	}
	pdf.AddUTF8FontFromBytes(name, "", bytes.Clone(cut))
}

// A run is a piece of a line that is drawn at once: letters of one font, or one letter with marks.
type run struct {
	text, font string
	width      float64 // in millimetres
	marks      []rune
	places     []typeface.Offset // of the marks
}

// usual tells whether the first font has all of a line, and no letter has marks of its own to be placed.
func usual(line string) bool {
	for _, c := range line {
		if c > '~' && !typeface.IsUsual(c) {
			return false
		}
	}
	return true
}

// runs cuts a line that is not usual into pieces. gofpdf would give a mark a width, and draw it where it
// suits small letters only.
func (p *paper) runs(line string, size float64) []run {
	var all []run
	for line != "" {
		letter, after := utf8.DecodeRuneInString(line)
		rest := strings.TrimLeftFunc(line[after:], typeface.IsMark)
		marks := []rune(line[after : len(line)-len(rest)])
		text, font := line[:after], family
		line = rest
		if typeface.IsMark(letter) { // without a letter
			text, marks, letter = " ", append([]rune{letter}, marks...), ' '
		}
		if !typeface.IsUsual(letter) {
			font = p.whole()
		}
		width, last := p.widthOf(text, font, size), len(all)-1
		if len(marks) == 0 && last >= 0 && all[last].font == font && all[last].marks == nil {
			all[last].text += text
			all[last].width += width
			continue
		}
		all = append(all, run{text, font, width, marks, typeface.Place(letter, marks)})
	}
	return all
}

// whole adds the font with every letter, once.
func (p *paper) whole() string {
	if !p.wider {
		p.wider = true
		addFont(p.pdf, wholeFamily, typeface.Whole)
	}
	return wholeFamily
}

func (p *paper) widthOf(text, font string, size float64) float64 {
	p.pdf.SetFont(font, "", size)
	return p.pdf.GetStringWidth(text)
}

// measure gives the width of a clean line in a size of type, in millimetres.
func (p *paper) measure(line string, size float64) float64 {
	if usual(line) {
		return p.widthOf(line, family, size)
	}
	width := 0.0
	for _, r := range p.runs(line, size) {
		width += r.width
	}
	return width
}

// draw writes a line into a cell. The style is set.
func (p *paper) draw(line string, x, y, width float64, s style) {
	height := lineOf(s.size)
	if usual(line) {
		p.pdf.SetXY(x, y)
		p.pdf.CellFormat(width, height, line, "", 0, s.align+"M", false, 0, "")
		return
	}
	switch s.align {
	case "C":
		x += (width - p.measure(line, s.size)) / 2
	case "R":
		x += width - p.measure(line, s.size)
	}
	base := y + 0.5*height + 0.3*s.size*perMM // as in gofpdf's cells
	for _, r := range p.runs(line, s.size) {
		p.drawRun(r, x, base, s.size)
		x += r.width
	}
}

// drawRun writes a run on a base line. What a letter with marks is as text is said beside it (ISO 32000-1,
// 14.9.4), since readers and searches would take the pieces for words. Some take its place from the first and
// the last piece, so a blank comes before the marks and the letter after them.
func (p *paper) drawRun(r run, x, base, size float64) {
	if len(r.marks) > 0 {
		p.pdf.RawWriteStr("/Span <</ActualText <" + hex16("\ufeff"+r.text+string(r.marks)) + ">>> BDC")
		defer p.pdf.RawWriteStr("EMC")
		p.pdf.SetFont(p.whole(), "", size)
		p.pdf.Text(x, base, " ")
	}
	for i, mark := range r.marks {
		at := r.places[i]
		p.pdf.Text(x+at.X*size*perMM, base-at.Y*size*perMM, string(mark))
	}
	p.pdf.SetFont(r.font, "", size)
	p.pdf.Text(x, base, r.text)
}

// hex16 writes a text in UTF-16, in hexadecimal digits.
func hex16(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String()
}
