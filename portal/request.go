package portal

import (
	"context"
	"errors"
	"strings"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/session"
	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
)

// visit is one request to a page: who asks, in which language. A handler that is
// registered for signed-in people may rely on session being live.
type visit struct {
	*fiber.Ctx
	lang  i18n.Lang
	route route
	// at is the page of this visit in a language, where its route does not tell.
	at      func(lang string) string
	session session.Session
	// names of procedure versions that a list has asked for already.
	names map[string]string
	// signedIn is false for a visitor, and for someone whose session has ended softly.
	signedIn bool
}

// ctx is the context of the request, bounded by its deadline.
func (v *visit) ctx() context.Context { return v.UserContext() }

// who is the person who is logged in and the party for whom they act.
func (v *visit) who() identity.Who { return v.session.Who }

// l is the language as the functions of package address take it.
func (v *visit) l() string { return string(v.lang) }

// other is the other language, as the functions of package address take it.
func (v *visit) other() string { return string(v.lang.Other()) }

// see sends the browser to another page by 303, so that reloading it repeats nothing.
func (v *visit) see(path string) error { return v.Redirect(path, fiber.StatusSeeOther) }

// page turns a handler of a visit into one of fiber. It finds the session behind
// the cookie and refuses what the route's access does not allow.
func (p *Portal) page(r route, lang i18n.Lang) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v := &visit{Ctx: c, lang: lang, route: r}
		c.Locals(visitKey, v)
		if err := p.findSession(v, r.access); err != nil {
			return err
		}
		if r.access == signedIn && !v.signedIn || r.access == maySave && v.session.ID == "" {
			return p.askToLogIn(v)
		}
		if err := p.checkProof(v, r.manner().proof); err != nil {
			return err
		}
		return r.handle(v)
	}
}

const visitKey = "visit"

// findSession fills in the session. With Redis away a public page is answered as
// to a visitor; a page that needs a person says honestly that it cannot know them.
func (p *Portal) findSession(v *visit, a access) error {
	id := v.Cookies(p.cookieName())
	if id == "" {
		return nil
	}
	s, err := p.Sessions.Find(v.ctx(), id)
	switch {
	case err == nil:
		v.session, v.signedIn = s, !s.Expired
		return nil
	case errors.Is(err, session.ErrNone):
		return nil
	case a == public:
		return nil
	}
	return err
}

// askToLogIn sends the person to the login and back to where they were going. A
// page of a form that was posted is held for them; another form cannot be repeated: they come back to its page.
func (p *Portal) askToLogIn(v *visit) error {
	if v.route.manner().failing == byJSON {
		return p.scriptFailed(v, fiber.StatusUnauthorized, i18n.T(v.lang, "login.needed"))
	}
	to := loginPath(v.lang, v.place(v.lang))
	switch {
	case v.Method() == fiber.MethodPost && p.hold(v):
		to += "&" + heldQuery()
	case v.Method() == fiber.MethodPost:
		to += "&" + query("chua-luu", "1")
	}
	return v.see(to)
}

// place is the page of this visit in a language, as a path that a browser can ask for: after a POST it is the
// page with the form.
func (v *visit) place(l i18n.Lang) string {
	pattern := v.route.path
	if v.route.form != nil {
		pattern = v.route.form
	}
	switch {
	case v.at != nil:
		return v.at(string(l))
	case v.Method() != fiber.MethodPost || pattern == nil:
		return address.In(string(l), v.OriginalURL())
	}
	steps := strings.Split(pattern(string(l)), "/")
	for i, step := range steps {
		if name, ok := strings.CutPrefix(step, ":"); ok {
			steps[i] = v.Params(name)
		}
	}
	return strings.Join(steps, "/")
}

func loginPath(l i18n.Lang, back string) string {
	return address.Login(string(l)) + "?" + query("ve", back)
}
