package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/services/dossier"
	"congdvc/services/workday"
)

// The words of the slips are those of the forms that the circular prescribes; they are in Vietnamese by law
// and so stand here rather than in the catalogues.

// A layout is how a slip is printed.
type layout struct {
	title string // the name of the form, cut where its sense is
	body  func(*paper, SlipData)
	signs string // as what the officer signs
}

// layouts has a row for each of dossier.SlipKinds.
var layouts = map[dossier.SlipKind]layout{
	dossier.SlipReceived: {
		title: "GIẤY TIẾP NHẬN HỒ SƠ\nVÀ HẸN TRẢ KẾT QUẢ", body: (*paper).received,
		signs: "NGƯỜI TIẾP NHẬN HỒ SƠ",
	},
	dossier.SlipSupplement: {
		title: "PHIẾU YÊU CẦU\nBỔ SUNG, HOÀN THIỆN HỒ SƠ", body: (*paper).supplement,
		signs: "NGƯỜI HƯỚNG DẪN",
	},
	dossier.SlipRefused: {
		title: "PHIẾU TỪ CHỐI\nTIẾP NHẬN GIẢI QUYẾT HỒ SƠ", body: (*paper).refused,
		signs: "NGƯỜI TIẾP NHẬN HỒ SƠ",
	},
}

// PDF prints a slip, with the address at which its dossier is followed as a QR code. The same data makes the
// same bytes.
func (s SlipData) PDF(trackURL string) ([]byte, error) {
	slip, ok := layouts[s.Kind]
	if !ok {
		return nil, fmt.Errorf("sheet: there is no slip of kind %q", s.Kind)
	}
	p := newPaper(i18n.Vi, strings.ReplaceAll(slip.title, "\n", " ")+" "+string(s.Code),
		"Mã hồ sơ: "+string(s.Code), s.IssuedAt)
	p.form(s.Kind)
	p.national(s.Agency.Parent, s.Agency.Name)
	p.placeAndDate(s)
	if trackURL != "" {
		p.qr(trackURL, left, p.y+1, 24)
	}
	p.titleAside(slip.title, string(s.Code))
	slip.body(p, s)
	p.signatures(s, slip.signs)
	if trackURL != "" {
		p.gap(3)
		p.paragraph("Theo dõi hồ sơ bằng mã QR ở đầu phiếu, hoặc tại: "+trackURL,
			style{size: small, grey: true})
		p.paragraph(i18n.T(i18n.Vi, "sheet.track_needs", "Digits", TrackDigits(i18n.Vi, s.Owner, s.Person)),
			style{size: small, grey: true})
	}
	return p.bytes()
}

// form names the form in the corner, as the circular's appendix does.
func (p *paper) form(k dossier.SlipKind) {
	s := style{size: tiny, align: "R", grey: true}
	p.put([]string{"Mẫu số " + string(k)}, left, top-6, inner, s)
}

// placeAndDate writes the number of the slip on the left, and where and when it was issued on the right.
func (p *paper) placeAndDate(s SlipData) {
	width := inner * 0.44
	y := p.y
	number := style{size: body, align: "C"}
	p.put(p.lines("Số: "+s.Number, width, number), left, y, width, number)
	day := workday.DateOf(s.IssuedAt)
	text := fmt.Sprintf("ngày %02d tháng %02d năm %d", day.Day, int(day.Month), day.Year)
	if place := placeOf(s.Agency.Address); place != "" {
		text = place + ", " + text
	} else {
		text = "N" + strings.TrimPrefix(text, "n")
	}
	wide := inner - width
	p.y += p.put(p.lines(text, wide, number), left+width, y, wide, number)
	p.gap(1)
}

// placeOf is the province at the end of an address.
func placeOf(address string) string {
	parts := strings.Split(address, ",")
	place := strings.TrimSpace(parts[len(parts)-1])
	for _, kind := range []string{"tỉnh ", "Tỉnh ", "thành phố ", "Thành phố ", "TP. "} {
		place = strings.TrimPrefix(place, kind)
	}
	return place
}

// who writes the owner of the dossier, who handed it in and on what ground, and what is asked for.
func (p *paper) who(s SlipData, label string) {
	p.party(label, s.Owner)
	if s.Person.Name != "" && s.Person != s.Owner {
		p.party("Người nộp hồ sơ", s.Person)
	}
	p.pair("Căn cứ nộp hồ sơ", s.Ground)
	p.pair("Nội dung yêu cầu giải quyết", s.Procedure)
	if s.Deciding != "" {
		p.pair("Cơ quan giải quyết", s.Deciding)
	}
}

func (p *paper) received(s SlipData) {
	p.pair("Bộ phận tiếp nhận", deskOf(s.Agency))
	p.who(s, "Tiếp nhận hồ sơ của")
	p.section("Thành phần hồ sơ nộp gồm:")
	rows := make([][]string, len(s.Papers))
	for i, paper := range s.Papers {
		rows[i] = []string{strconv.Itoa(i + 1), paper.Name, count(paper.Originals), count(paper.Copies),
			count(paper.Files)}
	}
	p.table([]column{
		{head: "TT", share: 10, align: "C"}, {head: "Tên thành phần hồ sơ", share: 92},
		{head: "Bản chính", share: 20, align: "C"}, {head: "Bản sao", share: 20, align: "C"},
		{head: "Tệp điện tử", share: 25, align: "C"},
	}, rows, nil)
	p.pair("Số lượng hồ sơ", "01 (bộ)")
	for _, name := range s.FeesUnset {
		p.pair("Phí, lệ phí chưa có mức",
			name+": do Hội đồng nhân dân tỉnh quyết định, cơ quan báo mức và cách nộp")
	}
	p.pair("Đề nghị miễn, giảm", s.Exemption)
	p.pair("Thời gian giải quyết hồ sơ theo quy định", s.TermText)
	p.pair("Thời gian nộp hồ sơ", hour(&s.SubmittedAt))
	p.pair("Thời gian nhận hồ sơ", hour(s.ReceivedAt))
	p.pair("Thời gian trả kết quả giải quyết hồ sơ", hour(s.DueAt))
}

func (p *paper) supplement(s SlipData) {
	p.who(s, "Hồ sơ của")
	p.pair("Thời gian nộp hồ sơ", hour(&s.SubmittedAt))
	p.section("Yêu cầu bổ sung, hoàn thiện hồ sơ gồm những nội dung sau:")
	rows := make([][]string, len(s.Items))
	for i, item := range s.Items {
		rows[i] = []string{strconv.Itoa(i + 1), item.Name, item.Reason}
	}
	if len(rows) > 0 {
		p.table([]column{{head: "TT", share: 10, align: "C"}, {head: "Nội dung cần bổ sung, hoàn thiện",
			share: 78}, {head: "Lý do", share: 79}}, rows, nil)
	}
	p.pair("Lý do", s.Reason)
	if s.Deadline != nil {
		p.pair("Thời hạn bổ sung", "Trước hết "+i18n.LongDate(i18n.Vi, *s.Deadline))
	}
	p.gap(1)
	p.paragraph("Trong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, đề nghị ông/bà liên hệ "+contact(s)+
		" để được hướng dẫn.", style{size: body})
}

func (p *paper) refused(s SlipData) {
	p.who(s, "Hồ sơ của")
	p.pair("Thời gian nộp hồ sơ", hour(&s.SubmittedAt))
	p.gap(2)
	p.paragraph("Qua xem xét, "+deskOf(s.Agency)+" thông báo không tiếp nhận, giải quyết hồ sơ này với lý "+
		"do cụ thể như sau:", style{size: body})
	reason := s.Reason
	for _, item := range s.Items {
		reason += "\n– " + item.Name + ": " + item.Reason
	}
	p.block(reason, left+8, inner-8, style{size: body, bold: true})
	p.gap(1)
	p.paragraph("Xin thông báo cho ông/bà được biết và thực hiện. Nếu có vướng mắc, đề nghị ông/bà liên hệ "+
		contact(s)+".", style{size: body})
}

// signatures writes the two names under a slip, both on one page: who handed in, and the officer as what they
// sign.
func (p *paper) signatures(s SlipData, officer string) {
	roles := [2]string{"NGƯỜI NỘP HỒ SƠ", officer}
	person := s.Person.Name
	if person == "" {
		person = s.Owner.Name
	}
	names := [2]string{person, s.Officer.Name}
	notes := [2]string{"(nộp trực tuyến)", strings.Join(filled(s.Officer.Title, s.Officer.Unit), "\n")}
	p.need(lineOf(body) * 8)
	p.gap(4)
	half := inner / 2
	end := p.y
	for i := range roles {
		x, y := left+float64(i)*half, p.y
		for _, part := range []struct {
			text string
			s    style
		}{
			{roles[i], style{size: body, bold: true, align: "C"}},
			{notes[i], style{size: small, align: "C", grey: true}},
		} {
			y += p.put(p.balanced(part.text, half-6, part.s), x+3, y, half-6, part.s)
		}
		end = max(end, y)
	}
	p.y = end + 8
	for i := range names {
		bold := style{size: body, bold: true, align: "C"}
		end = max(end, p.y+p.put(p.lines(names[i], half-6, bold), left+float64(i)*half+3, p.y, half-6, bold))
	}
	p.y = end
}

// contact names whom to ask.
func contact(s SlipData) string {
	text := strings.Join(filled(s.Officer.Title, s.Officer.Name), " ")
	phone := s.Officer.Phone
	if phone == "" {
		phone = s.Agency.Phone
	}
	if phone != "" {
		text += ", số điện thoại " + phone
	}
	return strings.TrimPrefix(text, ", ")
}

// deskOf names the desk of an agency.
func deskOf(o Office) string { return "Bộ phận Tiếp nhận và Trả kết quả – " + o.Name }

// hour writes an instant as forms do; nothing when there is none.
func hour(at *time.Time) string {
	if at == nil || at.IsZero() {
		return ""
	}
	local := at.In(workday.Zone)
	return fmt.Sprintf("%02d giờ %02d phút, ngày %02d tháng %02d năm %d", local.Hour(), local.Minute(),
		local.Day(), int(local.Month()), local.Year())
}

// count writes a number of papers; nothing for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%02d", n)
}

// filled returns the texts that are not empty.
func filled(texts ...string) []string {
	var kept []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			kept = append(kept, text)
		}
	}
	return kept
}

// upper writes a name in capitals.
func upper(text string) string { return strings.ToUpper(text) }
