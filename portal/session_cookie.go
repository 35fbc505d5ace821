package portal

import (
	"errors"
	"time"

	"congdvc/identity"
	"congdvc/identity/session"

	"github.com/gofiber/fiber/v2"
)

// beginSession gives the browser a new session, and ends the one that it had before the login. Whoever the
// login names besides the person, they begin as themselves. When another tab has logged the same person in
// meanwhile, that session goes on: forms that are open in that tab stay good. It returns the page to go to:
// back, or the question for whom they work.
func (p *Portal) beginSession(v *visit, who identity.Who, idToken, back string) (to string, err error) {
	if goesOn, err := p.goesOn(v, who); err != nil {
		return "", err
	} else if goesOn && (who.Party == who.Person || who.Party == v.session.Who.Party) {
		return back, nil
	} else if goesOn { // this login names an organisation that the other did not
		return p.askWhom(v, who, v.session.ID, back)
	}
	who.Party = who.Person
	s, err := p.Sessions.Begin(v.ctx(), who, idToken)
	if err != nil {
		return "", err
	}
	if to, err = p.askWhom(v, who, s.ID, back); err != nil {
		return "", err
	}
	if old := v.Cookies(p.cookieName()); old != "" {
		if err := p.Sessions.End(v.ctx(), old); err != nil {
			return "", err
		}
	}
	v.Cookie(p.cookie(p.cookieName(), s.ID, p.SessionLife))
	return to, nil
}

// goesOn tells whether the browser's session is of the person who has just logged in once more, and still
// serves somebody for whom they may act.
func (p *Portal) goesOn(v *visit, who identity.Who) (bool, error) {
	has := v.session.Who
	if !v.signedIn || has.Person != who.Person || has.Assurance != who.Assurance {
		return false, nil
	}
	return identity.MayAct(v.ctx(), p.Pool, p.Vault, has.Person, has.Party, p.Now())
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
