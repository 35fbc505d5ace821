package portal_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"congdvc/identity/demoidp"
	"congdvc/portal"
	"congdvc/portal/address"
	"congdvc/services/throttle"

	"github.com/redis/go-redis/v9"
)

const tabs = "/ho-so"

// tab begins a login in a further tab of a browser and gives the page on which people choose who they are.
func (b *browser) tab() page {
	b.t.Helper()
	return b.post(address.Login("vi"), url.Values{"ve": {tabs}})
}

// returnOf chooses a person and gives the address with which the provider sends the browser back, not
// followed.
func (b *browser) returnOf(chooser page, name string) string {
	b.t.Helper()
	last, follow := "", b.http.CheckRedirect
	b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if last = r.URL.String(); strings.HasPrefix(last, b.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	defer func() { b.http.CheckRedirect = follow }()
	b.finishLogin(chooser, name)
	return last
}

// TestTabsOfOneBrowser: logins that are begun side by side all end logged in, in whatever order they come
// back, and what the first tab had open stays good.
func TestTabsOfOneBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, order := range [][]int{{0, 1}, {1, 0}, {2, 0, 1}, {1, 2, 3, 0}} {
		b := s.visitor(t)
		b.get(address.Login("vi"))
		choosers := make([]page, len(order))
		for i := range choosers {
			choosers[i] = b.tab()
		}
		token := ""
		for _, i := range order {
			p := b.finishLogin(choosers[i], "Nguyễn Thị Lan")
			if p.path != tabs || p.StatusCode != http.StatusOK {
				t.Errorf("%v: tab %d ends at %s (%d)", order, i, p.path, p.StatusCode)
			}
			account := b.get("/tai-khoan")
			if now := account.token(t); token == "" {
				token = now
			} else if now != token {
				t.Errorf("%v: tab %d made the forms of the others worthless", order, i)
			}
		}
	}
}

// TestCancelledInOneTab: who has logged in in another tab meanwhile is led on all the same.
func TestCancelledInOneTab(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	first, second := b.tab(), b.tab()
	b.finishLogin(first, "Nguyễn Thị Lan")
	form := second.hidden()
	form.Set("cancel", "1")
	u, err := second.Request.URL.Parse("/login")
	must(t, err)
	if p := b.post(u.String(), form); p.path != tabs || p.StatusCode != http.StatusOK {
		t.Errorf("led to %s (%d)", p.path, p.StatusCode)
	}
	if !strings.Contains(s.Log.String(), "reason=oidc.denied") {
		t.Errorf("the log says %s", s.Log)
	}
}

// TestTabsOfTwoPeople: a second tab in which somebody else logs in is that person's from then on.
func TestTabsOfTwoPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	first, second := b.tab(), b.tab()
	b.finishLogin(first, "Nguyễn Thị Lan")
	lan := b.cookieNamed("phien")
	b.finishLogin(second, "Trần Văn Minh")
	if p := b.get("/tai-khoan"); !strings.Contains(p.body, "Trần Văn Minh") ||
		strings.Contains(p.body, "Nguyễn Thị Lan") {
		t.Error("the second login does not count")
	}
	thief := s.visitor(t)
	thief.setCookie("phien", lan)
	if p := thief.get("/tai-khoan"); !strings.HasPrefix(p.path, address.Login("vi")) {
		t.Errorf("the first session goes on: %s", p.path)
	}
}

func (b *browser) cookieNamed(name string) string {
	b.t.Helper()
	at, err := url.Parse(b.URL)
	must(b.t, err)
	for _, c := range b.http.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) setCookie(name, value string) {
	b.t.Helper()
	at, err := url.Parse(b.URL)
	must(b.t, err)
	b.http.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// TestReturnsThatAreRefused: those of another browser, of nobody, and those that were used.
func TestReturnsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, another := s.visitor(t), s.visitor(t)
	back := b.returnOf(b.tab(), "Nguyễn Thị Lan")
	if p := another.get(back); p.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a browser without a login: %d", p.StatusCode)
	}
	another.tab()
	if p := another.get(back); p.StatusCode != http.StatusForbidden {
		t.Errorf("a browser with a login of its own: %d", p.StatusCode)
	}
	if another.cookieNamed("phien") != "" {
		t.Error("the return of one browser logs another in")
	}
	if p := b.get(back); p.path != tabs {
		t.Errorf("refused elsewhere, it is burned here: %d %s", p.StatusCode, p.path)
	}
	if p := b.get(back); p.path != address.Dossiers("vi") {
		t.Errorf("used again by somebody logged in: %d %s", p.StatusCode, p.path)
	}
	b.setCookie("phien", "")
	if p := b.get(back); p.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("used again by a visitor: %d %s", p.StatusCode, p.path)
	}
}

// TestErrorsOfTheProviderAreToldApart: what a person meets when the provider sends logins back with an error
// so many times.
func TestErrorsOfTheProviderAreToldApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const again, twice, away, wrong = "chooser", "đã hết hiệu lực", "chưa phản hồi", "Lỗi này không do bạn"
	for _, c := range []struct {
		code, description string
		times, status     int
		says              string
	}{
		{"login_required", "", 1, 200, again},
		{"interaction_required", "", 1, 200, again},
		{"authentication_expired", "", 1, 200, again},
		{"temporarily_unavailable", "authentication_expired", 1, 200, again},
		{"login_required", "", 2, 403, twice},
		{"temporarily_unavailable", "authentication_expired", 2, 403, twice},
		{"temporarily_unavailable", "", 1, 503, away},
		{"server_error", "", 1, 503, away},
		{"access_denied", "", 1, 403, "Bạn đã hủy đăng nhập"},
		{"invalid_scope", "", 1, 500, wrong},
		{"unauthorized_client", "", 1, 500, wrong},
	} {
		b := s.visitor(t)
		s.IDP.TurnAway(c.code, c.description, c.times)
		p := b.tab()
		s.IDP.TurnAway("", "", 0)
		if c.says == again {
			if end := b.finishLogin(p, "Nguyễn Thị Lan"); end.path != tabs {
				t.Errorf("%s: begun anew, it ends at %s (%d)", c.code, end.path, end.StatusCode)
			}
			continue
		}
		if p.StatusCode != c.status || !strings.Contains(p.body, c.says) ||
			!strings.Contains(p.body, `name="ve" value="`+tabs+`"`) {
			t.Errorf("%s, %d times: %d at %s: %s", c.code, c.times, p.StatusCode, p.path, p.body)
		}
		checkPage(t, s, p)
		if strings.Contains(c.says, "hủy") == (c.code != "access_denied") {
			t.Errorf("%s: who cancelled?", c.code)
		}
		if end := b.finishLogin(b.tab(), "Nguyễn Thị Lan"); end.path != tabs {
			t.Errorf("%s: the next login ends at %s", c.code, end.path)
		}
	}
}

var shownID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// TestEveryRefusedLoginIsLogged: one line each, with the id that the person sees and the reason, and without
// the state, the code or anything about the person.
func TestEveryRefusedLoginIsLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *demoidp.Config) {
		people, err := demoidp.DefaultPeople()
		must(t, err)
		broken := people[0]
		broken.Subject, broken.Name, broken.Number = "broken", "Lý Thị Khuyết", "12"
		c.People = append(people, broken)
	})
	turnedAway := func(code string) func(*browser) page {
		return func(b *browser) page {
			s.IDP.TurnAway(code, "Nguyễn Thị Lan", 2)
			defer s.IDP.TurnAway("", "", 0)
			return b.tab()
		}
	}
	faulty := func(f demoidp.Fault) func(*browser) page {
		return func(b *browser) page {
			back := b.returnOf(b.tab(), "Nguyễn Thị Lan")
			s.IDP.Inject(f)
			defer s.IDP.Inject(demoidp.NoFault)
			return b.get(back)
		}
	}
	for reason, act := range map[string]func(*browser) page{
		"login.lost": func(b *browser) page { return b.get(address.OIDCReturn() + "?state=x&code=y") },
		"oidc.state": func(b *browser) page {
			back := b.returnOf(b.tab(), "Nguyễn Thị Lan")
			another := s.visitor(b.t)
			another.tab()
			return another.get(back)
		},
		"oidc.denied":  turnedAway("access_denied"),
		"oidc.again":   turnedAway("login_required"),
		"oidc.away":    turnedAway("server_error"),
		"oidc.request": turnedAway("invalid_scope"),
		"oidc.token":   faulty(demoidp.WrongNonce),
		"oidc.claims":  func(b *browser) page { return b.finishLogin(b.tab(), "Lý Thị Khuyết") },
		"oidc.assurance_too_low": func(b *browser) page {
			return b.finishLogin(b.tab(), "Đỗ Văn Tùng")
		},
		"identity.number_changed": func(b *browser) page {
			s.person(b.t, "Trần Văn Minh")
			s.person(b.t, "Nguyễn Thị Lan")
			_, err := s.Pool.Exec(b.t.Context(), `update account a set person_id = (select b.person_id from account b
				where b.person_id <> a.person_id and b.organisation_id is null limit 1)`)
			must(b.t, err)
			return b.finishLogin(b.tab(), "Nguyễn Thị Lan")
		},
	} {
		s.Log.Reset()
		p := act(s.visitor(t))
		var lines []string
		for line := range strings.Lines(s.Log.String()) {
			if strings.Contains(line, "login refused") {
				lines = append(lines, line)
			}
		}
		id := shownID.FindString(p.body)
		if len(lines) != 1 || id == "" || !strings.Contains(lines[0], "request="+id) ||
			!strings.Contains(lines[0], "reason="+reason+" ") {
			t.Errorf("%s: the page names %q, the log says %q\n%s", reason, id, lines, p.body)
		}
		for name, values := range p.Request.URL.Query() {
			if slices.Contains([]string{"state", "code"}, name) && len(values[0]) > 10 &&
				strings.Contains(s.Log.String(), values[0]) {
				t.Errorf("%s: the log has the %s", reason, name)
			}
		}
		for _, personal := range []string{"Lan", "Khuyết", "Minh", "Tùng", "037191004821"} {
			if strings.Contains(s.Log.String(), personal) {
				t.Errorf("%s: the log names somebody: %s", reason, s.Log)
			}
		}
	}
}

// TestSpentLoginsAreLogged: the budget of an address ends, and the log says so.
func TestSpentLoginsAreLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	b.stays = true
	for range 9 {
		b.post(address.Login("vi"), url.Values{})
	}
	limiter := throttle.New(redis.NewClient(&redis.Options{Addr: s.Redis.Addr()}))
	spent := throttle.Charge{Budget: portal.LoginBudget, Key: "127.0.0.1"}
	for range portal.LoginBudget.Limit {
		_ = limiter.Spend(t.Context(), spent)
	}
	s.Log.Reset()
	p := b.post(address.Login("vi"), url.Values{})
	id := shownID.FindString(p.body)
	if line := s.Log.String(); p.StatusCode != http.StatusTooManyRequests ||
		strings.Count(line, "login refused") != 1 ||
		!strings.Contains(line, "request="+id+" reason=budget.login") {
		t.Errorf("%d, %s, the log says %q", p.StatusCode, id, line)
	}
	// However many are begun, a browser keeps a few.
	bounded := 0
	for _, key := range s.Redis.Keys() {
		if fields, err := s.Redis.HKeys(key); err == nil && strings.HasPrefix(key, "login:") {
			bounded = max(bounded, len(fields))
		}
	}
	if bounded != 8 {
		t.Errorf("%d logins of one browser are kept", bounded)
	}
}

// TestTheSecretOfTheBrowserIsItsOwn: two browsers never share it, one that is no secret of ours is replaced.
func TestTheSecretOfTheBrowserIsItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seen := map[string]bool{}
	for _, planted := range []string{"", "x", strings.Repeat("A", 42), strings.Repeat("A", 44)} {
		b := s.visitor(t)
		if planted != "" {
			b.setCookie("dang-nhap", planted)
		}
		b.get(address.Login("vi"))
		secret := b.cookieNamed("dang-nhap")
		b.tab()
		if secret == planted || b.cookieNamed("dang-nhap") != secret || len(secret) != 43 {
			t.Errorf("%q became %q, then %q", planted, secret, b.cookieNamed("dang-nhap"))
		}
		seen[secret] = true
	}
	if len(seen) != 4 {
		t.Errorf("shared: %v", slices.Collect(maps.Keys(seen)))
	}
}
