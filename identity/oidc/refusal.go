package oidc

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"congdvc/services/fault"
)

// returned says what an error means with which a provider sends the browser back (RFC 6749, 4.1.2.1; OpenID
// Connect Core, 3.1.2.6). What is not in it is ErrRequest.
var returned = map[string]*fault.Fault{
	"access_denied": ErrDenied,

	// The provider would have to show a page, and could not any more: its own login page had gone stale, or
	// another tab had moved its session on. A login that is begun anew shows that page.
	"login_required":             ErrAgain,
	"interaction_required":       ErrAgain,
	"account_selection_required": ErrAgain,
	"consent_required":           ErrAgain,
	authenticationExpired:        ErrAgain,

	"temporarily_unavailable": ErrAway,
	"server_error":            ErrAway,
}

// authenticationExpired is an error of its own at some providers. Keycloak says it in the description of
// temporarily_unavailable, when its login page was left open for too long or was used in another tab.
const authenticationExpired = "authentication_expired"

// Refusal turns a return with an error into a fault: ErrDenied when the person cancelled, ErrAgain when the
// login has to be begun anew, ErrAway when the provider is out of order, ErrRequest when it does not take
// what it was asked, ErrState when the return is not that of the login p. Its cause names the error in a few
// safe letters; the description, which may speak of the person, is not in it.
func (c *Client) Refusal(p Pending, state, code, description string) error {
	if !sameState(p, state) {
		return ErrState
	}
	cause := fmt.Errorf("oidc: provider returned the error %s", safeCode(code))
	if strings.Contains(strings.ToLower(description), authenticationExpired) && code != "access_denied" {
		return ErrAgain.From(cause)
	}
	if f, ok := returned[code]; ok {
		return f.From(cause)
	}
	return ErrRequest.From(cause)
}

var codeShape = regexp.MustCompile(`^[a-z_]{1,40}$`)

// safeCode keeps what anybody may write into a return's address out of the log.
func safeCode(code string) string {
	if codeShape.MatchString(code) {
		return code
	}
	return "(not a code)"
}

// settings are the errors of an exchange (RFC 6749, 5.2) that say how the portal is set up.
var settings = []string{"invalid_client", "unauthorized_client", "invalid_request", "invalid_scope",
	"unsupported_grant_type"}

// exchangeFault tells a code that proves nothing from a portal that is set up wrongly, and both from a
// provider that does not work. What the provider's answer says beyond its code is dropped.
func exchangeFault(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return ErrAway.From(fmt.Errorf("oidc: exchange of the code: %w", err))
	}
	status := 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	cause := fmt.Errorf("oidc: exchange of the code: status %d, %s", status, safeCode(refused.ErrorCode))
	switch {
	case refused.ErrorCode == "invalid_grant":
		return ErrToken.From(cause)
	case slices.Contains(settings, refused.ErrorCode):
		return ErrRequest.From(cause)
	}
	return ErrAway.From(cause)
}

// userinfoFailure keeps the reason, but not the body of the answer, which may speak of the person.
func userinfoFailure(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return fmt.Errorf("oidc: userinfo: %w", failed)
	}
	reason, _, _ := strings.Cut(err.Error(), ":")
	return fmt.Errorf("oidc: userinfo: %s", reason)
}
