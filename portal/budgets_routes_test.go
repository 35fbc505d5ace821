package portal_test

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/portal"
	"congdvc/portal/address"
	"congdvc/services/throttle"

	"github.com/redis/go-redis/v9"
)

// TestASpentBudgetSaysWhenToGoOn spends each budget that a route charges, and asks the route: nothing is
// done, the answer says from when to go on and what was kept, and nobody else has to wait.
func TestASpentBudgetSaysWhenToGoOn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, route := range portal.ToldRoutes() {
		for _, budget := range route.Budgets {
			s.spendAll(budget)
			for _, r := range tries {
				if r.route == route.Method+" "+route.Path {
					s.unchanged(r.route, func() { s.hasToWait(r, route, budget) })
					s.doesNotWait(r)
				}
			}
			s.redis.FlushAll()
			s.lan, s.binh = s.login(s.lan.Who), s.login(s.binh.Who)
		}
	}
}

// spendAll uses up a budget of lan.
func (s *scene) spendAll(budget throttle.Budget) {
	s.t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: s.redis.Addr()})
	defer rdb.Close()
	limiter := throttle.New(rdb)
	limiter.Patience = time.Minute
	open := throttle.Budget{Name: budget.Name, Limit: math.MaxInt, Per: budget.Per}
	charge := throttle.Charge{Budget: open, Key: string(s.lan.Who.Person), Weight: int64(budget.Limit)}
	must(s.t, limiter.Spend(s.t.Context(), charge))
}

func (s *scene) hasToWait(r try, route portal.ToldRoute, budget throttle.Budget) {
	s.t.Helper()
	method, pattern, _ := strings.Cut(r.route, " ")
	vi := s.path(pattern, r.with)
	words := map[string][2]string{vi: {" từ ", "vi"}, address.In("en", vi): {" from ", "en"}}
	if method != http.MethodGet || strings.HasPrefix(pattern, "/thiet-bi") {
		delete(words, address.In("en", vi))
	}
	for path, want := range words {
		form, err := url.ParseQuery(r.form)
		must(s.t, err)
		form.Set("csrf", s.lan.CSRF)
		p := s.ask(&s.lan, method, path, form)
		seconds, err := strconv.Atoi(p.Header.Get("Retry-After"))
		per := int(budget.Per.Seconds())
		if p.StatusCode != http.StatusTooManyRequests || err != nil || seconds > per || seconds < per-1 {
			s.t.Errorf("%s with %s spent: %d, Retry-After %q", path, budget.Name, p.StatusCode,
				p.Header.Get("Retry-After"))
		}
		when := i18n.LaterOf(s.Clock.Now(), budget.Per).In(i18n.Lang(want[1]))
		said := p.body
		if route.JSON {
			var answer struct{ Message string }
			must(s.t, json.Unmarshal([]byte(p.body), &answer))
			said = answer.Message
		}
		if !strings.Contains(said, want[0]+when) {
			s.t.Errorf("%s with %s spent does not say%s%s: %.3000s", path, budget.Name, want[0], when, said)
		}
	}
}

// doesNotWait asks as somebody else, whose budgets are whole.
func (s *scene) doesNotWait(r try) {
	s.t.Helper()
	method, pattern, _ := strings.Cut(r.route, " ")
	p := s.ask(&s.binh, method, s.path(pattern, r.with), url.Values{"csrf": {s.binh.CSRF}})
	if p.StatusCode == http.StatusTooManyRequests {
		s.t.Errorf("%s: somebody else has to wait", r.route)
	}
}

// TestAPersonIsOneOnAllDevices: two logins of one person share their budgets, and a page of a form that may
// not be saved yet comes back with all that was typed.
func TestAPersonIsOneOnAllDevices(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	budget := throttle.Budget{Name: "save.person", Per: 10 * time.Minute, Limit: 1200}
	s.spendAll(budget)
	phone := s.login(s.lan.Who)
	step := s.path("/ho-so/nhap/:draft/buoc/:step", "")
	typed := url.Values{"csrf": {phone.CSRF}, "nyc.dien_thoai": {"0987654321"},
		"__base.nyc.dien_thoai": {"1"}, "nyc.ho_ten": {"Một tên <mới>"}, "__base.nyc.ho_ten": {"1"}}
	p := s.ask(&phone, http.MethodPost, step, typed)
	if p.StatusCode != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" ||
		!strings.Contains(p.body, `value="0987654321"`) || !strings.Contains(p.body, "Một tên &lt;mới&gt;") ||
		!strings.Contains(p.body, `role="alert"`) || !strings.Contains(p.body, "Bạn có thể lưu tiếp từ ") {
		t.Fatalf("on the phone: %d %s", p.StatusCode, p.body)
	}
	if saved := s.ask(&phone, http.MethodGet, step, nil); strings.Contains(saved.body, "0987654321") {
		t.Error("it was saved all the same")
	}
	s.redis.FastForward(budget.Per)
	phone = s.login(s.lan.Who)
	typed.Set("csrf", phone.CSRF)
	later := s.ask(&phone, http.MethodPost, step, typed)
	if saved := s.ask(&phone, http.MethodGet, step, nil); !strings.Contains(saved.body, "0987654321") {
		t.Errorf("ten minutes later it is not saved: %d %s", later.StatusCode, later.body)
	}
}

// TestBytesOfUploadsAreCounted: what does not fit into the day is refused before it is read; a smaller file
// still passes.
func TestBytesOfUploadsAreCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := strings.Split(b.begin("2.000635").path, "/")[3]
	var who string
	must(t, s.Pool.QueryRow(t.Context(), "select person_id::text from draft where id = $1", id).Scan(&who))
	files := b.get(address.DraftFiles("vi", id))
	s.spend("upload.bytes", 6<<30-4<<10, 24*time.Hour, who)
	send := func(size int) page {
		return b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "a.pdf",
			[]byte("%PDF-1.4\n"+strings.Repeat("x", size)))
	}
	p := send(20 << 10)
	if p.StatusCode != http.StatusTooManyRequests || !strings.Contains(p.body, "Bạn đã gửi quá nhiều tệp") ||
		!strings.Contains(p.body, "Các tệp đã nhận trước đó") {
		t.Errorf("more than is left: %d %s", p.StatusCode, p.body)
	}
	checkPage(t, s, p)
	if p := send(1 << 10); p.StatusCode == http.StatusTooManyRequests {
		t.Errorf("a smaller one: %d", p.StatusCode)
	}
}
