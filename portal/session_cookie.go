package portal

import (
	"errors"
	"time"

	"congdvc/identity"
	"congdvc/identity/session"

	"github.com/gofiber/fiber/v2"
)

// beginSession gives the browser a new session, and ends the one that it had before the login.
func (p *Portal) beginSession(v *visit, who identity.Who, idToken string) error {
	s, err := p.Sessions.Begin(v.ctx(), who, idToken)
	if err != nil {
		return err
	}
	if old := v.Cookies(p.cookieName()); old != "" {
		if err := p.Sessions.End(v.ctx(), old); err != nil {
			return err
		}
	}
	v.Cookie(p.cookie(p.cookieName(), s.ID, p.SessionLife))
	v.Cookie(p.cookie(p.loginCookieName(), "", -time.Hour))
	return nil
}

func (p *Portal) cookieName() string {
	if p.Secure {
		return "__Host-phien"
	}
	return "phien"
}

func (p *Portal) cookie(name, value string, life time.Duration) *fiber.Cookie {
	return &fiber.Cookie{
		Name: name, Value: value, Path: "/", HTTPOnly: true, Secure: p.Secure,
		SameSite: fiber.CookieSameSiteLaxMode, Expires: p.Now().Add(life),
	}
}

// findSession fills in the session. While Redis is away, a public page treats everybody as a visitor, and a
// page that needs a person fails with a message that says so.
func (p *Portal) findSession(v *visit, a access) error {
	id := v.Cookies(p.cookieName())
	if id == "" {
		return nil
	}
	find := p.Sessions.Find
	if v.looks() || v.ahead() {
		find = p.Sessions.Look
	}
	s, err := find(v.ctx(), id)
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
