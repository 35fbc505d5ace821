package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"congdvc/i18n"
	"congdvc/services/dossier"
	"congdvc/services/workday"
)

// FormData is all that a form says as a document ("tờ khai"). By law forms are in Vietnamese, and so is the
// document; with English as its language the labels are in both.
type FormData struct {
	Lang          i18n.Lang
	Title         i18n.Text // the form's name
	To            string    // the agency that decides
	Owner, Person Party     // the same where nobody acts for another
	Filer         Party     // who handed the dossier in; empty is Person
	Ground        string    // on what ground the person files; may be empty
	Steps         []FormStep
	// what seemed unlikely, and the person looked at and said to be so; in Vietnamese
	Confirmed []string
	Place     string       // where it was filled in; may be empty
	At        time.Time    // of the submission, or of the last change of a draft
	Draft     bool         // not handed in: every page is marked
	Code      dossier.Code // of the dossier; empty for a draft
	Revision  int          // counted from 1
	SHA256    string       // of the revision's bytes, hex; empty for a draft
	TrackURL  string       // what the QR code leads to; empty for a draft
}

// A FormStep is one numbered part of a form.
type FormStep struct {
	Title    i18n.Text
	Sections []FormSection
}

// A FormSection is a group of answers; its title may be empty.
type FormSection struct {
	Title i18n.Text
	Rows  []FormRow
}

// A FormRow is one question with its answer: a text, or a table.
type FormRow struct {
	Label i18n.Text
	Text  string // empty when it was not answered
	Note  string // what belongs to the answer, such as another value that a register has; may be empty
	Grid  *FormGrid
}

// A FormGrid is the answer to a question that takes several rows.
type FormGrid struct {
	Head []i18n.Text
	Rows [][]string
}

// The words of a form's frame are those of the State's forms. Like those of the slips they are Vietnamese by
// law.
const (
	draftMark  = "BẢN NHÁP"
	notDeclare = "(không kê khai)"
)

// PDF prints the form. The same data makes the same bytes.
func (d FormData) PDF() ([]byte, error) {
	title := upper(d.Title.Vi)
	foot := "Mã hồ sơ: " + d.Code
	if d.Draft {
		foot = draftMark + " – chưa nộp, không có giá trị pháp lý"
	}
	p := newPaper(i18n.Vi, strings.TrimSpace(title+" "+string(d.Code)), string(foot), d.At)
	if d.Draft {
		p.mark = draftMark
		p.watermark()
	}
	f := formPaper{p, d}
	f.head(title)
	f.who()
	for i, step := range d.Steps {
		f.step(i+1, step)
	}
	f.end()
	return p.bytes()
}

// A formPaper is a form that is being written.
type formPaper struct {
	*paper
	d FormData
}

// both is a label in Vietnamese, with English behind it where the person reads that.
func (f formPaper) both(t i18n.Text) string {
	if f.d.Lang != i18n.En || t.En == "" || t.En == t.Vi {
		return t.Vi
	}
	return t.Vi + " / " + t.En
}

// head writes the name of the State and its motto (Decree 30/2020/NĐ-CP, Appendix I), the name of the form
// and whom it is addressed to.
func (f formPaper) head(title string) {
	const aside = 26.0
	start := f.y
	if f.d.TrackURL != "" {
		f.qr(f.d.TrackURL, left, start, 22)
	}
	f.centre("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", left+aside, inner-2*aside, body)
	f.centre("Độc lập - Tự do - Hạnh phúc", left+aside, inner-2*aside, body)
	f.rule(pageWidth/2, 50)
	f.y = max(f.y, start+20)
	f.title(title)
	grey := style{size: small, align: "C", grey: true}
	if f.d.Lang == i18n.En && f.d.Title.En != "" {
		f.paragraph(f.d.Title.En, grey)
	}
	switch {
	case f.d.Draft:
		f.paragraph("("+draftMark+" – chưa nộp cho cơ quan)", grey)
	case f.d.Revision > 1:
		f.paragraph(fmt.Sprintf("Mã hồ sơ: %s · Bổ sung lần %d, nộp lúc %s", f.d.Code, f.d.Revision-1,
			i18n.DateTime(i18n.Vi, f.d.At)), grey)
	default:
		f.paragraph("Mã hồ sơ: "+string(f.d.Code)+" · Nộp lúc "+i18n.DateTime(i18n.Vi, f.d.At), grey)
	}
	f.gap(2)
	if f.d.To != "" {
		f.centre("Kính gửi: "+f.d.To, left+8, inner-16, body)
		f.gap(2)
	}
}

// who writes who files, for whom and on what ground.
func (f formPaper) who() {
	if f.d.Person.Name != "" && f.d.Person != f.d.Owner {
		f.party(f.both(i18n.Text{Vi: "Chủ hồ sơ", En: "Owner of the dossier"}), f.d.Owner)
	}
	filer := f.d.Person
	if filer.Name == "" {
		filer = f.d.Owner
	}
	f.party(f.both(i18n.Text{Vi: "Người nộp hồ sơ", En: "Filed by"}), filer)
	f.pair(f.both(i18n.Text{Vi: "Căn cứ nộp hồ sơ", En: "Ground for filing"}), f.d.Ground)
}

func (f formPaper) step(number int, step FormStep) {
	f.section(strconv.Itoa(number) + ". " + f.both(step.Title))
	titled := 0
	for _, s := range step.Sections {
		if s.Title.Vi != "" {
			titled++
			f.need(lineOf(body)*2 + 3)
			f.gap(0.8)
			f.paragraph(fmt.Sprintf("%d.%d. %s", number, titled, f.both(s.Title)),
				style{size: small, bold: true, grey: true})
		}
		for _, row := range s.Rows {
			f.row(row)
		}
	}
}

func (f formPaper) row(r FormRow) {
	label := f.both(r.Label)
	if r.Grid != nil {
		f.need(lineOf(body)*4 + 4*cellPad)
		f.paragraph(label+":", style{size: body, grey: true})
		f.grid(r.Grid)
	} else {
		text := r.Text
		if strings.TrimSpace(text) == "" {
			text = notDeclare
		}
		f.pair(label, text)
	}
	if r.Note != "" {
		f.block(r.Note, left+54, inner-54, style{size: small, grey: true})
	}
}

// grid writes a table. The columns are as wide as what most of their cells hold.
func (f formPaper) grid(g *FormGrid) {
	columns := []column{{head: "TT", share: 6, align: "C"}}
	size := small
	if len(g.Head) > 5 {
		size = tiny
	}
	for i, h := range g.Head {
		share := utf8.RuneCountInString(h.Vi)
		for _, row := range g.Rows {
			if i < len(row) {
				share = max(share, utf8.RuneCountInString(row[i]))
			}
		}
		columns = append(columns, column{head: f.both(h), share: float64(min(max(share, 9), 32)), size: size})
	}
	rows := make([][]string, len(g.Rows))
	for i, cells := range g.Rows {
		rows[i] = make([]string, len(columns))
		rows[i][0] = strconv.Itoa(i + 1)
		copy(rows[i][1:], cells)
	}
	f.table(columns, rows, nil)
}

// confirmed writes what the person was asked to look at and said to be right.
func (f formPaper) confirmed() {
	if len(f.d.Confirmed) == 0 {
		return
	}
	f.need(lineOf(body) * 3)
	f.paragraph(f.both(i18n.Text{
		Vi: "Người khai đã kiểm tra và xác nhận", En: "Checked and confirmed by who filed",
	})+":", style{size: body, bold: true})
	for _, text := range f.d.Confirmed {
		f.block("– "+text+".", left+4, inner-4, style{size: body})
	}
	f.gap(1)
}

// end writes what was confirmed, what the person declares, the place and the date, and the name, all on one
// page. Then it writes how to check the document.
func (f formPaper) end() {
	f.gap(2)
	f.confirmed()
	f.need(lineOf(body) * 10)
	f.paragraph("Tôi cam đoan những nội dung kê khai trên đây là đúng sự thật và chịu trách nhiệm trước "+
		"pháp luật về cam đoan của mình.", style{size: body})
	f.gap(1)
	width := inner * 0.56
	x := left + inner - width
	day := workday.DateOf(f.d.At)
	made := fmt.Sprintf("ngày %02d tháng %02d năm %d", day.Day, int(day.Month), day.Year)
	if f.d.Place != "" {
		made = f.d.Place + ", " + made
	} else {
		made = "N" + strings.TrimPrefix(made, "n")
	}
	signer, note := f.d.Person.Name, "(Nộp trực tuyến bằng tài khoản định danh điện tử)"
	if signer == "" {
		signer = f.d.Owner.Name
	}
	if f.d.Draft {
		note = "(Bản nháp – chưa nộp)"
	}
	for _, part := range []struct {
		text string
		s    style
		gap  float64
	}{
		{made, style{size: body, align: "C"}, 0.5},
		{"NGƯỜI NỘP HỒ SƠ", style{size: body, bold: true, align: "C"}, 0},
		{note, style{size: small, align: "C", grey: true}, 8},
		{signer, style{size: body, bold: true, align: "C"}, 3},
	} {
		f.y += f.put(f.balanced(part.text, width, part.s), x, f.y, width, part.s) + part.gap
	}
	if f.d.SHA256 != "" {
		f.need(lineOf(small) * 4)
		f.paragraph("Bản in từ hồ sơ điện tử. Mã băm SHA-256 của lần nộp: "+f.d.SHA256,
			style{size: tiny, grey: true})
	}
	if f.d.TrackURL != "" {
		f.paragraph("Theo dõi hồ sơ bằng mã QR ở đầu trang, hoặc tại: "+f.d.TrackURL,
			style{size: tiny, grey: true})
		filer := f.d.Filer
		if filer == (Party{}) {
			filer = f.d.Person
		}
		digits := TrackDigits(i18n.Vi, f.d.Owner, filer)
		f.paragraph(i18n.T(i18n.Vi, "sheet.track_needs", "Digits", digits),
			style{size: tiny, grey: true})
	}
}
