package oidc_test

import (
	"errors"
	"strings"
	"testing"

	"congdvc/identity/demoidp"
	"congdvc/identity/oidc"
	"congdvc/services/fault"
)

// TestErrorsOfTheProvider: what each error means with which a browser can come back.
func TestErrorsOfTheProvider(t *testing.T) {
	t.Parallel()
	c, p := oidc.New(clientConfig("https://id.test")), oidc.Pending{State: "state"}
	for _, tc := range []struct {
		code, description string
		want              *fault.Fault
	}{
		{"access_denied", "", oidc.ErrDenied},
		{"access_denied", "authentication_expired", oidc.ErrDenied},
		{"login_required", "", oidc.ErrAgain},
		{"interaction_required", "", oidc.ErrAgain},
		{"account_selection_required", "", oidc.ErrAgain},
		{"consent_required", "", oidc.ErrAgain},
		{"authentication_expired", "", oidc.ErrAgain},
		{"temporarily_unavailable", "authentication_expired", oidc.ErrAgain}, // as Keycloak says it
		{"temporarily_unavailable", "", oidc.ErrAway},
		{"temporarily_unavailable", "Bảo trì hệ thống", oidc.ErrAway},
		{"server_error", "", oidc.ErrAway},
		{"invalid_request", "", oidc.ErrRequest},
		{"unauthorized_client", "", oidc.ErrRequest},
		{"unsupported_response_type", "", oidc.ErrRequest},
		{"invalid_scope", "", oidc.ErrRequest},
		{"request_not_supported", "", oidc.ErrRequest},
		{"something_new", "", oidc.ErrRequest},
		{"Nguyễn Thị Lan 037191004821", "", oidc.ErrRequest},
	} {
		err := c.Refusal(p, "state", tc.code, tc.description)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s, %q: %v, want %v", tc.code, tc.description, err, tc.want)
		}
		if strings.Contains(err.Error(), "Lan") || tc.description != "" &&
			strings.Contains(err.Error(), tc.description) {
			t.Errorf("%s: a log would say %v", tc.code, err)
		}
		wantErr(t, c.Refusal(p, "another", tc.code, tc.description), oidc.ErrState)
	}
}

// TestCausesNameNobody: what a log says of a login that failed has neither codes nor what a provider says
// about the person.
func TestCausesNameNobody(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	for _, injected := range []demoidp.Fault{demoidp.WrongNonce, demoidp.ExpiredToken, demoidp.ForeignKey,
		demoidp.WrongSubject, demoidp.NoUserinfo, demoidp.Overloaded} {
		p, back := login(t, c, "minh")
		idp.Inject(injected)
		_, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
		idp.Inject(demoidp.NoFault)
		if err == nil {
			t.Fatalf("%s: accepted", injected)
		}
		for _, secret := range []string{back.Get("state"), back.Get("code"), p.Nonce, "Minh",
			"036086001357"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: a log would say %v", injected, err)
			}
		}
	}
}
