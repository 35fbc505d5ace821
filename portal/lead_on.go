package portal

import (
	"fmt"
	"net/url"

	"congdvc/i18n"

	"github.com/gofiber/fiber/v2"
)

// elsewhere is a place outside of the portal to which a person is led; the texts lead_on.<place>.* tell of
// it.
type elsewhere string

const (
	toIdentity elsewhere = "login"
	toLogout   elsewhere = "logout"
	toPayment  elsewhere = "payment"
)

type leadOnPage struct {
	shell
	To, Words, Link string
}

// leadOn sends the browser to an address outside of the portal, one that the portal computed and never one
// that came with the request. A form is answered with a page that leads on: browsers hold each redirect that
// follows a form to form-action, and a provider forwards to hosts that nobody told us. What was asked by GET
// is redirected.
func (p *Portal) leadOn(v *visit, place elsewhere, to string) error {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("portal: what leads to the %s is no address", place)
	}
	if v.Method() != fiber.MethodPost {
		v.Set(fiber.HeaderCacheControl, "no-store")
		return v.Redirect(u.String(), fiber.StatusSeeOther)
	}
	key := "lead_on." + string(place)
	return p.render(v, "lead_on", leadOnPage{
		shell: p.shell(v, i18n.T(v.lang, key+".title")), To: u.String(),
		Words: i18n.T(v.lang, key+".words", "Host", u.Host), Link: i18n.T(v.lang, key+".link"),
	})
}
