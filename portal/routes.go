package portal

import "congdvc/portal/address"

// route is one row of the table of routes: for whom it is, what it is, where, and who answers.
type route struct {
	access access
	kind   kind
	path   pattern
	handle func(*visit) error
	// form is the page that has the form of a POST, where its path is not that of the route itself.
	form pattern
}

// access says who may use a route.
type access int

const (
	// public routes are for everybody.
	public access = iota
	// signedIn routes ask a visitor to log in, and bring them back.
	signedIn
	// maySave routes also take a form from someone whose session has ended softly:
	// what they typed is saved to their draft, and then they are asked to log in.
	maySave
)

// pattern is the path of a route in a language. A path that is the same in both is registered once.
type pattern func(lang string) string

// ownPage says that a form is sent to the page on which it stands, and that a page has no form elsewhere.
var ownPage pattern

// with is the path of a page that has one parameter, such as ":procedure".
func with(f func(lang, name string) string, name string) pattern {
	return func(lang string) string { return f(lang, name) }
}

func ofDraft(f func(lang, id string) string) pattern { return with(f, ":draft") }

func ofDossier(f func(lang, code string) string) pattern { return with(f, ":code") }

// inDraft and inDossier are the paths of a part, such as one file.
func inDraft(f func(lang, id, part string) string, part string) pattern {
	return func(lang string) string { return f(lang, ":draft", part) }
}

func inDossier(f func(lang, code, part string) string, part string) pattern {
	return func(lang string) string { return f(lang, ":code", part) }
}

// routes is every page of the portal, in one table. Drafts come before dossiers: their paths begin alike,
// and the first match answers.
func (p *Portal) routes() []route {
	template := func(string) string { return address.Template(":procedure", ":name") }
	oidcReturn := func(string) string { return address.OIDCReturn() }
	stripe := func(string) string { return address.StripeWebhook() }
	alone := func(path string) pattern { return func(string) string { return path } }
	start, files := with(address.Start, ":procedure"), ofDraft(address.DraftFiles)
	return []route{
		{public, aSharedPage, address.Home[string], p.home, ownPage},
		{public, aSearchPage, address.Search[string], p.search, ownPage},
		{public, someChoices, address.Suggest[string], p.suggest, ownPage},
		{public, someChoices, address.Communes[string], p.communes, ownPage},
		{public, aSharedPage, with(address.LifeEvent, ":event"), p.event, ownPage},
		{public, aSharedPage, with(address.Procedure, ":procedure"), p.procedure, ownPage},
		{public, aHandout, template, p.template, ownPage},
		{public, aPage, address.Track[string], p.track, ownPage},
		{public, aLookUpForm, address.Track[string], p.findTracked, ownPage},
		{public, aPage, address.Verify[string], p.verify, ownPage},
		{public, aCheckPage, with(address.VerifyCode, ":code"), p.verifyCode, ownPage},
		{public, aSharedPage, address.Help[string], p.help, ownPage},
		{public, aSharedPage, address.Accessibility[string], p.accessibility, ownPage},
		{public, aSharedPage, address.Developers[string], p.developers, ownPage},
		{public, aSharedPage, with(address.DevelopersPart, ":part"), p.developersPart, ownPage},

		{public, aHiddenPage, address.Login[string], p.login, ownPage},
		{public, aLoginForm, address.Login[string], p.beginLogin, ownPage},
		{public, aRedirect, oidcReturn, p.finishLogin, ownPage},
		{public, aPage, address.Whom[string], p.whom, ownPage},
		{public, aForm, address.Whom[string], p.answerWhom, ownPage},
		{signedIn, aScriptRead, address.Session[string], p.tellSession, ownPage},
		{public, aSessionForm, address.Session[string], p.extendSession, address.Dossiers[string]},
		{signedIn, aScriptCall, address.Device[string], p.deviceKeys, ownPage},
		{public, aSessionForm, address.Logout[string], p.logout, address.Home[string]},
		{signedIn, aPage, address.Account[string], p.account, ownPage},
		{signedIn, aForm, address.Account[string], p.switchParty, ownPage},
		{signedIn, aPage, address.Notices[string], p.notices, ownPage},
		{signedIn, aForm, address.Notices[string], p.readNotice, ownPage},

		{signedIn, aPage, start, p.start, ownPage},
		{signedIn, aStartForm, start, p.startDraft, ownPage},
		{signedIn, aDraftPage, ofDraft(address.Draft), p.draft, ownPage},
		{signedIn, aDraftPage, ofDraft(address.DraftPlace), p.draftPlace, ownPage},
		{signedIn, aForm, ofDraft(address.DraftPlace), p.setDraftPlace, ownPage},
		{signedIn, aForm, ofDraft(address.DraftDiscard), p.discardDraft, ofDraft(address.Draft)},
		{signedIn, aPage, ofDraft(address.DraftGoOn), p.draftGoOn, ownPage},
		{signedIn, aSlowForm, ofDraft(address.DraftGoOn), p.goOnWithDraft, ownPage},
		{signedIn, aForm, ofDraft(address.DraftVersion), p.acceptVersion, ofDraft(address.Draft)},
		{signedIn, aDraftPage, inDraft(address.DraftStepPage, ":step"), p.draftStep, ownPage},
		{maySave, aStepForm, inDraft(address.DraftStepPage, ":step"), p.saveDraftStep, ownPage},
		{maySave, aScriptSave, ofDraft(address.DraftSave), p.autosaveDraft, ofDraft(address.Draft)},
		{signedIn, aDraftPage, files, p.draftFiles, ownPage},
		{signedIn, anUpload, inDraft(address.DraftRequirement, ":requirement"), p.uploadDraftFile, files},
		{signedIn, aDraftForm, inDraft(address.DraftDocument, ":requirement"), p.useDocument, files},
		{signedIn, aFile, inDraft(address.DraftFile, ":file"), p.draftFile, ownPage},
		{signedIn, aForm, inDraft(address.DraftFile, ":file"), p.removeDraftFile, files},
		{signedIn, aDraftPage, ofDraft(address.DraftReview), p.draftReview, ownPage},
		{signedIn, aPaper, ofDraft(address.DraftFormPDF), p.draftFormPaper, ownPage},
		{maySave, aForm, ofDraft(address.DraftReview), p.saveReview, ownPage},
		{maySave, aSubmission, ofDraft(address.DraftSubmit), p.submitDraft, ofDraft(address.DraftReview)},
		{signedIn, aPage, ofDraft(address.DraftFee), p.draftFee, ownPage},
		{signedIn, aPaymentForm, ofDraft(address.DraftFee), p.payDraftFee, ownPage},
		{signedIn, aSlowPage, ofDraft(address.PaymentReturn), p.paymentReturn, ownPage},
		{signedIn, aSlowForm, ofDraft(address.DraftEdit), p.editDraft, ofDraft(address.DraftFee)},

		{signedIn, aDraftPage, address.Dossiers[string], p.dossiers, ownPage},
		{signedIn, aPage, ofDossier(address.Dossier), p.dossier, ownPage},
		{signedIn, aPage, ofDossier(address.DossierConfirmation), p.dossierConfirmation, ownPage},
		{signedIn, aPage, ofDossier(address.DossierFiles), p.dossierFiles, ownPage},
		{signedIn, aFile, inDossier(address.DossierFile, ":file"), p.dossierFile, ownPage},
		{signedIn, aPage, ofDossier(address.DossierAccess), p.dossierAccess, ownPage},
		{signedIn, aPaper, ofDossier(address.DossierConfirmationPDF), p.confirmationPaper, ownPage},
		{signedIn, aPaper, inDossier(address.DossierFormPDF, ":number"), p.dossierFormPaper, ownPage},
		{signedIn, aPaper, ofDossier(address.DossierReceiptPDF), p.receiptPaper, ownPage},
		{signedIn, aPaper, inDossier(address.DossierSlip, ":slip"), p.slipPaper, ownPage},
		{signedIn, aRedirect, ofDossier(address.DossierResult), p.dossierResult, ownPage},
		{signedIn, aFile, inDossier(address.DossierResultFile, ":result"), p.dossierResultFile, ownPage},
		{signedIn, aForm, ofDossier(address.DossierSupplement), p.answerSupplement,
			ofDossier(address.Dossier)},
		{signedIn, aPage, ofDossier(address.DossierWithdraw), p.withdrawal, ownPage},
		{signedIn, aForm, ofDossier(address.DossierWithdraw), p.askWithdrawal, ownPage},

		{public, aMachineFile, alone(address.Robots()), p.robots, ownPage},
		{public, aMachineFile, alone(address.Sitemap()), p.sitemap, ownPage},
		{public, aMachineFile, alone(address.SitemapPart(":part")), p.sitemapPart, ownPage},
		{public, aMachineFile, alone(address.SecurityText()), p.securityText, ownPage},
		{public, aMachineFile, alone(address.Favicon()), p.favicon, ownPage},
		{public, aWebhook, stripe, p.stripeWebhook, ownPage},
	}
}
