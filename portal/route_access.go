package portal

import (
	"errors"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/portal/intake"
	"congdvc/portal/transfer"
	"congdvc/services/desk"
	"congdvc/services/dossier"

	"github.com/gofiber/fiber/v2"
)

// page makes a handler of fiber for a route. It finds the session behind the cookie and refuses what the
// access of the route does not allow.
func (p *Portal) page(r route, lang i18n.Lang) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v := &visit{Ctx: c, lang: lang, route: r}
		c.Locals(visitKey, v)
		leaveOut(v)
		if v.ahead() && !v.fetchedAhead() {
			// A browser that is refused asks again when the person does. It would show a success, even one
			// without content, in place of the page.
			v.Set(fiber.HeaderCacheControl, "no-store")
			return v.SendStatus(fiber.StatusServiceUnavailable)
		}
		if err := p.findSession(v, r.access); err != nil {
			return err
		}
		if r.access == signedIn && !v.signedIn || r.access == maySave && v.session.ID == "" {
			return p.askToLogIn(v)
		}
		body, err := p.receive(v)
		if err != nil {
			return err
		}
		defer body.Free()
		if v.session.ID != "" {
			// A browser whose sending is cut off never shows the answer. What was read is passed over.
			defer func() { transfer.Drain(c, drainLeast+r.manner().body) }()
		}
		if c.Method() == fiber.MethodHead {
			v.SetUserContext(desk.Unseen(v.ctx()))
		}
		if r.access != public {
			if err := p.stillActs(v); err != nil {
				return err
			}
		}
		if v.undecided() {
			return v.see(whomPath(lang, v.place(lang)))
		}
		if err = p.pay(v); err == nil {
			err = r.handle(v)
		} else {
			err = p.askToWait(v, err)
		}
		if v.signedIn && errors.Is(err, dossier.ErrNotFound) {
			return p.otherParty(v, err)
		}
		return p.askToGoOn(v, err)
	}
}

// fetchedAhead reports whether a browser may fetch a page that nobody has asked for yet: only a public one
// that costs nothing, such as that of the search before anything is sought. A person's pages open results,
// take what was held, and count as visits; what is paid from a budget is neither paid by a page that nobody
// saw, nor had for nothing by whoever says so.
func (v *visit) fetchedAhead() bool {
	r := v.route
	free := r.manner().cost == reading || r.kind == aSearchPage && v.Context().QueryArgs().Len() == 0
	return r.access == public && r.kind != aRedirect && free
}

// receive reads what was sent to a route whose access is settled, unless its handler does. It refuses what
// another site sent: before the body, as far as that can be known, and by the token in it.
func (p *Portal) receive(v *visit) (*intake.Body, error) {
	asked := v.route.manner().proof
	if asked != byToken && asked != inStream {
		return nil, nil
	}
	if err := p.checkOrigin(v); err != nil {
		return nil, err
	}
	if asked == inStream {
		return p.holdForUpload(v)
	}
	body, err := p.readBody(v)
	if err != nil {
		return nil, err
	}
	err = errNoText
	if formIsText(v.Ctx) {
		err = p.checkToken(v, v.FormValue("csrf"))
	}
	if err != nil {
		body.Free()
		return nil, err
	}
	return body, nil
}

// askToLogIn sends the person to the login, and afterwards to where they were going. A posted page of a
// draft's form is held for them. Another form is lost: they come back to its page.
func (p *Portal) askToLogIn(v *visit) error {
	if v.route.manner().failing == byJSON {
		return p.scriptFailed(v, fiber.StatusUnauthorized, i18n.T(v.lang, "login.needed"))
	}
	to := loginPath(v.lang, v.place(v.lang))
	switch {
	case v.Method() == fiber.MethodPost && p.hold(v):
		to += "&" + heldQuery()
	case v.Method() == fiber.MethodPost:
		drain(v.Ctx, 0)
		to += "&" + query("chua-luu", "1")
	}
	return v.see(to)
}

func loginPath(l i18n.Lang, back string) string {
	return address.Login(l) + "?" + query("ve", back)
}
