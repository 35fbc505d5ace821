package portal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/identity/oidc"
	"congdvc/identity/session"
	"congdvc/portal/address"
	"congdvc/services/fault"
	"congdvc/services/throttle"
)

// A login must come back from the identity provider within this time.
const loginLife = 15 * time.Minute

var (
	// loginBudget keeps pending logins, of a kilobyte or so, from filling Redis. It is large: many thousands
	// share the address of a mobile network. No secret is to be guessed here, the identity provider has them
	// all.
	loginBudget  = throttle.Budget{Name: "login", Limit: 3000, Per: 10 * time.Minute}
	errLoginLost = fault.New(fault.Invalid, "login.lost")
)

// pendingLogin is kept on the server while the person is at the identity provider.
type pendingLogin struct {
	OIDC oidc.Pending `json:"oidc"`
	Back string       `json:"back"`
	Lang i18n.Lang    `json:"lang"`
}

type loginPage struct {
	shell
	Action, Back string
	// Problem says why the last attempt did not succeed.
	Problem string
	// Saved tells someone whose session ended that what they typed was kept.
	Saved bool
	// Held tells someone who sent a page of a form without a session that it is held until the login.
	Held bool
	// Lost tells someone who sent a form without a session that it was not kept.
	Lost bool
}

func (p *Portal) login(v *visit) error {
	back := localPath(v.Query("ve"), v.lang)
	if v.signedIn {
		return v.see(back)
	}
	return p.render(v, "login", loginPage{
		shell: p.shell(v, i18n.T(v.lang, "login.title")), Action: address.Login(v.lang), Back: back,
		Saved: v.Query("da-luu") != "", Lost: v.Query("chua-luu") != "", Held: v.Query("tam-giu") != "",
	})
}

func (p *Portal) beginLogin(v *visit) error {
	if err := p.Limiter.Spend(v.ctx(), p.byAddress(v, loginBudget)...); errors.Is(err, throttle.ErrTooMany) {
		return err
	}
	pending, redirect, err := p.OIDC.Begin(v.ctx(), string(v.lang))
	if err != nil {
		return p.loginFailed(v, localPath(v.FormValue("ve"), v.lang), err)
	}
	state, err := json.Marshal(pendingLogin{OIDC: pending, Back: localPath(v.FormValue("ve"), v.lang),
		Lang: v.lang})
	if err != nil {
		return fmt.Errorf("portal: pending login: %w", err)
	}
	key := randomKey()
	if err := p.Sessions.PutPending(v.ctx(), key, state, loginLife); err != nil {
		return err
	}
	v.Cookie(p.cookie(p.loginCookieName(), key, loginLife))
	return v.see(redirect)
}

// finishLogin is where the identity provider sends the person back. Reloaded after a login that succeeded, it
// leads to where they were going.
func (p *Portal) finishLogin(v *visit) error {
	v.at = address.Login
	if v.looks() {
		return p.lookAtReturn(v)
	}
	pending, err := p.takePending(v)
	if err != nil {
		if v.signedIn {
			return v.see(address.Dossiers(v.lang))
		}
		return p.loginFailed(v, address.Home(v.lang), err)
	}
	v.lang = pending.Lang
	if code := v.Query("error"); code != "" {
		return p.loginFailed(v, pending.Back, p.OIDC.Refusal(pending.OIDC, v.Query("state"), code))
	}
	claims, idToken, err := p.OIDC.Finish(v.ctx(), pending.OIDC, v.Query("state"), v.Query("code"))
	if err != nil {
		return p.loginFailed(v, pending.Back, err)
	}
	who, err := p.Desk.SignIn(v.ctx(), claims)
	if err != nil {
		return p.loginFailed(v, pending.Back, err)
	}
	if err := p.beginSession(v, who, idToken); err != nil {
		return err
	}
	return v.see(pending.Back)
}

// lookAtReturn answers a HEAD of the return. It finishes no login: whoever has begun one is led to the login.
func (p *Portal) lookAtReturn(v *visit) error {
	switch {
	case v.signedIn:
		return v.see(address.Dossiers(v.lang))
	case v.Cookies(p.loginCookieName()) != "":
		return v.see(address.Login(v.lang))
	}
	return p.loginFailed(v, address.Home(v.lang), errLoginLost)
}

func (p *Portal) takePending(v *visit) (pendingLogin, error) {
	var pending pendingLogin
	key := v.Cookies(p.loginCookieName())
	if key == "" {
		return pending, errLoginLost
	}
	b, err := p.Sessions.TakePending(v.ctx(), key)
	if errors.Is(err, session.ErrNone) {
		return pending, errLoginLost
	}
	if err != nil {
		return pending, err
	}
	if err := json.Unmarshal(b, &pending); err != nil {
		return pending, fmt.Errorf("portal: pending login: %w", err)
	}
	return pending, nil
}

// loginFailed shows the login page again with the reason. An error that has no text for people is answered
// as a failure of the portal.
func (p *Portal) loginFailed(v *visit, back string, err error) error {
	faults := fault.All(err)
	if len(faults) == 0 {
		return err
	}
	v.at = func(lang string) string { return loginPath(i18n.Lang(lang), back) }
	status, _ := classify(err)
	if status >= 500 {
		p.Log.WarnContext(v.ctx(), "login failed", "request", requestID(v.Ctx), "error", err.Error())
	}
	return p.renderStatus(v, status, "login", loginPage{
		shell: p.shell(v, i18n.T(v.lang, "login.title")), Action: address.Login(v.lang), Back: back,
		Problem: i18n.Fault(v.lang, faults[0]),
	})
}

func (p *Portal) logout(v *visit) error {
	// With Redis away the session cannot be ended, but this browser can forget it.
	v.Cookie(p.cookie(p.cookieName(), "", -time.Hour))
	if v.session.ID == "" {
		return v.see(address.Home(v.lang))
	}
	if err := p.Sessions.End(v.ctx(), v.session.ID); err != nil {
		return err
	}
	if to := p.OIDC.LogoutURL(v.session.LogoutHint, p.Site.URL(address.Home("vi"))); to != "" {
		return v.see(to)
	}
	return v.see(address.Home(v.lang))
}

func (p *Portal) loginCookieName() string {
	if p.Secure {
		return "__Host-dang-nhap"
	}
	return "dang-nhap"
}

// localPath is the path if it is one of this site, else the home page: a login must not lead to another site.
func localPath(path string, l i18n.Lang) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsAny(path, "\\\r\n\t") {
		return address.Home(l)
	}
	if _, tail := address.Split(path); strings.HasPrefix(tail, "/dang-") {
		return address.Home(l)
	}
	return path
}

func randomKey() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
