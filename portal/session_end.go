package portal

import (
	"encoding/base64"
	"errors"
	"time"

	"congdvc/i18n"
	"congdvc/identity/session"
	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
)

// warnBefore is how long before the end of the session a page warns of it.
const warnBefore = 5 * time.Minute

// keepView is what the script of a draft's pages works with, and what a form says of the session's end.
type keepView struct {
	Person             string // tells people apart on one telephone, and nothing else
	Session, Device    string
	Save, Login, Place string
	Left, Warn         int // seconds until the session ends, and before that when to say so
	Ends               string
	Form               bool // the page has something to fill in
}

// keepOf is nil on a page that keeps nothing.
func (p *Portal) keepOf(v *visit) *keepView {
	if v.route.manner().script != draftScript || !v.signedIn {
		return nil
	}
	state := p.sessionState(v)
	k := &keepView{Person: state.Person, Session: address.Session(v.lang), Device: address.Device(v.lang),
		Place: v.place(v.lang), Login: loginPath(v.lang, v.place(v.lang)), Left: state.Left,
		Warn: int(warnBefore.Seconds()), Ends: state.Ends}
	if draft := v.Params("draft"); draft != "" {
		k.Save, k.Form = address.DraftSave(v.lang, draft), true
	}
	return k
}

// sessionState is what a page's script may know of the session.
type sessionState struct {
	Person string `json:"person"`
	CSRF   string `json:"csrf"`
	Left   int    `json:"left"` // seconds until the session ends unless there is another visit
	Ends   string `json:"ends"` // that instant, as people read it
	Last   bool   `json:"last"` // it can be extended no further
}

// sessionState of an ended session tells nothing.
func (p *Portal) sessionState(v *visit) sessionState {
	if !v.signedIn {
		return sessionState{}
	}
	s := v.session
	who := string(s.Who.Person) + "/" + string(s.Who.Party)
	return sessionState{
		Person: base64.RawURLEncoding.EncodeToString(p.Vault.Index("keeper", who)[:12]), CSRF: s.CSRF,
		Left: max(0, int(s.EndsAt.Sub(p.Now()).Seconds())), Ends: i18n.Clock(v.lang, s.EndsAt),
		Last: !s.EndsAt.Before(s.LastAt),
	}
}

// tellSession answers a page's script. Asking counts as a visit.
func (p *Portal) tellSession(v *visit) error {
	v.Set(fiber.HeaderCacheControl, "no-store")
	return v.JSON(p.sessionState(v))
}

// extendSession is the answer to "are you still there?"; the form that asks may stand on any page.
func (p *Portal) extendSession(v *visit) error {
	back := localPath(v.FormValue("ve"), v.lang)
	if !v.signedIn {
		return v.see(loginPath(v.lang, back))
	}
	err := p.Sessions.Extend(v.ctx(), v.session.ID)
	if errors.Is(err, session.ErrNone) {
		return v.see(loginPath(v.lang, back))
	}
	if err != nil {
		return err
	}
	return v.see(back)
}
