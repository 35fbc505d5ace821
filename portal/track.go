package portal

import (
	"strings"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

// longestCopied is room for a code and the message that it was copied with, in characters.
const longestCopied = 500

type trackPage struct {
	shell
	Faults []faultLink
	Code   formField
	Digits formField
	Locked string // what to know while the code cannot be looked up
	Own    string // where the owner sees the dossier, after a login
	Found  *trackedDossier
}

type trackedDossier struct {
	Code              dossier.Code
	Procedure, Agency string
	State             stateBox
	Steps             []timelineStep
}

func (p *Portal) track(v *visit) error {
	return p.render(v, "track", p.trackForm(v, oneSpelling(v.Query("ma")), ""))
}

func (p *Portal) trackForm(v *visit, code, digits string) trackPage {
	own := address.Dossiers(v.lang)
	if parsed, err := dossier.ParseCode(code); err == nil {
		own = address.Dossier(v.lang, parsed)
	}
	if !v.signedIn {
		own = loginPath(v.lang, own)
	}
	return trackPage{
		shell: p.shell(v, i18n.T(v.lang, "track.title")), Own: own,
		Code: formField{Name: "code", Label: i18n.T(v.lang, "track.code"),
			Hint: i18n.T(v.lang, "track.code_hint"), Value: code, Autocomplete: "off",
			MaxLength: longestCopied},
		Digits: formField{Name: "digits", Label: i18n.T(v.lang, "track.digits"),
			Hint: i18n.T(v.lang, "track.digits_hint"), Value: digits, InputMode: "numeric",
			Autocomplete: "off", MaxLength: 20},
	}
}

func (p *Portal) findTracked(v *visit) error {
	code := oneSpelling(v.FormValue("code"))
	digits := strings.ReplaceAll(number.Plain(v.FormValue("digits")), " ", "")
	v.at = func(lang string) string { return address.Track(lang) + "?" + query("ma", code) }
	page := p.trackForm(v, code, digits)
	if len(digits) != 4 || number.LastFour(digits) != digits {
		return p.trackFault(v, page, &page.Digits, i18n.T(v.lang, "track.digits_wrong"),
			fiber.StatusUnprocessableEntity)
	}
	if code == "" || len(code) > 60 {
		return p.trackFault(v, page, &page.Code, i18n.T(v.lang, "track.code_wrong"),
			fiber.StatusUnprocessableEntity)
	}
	charges := p.chargesOf(v, lookingUp, payers{aCode: oneSpelling(code)})
	if err := p.spend(v, lookingUp, charges); spent(err) {
		p.giveBack(v, charges) // nothing was tried
		return p.trackLocked(v, page, fault.All(err)[0])
	} else if err != nil {
		return err
	}
	found, err := p.Desk.Track(v.ctx(), code, digits)
	if faults := fault.All(err); len(faults) > 0 && faults[0].Kind == fault.NotFound {
		return p.trackFault(v, page, &page.Code, i18n.T(v.lang, "track.none"), fiber.StatusNotFound)
	}
	p.giveBack(v, charges)
	if err != nil {
		return err
	}
	page.Found = p.tracked(v, found)
	return p.render(v, "track", page)
}

// trackLocked says for how long a code, or everything from this network, cannot be looked up, and why.
func (p *Portal) trackLocked(v *visit, page trackPage, f *fault.Fault) error {
	wait, _ := f.Args["Minutes"].(int64)
	from := f.Args["From"]
	text := i18n.T(v.lang, "track.crowded", "Count", wait, "From", from)
	if budgetOf(lookingUp, f.Args["Budget"]).of == aPerson {
		text = i18n.Fault(v.lang, f)
	}
	if budgetOf(lookingUp, f.Args["Budget"]).of == aCode {
		text = i18n.T(v.lang, "track.locked", "Count", wait, "From", from)
		if wait > 2*60 {
			text = i18n.T(v.lang, "track.locked_long", "Count", (wait+59)/60, "From", from)
		}
		page.Locked = i18n.T(v.lang, "track.locked_why")
	}
	sayWhen(v, f)
	return p.trackFault(v, page, &page.Code, text, fiber.StatusTooManyRequests)
}

// oneSpelling is a code as the look-up reads it. Spelled with other spaces or dashes, or copied with words
// around it, it has the same budget.
func oneSpelling(code string) string {
	if parsed, err := dossier.ParseCode(code); err == nil {
		return string(parsed)
	}
	return strings.ToUpper(strings.TrimSpace(code))
}

func (p *Portal) trackFault(v *visit, page trackPage, f *formField, text string, status int) error {
	f.Error = text
	if f.Name == page.Code.Name {
		page.Code = *f
	} else {
		page.Digits = *f
	}
	page.HasErrors = true
	page.Faults = []faultLink{{f.Name, text}}
	return p.renderStatus(v, status, "track", page)
}

// tracked is what the public may see of a dossier: no name, no number, no note.
func (p *Portal) tracked(v *visit, t *desk.TrackView) *trackedDossier {
	return &trackedDossier{
		Code: t.Dossier.Code, Procedure: t.Procedure.In(v.lang), Agency: t.Agency.In(v.lang),
		State: p.publicState(v, t), Steps: p.publicSteps(v, t),
	}
}
