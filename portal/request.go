package portal

import (
	"context"
	"fmt"
	"strings"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/session"
	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
)

// visit is one request to a page: who asks, in which language. In a handler of a signedIn route the session
// is live.
type visit struct {
	*fiber.Ctx
	lang  i18n.Lang
	route route
	// at is the path of this page in a language, where the route does not tell it.
	at      func(lang string) string
	session session.Session
	// acting is for whom the person works, once a page has asked.
	acting *actingView
	// names has the names of procedure versions that a list has read already, by version.
	names map[string]string
	// signedIn is false for a visitor, and for someone whose session has ended softly.
	signedIn bool
}

// ctx is the context of the request, bounded by its deadline.
func (v *visit) ctx() context.Context { return v.UserContext() }

// who is the person who is logged in and the party for whom they act.
func (v *visit) who() identity.Who { return v.session.Who }

// looks reports whether the request asks what a GET would answer and may have none of its effects: it opens
// nothing, takes nothing, settles nothing and counts as no visit. It costs a budget what a GET costs, since
// its status tells as much.
func (v *visit) looks() bool { return v.Method() == fiber.MethodHead }

// ahead reports whether a browser fetches what nobody has asked for yet.
func (v *visit) ahead() bool {
	for _, header := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		purpose := strings.ToLower(v.Get(header))
		for _, word := range []string{"prefetch", "prerender", "preview"} {
			if strings.Contains(purpose, word) {
				return true
			}
		}
	}
	return false
}

// other is the other language.
func (v *visit) other() i18n.Lang { return v.lang.Other() }

// see sends the browser to another page of the portal by 303, so that reloading it repeats nothing. What lies
// outside is for leadOn alone.
func (v *visit) see(path string) error {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		return fmt.Errorf("portal: %q is no page of the portal", path)
	}
	return v.Redirect(path, fiber.StatusSeeOther)
}

const visitKey = "visit"

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
		return address.In(l, v.OriginalURL())
	}
	return v.filled(pattern(string(l)))
}

// filled is a path with the parameters of this request in it.
func (v *visit) filled(path string) string {
	steps := strings.Split(path, "/")
	for i, step := range steps {
		if name, ok := strings.CutPrefix(step, ":"); ok {
			steps[i] = v.Params(name)
		}
	}
	return strings.Join(steps, "/")
}
