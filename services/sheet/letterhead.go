package sheet

// letterhead writes the head of a paper that is not a statutory form: the agency that it comes from, and a
// line below.
func (p *paper) letterhead(agency, below string) {
	p.centre(upper(agency), left, inner, body)
	p.gap(0.6)
	if below != "" {
		p.block(below, left, inner, style{size: small, align: "C", grey: true})
	}
	p.rule(pageWidth/2, 30)
	p.gap(2)
}

// national writes the head of a statutory form: the agency with the desk that issues it on the left, the name
// of the State and its motto on the right (Decree 30/2020/NĐ-CP, Appendix I).
func (p *paper) national(above, agency string) {
	const gutter = 4.0
	width := (inner - gutter) * 0.44
	start := p.y
	name := style{size: 11, align: "C"}
	y := start
	if above != "" {
		y += p.put(p.lines(upper(above), width, name), left, y, width, name)
	}
	y += p.put(p.lines(upper(agency), width, name), left, y, width, name)
	p.y = y
	p.centre("BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ", left, width, name.size)
	p.rule(left+width/2, 24)
	end := p.y
	x, wide := left+width+gutter, inner-gutter-width
	p.y = start
	p.centre("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", x, wide, name.size)
	p.centre("Độc lập - Tự do - Hạnh phúc", x, wide, 12)
	p.rule(x+wide/2, 50)
	p.y = max(p.y, end) + 1
}

// rule draws a line of a width around a middle.
func (p *paper) rule(middle, width float64) {
	p.gap(0.8)
	p.pdf.Line(middle-width/2, p.y, middle+width/2, p.y)
	p.gap(1.5)
}

// titleAside writes the name of a sheet and the dossier's code beside a QR code on the left, which is 24 mm
// high.
func (p *paper) titleAside(title, code string) {
	const aside = 28
	end := p.y + 28
	p.gap(4)
	p.centre(title, left+aside, inner-2*aside, head)
	p.gap(1)
	p.centre(p.t("sheet.code")+": "+code, left+aside, inner-2*aside, body)
	p.y = max(p.y, end)
}

// notice writes a text in a frame, so that it is not missed.
func (p *paper) notice(text string) {
	s := style{size: body}
	const pad = 2.5
	lines := p.lines(text, inner-2*pad-2, s)
	height := lineOf(s.size)*float64(len(lines)) + 2*pad
	p.need(height)
	p.gap(1)
	p.pdf.SetFillColor(243, 243, 243)
	p.pdf.Rect(left, p.y, inner, height, "F")
	p.pdf.SetFillColor(60, 60, 60)
	p.pdf.Rect(left, p.y, 1, height, "F")
	p.put(lines, left+pad+2, p.y+pad, inner-2*pad-2, s)
	p.y += height
	p.gap(3)
}
