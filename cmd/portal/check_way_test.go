package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"congdvc/identity/demoidp"
	"congdvc/portal/address"
)

// TestFollow: where a browser would be stopped, and what is said of it.
func TestFollow(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	secure := httptest.NewTLSServer(mux)
	t.Cleanup(secure.Close)
	other := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	gone := httptest.NewServer(nil)
	gone.Close()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'")
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("at"), http.StatusFound)
	})
	mux.HandleFunc("/nowhere", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) })
	mux.HandleFunc("/error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) })
	mux.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("seen"); err == nil {
			http.Redirect(w, r, "/page", http.StatusFound)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
		http.Redirect(w, r, "/cookie", http.StatusFound)
	})
	to := func(from, at string) string { return from + "/to?at=" + url.QueryEscape(at) }
	const local, public = "http://127.0.0.1:8080", "https://dichvucong.example.vn"
	for name, c := range map[string]struct {
		from, site string
		stopped    string // "" where nothing stops a browser
		warned     bool
	}{
		"a page":               {server.URL + "/page", local, "", false},
		"another host":         {to(server.URL, to(other, other+"/page")), local, "", false},
		"with a cookie":        {server.URL + "/cookie", local, "", false},
		"back at the portal":   {to(server.URL, local+"/dang-nhap/ve?error=x"), local, "", false},
		"an error page":        {to(server.URL, other+"/error"), local, other + " answers 400", false},
		"a circle":             {"", local, "circle", false},
		"no address":           {server.URL + "/nowhere", local, "without an address", false},
		"nobody there":         {to(server.URL, gone.URL), local, gone.URL + " does not answer", false},
		"a foreign authority":  {to(server.URL, secure.URL+"/page"), local, "does not answer: tls", false},
		"an app":               {to(server.URL, "vneid://login?x=1"), local, "into an app (vneid:)", true},
		"plain http":           {server.URL + "/page", public, "is plain http", false},
		"this machine alone":   {secure.URL + "/page", public, "to this machine or its network", false},
		"a name of the inside": {"https://keycloak:8443/", public, "to this machine or its network", false},
	} {
		if c.from == "" {
			mux.HandleFunc("/circle", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/circle", http.StatusFound)
			})
			c.from = server.URL + "/circle"
		}
		w, err := follow(t.Context(), c.from, address.Site{Base: c.site})
		var known caution
		if (err != nil) != (c.stopped != "") || err != nil && !strings.Contains(err.Error(), c.stopped) ||
			errors.As(err, &known) != c.warned {
			t.Errorf("%s: %v, %v; want %q", name, w, err, c.stopped)
		}
		if err != nil && strings.Contains(err.Error(), "?") {
			t.Errorf("%s: the parameters are shown: %v", name, err)
		}
	}
	w, err := follow(t.Context(), to(server.URL, to(other, server.URL+"/page")), address.Site{Base: local})
	if want := fmt.Sprintf("passes %s, %s", server.URL, other); err != nil || w.String() != want {
		t.Errorf("%s, %v; want %s", w, err, want)
	}
	if err := w.comesBack(address.Site{Base: local}); err == nil ||
		!strings.Contains(err.Error(), "form-action") {
		t.Errorf("a page whose form cannot come back: %v", err)
	}
}

func TestFormMayEndAt(t *testing.T) {
	t.Parallel()
	for policy, may := range map[string]bool{
		"":                   true,
		"default-src 'none'": true,
		"form-action":        false,
		"form-action 'none'": false,
		"form-action 'self'": false,
		"form-action *":      true,
		"form-action https:": true,
		"form-action http:":  false,
		"default-src 'self'; Form-Action https://dichvucong.example.vn": true,
		"form-action https://dichvucong.example.vn/ve":                  true,
		"form-action dichvucong.example.vn":                             true,
		"form-action https://*.example.vn":                              true,
		"form-action *.vn:*":                                            true,
		"form-action https://example.vn":                                false,
		"form-action http://dichvucong.example.vn":                      false,
		"form-action https://dichvucong.example.vn:8443":                false,
		"form-action https://*example.vn":                               false,
	} {
		if got := formMayEndAt(policy, "https://dichvucong.example.vn"); got != may {
			t.Errorf("%q: %t", policy, got)
		}
	}
}

// TestCheckTellsTheWay: the origins that people pass, and what a provider that is set up wrongly does to
// them.
func TestCheckTellsTheWay(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.outside()
	lines := func(change func(*demoidp.Config)) string {
		t.Helper()
		cfg := demoidp.Config{ClientID: "portal", ClientSecret: "secret",
			RedirectURIs:   []string{p.env["PUBLIC_URL"] + address.OIDCReturn()},
			PostLogoutURIs: []string{p.env["PUBLIC_URL"] + "/"}}
		change(&cfg)
		idp, err := demoidp.Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closed(t, idp) })
		if cfg.ClientSecret == "turns away" {
			idp.TurnAway("invalid_scope", "", 1)
		}
		p.env["OIDC_ISSUER"] = idp.URL()
		out, _ := p.inspected(checkDay)
		return strings.NewReplacer(idp.PagesURL(), "PAGES", idp.URL(), "ISSUER").Replace(out)
	}
	p.has(lines(func(c *demoidp.Config) { c.Elsewhere = demoidp.ByForwarding }),
		"ok    way to the login     passes ISSUER, PAGES, up to a page there\n",
		"ok    way of the logout    passes ISSUER, PAGES, http://127.0.0.1:8080\n")
	p.has(lines(func(c *demoidp.Config) { c.Elsewhere = demoidp.ByDiscovery }),
		"ok    way to the login     passes PAGES, up to a page there\n")
	p.has(lines(func(c *demoidp.Config) { c.ClientID = "another" }),
		"FAIL  way to the login     passes PAGES; PAGES answers 400, an error page",
		"register the return address")
	p.has(lines(func(c *demoidp.Config) { c.PostLogoutURIs = nil }),
		"FAIL  way of the logout    passes PAGES; PAGES answers 400, an error page",
		"PUBLIC_URL/ to return to")
	p.has(lines(func(c *demoidp.Config) { c.ClientSecret = "turns away" }),
		`FAIL  way to the login     passes PAGES, http://127.0.0.1:8080; the provider sends people straight back `+
			`with the error "invalid_scope"`)
}
