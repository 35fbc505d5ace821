package portal

import (
	"time"

	"congdvc/i18n"
)

// kind says what a route is. All that follows from it stands in its row of manners.
type kind int

const (
	aPage        kind = iota // a page to read; the answer to an unknown path is one too
	aSearchPage              // a page that searches
	aSlowPage                // a page that asks the payment provider first
	aSharedPage              // a page that is the same for everybody without a session
	aDraftPage               // a page where drafts are worked on or listed
	aHiddenPage              // a public page of one paper or one visit: search engines leave it out
	aCheckPage               // a hidden page that says whether a code is right
	aRedirect                // leads on to another page; only a failure is shown
	someChoices              // what may be typed into an input, as JSON; without it the script offers nothing
	aMachineFile             // for programs that look at every site: search engines, browsers
	aHandout                 // a form file to download, for everybody
	aPaper                   // a PDF that is printed on the request
	aFile                    // a stored file
	aForm                    // a form that is sent
	aSessionForm             // a form about one's own session
	aLoginForm               // a form that begins a login
	aLookUpForm              // a form that asks for what could be guessed
	aStartForm               // a form that begins a draft
	aSlowForm                // a form whose sending asks the payment provider
	aPaymentForm             // a form that opens a page of the payment provider
	// a form of a draft: it may take long, and its page is shown again with faults
	aDraftForm
	aSubmission // a form of a draft that submits it
	aStepForm   // the answers of one page of a draft
	anUpload    // files for a draft
	aScriptRead // asked by a page's script
	aScriptCall // sent by a page's script
	aScriptSave // answers that a page's script saves
	aWebhook    // what an outside party tells
)

// manner is what follows from what a route is.
type manner struct {
	methods []string
	admits  []access      // for whom a row of this kind may be
	body    int64         // the largest body in bytes
	time    time.Duration // bounds the work, not the way of bodies and files
	cost    cost          // what a request is charged
	proof   proof
	caching caching
	script  pageScript
	failing failing
}

// proof says how a request shows that its sender meant to send it, and no other site did.
type proof int

const (
	noProof  proof = iota
	byToken        // the session's token, checked before the handler is called
	inStream       // the handler reads the body as it comes, and checks the token
	ownProof       // of an outside party, checked by the handler
)

// caching tells whether an answer is kept.
type caching int

const (
	notKept caching = iota
	keptBriefly
)

// pageScript tells what a page carries for its script.
type pageScript int

const (
	noScript pageScript = iota
	// draftScript keeps what is typed into a draft, and says when the session ends.
	draftScript
)

// failing says how a failure is answered, and a request without the session that it needs.
type failing int

const (
	// byPage answers a failure with a page. Without a session it leads to the login, which says that what
	// was sent is lost.
	byPage failing = iota
	// byHolding is byPage, but what was sent is held until the login.
	byHolding
	// byJSON answers with a status and words that the script shows.
	byJSON
)

const (
	smallBody   = 64 << 10
	saveBody    = 256 << 10 // one answer, the largest table included
	webhookBody = 256 << 10 // the largest event that the payment provider sends
	stepBody    = 1 << 20
	uploadBody  = 110 << 20 // several photographs at once
)

const (
	quickTime = 10 * time.Second
	slowTime  = 30 * time.Second // an outside party is asked, or files are copied
)

var (
	// A HEAD is answered as a GET is, without an effect: see visit.looks.
	reads    = []string{"GET", "HEAD"}
	postOnly = []string{"POST"}

	everybody = []access{public}
	people    = []access{signedIn}
	either    = []access{public, signedIn}
	savers    = []access{maySave}
	senders   = []access{public, signedIn, maySave}
)

// manners says everything about a kind of route. A route whose kind has no row is refused at the start.
var manners = map[kind]manner{
	aPage:        {reads, either, smallBody, quickTime, reading, noProof, notKept, noScript, byPage},
	aSearchPage:  {reads, everybody, smallBody, quickTime, searching, noProof, keptBriefly, noScript, byPage},
	aSlowPage:    {reads, people, smallBody, slowTime, settling, noProof, notKept, noScript, byPage},
	aSharedPage:  {reads, everybody, smallBody, quickTime, reading, noProof, keptBriefly, noScript, byPage},
	aDraftPage:   {reads, people, smallBody, quickTime, reading, noProof, notKept, draftScript, byPage},
	aHiddenPage:  {reads, everybody, smallBody, quickTime, reading, noProof, notKept, noScript, byPage},
	aCheckPage:   {reads, everybody, smallBody, quickTime, verifying, noProof, notKept, noScript, byPage},
	aRedirect:    {reads, either, smallBody, quickTime, reading, noProof, notKept, noScript, byPage},
	someChoices:  {reads, everybody, smallBody, quickTime, searching, noProof, notKept, noScript, byPage},
	aMachineFile: {reads, everybody, smallBody, quickTime, reading, noProof, notKept, noScript, byPage},
	aHandout:     {reads, everybody, smallBody, quickTime, reading, noProof, notKept, noScript, byPage},
	aPaper:       {reads, people, smallBody, quickTime, printing, noProof, notKept, noScript, byPage},
	aFile:        {reads, people, smallBody, slowTime, downloading, noProof, notKept, noScript, byPage},
	aForm:        {postOnly, senders, smallBody, quickTime, changing, byToken, notKept, noScript, byPage},
	aSessionForm: {postOnly, everybody, smallBody, quickTime, ending, byToken, notKept, noScript, byPage},
	aLoginForm:   {postOnly, everybody, smallBody, quickTime, startLogin, byToken, notKept, noScript, byPage},
	aLookUpForm:  {postOnly, everybody, smallBody, quickTime, lookingUp, byToken, notKept, noScript, byPage},
	aStartForm:   {postOnly, people, smallBody, quickTime, starting, byToken, notKept, noScript, byPage},
	aSlowForm:    {postOnly, people, smallBody, slowTime, changing, byToken, notKept, noScript, byPage},
	aPaymentForm: {postOnly, people, smallBody, slowTime, paying, byToken, notKept, noScript, byPage},
	aDraftForm:   {postOnly, people, smallBody, slowTime, uploading, byToken, notKept, draftScript, byPage},
	aSubmission:  {postOnly, savers, smallBody, slowTime, submitting, byToken, notKept, draftScript, byPage},
	aStepForm:    {postOnly, savers, stepBody, quickTime, saving, byToken, notKept, draftScript, byHolding},
	anUpload:     {postOnly, people, uploadBody, slowTime, uploading, inStream, notKept, draftScript, byPage},
	aScriptRead:  {reads, people, smallBody, quickTime, reading, noProof, notKept, noScript, byJSON},
	aScriptCall:  {postOnly, people, smallBody, quickTime, changing, byToken, notKept, noScript, byJSON},
	aScriptSave:  {postOnly, savers, saveBody, quickTime, saving, byToken, notKept, noScript, byJSON},
	aWebhook:     {postOnly, everybody, webhookBody, quickTime, proving, ownProof, notKept, noScript, byPage},
}

func (r route) manner() manner { return manners[r.kind] }

// langs are the languages in which a route has a path of its own.
func (r route) langs() []i18n.Lang {
	if r.path(string(i18n.Vi)) == r.path(string(i18n.En)) {
		return []i18n.Lang{i18n.Vi}
	}
	return i18n.Langs
}
