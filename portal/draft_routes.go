package portal

import (
	"time"

	"congdvc/portal/address"
)

// uploadBody bounds one upload: several photographs at once.
const uploadBody = 110 << 20

// draftRoutes are the pages of a draft, from its first choice to its submission.
func (p *Portal) draftRoutes() []route {
	of := func(f func(lang, id string) string) func(string) string {
		return func(lang string) string { return f(lang, ":draft") }
	}
	start := func(lang string) string { return address.Start(lang, ":procedure") }
	step := func(lang string) string { return address.DraftStepPage(lang, ":draft", ":step") }
	file := func(lang string) string { return address.DraftFile(lang, ":draft", ":file") }
	upload := func(lang string) string { return address.DraftRequirement(lang, ":draft", ":requirement") }
	document := func(lang string) string { return address.DraftDocument(lang, ":draft", ":requirement") }
	return []route{
		{method: "GET", path: start, access: signedIn, handle: p.start},
		{method: "POST", path: start, access: signedIn, handle: p.startDraft},
		{method: "GET", path: of(address.Draft), access: signedIn, handle: p.draft, keeps: true},
		{method: "GET", path: of(address.DraftPlace), access: signedIn, handle: p.draftPlace, keeps: true},
		{method: "POST", path: of(address.DraftPlace), access: signedIn, handle: p.setDraftPlace},
		{method: "POST", path: of(address.DraftDiscard), form: of(address.Draft), access: signedIn, handle: p.discardDraft},
		{method: "POST", path: of(address.DraftVersion), form: of(address.Draft), access: signedIn, handle: p.acceptVersion},
		{method: "GET", path: step, access: signedIn, handle: p.draftStep, keeps: true},
		{method: "POST", path: step, access: maySave, handle: p.saveDraftStep, maxBody: stepBody, keeps: true, resumes: true},
		{method: "POST", path: of(address.DraftSave), form: of(address.Draft), access: maySave, handle: p.autosaveDraft, maxBody: saveBody, script: true},
		{method: "GET", path: of(address.DraftFiles), access: signedIn, handle: p.draftFiles, keeps: true},
		{method: "POST", path: upload, form: of(address.DraftFiles), access: signedIn, handle: p.uploadDraftFile, keeps: true, maxBody: uploadBody, multipart: true, timeout: 5 * time.Minute},
		{method: "POST", path: document, form: of(address.DraftFiles), access: signedIn, handle: p.useDocument, keeps: true, timeout: 30 * time.Second},
		{method: "GET", path: file, access: signedIn, handle: p.draftFile, timeout: 5 * time.Minute},
		{method: "POST", path: file, form: of(address.DraftFiles), access: signedIn, handle: p.removeDraftFile},
		{method: "GET", path: of(address.DraftReview), access: signedIn, handle: p.draftReview, keeps: true},
		{method: "GET", path: of(address.DraftFormPDF), access: signedIn, handle: p.draftFormPaper},
		{method: "POST", path: of(address.DraftReview), access: maySave, handle: p.saveReview},
		{method: "POST", path: of(address.DraftSubmit), form: of(address.DraftReview), access: maySave, handle: p.submitDraft, keeps: true, timeout: 30 * time.Second},
		{method: "GET", path: of(address.DraftFee), access: signedIn, handle: p.draftFee},
		{method: "POST", path: of(address.DraftFee), access: signedIn, handle: p.payDraftFee, timeout: 30 * time.Second},
		{method: "GET", path: of(address.PaymentReturn), access: signedIn, handle: p.paymentReturn, timeout: 30 * time.Second},
		{method: "POST", path: of(address.DraftEdit), form: of(address.DraftFee), access: signedIn, handle: p.editDraft, timeout: 30 * time.Second},
	}
}
