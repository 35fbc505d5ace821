package demoidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congdvc/identity/demoidp"
)

// TestPagesElsewhere walks a login and a logout whose pages live on another origin than the issuer.
func TestPagesElsewhere(t *testing.T) {
	t.Parallel()
	for _, where := range []demoidp.Elsewhere{demoidp.ByForwarding, demoidp.ByDiscovery} {
		cfg := config()
		cfg.Elsewhere, cfg.PostLogoutURIs = where, []string{"http://portal.test/"}
		idp := start(t, cfg)
		if idp.PagesURL() == idp.URL() || !strings.HasPrefix(idp.PagesURL(), "http://localhost:") {
			t.Fatalf("%s: pages at %s, issuer %s", where, idp.PagesURL(), idp.URL())
		}
		named, origin := idp.URL(), idp.URL()
		if where == demoidp.ByDiscovery {
			named, origin = idp.PagesURL(), idp.PagesURL()
		}
		_, document := get(t, idp.URL()+"/.well-known/openid-configuration")
		for _, endpoint := range []string{`"authorization_endpoint":"` + named + "/authorize",
			`"end_session_endpoint":"` + named + "/end_session", `"token_endpoint":"` + idp.URL() + "/"} {
			if !strings.Contains(document, endpoint) {
				t.Errorf("%s: no %s in %s", where, endpoint, document)
			}
		}
		answer, body := get(t, strings.Replace(authorize(idp, nil), idp.URL(), origin, 1))
		at := answer.Request.URL
		found := requestField.FindStringSubmatch(body)
		policy := answer.Header.Get("Content-Security-Policy")
		if "http://"+at.Host != idp.PagesURL() || found == nil || !strings.Contains(policy, idp.URL()) {
			t.Fatalf("%s: the login page is at %s, with %s", where, at, policy)
		}
		answer, _ = post(t, at.String(), url.Values{"request": {found[1]}, "person": {"lan"}})
		if back, _ := answer.Location(); back == nil || back.Host != "portal.test" ||
			back.Query().Get("code") == "" {
			t.Errorf("%s: led back to %v", where, back)
		}
		answer, _ = get(t, origin+"/end_session?client_id=portal&post_logout_redirect_uri="+
			url.QueryEscape("http://portal.test/"))
		if back, _ := answer.Location(); back == nil || back.Host != "portal.test" ||
			"http://"+answer.Request.URL.Host != idp.PagesURL() {
			t.Errorf("%s: the logout leads from %s to %v", where, answer.Request.URL, back)
		}
	}
}

func TestTurnAway(t *testing.T) {
	t.Parallel()
	idp := start(t, config())
	idp.TurnAway("temporarily_unavailable", "authentication_expired", 1)
	answer, _ := get(t, authorize(idp, nil))
	back, _ := answer.Location()
	if back == nil || back.Host != "portal.test" || back.Query().Get("state") != "s" ||
		back.Query().Get("error") != "temporarily_unavailable" ||
		back.Query().Get("error_description") != "authentication_expired" {
		t.Errorf("led to %v", back)
	}
	if answer, _ := get(t, authorize(idp, nil)); answer.StatusCode != http.StatusOK {
		t.Errorf("the next login: %d", answer.StatusCode)
	}
	idp.TurnAway("login_required", "", 1)
	answer, _ = get(t, authorize(idp, func(q url.Values) { q.Set("redirect_uri", "http://evil.test/") }))
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("an address that is not registered: %d", answer.StatusCode)
	}
}
