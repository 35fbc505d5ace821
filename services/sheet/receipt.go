package sheet

import (
	"time"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/dossier"
)

// ReceiptData is all that a receipt says. Texts are in its language.
type ReceiptData struct {
	Lang       i18n.Lang
	Number     string
	Agency     string // who collects
	AgencyCode string // its identification code
	Payer      string
	Code       dossier.Code // of the dossier; may be empty
	Procedure  string
	Lines      []FeeLine
	Total      dong.Amount
	Words      string // the total in words; in the sheet's language when empty
	PaidAt     time.Time
	IssuedAt   time.Time
	Channel    string // how it was paid, as people read it
	Voided     bool
	VerifyText string // how to check it; may be empty
}

// Receipt prints the electronic receipt of a fee that was paid ("Biên lai thu phí, lệ phí"). It does not
// claim to be registered with the tax authority. The same data makes the same bytes.
func Receipt(d ReceiptData) ([]byte, error) {
	p := newPaper(d.Lang, i18n.T(d.Lang, "sheet.receipt.title")+" "+d.Number,
		i18n.T(d.Lang, "sheet.receipt.number", "Number", d.Number), d.IssuedAt)
	below := ""
	if d.AgencyCode != "" {
		below = p.t("sheet.agency_code", "Code", d.AgencyCode)
	}
	p.letterhead(d.Agency, below)
	p.title(p.t("sheet.receipt.title"))
	p.paragraph(p.t("sheet.receipt.electronic"), style{size: small, align: "C", grey: true})
	p.paragraph(p.t("sheet.receipt.number", "Number", d.Number), style{size: body, bold: true, align: "C"})
	if d.Voided {
		p.notice(p.t("sheet.receipt.voided"))
	}
	p.gap(3)
	p.pair(p.t("sheet.receipt.payer"), d.Payer)
	p.pair(p.t("sheet.code"), string(d.Code))
	p.pair(p.t("sheet.procedure"), d.Procedure)
	p.pair(p.t("sheet.receipt.paid_at"), i18n.DateTime(d.Lang, d.PaidAt))
	p.pair(p.t("sheet.receipt.channel"), d.Channel)
	p.section(p.t("sheet.receipt.lines"))
	p.fees(d.Lines, d.Total)
	p.pair(p.t("sheet.receipt.words"), d.words())
	p.pair(p.t("sheet.receipt.issued_at"), i18n.DateTime(d.Lang, d.IssuedAt))
	p.gap(3)
	p.paragraph(p.t("sheet.receipt.note"), style{size: small, grey: true})
	if d.VerifyText != "" {
		p.paragraph(d.VerifyText, style{size: small, grey: true})
	}
	return p.bytes()
}

func (d ReceiptData) words() string {
	switch {
	case d.Words != "":
		return d.Words
	case d.Lang == i18n.En:
		return d.Total.InWordsEnglish()
	}
	return d.Total.InWords()
}
