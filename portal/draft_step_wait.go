package portal

import (
	"congdvc/i18n"
	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

// askToWait answers somebody whose budget is spent. Nothing of the request was done. A page of a form is
// shown again with what was typed, to be sent later; without a live session it is held until the login.
func (p *Portal) askToWait(v *visit, refused error) error {
	switch {
	case v.route.manner().failing != byHolding:
		return refused
	case !v.signedIn:
		return p.askToLogIn(v)
	}
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	step := stepOfPath(v, view.Form)
	if step == nil {
		return fiber.ErrNotFound
	}
	posted := postedValues(v)
	typed, _, err := p.decodeStep(v, view.Form, step, posted)
	if err != nil {
		return err
	}
	why := fault.All(refused)[0]
	sayWhen(v, why)
	form := formView{lang: v.lang, view: view, wait: i18n.Fault(v.lang, why)}
	form.lay(typed, posted)
	return p.renderStep(v, fiber.StatusTooManyRequests, step, form)
}
