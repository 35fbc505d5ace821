package portal

import (
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/throttle"

	"github.com/gofiber/fiber/v2"
)

// A dossier's code can be guessed, and four digits are few. So look-ups are counted by the visitor's address,
// by code, and for everybody together.
var (
	trackByAddress = throttle.Budget{Name: "track.address", Limit: 20, Per: 10 * time.Minute}
	trackByCode    = throttle.Budget{Name: "track.code", Limit: 10, Per: time.Hour}
	trackOverall   = throttle.Budget{Name: "track.overall", Limit: 3000, Per: 10 * time.Minute}
)

// longestCopied is room for a code and the message that it was copied with, in characters.
const longestCopied = 500

type trackPage struct {
	shell
	Faults []faultLink
	Code   formField
	Digits formField
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
	return trackPage{
		shell: p.shell(v, i18n.T(v.lang, "track.title")),
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
	if err := p.spendLookUp(v, code); err != nil {
		return err
	}
	found, err := p.Desk.Track(v.ctx(), code, digits)
	if err != nil {
		faults := fault.All(err)
		if len(faults) == 0 || faults[0].Kind != fault.NotFound {
			return err
		}
		return p.trackFault(v, page, &page.Code, i18n.T(v.lang, "track.none"), fiber.StatusNotFound)
	}
	page.Found = p.tracked(v, found)
	return p.render(v, "track", page)
}

func (p *Portal) spendLookUp(v *visit, code string) error {
	return p.Limiter.Spend(v.ctx(),
		throttle.Charge{Budget: trackByAddress, Key: p.addressOf(v)},
		throttle.Charge{Budget: trackByCode, Key: oneSpelling(code)},
		throttle.Charge{Budget: trackOverall, Key: "all"})
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
