package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/oidc"
	"congdvc/identity/session"
	"congdvc/portal/address"
	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

// A login must come back from the identity provider within this time.
const loginLife = 15 * time.Minute

var errLoginLost = fault.New(fault.Invalid, "login.lost")

// pendingLogin is kept on the server while the person is at the identity provider.
type pendingLogin struct {
	OIDC oidc.Pending `json:"oidc"`
	Back string       `json:"back"`
	Lang i18n.Lang    `json:"lang"`
	// Again says that the provider already asked once for the login to be begun anew.
	Again bool `json:"again,omitempty"`
}

type loginPage struct {
	shell
	Action, Back string
	// Problem says why the last attempt did not succeed, RequestID under which id the log says it.
	Problem, RequestID string
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
	p.loginBrowser(v) // before the form is sent, so that two tabs that send it at once are one browser
	return p.render(v, "login", loginPage{
		shell: p.shell(v, i18n.T(v.lang, "login.title")), Action: address.Login(v.lang), Back: back,
		Saved: v.Query("da-luu") != "", Lost: v.Query("chua-luu") != "", Held: v.Query("tam-giu") != "",
	})
}

func (p *Portal) beginLogin(v *visit) error {
	// No secret is to be guessed here, the identity provider has them all.
	if err := p.spend(v, startLogin, p.chargesOf(v, startLogin, nil)); spent(err) {
		p.logRefused(v, err)
		return err
	}
	back := localPath(v.FormValue("ve"), v.lang)
	return p.sendToLogin(v, pendingLogin{Back: back, Lang: v.lang})
}

// sendToLogin begins a login at the identity provider and leads there.
func (p *Portal) sendToLogin(v *visit, pending pendingLogin) error {
	browser := p.loginBrowser(v)
	begun, to, err := p.OIDC.Begin(v.ctx(), string(pending.Lang), markOf(browser))
	if err != nil {
		return p.loginFailed(v, pending.Back, err)
	}
	pending.OIDC = begun
	kept, err := json.Marshal(pending)
	if err != nil {
		return fmt.Errorf("portal: pending login: %w", err)
	}
	if err := p.Sessions.PutLogin(v.ctx(), browser, begun.State, kept, loginLife); err != nil {
		p.logRefused(v, err)
		return err
	}
	return p.leadOn(v, toIdentity, to)
}

// finishLogin is where the identity provider sends the person back. A return that was used before leads on
// whoever is logged in.
func (p *Portal) finishLogin(v *visit) error {
	v.at = address.Login
	if v.looks() {
		return p.lookAtReturn(v)
	}
	pending, err := p.takeLogin(v)
	if err != nil {
		if v.signedIn {
			p.logRefused(v, err)
			return v.see(address.Dossiers(v.lang))
		}
		return p.loginFailed(v, address.Home(v.lang), err)
	}
	v.lang = pending.Lang
	claims, idToken, err := p.provenLogin(v, pending.OIDC)
	if errors.Is(err, oidc.ErrAgain) && !pending.Again {
		pending.Again = true
		return p.sendToLogin(v, pending)
	}
	if err != nil && v.signedIn && (errors.Is(err, oidc.ErrDenied) || errors.Is(err, oidc.ErrAgain)) {
		p.logRefused(v, err) // another tab has logged in meanwhile
		return v.see(pending.Back)
	}
	if err != nil {
		return p.loginFailed(v, pending.Back, err)
	}
	who, err := p.Desk.SignIn(v.ctx(), claims)
	if err != nil {
		return p.loginFailed(v, pending.Back, err)
	}
	charges := p.chargesOf(v, loggingIn, payers{aPerson: string(who.Person)})
	if err := p.spend(v, loggingIn, charges); spent(err) {
		return p.loginFailed(v, pending.Back, err)
	}
	to, err := p.beginSession(v, who, idToken, pending.Back)
	if err != nil {
		return p.loginFailed(v, pending.Back, err)
	}
	return v.see(to)
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

// provenLogin is what the identity provider proves in this return, or why it does not.
func (p *Portal) provenLogin(v *visit, begun oidc.Pending) (identity.Claims, string, error) {
	if code := v.Query("error"); code != "" {
		err := p.OIDC.Refusal(begun, v.Query("state"), code, v.Query("error_description"))
		return identity.Claims{}, "", err
	}
	return p.OIDC.Finish(v.ctx(), begun, v.Query("state"), v.Query("code"))
}

// takeLogin takes the login that this return ends; those of other tabs stay. A return that belongs to another
// browser is oidc.ErrState.
func (p *Portal) takeLogin(v *visit) (pending pendingLogin, err error) {
	browser, state := v.Cookies(p.loginCookieName()), v.Query("state")
	if browser == "" || state == "" {
		return pending, errLoginLost
	}
	kept, err := p.Sessions.TakeLogin(v.ctx(), browser, state)
	switch {
	case errors.Is(err, session.ErrNone) && !strings.HasSuffix(state, markOf(browser)):
		return pending, oidc.ErrState
	case errors.Is(err, session.ErrNone):
		return pending, errLoginLost
	case err != nil:
		return pending, err
	}
	if err := json.Unmarshal(kept, &pending); err != nil {
		return pending, fmt.Errorf("portal: pending login: %w", err)
	}
	return pending, nil
}

// loginFailed shows the login page again with the reason. An error that has no text for people is answered
// as a failure of the portal.
func (p *Portal) loginFailed(v *visit, back string, err error) error {
	status := p.logRefused(v, err)
	faults := fault.All(err)
	if len(faults) == 0 {
		return err
	}
	v.at = func(lang string) string { return loginPath(i18n.Lang(lang), back) }
	return p.renderStatus(v, status, "login", loginPage{
		shell: p.shell(v, i18n.T(v.lang, "login.title")), Action: address.Login(v.lang), Back: back,
		Problem: i18n.Fault(v.lang, faults[0]), RequestID: requestID(v.Ctx),
	})
}

// logRefused writes one line for a login that was refused, whatever the reason: with the id of the request,
// and without anything by which the person, the code or the state could be known. It gives the status of the
// answer.
func (p *Portal) logRefused(v *visit, err error) (status int) {
	status, reason := classify(err)
	cause, level := "", slog.LevelInfo
	if faults := fault.All(err); len(faults) > 0 {
		reason = faults[0].Key
		if faults[0].Cause != nil {
			cause = faults[0].Cause.Error()
		}
	}
	if errors.Is(err, oidc.ErrRequest) { // no outage, which would pass
		status = fiber.StatusInternalServerError
	}
	if status >= fiber.StatusInternalServerError {
		level = slog.LevelWarn
	}
	p.Log.Log(v.ctx(), level, "login refused", "request", requestID(v.Ctx), "reason", reason,
		"status", status, "cause", cause)
	return status
}

func (p *Portal) logout(v *visit) error {
	// With Redis away the session cannot be ended, but this browser can forget it.
	v.Cookie(p.cookie(p.cookieName(), "", -time.Hour))
	if v.session.ID == "" {
		return v.see(address.Home(v.lang))
	}
	ended := v.session
	if err := p.Sessions.End(v.ctx(), ended.ID); err != nil {
		return err
	}
	v.session, v.signedIn = session.Session{}, false
	to := p.OIDC.LogoutURL(ended.LogoutHint, p.Site.URL(address.Home("vi")), string(v.lang))
	if to == "" {
		return v.see(address.Home(v.lang))
	}
	return p.leadOn(v, toLogout, to)
}

// loginBrowser is the secret by which the logins of this browser are known. All its tabs share it, and it
// outlives each login by the time that the others may still take.
func (p *Portal) loginBrowser(v *visit) string {
	key := v.Cookies(p.loginCookieName())
	if len(key) != len(randomKey()) {
		key = randomKey()
	}
	v.Cookie(p.cookie(p.loginCookieName(), key, loginLife))
	return key
}

// markOf ends the state of every login that a browser begins. It tells a login that is over from one of
// another browser, and nothing of the secret.
func markOf(browser string) string {
	sum := sha256.Sum256([]byte("login " + browser))
	return base32.StdEncoding.EncodeToString(sum[:])[:8]
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
