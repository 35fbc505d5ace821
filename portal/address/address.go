// Package address names the public paths of the portal, so that mails, QR codes, printed slips and
// returns from other sites can name a page without importing the pages themselves.
//
// Paths are Vietnamese without diacritics; the English page of the same thing is "/en" and the same
// tail. What varies is always a whole path segment and is escaped. A colon is left as it is, so the
// router's patterns come from the same functions: Procedure("vi", ":code").
package address

import (
	"net/url"
	"strconv"
	"strings"
)

// The languages that have pages. Vietnamese is the first and has no prefix.
const (
	Vietnamese = "vi"
	English    = "en"
)

// Site is where the portal is reached from outside.
type Site struct {
	// scheme and host, such as "https://dichvucong.ninhbinh.gov.vn"; a trailing slash does no harm
	Base string
}

// URL is the absolute address of a path that one of this package's functions gave.
func (s Site) URL(path string) string { return strings.TrimRight(s.Base, "/") + path }

// Split takes a path apart into its language and the tail that both languages share: "/en/ho-so" is
// "en" and "/ho-so", "/" is "vi" and "/".
func Split(path string) (lang, tail string) {
	rest, ok := strings.CutPrefix(path, "/"+English)
	switch {
	case ok && rest == "":
		return English, "/"
	case ok && rest[0] == '/':
		return English, rest
	}
	return Vietnamese, path
}

// In is the same page in another language: In("en", "/ho-so") is "/en/ho-so".
func In[L ~string](lang L, path string) string {
	_, tail := Split(path)
	// Two slashes would begin the name of another host.
	return page(lang, "/"+strings.TrimLeft(tail, "/"))
}

// page puts the language's prefix before a tail that begins with a slash.
func page[L ~string](lang L, tail string) string {
	if string(lang) != English {
		return tail
	}
	if tail == "/" {
		return "/" + English
	}
	return "/" + English + tail
}

// segment escapes what stands between two slashes: an id or a code, as its own type.
func segment[S ~string](s S) string { return url.PathEscape(string(s)) }

// Home is the first page.
func Home[L ~string](lang L) string { return page(lang, "/") }

// Search is the search for procedures; the words go into its query as "q".
func Search[L ~string](lang L) string { return page(lang, "/tim-kiem") }

// Suggest answers what a text that is still being typed may mean, as JSON; the text goes into its query as
// "q".
func Suggest[L ~string](lang L) string { return Search(lang) + "/goi-y" }

// Communes answers with the names of a province's communes, as JSON; the province goes into its query as
// "tinh".
func Communes[L ~string](lang L) string { return page(lang, "/xa-phuong") }

// LifeEvent is the page of a life event, such as the birth of a child, by its slug.
func LifeEvent[L, S ~string](lang L, slug S) string { return page(lang, "/su-kien/"+segment(slug)) }

// Procedure is the page of a procedure, by its national code.
func Procedure[L, C ~string](lang L, code C) string { return page(lang, "/thu-tuc/"+segment(code)) }

// Template is a form file of a procedure to download, by its name. It has no language.
func Template[C, N ~string](code C, name N) string {
	return "/bieu-mau/" + segment(code) + "/" + segment(name)
}

// Start is where a dossier for a procedure is begun.
func Start[L, C ~string](lang L, code C) string { return Procedure(lang, code) + "/nop" }

// What the query of a procedure's page can choose; Start takes the same, so that nothing chosen is asked
// again.
const (
	AskCase      = "truong-hop" // id of a case
	AskChannel   = "kenh"       // id of a channel
	AskExemption = "mien-giam"  // id of an exemption
	AskAgency    = "co-quan"    // code of the receiving agency
	AskQuantity  = "so-luong."  // and the id of a quantity: a number
	AskAnswer    = "tra-loi."   // and the id of a question of the form: its answer
)

// AskedPart is the id of the part of a procedure's page that is computed from its query.
const AskedPart = "ket-qua"

// Track is the public look-up of a dossier by its code and a second factor.
func Track[L ~string](lang L) string { return page(lang, "/tra-cuu") }

// Verify is the public check of a result.
func Verify[L ~string](lang L) string { return page(lang, "/xac-minh") }

// VerifyCode is the check of one result, by the code printed in its QR.
func VerifyCode[L, C ~string](lang L, code C) string { return Verify(lang) + "/" + segment(code) }

// Help is the guidance page.
func Help[L ~string](lang L) string { return page(lang, "/tro-giup") }

// Accessibility is the accessibility statement.
func Accessibility[L ~string](lang L) string { return page(lang, "/kha-nang-tiep-can") }

// Developers is where the contract for one-stop software is told, and how to begin with it.
func Developers[L ~string](lang L) string { return page(lang, "/lap-trinh") }

// DevelopersPart is one part of the contract, by its slug.
func DevelopersPart[L, S ~string](lang L, part S) string {
	return Developers(lang) + "/" + segment(part)
}

// Notices is the list of messages to the person who is logged in.
func Notices[L ~string](lang L) string { return page(lang, "/thong-bao") }

// Account is the page of the person who is logged in: who they are, and for whom they act.
func Account[L ~string](lang L) string { return page(lang, "/tai-khoan") }

// Login begins the login.
func Login[L ~string](lang L) string { return page(lang, "/dang-nhap") }

// Whom asks for whom somebody works who may act for others too.
func Whom[L ~string](lang L) string { return page(lang, "/dang-nhap/cho-ai") }

// Logout ends the session.
func Logout[L ~string](lang L) string { return page(lang, "/dang-xuat") }

// Session tells a page's script how long the session lasts (GET), and extends it (POST).
func Session[L ~string](lang L) string { return page(lang, "/phien-dang-nhap") }

// Device gives a browser the keys under which it keeps what it cannot save (POST).
func Device[L ~string](lang L) string { return page(lang, "/thiet-bi") }

// OIDCReturn is where the identity provider sends the person back. It has no language, because providers
// register one exact address: the language is kept with the pending login.
func OIDCReturn() string { return "/dang-nhap/ve" }

// StripeWebhook is where Stripe reports what happened to a payment.
func StripeWebhook() string { return "/webhook/stripe" }

// Robots tells search engines what to leave alone. It has no language, like the files that follow.
func Robots() string { return "/robots.txt" }

// Sitemap lists all pages for search engines, or the files that list them.
func Sitemap() string { return "/sitemap.xml" }

// SitemapPart is one of these files, by its name, such as "1.xml".
func SitemapPart[N ~string](name N) string { return "/sitemap/" + segment(name) }

// SecurityText says whom to tell of a security hole (RFC 9116).
func SecurityText() string { return "/.well-known/security.txt" }

// Favicon is the icon where browsers look for it by themselves.
func Favicon() string { return "/favicon.ico" }

// Drafts and dossiers share a first segment; "nhap" can be no dossier's code, which has hyphens and digits.

// Draft is the task list of a draft, by the draft's id.
func Draft[L, I ~string](lang L, id I) string { return page(lang, "/ho-so/nhap/"+segment(id)) }

// DraftStep is the n-th question page of a draft, counted from 1.
func DraftStep[L, I ~string](lang L, id I, n int) string {
	return DraftStepPage(lang, id, strconv.Itoa(n))
}

// DraftStepPage is DraftStep with the page as it stands in the path, for patterns of the router.
func DraftStepPage[L, I, N ~string](lang L, id I, n N) string {
	return Draft(lang, id) + "/buoc/" + segment(n)
}

// DraftSave is where the script of a draft's page saves what is typed (POST).
func DraftSave[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/luu" }

// DraftFiles is where the documents of a draft are attached.
func DraftFiles[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/giay-to" }

// DraftRequirement is where files are given for one requirement of a draft (POST).
func DraftRequirement[L, I, R ~string](lang L, id I, requirement R) string {
	return DraftFiles(lang, id) + "/" + segment(requirement)
}

// DraftDocument is where a paper that the portal holds already is given for one requirement of a draft
// (POST).
func DraftDocument[L, I, R ~string](lang L, id I, requirement R) string {
	return DraftRequirement(lang, id, requirement) + "/da-co"
}

// DraftFile is one file of a draft, to look at (GET) or take out (POST).
func DraftFile[L, I, F ~string](lang L, id I, file F) string {
	return Draft(lang, id) + "/tep/" + segment(file)
}

// DraftPlace is the choice of the receiving agency and the case of a draft.
func DraftPlace[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/noi-nop" }

// DraftDiscard throws a draft away (POST).
func DraftDiscard[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/bo" }

// DraftGoOn asks somebody else than the person who works on a draft whether they want to go on with it.
func DraftGoOn[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/tiep-tuc" }

// DraftVersion carries a draft over to the procedure's new version (POST).
func DraftVersion[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/phien-ban" }

// DraftEdit opens a draft that waits for its payment for editing again (POST).
func DraftEdit[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/sua" }

// DraftReview is the check of all answers before submitting.
func DraftReview[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/kiem-tra" }

// DraftSubmit is where a draft is submitted (POST).
func DraftSubmit[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/nop" }

// DraftFee is where the fee of a draft is shown and paid.
func DraftFee[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/le-phi" }

// PaymentReturn is where the payment provider sends the person back.
func PaymentReturn[L, I ~string](lang L, id I) string { return DraftFee(lang, id) + "/ve" }

// Dossiers is the list of the party's drafts and dossiers.
func Dossiers[L ~string](lang L) string { return page(lang, "/ho-so") }

// Dossier is a submitted dossier, by its code.
func Dossier[L, C ~string](lang L, code C) string { return page(lang, "/ho-so/"+segment(code)) }

// DossierConfirmation is the page that says a dossier has been submitted.
func DossierConfirmation[L, C ~string](lang L, code C) string { return Dossier(lang, code) + "/da-nop" }

// DossierResult is where the result of a dossier is opened.
func DossierResult[L, C ~string](lang L, code C) string { return Dossier(lang, code) + "/ket-qua" }

// DossierSupplement is where a request for a supplement is answered.
func DossierSupplement[L, C ~string](lang L, code C) string { return Dossier(lang, code) + "/bo-sung" }

// DossierFiles is the list of the files that were handed in.
func DossierFiles[L, C ~string](lang L, code C) string { return Dossier(lang, code) + "/giay-to" }

// DossierFile is one of them.
func DossierFile[L, C, F ~string](lang L, code C, file F) string {
	return DossierFiles(lang, code) + "/" + segment(file)
}

// DossierAccess is the list of those who read a dossier.
func DossierAccess[L, C ~string](lang L, code C) string { return Dossier(lang, code) + "/da-xem" }

// DossierWithdraw is the request to withdraw a dossier.
func DossierWithdraw[L, C ~string](lang L, code C) string { return Dossier(lang, code) + "/rut" }

// DossierConfirmationPDF is the confirmation of submission as a file.
func DossierConfirmationPDF[L, C ~string](lang L, code C) string {
	return Dossier(lang, code) + "/xac-nhan.pdf"
}

// DraftFormPDF is the form of a draft as a document, marked as a draft.
func DraftFormPDF[L, I ~string](lang L, id I) string { return Draft(lang, id) + "/to-khai.pdf" }

// DossierFormPDF is the form of one revision of a dossier as a document.
func DossierFormPDF[L, C, N ~string](lang L, code C, number N) string {
	return Dossier(lang, code) + "/lan-nop/" + segment(number) + "/to-khai.pdf"
}

// DossierReceiptPDF is the receipt of the fee as a file.
func DossierReceiptPDF[L, C ~string](lang L, code C) string {
	return Dossier(lang, code) + "/bien-lai.pdf"
}

// DossierSlip is one of the slips that the agency issued, as a file.
func DossierSlip[L, C, S ~string](lang L, code C, slip S) string {
	return Dossier(lang, code) + "/phieu/" + segment(slip)
}

// DossierResultFile is one result, as the signed file.
func DossierResultFile[L, C, R ~string](lang L, code C, result R) string {
	return DossierResult(lang, code) + "/" + segment(result)
}
