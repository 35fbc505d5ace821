package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/session"
	"congdvc/portal/intake"
	"congdvc/services/dossier"
	"congdvc/services/eform"
)

const (
	// resumeLife is how long a page that was sent without a session is held.
	resumeLife = 30 * time.Minute
	// resumeBody bounds such a page, in bytes. Its sender is not logged in.
	resumeBody = 32 << 10
)

// heldPage is a page of a form that was sent when its session was gone.
type heldPage struct {
	// Person sent it, and no other sees it again; empty where nothing told any more who that was.
	Person identity.PartyID    `json:"person,omitempty"`
	Place  string              `json:"place"` // without its language
	Posted map[string][]string `json:"posted"`
}

// hold keeps a page that was sent after the session had gone. It is sealed, under a key that only this
// browser has. After the login its step shows it again, not saved yet, to the owner of the draft. hold
// reports whether the page is held: a page from another site, a large one, or one of very many is not.
func (p *Portal) hold(v *visit) bool {
	if v.route.manner().failing != byHolding || v.Request().Header.ContentLength() > resumeBody ||
		p.checkOrigin(v) != nil || v.Get("Origin") == "" && v.Get("Sec-Fetch-Site") == "" {
		return false
	}
	if p.spend(v, holding, p.chargesOf(v, holding, payers{aDraft: v.Params("draft")})) != nil {
		return false
	}
	body, err := p.readUpTo(v, resumeBody, intake.Stranger)
	if err != nil {
		return false
	}
	defer body.Free()
	if len(v.Body()) > resumeBody || !formIsText(v.Ctx) {
		return false
	}
	raw, err := json.Marshal(heldPage{v.session.Who.Person, v.place(i18n.Vi), postedValues(v)})
	if err != nil {
		return false
	}
	key := randomKey()
	if err := p.Sessions.PutPending(v.ctx(), key, raw, resumeLife); err != nil {
		return false
	}
	v.Cookie(p.cookie(p.resumeCookieName(), key, resumeLife))
	return true
}

func (p *Portal) resumeCookieName() string {
	if p.Secure {
		return "__Host-trang-giu"
	}
	return "trang-giu"
}

// resume lays what was held of this step over what is saved. Fields that were changed elsewhere meanwhile
// show both values.
func (p *Portal) resume(v *visit, step *eform.Step, form *formView) error {
	key := v.Cookies(p.resumeCookieName())
	if key == "" {
		return nil
	}
	take := p.Sessions.TakePending
	if v.looks() {
		take = p.Sessions.LookPending
	}
	raw, err := take(v.ctx(), key)
	if errors.Is(err, session.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	var held heldPage
	if err := json.Unmarshal(raw, &held); err != nil {
		return fmt.Errorf("portal: held page: %w", err)
	}
	if held.Person != "" && held.Person != v.who().Person {
		if !v.looks() {
			v.Cookie(p.cookie(p.resumeCookieName(), "", -time.Hour))
		}
		return nil
	}
	elsewhere := held.Place != v.place(i18n.Vi)
	switch {
	case elsewhere && v.looks():
		return nil
	case elsewhere:
		// It belongs to another page, and stays until that page asks for it.
		return p.Sessions.PutPending(v.ctx(), key, raw, resumeLife)
	case !v.looks():
		v.Cookie(p.cookie(p.resumeCookieName(), "", -time.Hour))
	}
	typed, _, err := p.decodeStep(v, form.view.Form, step, held.Posted)
	if err != nil {
		return err
	}
	form.lay(typed, held.Posted)
	form.notice = i18n.T(v.lang, "keep.resumed")
	return nil
}

// lay puts what was posted and not saved over what is saved. Fields that were changed elsewhere meanwhile
// show both values.
func (f *formView) lay(typed eform.Answers, posted map[string][]string) {
	f.answers = merge(f.view.Answers, typed, posted)
	f.posted, f.conflicts = posted, map[string]dossier.Conflict{}
	for id, value := range typed {
		base, shown := posted[basePrefix+id]
		was := f.view.Fields[id]
		if !shown || first(base) == strconv.Itoa(was.Revision) || value.Equal(was.Value) {
			continue
		}
		f.conflicts[id] = dossier.Conflict{Field: id, Mine: value, Theirs: was.Value,
			Revision: was.Revision, At: was.ChangedAt}
	}
}

// heldQuery tells the login that a page is held.
func heldQuery() string { return url.Values{"tam-giu": {"1"}}.Encode() }
