package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPublicPagesInBothLanguages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for path, want := range map[string][2]string{
		"/":                       {"Bạn cần làm việc gì?", "What do you need to do?"},
		"/tim-kiem":               {"Tìm thủ tục", "Find a procedure"},
		"/tim-kiem?q=khai+sinh":   {"Đăng ký khai sinh", "Birth registration"},
		"/su-kien/sinh-con":       {"Đăng ký khai sinh", "Birth registration"},
		"/thu-tuc/1.001193":       {"Giấy tờ cần có", "Documents you need"},
		"/thu-tuc/2.000635":       {"8.000", "8,000"},
		"/thu-tuc/1.001612":       {"150.000", "150,000"},
		"/thu-tuc/1.000894":       {"Một phần", "Partly online"},
		"/tra-cuu":                {"4 số cuối", "Last 4 digits"},
		"/xac-minh":               {"Mã kết quả", "Result code"},
		"/tro-giup":               {"Trợ giúp", "Help"},
		"/kha-nang-tiep-can":      {"WCAG 2.2", "WCAG 2.2"},
		"/dang-nhap?ve=%2Fho-so":  {"tài khoản định danh", "identity account"},
		"/tim-kiem?q=zzzzqqqqxxx": {"Chưa tìm thấy", "No procedure found"},
	} {
		for i, prefix := range []string{"", "/en"} {
			target := prefix + path
			if target == "/en/" {
				target = "/en"
			}
			p := b.get(target)
			if p.StatusCode != http.StatusOK || !strings.Contains(p.body, want[i]) {
				t.Errorf("%s: %d, without %q", target, p.StatusCode, want[i])
			}
			checkPage(t, s, p)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, path := range []string{"/khong-co", "/en/khong-co", "/thu-tuc/9.999999", "/su-kien/khong-co",
		"/static/../portal.go", "/xac-minh/0000-0000-0000-0000", "/thu-tuc/%00"} {
		p := b.get(path)
		if p.StatusCode != http.StatusNotFound && p.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", path, p.StatusCode)
		}
	}
	p := b.get("/khong-co")
	checkPage(t, s, p)
	if !strings.Contains(p.body, "Không tìm thấy trang này") {
		t.Error(p.body)
	}
}

func TestSignedInPagesAskToLogInAndLeadBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, path := range []string{"/ho-so", "/en/ho-so", "/tai-khoan", "/thong-bao", "/thu-tuc/1.001193/nop",
		"/ho-so/nhap/x", "/ho-so/H42.37.14329-261123-0001"} {
		p := b.get(path)
		if !strings.Contains(p.path, "/dang-nhap?ve="+url.QueryEscape(path)) {
			t.Errorf("%s led to %s", path, p.path)
		}
	}
	login := b.get("/thu-tuc/1.001193/nop")
	after := b.finishLogin(b.post(login.path, login.hidden()), "Nguyễn Thị Lan")
	if after.path != "/thu-tuc/1.001193/nop" || after.StatusCode != http.StatusOK {
		t.Errorf("after the login: %d %s", after.StatusCode, after.path)
	}
	if again := b.get("/dang-nhap/ve?state=x&code=y"); again.path != "/ho-so" {
		t.Errorf("reloading the return leads to %s", again.path)
	}
}

func TestLoginGoesNowhereElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, back := range []string{"https://evil.example/", "//evil.example", "/\\evil.example",
		"javascript:alert(1)", "/dang-xuat", "", "/\r\nx"} {
		b := s.visitor(t)
		p := b.get("/dang-nhap?" + url.Values{"ve": {back}}.Encode())
		if strings.Contains(p.body, `value="https:`) || strings.Contains(p.body, `href="javascript:`) ||
			!strings.Contains(p.body, `name="ve" value="/"`) {
			t.Errorf("%q is where the login leads", back)
		}
	}
}

func TestLoginThatFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	if p := b.get("/dang-nhap/ve?state=x&code=y"); p.StatusCode < 400 ||
		!strings.Contains(p.body, `action`) && !strings.Contains(p.body, "Đăng nhập") {
		t.Errorf("a return without a login: %d", p.StatusCode)
	}
	chooser := b.post("/dang-nhap", url.Values{"ve": {"/ho-so"}})
	form := chooser.hidden()
	form.Set("cancel", "1")
	u, err := chooser.Request.URL.Parse("/login")
	must(t, err)
	p := b.post(u.String(), form)
	if p.StatusCode != http.StatusForbidden || !strings.Contains(p.body, `value="/ho-so"`) {
		t.Errorf("a cancelled login: %d %s", p.StatusCode, p.path)
	}
	checkPage(t, s, p)
	if again := b.finishLogin(b.post(p.action(t, "vi"), p.hidden()),
		"Nguyễn Thị Lan"); again.path != "/ho-so" {
		t.Errorf("the second try led to %s", again.path)
	}
	b = s.visitor(t)
	weak := b.finishLogin(b.post("/dang-nhap", url.Values{"ve": {"/ho-so"}}), "Đỗ Văn Tùng")
	if weak.StatusCode != http.StatusForbidden {
		t.Errorf("a login of a low level: %d %s", weak.StatusCode, weak.path)
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	account := b.get("/tai-khoan")
	checkPage(t, s, account)
	if p := b.post("/dang-xuat", url.Values{"csrf": {"wrong"}}); p.StatusCode != http.StatusForbidden {
		t.Errorf("a forged logout: %d", p.StatusCode)
	}
	b.post("/dang-xuat", url.Values{"csrf": {account.token(t)}})
	if p := b.get("/ho-so"); !strings.Contains(p.path, "/dang-nhap") {
		t.Errorf("still logged in at %s", p.path)
	}
}

func TestSwitchingParty(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Phạm Thu Hà")
	b.worksFor("Cho bản thân")
	account := b.get("/tai-khoan")
	checkPage(t, s, account)
	parties := regexp.MustCompile(`name="party" value="([^"]+)"( checked)?`).
		FindAllStringSubmatch(account.body, -1)
	if len(parties) != 2 {
		t.Fatalf("%d parties: %s", len(parties), account.body)
	}
	for _, party := range parties {
		p := b.post("/tai-khoan", url.Values{"csrf": {account.token(t)}, "party": {party[1]}})
		if p.path != "/ho-so" {
			t.Errorf("switched to %s: %d %s", party[1], p.StatusCode, p.path)
		}
	}
	lan := s.person(t, "Nguyễn Thị Lan")
	token := lan.get("/tai-khoan").token(t)
	if p := lan.post("/tai-khoan", url.Values{"csrf": {token}, "party": {parties[0][1]}}); p.StatusCode !=
		http.StatusForbidden {
		t.Errorf("acting for a stranger: %d", p.StatusCode)
	}
}

func TestTrackingIsMaskedAndLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := string(s.Submitted(t, s.Citizen(t, 1)))
	b := s.visitor(t)
	found := b.post("/tra-cuu", url.Values{"code": {strings.ToLower(code)}, "digits": {"0001"}})
	if found.StatusCode != http.StatusOK || !strings.Contains(found.body, code) ||
		strings.Contains(found.body, "Nguyễn") || strings.Contains(found.body, "037190") {
		t.Errorf("%d %s", found.StatusCode, found.body)
	}
	checkPage(t, s, found)
	wrong := b.post("/tra-cuu", url.Values{"code": {code}, "digits": {"9999"}})
	none := b.post("/tra-cuu", url.Values{"code": {"H42.37.14329-250101-0001"}, "digits": {"0001"}})
	if wrong.StatusCode != http.StatusNotFound || none.StatusCode != http.StatusNotFound {
		t.Errorf("%d %d", wrong.StatusCode, none.StatusCode)
	}
	for _, form := range []url.Values{{"code": {code}, "digits": {"12"}}, {"code": {""}, "digits": {"0001"}},
		{"code": {strings.Repeat("A", 500)}, "digits": {"0001"}}} {
		if p := b.post("/tra-cuu", form); p.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, p.StatusCode)
		}
	}
}

func TestWithoutRedisPublicPagesAnswerAndLookUpsClose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lan := s.person(t, "Nguyễn Thị Lan")
	code := string(s.Submitted(t, s.Citizen(t, 1)))
	s.Redis.Close()
	for _, path := range []string{"/", "/thu-tuc/1.001193", "/tim-kiem?q=khai+sinh", "/xac-minh"} {
		if p := lan.get(path); p.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, p.StatusCode)
		}
	}
	for _, p := range []page{
		lan.get("/ho-so"),
		s.visitor(t).post("/tra-cuu", url.Values{"code": {code}, "digits": {"0001"}}),
	} {
		if p.StatusCode != http.StatusServiceUnavailable || !strings.Contains(p.body, "an toàn") {
			t.Errorf("%s: %d", p.path, p.StatusCode)
		}
		checkPage(t, s, p)
	}
}

func TestWithoutTheDatabaseThePortalSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	defer s.closeDatabase()()
	b.get("/") // connections that were open are found broken
	p := b.get("/")
	if p.StatusCode != http.StatusServiceUnavailable || !strings.Contains(p.body, "Cổng đang gặp sự cố") {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
	checkPage(t, s, p)
	if strings.Contains(p.body, "not currently accepting") {
		t.Error("the error's text is shown")
	}
}

// closeDatabase ends all connections and lets nobody in, until it is undone.
func (s *site) closeDatabase() (undo func()) {
	s.T.Helper()
	config := s.Pool.Config().ConnConfig.Copy()
	name := pgx.Identifier{config.Database}.Sanitize()
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(s.T.Context(), config)
	must(s.T, err)
	open := func(yes string) {
		_, err := admin.Exec(s.T.Context(), "alter database "+name+" allow_connections "+yes)
		must(s.T, err)
		_, err = admin.Exec(s.T.Context(),
			"select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
			s.Pool.Config().ConnConfig.Database)
		must(s.T, err)
	}
	open("false")
	return sync.OnceFunc(func() {
		open("true")
		_ = admin.Close(s.T.Context())
	})
}

func TestForgedAndHugeForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/tai-khoan",
		strings.NewReader("party=x&csrf="+b.get("/tai-khoan").token(t)))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	if p := b.do(r); p.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", p.StatusCode)
	}
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/tra-cuu",
		strings.NewReader(strings.Repeat("x", 300<<10)))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p := b.do(r); p.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("300 KB: %d", p.StatusCode)
	}
	// Without a declared length the body is chunked.
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/tra-cuu",
		struct{ *strings.Reader }{strings.NewReader(strings.Repeat("x", 300<<10))})
	must(t, err)
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p := b.do(r); p.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("300 KB in chunks: %d", p.StatusCode)
	}
}
