package portal

import (
	"errors"
	"strings"
	"unicode/utf8"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"

	"github.com/gofiber/fiber/v2"
)

// reasonLimit is the longest reason of a request, in characters.
const reasonLimit = 1000

// withdrawPage asks for the reason of a request to withdraw.
type withdrawPage struct {
	shell
	Faults          []faultLink
	Code            dossier.Code
	Procedure, Back string
	Agency          string
	Reason          formField
}

// mayWithdraw says that the owner can ask to withdraw, and has not asked yet.
func mayWithdraw(view *desk.DossierView) bool {
	return view.Dossier.CanMove(dossier.Withdrawn) && !view.WithdrawalAsked
}

func (p *Portal) withdrawal(v *visit) error {
	view, err := p.Desk.Dossier(v.ctx(), v.who(), codeOf(v))
	if err != nil {
		return err
	}
	if !mayWithdraw(view) {
		return v.see(address.Dossier(v.lang, view.Dossier.Code))
	}
	return p.render(v, "dossier_withdraw", p.withdrawForm(v, view, ""))
}

func (p *Portal) withdrawForm(v *visit, view *desk.DossierView, reason string) withdrawPage {
	code := view.Dossier.Code
	return withdrawPage{
		shell: p.shell(v, i18n.T(v.lang, "dossier_withdraw.title")), Code: code,
		Procedure: view.Version.Name.In(v.lang), Back: address.Dossier(v.lang, code),
		Agency: view.Receiving.Name.In(v.lang),
		Reason: formField{Name: "reason", Label: i18n.T(v.lang, "dossier_withdraw.reason"), Value: reason,
			Hint: i18n.T(v.lang, "dossier_withdraw.reason_hint", "Max", i18n.Number(v.lang, reasonLimit))},
	}
}

func (p *Portal) askWithdrawal(v *visit) error {
	code := codeOf(v)
	reason := strings.TrimSpace(strings.ReplaceAll(v.FormValue("reason"), "\r\n", "\n"))
	problem := ""
	switch length := utf8.RuneCountInString(reason); {
	case reason == "":
		problem = i18n.T(v.lang, "dossier_withdraw.reason_missing")
	case length > reasonLimit || !utf8.ValidString(reason):
		problem = i18n.T(v.lang, "dossier_withdraw.reason_long", "Max", i18n.Number(v.lang, reasonLimit),
			"Length", i18n.Number(v.lang, int64(length)))
	}
	if problem != "" {
		return p.withdrawFault(v, code, reason, problem)
	}
	err := p.Desk.RequestWithdrawal(v.ctx(), v.who(), code, reason)
	// After a second click the dossier shows the request of the first one.
	if err != nil && !errors.Is(err, desk.ErrAlreadyAsked) {
		return err
	}
	return v.see(address.Dossier(v.lang, code))
}

func (p *Portal) withdrawFault(v *visit, code dossier.Code, reason, problem string) error {
	view, err := p.Desk.Dossier(v.ctx(), v.who(), code)
	if err != nil {
		return err
	}
	page := p.withdrawForm(v, view, reason)
	page.Reason.Error, page.HasErrors = problem, true
	page.Faults = []faultLink{{page.Reason.Name, problem}}
	return p.renderStatus(v, fiber.StatusUnprocessableEntity, "dossier_withdraw", page)
}
