package oidc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"congdvc/identity/demoidp"
	"congdvc/identity/oidc"
)

const (
	returnURL  = "http://portal.test/dang-nhap/ve"
	logoutURL  = "http://portal.test/dang-xuat"
	clientID   = "congdvc"
	theSecret  = "a secret: with / odd & letters"
	tungLevel1 = "tung"
)

// keyFile is one signing key for all providers of this package's tests: making one takes a while.
var keyFile string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "oidc-test")
	if err != nil {
		panic(err)
	}
	keyFile = filepath.Join(dir, "key.pem")
	// makes the file before tests run side by side
	idp, err := demoidp.Start(context.Background(), providerConfig())
	if err != nil {
		panic(err)
	}
	idp.Close()
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func providerConfig() demoidp.Config {
	return demoidp.Config{
		ClientID: clientID, ClientSecret: theSecret, RedirectURIs: []string{returnURL},
		PostLogoutURIs: []string{logoutURL}, KeyFile: keyFile, Log: slog.New(slog.DiscardHandler),
	}
}

func startProvider(t *testing.T) *demoidp.Server {
	t.Helper()
	idp, err := demoidp.Start(t.Context(), providerConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { idp.Close() })
	return idp
}

func newClient(idp *demoidp.Server) *oidc.Client { return oidc.New(clientConfig(idp.URL())) }

func clientConfig(issuer string) oidc.Config {
	return oidc.Config{Issuer: issuer, ClientID: clientID, ClientSecret: theSecret, RedirectURL: returnURL}
}

// browser follows redirects like one, but stops at the portal's own address.
func browser() *http.Client {
	return &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "portal.test" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

var requestField = regexp.MustCompile(`name="request" value="([^"]+)"`)

// visit opens the login page and gives its address and text.
func visit(t *testing.T, to string) (string, string) {
	t.Helper()
	answer, err := browser().Get(to)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("login page: status %d, %v: %s", answer.StatusCode, err, body)
	}
	return answer.Request.URL.String(), string(body)
}

// choose presses one button of the login page and gives the query with which the browser comes back.
func choose(t *testing.T, to, button, value string) url.Values {
	t.Helper()
	page, body := visit(t, to)
	found := requestField.FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no form on the login page: %s", body)
	}
	answer, err := browser().PostForm(page, url.Values{"request": {found[1]}, button: {value}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := answer.Location()
	if err != nil || !strings.HasPrefix(back.String(), returnURL+"?") {
		t.Fatalf("not sent back to the portal: status %d, %v, %v", answer.StatusCode, back, err)
	}
	return back.Query()
}

// login begins a login and lets one of the people be chosen.
func login(t *testing.T, c *oidc.Client, person string) (oidc.Pending, url.Values) {
	t.Helper()
	p, to, err := c.Begin(t.Context(), "vi", "")
	if err != nil {
		t.Fatal(err)
	}
	return p, choose(t, to, "person", person)
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// describe shows a login for a test's message.
func describe(q url.Values) string { return fmt.Sprint(q.Encode()) }
