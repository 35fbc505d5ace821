package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/services/typeface"

	"github.com/jung-kurt/gofpdf"
)

// The page, in millimetres: A4 with the margins of Decree 30/2020/NĐ-CP, Appendix I, where the law leaves a
// choice.
const (
	pageWidth, pageHeight = 210.0, 297.0
	left, right           = 25.0, 18.0
	top, bottom           = 18.0, 20.0
	inner                 = pageWidth - left - right
	lowest                = pageHeight - bottom
)

// Sizes of type in points, and the height of a line for each.
const (
	body   = 12
	small  = 10.5
	tiny   = 9.0
	head   = 15.0
	perMM  = 25.4 / 72
	spread = 1.28
)

// Modes of drawing text (ISO 32000-1, table 106), and widths of lines: in millimetres, and of a bold letter's
// outline in sizes of its type.
const (
	fill          = 0
	fillAndStroke = 2
	hairline      = 0.25
	outline       = 0.022
)

// lineOf is the height of a line of a size of type, in millimetres.
func lineOf(size float64) float64 { return size * perMM * spread }

// A style is how a piece of text is set.
type style struct {
	size  float64
	bold  bool
	align string // "L", "C" or "R"
	grey  bool
}

// A paper is a sheet that is being written, from the top down.
type paper struct {
	pdf  *gofpdf.Fpdf
	lang i18n.Lang
	y    float64
	foot string // left of the page number
	mark string // written across every page; may be empty

	replaced bool // a letter that the type lacks was written as its substitute
	wider    bool // the font with every letter was added
}

// newPaper begins a sheet. The date is the only one in its bytes.
func newPaper(lang i18n.Lang, title, foot string, at time.Time) *paper {
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(left, top, right)
	pdf.SetCellMargin(0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(at.UTC())
	pdf.SetModificationDate(at.UTC())
	tidy, _ := clean(title)
	pdf.SetTitle(tidy, true)
	pdf.SetProducer("CongDVC", false)
	pdf.SetLineWidth(hairline)
	addFont(pdf, family, typeface.Usual)
	p := &paper{pdf: pdf, lang: lang, foot: foot}
	p.page()
	return p
}

// t is a text of the catalogue in the sheet's language.
func (p *paper) t(key string, args ...any) string { return i18n.T(p.lang, key, args...) }

func (p *paper) page() {
	p.pdf.AddPage()
	p.y = top
	p.watermark()
}

// watermark writes the mark across the page, below what the page will hold.
func (p *paper) watermark() {
	if p.mark == "" {
		return
	}
	const size = 96
	x, y := pageWidth/2, pageHeight/2
	p.pdf.SetFont(family, "", size)
	p.pdf.SetTextColor(228, 228, 228)
	p.pdf.TransformBegin()
	p.pdf.TransformRotate(52, x, y)
	p.pdf.Text(x-p.pdf.GetStringWidth(p.mark)/2, y+size*perMM/3, p.mark)
	p.pdf.TransformEnd()
}

// clean makes a text that can be printed, and remembers when a letter could not be.
func (p *paper) clean(text string) string {
	text, replaced := clean(text)
	p.replaced = p.replaced || replaced
	return text
}

// need begins a page unless there is room for a height, in millimetres.
func (p *paper) need(height float64) {
	if p.y+height > lowest {
		p.page()
	}
}

func (p *paper) gap(height float64) { p.y += height }

// set makes a style the current one. Bold is the regular type with its outline drawn too, because a second
// font would cost a third of a sheet's time.
func (p *paper) set(s style) {
	p.pdf.SetFont(family, "", s.size)
	shade := 0
	if s.grey {
		shade = 85
	}
	p.pdf.SetTextColor(shade, shade, shade)
	p.pdf.SetDrawColor(shade, shade, shade)
	if s.bold {
		p.pdf.SetLineWidth(s.size * perMM * outline)
		p.pdf.SetTextRenderingMode(fillAndStroke)
	}
}

// reset ends what set began, for lines and what follows.
func (p *paper) reset() {
	p.pdf.SetTextRenderingMode(fill)
	p.pdf.SetLineWidth(hairline)
	p.pdf.SetDrawColor(0, 0, 0)
}

// lines cuts a text for a width and a style.
func (p *paper) lines(text string, width float64, s style) []string {
	p.pdf.SetFont(family, "", s.size)
	text = p.clean(text)
	if usual(text) {
		return wrap(text, width, p.pdf.GetStringWidth)
	}
	return wrap(text, width, func(line string) float64 { return p.measure(line, s.size) })
}

// put draws lines into a box whose upper left corner is given, and returns their height.
func (p *paper) put(lines []string, x, y, width float64, s style) float64 {
	p.set(s)
	height := lineOf(s.size)
	for i, line := range lines {
		p.draw(line, x, y+float64(i)*height, width, s)
	}
	p.reset()
	return height * float64(len(lines))
}

// paragraph writes a text over the whole width.
func (p *paper) paragraph(text string, s style) { p.block(text, left, inner, s) }

// block writes a text into a column, over pages when it must.
func (p *paper) block(text string, x, width float64, s style) {
	for _, line := range p.lines(text, width, s) {
		p.need(lineOf(s.size))
		p.y += p.put([]string{line}, x, p.y, width, s)
	}
	p.gap(1.2)
}

// balanced cuts a text like lines, but into lines of like length, so that no word is left alone.
func (p *paper) balanced(text string, width float64, s style) []string {
	lines := p.lines(text, width, s)
	for narrow := width - 4; narrow > width/2; narrow -= 4 {
		tighter := p.lines(text, narrow, s)
		if len(tighter) > len(lines) {
			break
		}
		lines = tighter
	}
	return lines
}

// centre writes a bold text in the middle of a column.
func (p *paper) centre(text string, x, width, size float64) {
	s := style{size: size, bold: true, align: "C"}
	lines := p.balanced(text, width, s)
	p.need(lineOf(size) * float64(len(lines)))
	p.y += p.put(lines, x, p.y, width, s)
}

// pair writes a label and its value; nothing when there is no value. The value stands in a column of its own,
// so that long ones stay readable.
func (p *paper) pair(label, value string) {
	if strings.TrimSpace(value) == "" {
		return
	}
	const column = 54
	name := style{size: body, grey: true}
	labels := p.lines(label, column-3, name)
	values := p.lines(value, inner-column, style{size: body})
	p.need(lineOf(body) * float64(min(len(values), 3)))
	start := p.y
	page := p.pdf.PageNo()
	p.put(labels, left, start, column-3, name)
	for _, line := range values {
		p.need(lineOf(body))
		p.y += p.put([]string{line}, left+column, p.y, inner-column, style{size: body})
	}
	if p.pdf.PageNo() == page {
		p.y = max(p.y, start+lineOf(body)*float64(len(labels)))
	}
	p.gap(0.9)
}

// title writes the name of the sheet.
func (p *paper) title(text string) {
	p.gap(3)
	p.centre(text, left+12, inner-24, head)
}

// section writes the head of a part, never at the foot of a page.
func (p *paper) section(text string) {
	p.need(lineOf(body)*3 + 4)
	p.gap(2.4)
	p.paragraph(text, style{size: body, bold: true})
	p.gap(0.4)
}

// qr draws a text as a QR code of a size in millimetres: black bars, which print sharper than a picture and
// cost less.
func (p *paper) qr(text string, x, y, size float64) {
	bitmap, err := modules(text)
	if err != nil {
		p.pdf.SetError(err)
		return
	}
	module := size / float64(len(bitmap))
	p.pdf.SetFillColor(0, 0, 0)
	for row, line := range bitmap {
		for from := 0; from < len(line); from++ {
			to := from
			for to < len(line) && line[to] {
				to++
			}
			if to > from {
				p.pdf.Rect(x+float64(from)*module, y+float64(row)*module, float64(to-from)*module, module,
					"F")
				from = to
			}
		}
	}
	p.pdf.LinkString(x, y, size, size, text)
}

// bytes numbers the pages and ends the sheet.
func (p *paper) bytes() ([]byte, error) {
	if p.replaced {
		p.need(lineOf(tiny) * 3)
		p.gap(1)
		p.paragraph(p.t("sheet.replaced"), style{size: tiny, grey: true})
	}
	count := p.pdf.PageCount()
	s := style{size: tiny, grey: true}
	for n := 1; n <= count; n++ {
		p.pdf.SetPage(n)
		p.put(p.lines(p.foot, inner-30, s)[:1], left, lowest+7, inner-30, s)
		s.align = "R"
		p.put([]string{p.clean(p.t("sheet.page", "Page", n, "Pages", count))}, pageWidth-right-30, lowest+7,
			30, s)
		s.align = ""
	}
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("sheet: print: %w", err)
	}
	return out.Bytes(), nil
}
