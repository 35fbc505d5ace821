package portal

import (
	"errors"
	"time"

	"congdvc/i18n"
	"congdvc/services/fault"
	"congdvc/services/throttle"
)

// cost is what an attempt takes of the portal: disk, database, an outside party, or a chance to guess.
type cost int

const (
	reading     cost = iota // one's own pages, and what is the same for everybody
	proving                 // a message that proves itself, or not
	ending                  // the end of a session, or that it goes on
	searching               // a search, and what is offered while somebody types
	lookingUp               // the state of a dossier by its code
	verifying               // a result by its code
	startLogin              // a login that is begun
	loggingIn               // a login that is proven
	holding                 // a page of a form that came without a session
	changing                // something small
	saving                  // answers
	starting                // a draft
	uploading               // files of a draft
	submitting              // a dossier
	paying                  // a page of the payment provider
	settling                // a look at the payment provider
	printing                // a PDF
	downloading             // a stored file
)

// payer is on whose count an attempt goes. Each has the whole budget for themselves.
type payer string

const (
	// anAddress is as addressOf counts it. Thousands share that of a mobile network.
	anAddress payer = "address"
	// aPerson is who is logged in: on every device, in every session, for whomever they act.
	aPerson  payer = "person"
	aCode    payer = "dossier code"
	aDraft   payer = "draft"
	everyone payer = "everybody together"
)

// budget is one row: so many attempts, or bytes of what is sent, in a stretch of time.
type budget struct {
	throttle.Budget
	of    payer
	bytes bool
}

// spending is what a cost is paid from.
type spending struct {
	budgets []budget
	// told says when to go on, and its key with ".kept" what became of what was sent.
	told *fault.Fault
	// free says why there are no budgets.
	free string
	// byHandler says that the handler charges: a right attempt costs nothing, or the key stands in the form.
	byHandler bool
}

const (
	tenMinutes = 10 * time.Minute
	day        = 24 * time.Hour
	month      = 30 * day
)

// spendings is the table of budgets. A person's are generous for an employee who files for a business all
// day, say 600 dossiers of six steps, eight files and 5 MB; they bound what one login can do to everybody.
//
//   - 600 drafts a day live 90 days: at most 54,000 rows, about 0.5 GB.
//   - Answers: 256 MiB a day, in drafts that live 90 days: at most 23 GiB.
//   - Files: 6 GiB a day and 60 GiB in 30 days: at most 180 GiB in drafts of 90 days.
//   - Payment: each opening makes a page at the provider, each look asks it.
//   - Printing takes a processor for some 50 ms: 300 in ten minutes are 15 s of it.
//   - Mails and notices come of what is submitted, paid or changed, and so are bounded by that.
//
// A dossier's code can be guessed, and four digits are few. So wrong look-ups are counted, and right ones
// cost nothing: by code tightly, so that trying all digits of one code takes more than a year; by address
// widely; and for everybody together, so that many addresses do not try one set of digits on all codes. A
// code that does not exist is counted as one that does. Whoever uses up a code shuts out its owner too, who
// sees the dossier after a login all the same. The code of a result is too long to guess; its budgets only
// keep machines from trying.
//
// A page that is held without a session takes up to 32 KiB in Redis, a pending login a kilobyte.
var spendings = map[cost]spending{
	reading: {free: "a page costs a few queries, and nobody waits for it but its reader"},
	proving: {free: "an outside party proves each message, and callers share a part of the memory"},
	ending:  {free: "one's own session can always be ended or renewed, and only Redis is asked"},

	searching: {told: waitFor("search"), budgets: []budget{
		{throttle.Budget{Name: "search.address", Limit: 1200, Per: time.Minute}, anAddress, false},
		{throttle.Budget{Name: "search.person", Limit: 240, Per: time.Minute}, aPerson, false},
	}},
	lookingUp: {told: waitFor("track"), byHandler: true, budgets: []budget{
		{throttle.Budget{Name: "track.code", Limit: 5, Per: time.Hour}, aCode, false},
		{throttle.Budget{Name: "track.code_daily", Limit: 20, Per: day}, aCode, false},
		{throttle.Budget{Name: "track.address", Limit: 300, Per: tenMinutes}, anAddress, false},
		{throttle.Budget{Name: "track.person", Limit: 60, Per: tenMinutes}, aPerson, false},
		{throttle.Budget{Name: "track.overall", Limit: 3000, Per: tenMinutes}, everyone, false},
	}},
	verifying: {told: waitFor("verify"), byHandler: true, budgets: []budget{
		{throttle.Budget{Name: "verify.address", Limit: 300, Per: tenMinutes}, anAddress, false},
		{throttle.Budget{Name: "verify.person", Limit: 60, Per: tenMinutes}, aPerson, false},
	}},
	startLogin: {told: waitFor("login"), byHandler: true, budgets: []budget{
		{throttle.Budget{Name: "login.address", Limit: 3000, Per: tenMinutes}, anAddress, false},
	}},
	loggingIn: {told: waitFor("login"), byHandler: true, budgets: []budget{
		{throttle.Budget{Name: "login.person", Limit: 120, Per: time.Hour}, aPerson, false},
	}},
	holding: {told: waitFor("save"), byHandler: true, budgets: []budget{
		{throttle.Budget{Name: "resume.draft", Limit: 10, Per: tenMinutes}, aDraft, false},
		{throttle.Budget{Name: "resume.address", Limit: 200, Per: tenMinutes}, anAddress, false},
	}},

	changing: {told: waitFor("change"), budgets: []budget{
		{throttle.Budget{Name: "change.person", Limit: 600, Per: tenMinutes}, aPerson, false},
	}},
	saving: {told: waitFor("save"), budgets: []budget{
		{throttle.Budget{Name: "save.person", Limit: 1200, Per: tenMinutes}, aPerson, false},
		{throttle.Budget{Name: "save.bytes", Limit: 256 << 20, Per: day}, aPerson, true},
	}},
	starting: {told: waitFor("begin"), budgets: []budget{
		{throttle.Budget{Name: "begin.hour", Limit: 200, Per: time.Hour}, aPerson, false},
		{throttle.Budget{Name: "begin.day", Limit: 600, Per: day}, aPerson, false},
	}},
	uploading: {told: waitFor("upload"), budgets: []budget{
		{throttle.Budget{Name: "upload.hour", Limit: 1500, Per: time.Hour}, aPerson, false},
		{throttle.Budget{Name: "upload.day", Limit: 6000, Per: day}, aPerson, false},
		{throttle.Budget{Name: "upload.bytes", Limit: 6 << 30, Per: day}, aPerson, true},
		{throttle.Budget{Name: "upload.bytes_month", Limit: 60 << 30, Per: month}, aPerson, true},
	}},
	submitting: {told: waitFor("submit"), budgets: []budget{
		{throttle.Budget{Name: "submit.hour", Limit: 300, Per: time.Hour}, aPerson, false},
		{throttle.Budget{Name: "submit.day", Limit: 1000, Per: day}, aPerson, false},
	}},
	paying: {told: waitFor("pay"), budgets: []budget{
		{throttle.Budget{Name: "pay.hour", Limit: 200, Per: time.Hour}, aPerson, false},
		{throttle.Budget{Name: "pay.day", Limit: 1000, Per: day}, aPerson, false},
	}},
	settling: {told: waitFor("settle"), budgets: []budget{
		{throttle.Budget{Name: "settle.person", Limit: 200, Per: tenMinutes}, aPerson, false},
	}},
	printing: {told: waitFor("print"), budgets: []budget{
		{throttle.Budget{Name: "print.person", Limit: 300, Per: tenMinutes}, aPerson, false},
	}},
	downloading: {told: waitFor("download"), budgets: []budget{
		{throttle.Budget{Name: "download.person", Limit: 2000, Per: tenMinutes}, aPerson, false},
	}},
}

// waitFor is the fault of a spent budget. Its texts begin with budget. and the name.
func waitFor(name string) *fault.Fault { return fault.New(fault.TooMany, "budget."+name) }

// payers are whom a request does not name by itself, such as the code that it looks up.
type payers map[payer]string

// chargesOf is what an attempt costs. A payer who is not known, as a visitor is no person, pays nothing.
func (p *Portal) chargesOf(v *visit, c cost, named payers) []throttle.Charge {
	var charges []throttle.Charge
	for _, b := range spendings[c].budgets {
		key := named[b.of]
		switch {
		case key != "":
		case b.of == anAddress:
			key, _ = p.addressOf(v.Ctx)
		case b.of == aPerson && v.session.ID != "":
			key = string(v.session.Who.Person)
		case b.of == everyone:
			key = "all"
		}
		charge := throttle.Charge{Budget: b.Budget, Key: key}
		if b.bytes {
			charge.Weight = v.sent()
		}
		if key != "" && (!b.bytes || charge.Weight > 0) {
			charges = append(charges, charge)
		}
	}
	return charges
}

// spend counts an attempt. Errors: the told fault of the cost, which is throttle.ErrTooMany and has its
// arguments, and in From the instant from which one may go on; throttle.ErrAway, with which nothing is
// counted: what could be guessed is then refused, and what a person does after a login goes on.
func (p *Portal) spend(v *visit, c cost, charges []throttle.Charge) error {
	err := p.Limiter.Spend(v.ctx(), charges...)
	if !errors.Is(err, throttle.ErrTooMany) {
		return err
	}
	told := *spendings[c].told
	told.Args, told.Cause = fault.All(err)[0].Args, err
	seconds, _ := told.Args["Seconds"].(int64)
	return told.With("From", i18n.LaterOf(p.Now(), time.Duration(seconds)*time.Second))
}

// spent reports whether an error says that a budget is spent.
func spent(err error) bool { return errors.Is(err, throttle.ErrTooMany) }

// pay charges what the kind of a route costs, once it is known that its sender meant it. Errors: of spend,
// but not that Redis is away.
func (p *Portal) pay(v *visit) error {
	c := v.route.manner().cost
	if s := spendings[c]; s.byHandler || len(s.budgets) == 0 || v.ahead() {
		return nil
	}
	if err := p.spend(v, c, p.chargesOf(v, c, nil)); spent(err) {
		return err
	}
	return nil
}

// sent is how many bytes the body has: as declared, or as read. One that streams without a declared length
// counts as the largest.
func (v *visit) sent() int64 {
	switch declared := int64(v.Request().Header.ContentLength()); {
	case declared > 0:
		return declared
	case v.route.manner().proof == inStream:
		return v.route.manner().body
	}
	return int64(len(v.Request().Body()))
}

// budgetOf is the row of a cost with a name.
func budgetOf(c cost, name any) (found budget) {
	for _, b := range spendings[c].budgets {
		if b.Name == name {
			found = b
		}
	}
	return found
}
