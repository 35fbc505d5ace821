package portal

import (
	"strconv"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/sheet"
)

// dossierConfirmationPage is where a submission ends: the code, and what happens next.
type dossierConfirmationPage struct {
	shell
	Code                 dossier.Code
	Procedure, Submitted string
	Owner, Person        string // for whom it was handed in, and by whom, where that is another
	Filed                string // on what ground
	// Supplemented says that a supplement was sent, not the dossier itself.
	Supplemented bool
	Sync         string
	Stuck        bool
	Next         []string
	PDF, Receipt string
	Form         string // the form as it was handed in, as a document
	AtCounter    string
	Digits       string   // by which, with the code, the dossier is followed without a login
	FeeLater     []string // what is still open about fees
	Dossier      string
}

func (p *Portal) dossierConfirmation(v *visit) error {
	view, err := p.Desk.Dossier(v.ctx(), v.who(), codeOf(v))
	if err != nil {
		return err
	}
	d, code := view.Dossier, view.Dossier.Code
	again := view.Revision.Number > 1
	title := i18n.T(v.lang, "dossier_confirmation.title")
	if again {
		title = i18n.T(v.lang, "dossier_confirmation.supplemented")
	}
	page := dossierConfirmationPage{
		shell: p.shell(v, title), Code: code, Procedure: view.Version.Name.In(v.lang), Supplemented: again,
		Submitted: i18n.DateTime(v.lang, view.Revision.SubmittedAt), Sync: syncText(v, view), Stuck: stuck(d),
		Owner: view.Revision.Owner.Name,
		Filed: sheet.GroundText(v.lang, view.Version.Form(), view.Revision), Next: nextTexts(v.lang, view),
		PDF: address.DossierConfirmationPDF(v.lang, code), Form: address.DossierFormPDF(v.lang, code,
			strconv.Itoa(view.Revision.Number)), Dossier: address.Dossier(v.lang, code),
	}
	if view.Revision.OnBehalf {
		page.Person = view.Revision.Person.Name
	}
	if len(view.Receipts) > 0 {
		page.Receipt = address.DossierReceiptPDF(v.lang, code)
	}
	if d.Payment == dossier.CounterDue && view.Quote != nil {
		page.AtCounter = counterText(v.lang, view)
	}
	page.FeeLater = feeLater(v.lang, view)
	page.Digits = sheet.TrackDigits(v.lang, sheetParty(view.First.Owner), sheetParty(view.First.Person))
	return p.render(v, "dossier_confirmation", page)
}

// syncText says honestly whether the agency's system has the dossier by now.
func syncText(v *visit, view *desk.DossierView) string {
	switch {
	case stuck(view.Dossier):
		return i18n.T(v.lang, "dossierpage.not_sent")
	case view.Dossier.Sync == dossier.Waiting:
		return i18n.T(v.lang, "dossierpage.sending")
	}
	if view.Dossier.Sync == dossier.Delivered {
		return i18n.T(v.lang, "dossierpage.delivered")
	}
	return i18n.T(v.lang, "dossierpage.sent", "Agency", view.Receiving.Name)
}

// nextTexts are the three steps that follow a submission, for the page and its paper.
func nextTexts(l i18n.Lang, view *desk.DossierView) []string {
	result := "dossier_confirmation.next_result"
	switch {
	case view.Version.General != nil: // the record does not say how its result is given
		result = "dossier_confirmation.next_general"
	case view.Version.Level == procedure.PartlyOnline:
		result = "dossier_confirmation.next_visit"
	}
	return []string{
		i18n.T(l, "dossier_confirmation.next_check", "Agency", view.Receiving.Name),
		i18n.T(l, "dossier_confirmation.next_slip"),
		i18n.T(l, result, "Agency", view.Receiving.Name),
	}
}
