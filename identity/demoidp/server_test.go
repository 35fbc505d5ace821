package demoidp_test

import (
	"context"
	"encoding/json"
	"go/build"
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
)

const (
	returnURL = "http://portal.test/back"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
)

func config() demoidp.Config {
	return demoidp.Config{ClientID: "portal", ClientSecret: "secret", RedirectURIs: []string{returnURL},
		Log: slog.New(slog.DiscardHandler)}
}

func start(t *testing.T, cfg demoidp.Config) *demoidp.Server {
	t.Helper()
	idp, err := demoidp.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { idp.Close() })
	return idp
}

// fetch gives a page and its answer; redirects to the portal are not followed.
func fetch(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "portal.test" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func get(t *testing.T, to string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	return fetch(t, r)
}

func post(t *testing.T, to string, form url.Values) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return fetch(t, r)
}

// authorize is the address of the authorization endpoint with a good request, changed.
func authorize(idp *demoidp.Server, change func(url.Values)) string {
	q := url.Values{
		"client_id": {"portal"}, "response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {returnURL},
		"state": {"s"}, "nonce": {"n"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if change != nil {
		change(q)
	}
	return idp.URL() + "/authorize?" + q.Encode()
}

var requestField = regexp.MustCompile(`name="request" value="([^"]+)"`)

func TestLoginPage(t *testing.T) {
	t.Parallel()
	idp := start(t, config())
	for lang, want := range map[string]string{"vi": "Chọn người đăng nhập", "en": "Choose who logs in",
		"fr": "Chọn người đăng nhập"} {
		answer, body := get(t, authorize(idp, func(q url.Values) { q.Set("ui_locales", lang) }))
		if answer.StatusCode != http.StatusOK || !strings.Contains(body, "<h1>"+want+"</h1>") {
			t.Errorf("%s: status %d: %s", lang, answer.StatusCode, body)
		}
		for _, person := range idp.People() {
			if !strings.Contains(body, person.Name) || strings.Contains(body, person.Number) {
				t.Errorf("%s: %s is missing, or shown with a number", lang, person.Name)
			}
		}
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") ||
			!strings.Contains(policy, "form-action 'self' http://portal.test") ||
			strings.Contains(policy, "unsafe") {
			t.Errorf("policy %q", policy)
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "style=") {
			t.Error("the page has what its policy forbids")
		}
	}
	answer, body := get(t, idp.URL()+"/login.css")
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"),
		"text/css") || !strings.Contains(body, ":focus-visible") {
		t.Errorf("style sheet: status %d", answer.StatusCode)
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	idp := start(t, config())
	for name, change := range map[string]func(url.Values){
		"address not registered": func(q url.Values) { q.Set("redirect_uri", "http://evil.test/") },
		"another client":         func(q url.Values) { q.Set("client_id", "other") },
		"no PKCE": func(q url.Values) {
			q.Del("code_challenge")
			q.Del("code_challenge_method")
		},
		"plain PKCE":    func(q url.Values) { q.Set("code_challenge_method", "plain") },
		"implicit flow": func(q url.Values) { q.Set("response_type", "id_token") },
	} {
		answer, body := get(t, authorize(idp, change))
		back, _ := answer.Location()
		refused := answer.StatusCode == http.StatusBadRequest || back != nil && back.Host == "portal.test" &&
			back.Query().Get("error") != ""
		if !refused || requestField.MatchString(body) {
			t.Errorf("%s: status %d, sent to %v", name, answer.StatusCode, back)
		}
	}
}

func TestALoginIsDecidedOnce(t *testing.T) {
	t.Parallel()
	idp := start(t, config())
	_, body := get(t, authorize(idp, nil))
	id := requestField.FindStringSubmatch(body)[1]
	page := idp.URL() + "/login"
	if answer, _ := post(t, page, url.Values{"request": {id}, "person": {"nobody"}}); answer.StatusCode !=
		http.StatusNotFound {
		t.Errorf("an unknown person: status %d", answer.StatusCode)
	}
	answer, _ := post(t, page, url.Values{"request": {id}, "person": {"lan"}})
	if back, _ := answer.Location(); back == nil || back.Query().Get("code") == "" ||
		back.Query().Get("state") != "s" {
		t.Errorf("status %d, sent to %v", answer.StatusCode, back)
	}
	if answer, _ := post(t, page, url.Values{"request": {id}, "person": {"minh"}}); answer.StatusCode !=
		http.StatusNotFound {
		t.Errorf("decided twice: status %d", answer.StatusCode)
	}
	if answer, _ := get(t, page+"?request=unknown"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown request: status %d", answer.StatusCode)
	}
}

func keyID(t *testing.T, idp *demoidp.Server) string {
	t.Helper()
	_, body := get(t, idp.URL()+"/keys")
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(body), &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("keys %s: %v", body, err)
	}
	if set.Keys[0]["d"] != "" {
		t.Fatal("the private key is shown")
	}
	return set.Keys[0]["kid"]
}

func TestKeyFileKeepsTheKey(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.KeyFile = filepath.Join(t.TempDir(), "key.pem")
	first := start(t, cfg)
	before := keyID(t, first)
	first.Close()
	if after := keyID(t, start(t, cfg)); before == "" || after != before {
		t.Errorf("key %q became %q", before, after)
	}
	if info, err := os.Stat(cfg.KeyFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(cfg.KeyFile, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demoidp.Start(t.Context(), cfg); err == nil {
		t.Error("started with a damaged key")
	}
}

func TestStartRefusesBadConfig(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*demoidp.Config){
		"no client":        func(c *demoidp.Config) { c.ClientID = "" },
		"no secret":        func(c *demoidp.Config) { c.ClientSecret = "" },
		"no return":        func(c *demoidp.Config) { c.RedirectURIs = nil },
		"relative return":  func(c *demoidp.Config) { c.RedirectURIs = []string{"/back"} },
		"impossible place": func(c *demoidp.Config) { c.Addr = "127.0.0.1:-1" },
	} {
		cfg := config()
		change(&cfg)
		if idp, err := demoidp.Start(t.Context(), cfg); err == nil {
			idp.Close()
			t.Errorf("%s: started", name)
		}
	}
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	idp, err := demoidp.Start(ctx, config())
	if err != nil {
		t.Fatal(err)
	}
	keyID(t, idp)
	cancel()
	if err := idp.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, idp.URL()+"/keys", nil)
	if answer, err := http.DefaultClient.Do(r); err == nil {
		answer.Body.Close()
		t.Error("still serving")
	}
}

func TestOutsideWorldKnowsNothingOfThePortal(t *testing.T) {
	t.Parallel()
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range pkg.Imports {
		if strings.HasPrefix(imported, "congdvc/") {
			t.Errorf("imports %s", imported)
		}
	}
}
