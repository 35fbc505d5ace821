package portal

import (
	"strings"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/portal/address"
	"congdvc/portal/transfer"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/sheet"

	"github.com/gofiber/fiber/v2"
)

// confirmationPaper prints the confirmation of a submission, with what was submitted. A later supplement
// changes nothing in it.
func (p *Portal) confirmationPaper(v *visit) error {
	view, err := p.Desk.DossierRead(v.ctx(), v.who(), codeOf(v), dossier.ReadRevision)
	if err != nil {
		return err
	}
	revisions, err := dossier.Revisions(v.ctx(), p.Pool, view.Dossier.ID)
	if err != nil {
		return err
	}
	first, l := view.First, v.lang
	data := sheet.ConfirmationData{
		Lang: l, Code: view.Dossier.Code, Procedure: view.Version.Name.In(l),
		Agency: view.Receiving.Name.In(l), Owner: sheetParty(first.Owner), Person: sheetParty(first.Person),
		Ground: sheet.GroundText(l, view.Version.Form(), first), SubmittedAt: first.SubmittedAt,
		RevisionSHA256: revisions[0].SHA256, Fee: sheetFee(l, view), FeeOpen: feeOpen(l, view.Version, first),
		Next: nextTexts(l, view), TrackURL: p.trackURL(l, view.Dossier.Code),
		Answers: sheetAnswers(l, view.Version.Form(), first.Answers),
	}
	for _, f := range first.Files {
		data.Files = append(data.Files, sheet.ConfirmationFile{
			Requirement: requirementName(l, view.Version, f.Requirement), Name: f.Name, Size: f.Size,
			SHA256: f.SHA256,
		})
	}
	paper, err := sheet.Confirmation(data)
	if err != nil {
		return err
	}
	return sendPaper(v, "xac-nhan-"+string(data.Code)+".pdf", paper)
}

// trackURL is what the QR code of a paper leads to: the look-up, which asks for a second factor.
func (p *Portal) trackURL(l i18n.Lang, code dossier.Code) string {
	return p.Site.URL(address.Track(l) + "?" + query("ma", string(code)))
}

func sheetParty(p dossier.Party) sheet.Party {
	return sheet.Party{Name: p.Name, Number: p.Number, Address: p.Profile.Address, Phone: p.Profile.Phone,
		Email: p.Profile.Email, Organisation: p.Kind == identity.Organisation}
}

func sheetFee(l i18n.Lang, view *desk.DossierView) *sheet.Fee {
	fee := view.First.Fee
	if fee == nil || view.Quote == nil {
		return nil
	}
	return &sheet.Fee{Lines: sheetLines(l, view.Quote.Lines), Total: fee.Total, PaidAt: fee.PaidAt,
		Receipt: fee.Receipt, AtCounter: fee.PaidAt == nil}
}

func sheetLines(l i18n.Lang, lines []payments.Line) []sheet.FeeLine {
	out := make([]sheet.FeeLine, 0, len(lines))
	for _, line := range lines {
		out = append(out, sheet.FeeLine{Name: line.Name.In(l), Unit: line.Unit, Quantity: line.Quantity,
			Amount: line.Amount, Basis: line.Basis})
	}
	return out
}

func sheetAnswers(l i18n.Lang, form *eform.Form, answers eform.Answers) []sheet.ConfirmationAnswer {
	var out []sheet.ConfirmationAnswer
	for _, group := range answerGroups(l, form, answers) {
		for _, part := range group.Parts {
			for _, row := range part.Rows {
				text := row.Text
				if row.Table != nil {
					text = gridText(row.Table)
				}
				if text == "" {
					text = i18n.T(l, "review.empty")
				}
				out = append(out, sheet.ConfirmationAnswer{Step: group.Title, Label: row.Label, Text: text})
			}
		}
	}
	return out
}

// gridText writes a table as lines, one a row: "Họ tên: An; Năm sinh: 2001".
func gridText(g *eform.Grid) string {
	var lines []string
	for _, row := range g.Rows {
		var cells []string
		for i, cell := range row {
			if cell != "" && i < len(g.Head) {
				cells = append(cells, g.Head[i]+": "+cell)
			}
		}
		lines = append(lines, strings.Join(cells, "; "))
	}
	return strings.Join(lines, "\n")
}

// receiptPaper prints the newest receipt of the dossier's fee.
func (p *Portal) receiptPaper(v *visit) error {
	view, err := p.Desk.DossierRead(v.ctx(), v.who(), codeOf(v), dossier.ReadPaper)
	if err != nil {
		return err
	}
	r, l := view.Receipts[len(view.Receipts)-1], v.lang
	office, err := agency.Find(v.ctx(), p.Pool, agency.ID(r.Agency))
	if err != nil {
		return err
	}
	paper, err := sheet.Receipt(sheet.ReceiptData{
		Lang: l, Number: r.Number, Agency: office.Name.In(l), AgencyCode: office.Code, Payer: r.Payer,
		Code: view.Dossier.Code, Procedure: view.Version.Name.In(l), Lines: sheetLines(l, r.Lines),
		Total: r.Amount, Words: r.Words(l), PaidAt: r.PaidAt, IssuedAt: r.IssuedAt,
		Channel: i18n.T(l, "dossierpage.channel."+r.Provider), Voided: r.VoidedAt != nil,
		VerifyText: i18n.T(l, "dossierpage.receipt_check", "Address",
			p.Site.URL(address.Dossier(v.lang, view.Dossier.Code))),
	})
	if err != nil {
		return err
	}
	return sendPaper(v, "bien-lai-"+r.Number+".pdf", paper)
}

// slipPaper prints a slip from what was kept when it was issued.
func (p *Portal) slipPaper(v *visit) error {
	slip, data, err := p.Desk.Slip(v.ctx(), v.who(), codeOf(v), v.Params("slip"))
	if err != nil {
		return err
	}
	paper, err := data.PDF(p.trackURL(i18n.Vi, data.Code))
	if err != nil {
		return err
	}
	return sendPaper(v, slip.Kind.FileName()+"-"+string(data.Code)+"-"+slip.Number+".pdf", paper)
}

// sendPaper sends a PDF that the portal printed, to be looked at or saved. No cache may keep it.
func sendPaper(v *visit, name string, paper []byte) error {
	v.Set(fiber.HeaderCacheControl, "private, no-store")
	return transfer.Send(v.Ctx, transfer.Held(name, attachment.PDF, paper))
}
