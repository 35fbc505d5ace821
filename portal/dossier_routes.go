package portal

import (
	"time"

	"congdvc/portal/address"
)

// fileTime bounds the sending of a file or a paper to a slow telephone.
const fileTime = 5 * time.Minute

// dossierRoutes are the list of a party's dossiers and the pages of each. They come
// after those of the drafts, whose paths begin alike.
func (p *Portal) dossierRoutes() []route {
	of := func(f func(lang, code string) string) func(string) string {
		return func(lang string) string { return f(lang, ":code") }
	}
	part := func(f func(lang, code, id string) string, id string) func(string) string {
		return func(lang string) string { return f(lang, ":code", id) }
	}
	return []route{
		{method: "GET", path: address.Dossiers, access: signedIn, handle: p.dossiers, keeps: true},
		{method: "GET", path: of(address.Dossier), access: signedIn, handle: p.dossier},
		{method: "GET", path: of(address.DossierConfirmation), access: signedIn, handle: p.dossierConfirmation},
		{method: "GET", path: of(address.DossierFiles), access: signedIn, handle: p.dossierFiles},
		{method: "GET", path: part(address.DossierFile, ":file"), access: signedIn, handle: p.dossierFile, timeout: fileTime},
		{method: "GET", path: of(address.DossierAccess), access: signedIn, handle: p.dossierAccess},
		{method: "GET", path: of(address.DossierConfirmationPDF), access: signedIn, handle: p.confirmationPaper},
		{method: "GET", path: part(address.DossierFormPDF, ":number"), access: signedIn, handle: p.dossierFormPaper},
		{method: "GET", path: of(address.DossierReceiptPDF), access: signedIn, handle: p.receiptPaper},
		{method: "GET", path: part(address.DossierSlip, ":slip"), access: signedIn, handle: p.slipPaper},
		{method: "GET", path: of(address.DossierResult), access: signedIn, handle: p.dossierResult},
		{method: "GET", path: part(address.DossierResultFile, ":result"), access: signedIn, handle: p.dossierResultFile, timeout: fileTime},
		{method: "POST", path: of(address.DossierSupplement), form: of(address.Dossier), access: signedIn, handle: p.answerSupplement},
		{method: "GET", path: of(address.DossierWithdraw), access: signedIn, handle: p.withdrawal},
		{method: "POST", path: of(address.DossierWithdraw), access: signedIn, handle: p.askWithdrawal},
	}
}
