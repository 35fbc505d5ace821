package sheet

import (
	"strconv"
	"time"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/dossier"
)

// A FeeLine is one line of what is owed or was paid.
type FeeLine struct {
	Name     string // in the sheet's language
	Unit     dong.Amount
	Quantity int64
	Amount   dong.Amount
	Basis    string // the legal document that sets it; may be empty
}

// A Fee is what was owed for a dossier. It was paid online when PaidAt is there; it is to be paid at the
// counter when AtCounter is.
type Fee struct {
	Lines     []FeeLine
	Total     dong.Amount
	PaidAt    *time.Time
	Receipt   string // number of the receipt; may be empty
	AtCounter bool
}

// A ConfirmationFile is one file that was handed in.
type ConfirmationFile struct {
	Requirement string // the paper that it was given for, in the sheet's language
	Name        string // of the file
	Size        int64  // bytes
	SHA256      string // hex
}

// A ConfirmationAnswer is one answer of the form, as people read it.
type ConfirmationAnswer struct {
	Step  string // title of the step that it belongs to; rows of one step follow each other
	Label string
	Text  string
}

// ConfirmationData is all that a confirmation of submission says. Texts are in its language.
type ConfirmationData struct {
	Lang           i18n.Lang
	Code           dossier.Code
	Procedure      string
	Agency         string
	Owner, Person  Party
	Ground         string // on what ground the person handed it in; may be empty
	SubmittedAt    time.Time
	RevisionSHA256 string // hex
	Files          []ConfirmationFile
	Fee            *Fee // nil when nothing is owed
	// what the submission left open about fees: amounts that another sets, an exemption that was claimed
	FeeOpen  []string
	Next     []string
	TrackURL string // what its QR code leads to
	Answers  []ConfirmationAnswer
}

// Confirmation prints what a person holds in hand once a dossier is submitted ("Xác nhận đã nộp hồ sơ"): its
// code, what was handed in with the hash of each file, and what happens next. It says that it is not the
// receipt-and-appointment slip, which comes when the agency accepts the dossier. The same data makes the same
// bytes.
func Confirmation(d ConfirmationData) ([]byte, error) {
	p := newPaper(d.Lang, i18n.T(d.Lang, "sheet.confirmation.title")+" "+string(d.Code),
		i18n.T(d.Lang, "sheet.foot", "Code", d.Code), d.SubmittedAt)
	p.letterhead(d.Agency, "")
	if d.TrackURL != "" {
		p.qr(d.TrackURL, left, p.y+2, 24)
	}
	p.titleAside(p.t("sheet.confirmation.title"), string(d.Code))
	p.notice(p.t("sheet.confirmation.not_slip"))
	p.pair(p.t("sheet.procedure"), d.Procedure)
	p.pair(p.t("sheet.confirmation.agency"), d.Agency)
	p.pair(p.t("sheet.confirmation.submitted_at"), i18n.DateTime(d.Lang, d.SubmittedAt))
	p.party(p.t("sheet.owner"), d.Owner)
	if d.Person.Name != "" && d.Person != d.Owner {
		p.party(p.t("sheet.person"), d.Person)
	}
	p.pair(p.t("sheet.ground"), d.Ground)
	p.files(d.Files)
	p.fee(d.Fee, d.FeeOpen)
	p.next(d.Next, d.TrackURL, TrackDigits(d.Lang, d.Owner, d.Person))
	p.answers(d.Answers)
	if d.RevisionSHA256 != "" {
		p.section(p.t("sheet.confirmation.hash"))
		p.paragraph(d.RevisionSHA256, style{size: small})
		p.paragraph(p.t("sheet.confirmation.hash_note"), style{size: small, grey: true})
	}
	return p.bytes()
}

// party writes who somebody is under a label.
func (p *paper) party(label string, who Party) {
	p.pair(label, who.Name)
	number := "sheet.person_number"
	if who.Organisation {
		number = "sheet.organisation_number"
	}
	p.pair(p.t(number), who.Number)
	p.pair(p.t("sheet.address"), who.Address)
	p.pair(p.t("sheet.phone"), who.Phone)
	p.pair(p.t("sheet.email"), who.Email)
}

func (p *paper) files(files []ConfirmationFile) {
	p.section(p.t("sheet.files"))
	if len(files) == 0 {
		p.paragraph(p.t("sheet.files.none"), style{size: body})
		return
	}
	rows := make([][]string, len(files))
	for i, f := range files {
		rows[i] = []string{strconv.Itoa(i + 1), f.Requirement, f.Name + "\n" + i18n.Size(p.lang, f.Size),
			f.SHA256}
	}
	p.table([]column{
		{head: p.t("sheet.no"), share: 9, align: "C"}, {head: p.t("sheet.files.requirement"), share: 56},
		{head: p.t("sheet.files.name"), share: 52}, {head: p.t("sheet.files.sha256"), share: 50, size: tiny},
	}, rows, nil)
}

// fee writes what is owed or was paid, and what is open about it. It says that nothing is due only where
// nothing is open.
func (p *paper) fee(fee *Fee, open []string) {
	p.section(p.t("sheet.fee"))
	owed := fee != nil && len(fee.Lines) > 0
	if owed {
		p.fees(fee.Lines, fee.Total)
	}
	switch {
	case !owed && len(open) == 0:
		p.paragraph(p.t("sheet.fee.none"), style{size: body})
	case !owed:
	case fee.PaidAt != nil:
		p.pair(p.t("sheet.fee.paid_at"), i18n.DateTime(p.lang, *fee.PaidAt))
		p.pair(p.t("sheet.fee.receipt"), fee.Receipt)
	case fee.AtCounter:
		p.paragraph(p.t("sheet.fee.at_counter"), style{size: body})
	}
	for _, line := range open {
		p.paragraph(line, style{size: body})
	}
}

// fees writes the lines of a fee and their total.
func (p *paper) fees(lines []FeeLine, total dong.Amount) {
	rows := make([][]string, 0, len(lines))
	for i, l := range lines {
		name := l.Name
		if l.Basis != "" {
			name += "\n" + p.t("sheet.fee.basis", "Basis", l.Basis)
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), name, i18n.Money(p.lang, l.Unit),
			i18n.Number(p.lang, l.Quantity), i18n.Money(p.lang, l.Amount)})
	}
	p.table([]column{
		{head: p.t("sheet.no"), share: 9, align: "C"},
		{head: p.t("sheet.fee.name"), share: 76},
		{head: p.t("sheet.fee.unit"), share: 30, align: "R"},
		{head: p.t("sheet.fee.quantity"), share: 20, align: "R"},
		{head: p.t("sheet.fee.amount"), share: 32, align: "R"},
	}, rows, []string{"", p.t("sheet.fee.total"), "", "", i18n.Money(p.lang, total)})
}

func (p *paper) next(steps []string, track, digits string) {
	if len(steps) == 0 && track == "" {
		return
	}
	p.section(p.t("sheet.next"))
	for i, step := range steps {
		number := strconv.Itoa(i+1) + "."
		p.need(lineOf(body))
		p.put([]string{number}, left, p.y, 8, style{size: body})
		p.block(step, left+8, inner-8, style{size: body})
	}
	if track != "" {
		p.paragraph(p.t("sheet.track", "URL", track), style{size: body})
		p.paragraph(p.t("sheet.track_needs", "Digits", digits), style{size: body})
	}
}

// answers writes what was filled in, with a head for each step of the form.
func (p *paper) answers(rows []ConfirmationAnswer) {
	step := ""
	for i, row := range rows {
		if i == 0 {
			p.section(p.t("sheet.answers"))
		}
		if row.Step != step && row.Step != "" {
			step = row.Step
			p.need(lineOf(body)*2 + 3)
			p.gap(1.6)
			p.paragraph(step, style{size: small, bold: true, grey: true})
		}
		text := row.Text
		if text == "" {
			text = "–"
		}
		p.pair(row.Label, text)
	}
}
