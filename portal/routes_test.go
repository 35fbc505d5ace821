package portal_test

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"congdvc/identity/session"
	"congdvc/portal"
	"congdvc/portal/address"

	"github.com/jackc/pgx/v5"
)

// try is what a route answers: to a visitor, to the owner of what it names, to somebody else, and for an id
// that is none. A zero is not asked for.
type try struct {
	route                            string // method and path in Vietnamese
	visitor, owner, other, malformed int
	with                             string // names of the scene that stand for others
	form                             string // of a POST, without its token
}

var tries = []try{
	{"GET /", 200, 200, 0, 0, "", ""},
	{"GET /tim-kiem", 200, 200, 0, 0, "", ""},
	{"GET /tim-kiem/goi-y", 200, 200, 0, 0, "", ""},
	{"GET /xa-phuong", 200, 200, 0, 0, "", ""},
	{"GET /su-kien/:event", 200, 200, 0, 404, "", ""},
	{"GET /thu-tuc/:procedure", 200, 200, 0, 404, "", ""},
	{"GET /bieu-mau/:procedure/:name", 404, 404, 0, 404, "", ""},
	{"GET /tra-cuu", 200, 200, 0, 0, "", ""},
	{"POST /tra-cuu", 422, 422, 0, 0, "", ""},
	{"GET /xac-minh", 200, 200, 0, 0, "", ""},
	{"GET /xac-minh/:code", 200, 200, 0, 404, "code=verify", ""},
	{"GET /tro-giup", 200, 200, 0, 0, "", ""},
	{"GET /kha-nang-tiep-can", 200, 200, 0, 0, "", ""},
	{"GET /lap-trinh", 200, 200, 0, 0, "", ""},
	{"GET /lap-trinh/:part", 200, 200, 0, 404, "", ""},

	{"GET /dang-nhap", 200, 303, 0, 0, "", ""},
	{"POST /dang-nhap", 503, 503, 0, 0, "", ""}, // the provider is away
	{"GET /dang-nhap/ve", 422, 303, 0, 0, "", ""},
	{"GET /dang-nhap/cho-ai", 303, 200, 0, 0, "", ""},
	{"POST /dang-nhap/cho-ai", 303, 422, 0, 0, "", ""},
	{"GET /phien-dang-nhap", 401, 200, 0, 0, "", ""},
	{"POST /phien-dang-nhap", 303, 303, 0, 0, "", ""},
	{"POST /thiet-bi", 401, 200, 0, 0, "", ""},
	{"GET /tai-khoan", 303, 200, 0, 0, "", ""},
	{"POST /tai-khoan", 303, 403, 0, 0, "", "party=x"},
	{"GET /thong-bao", 303, 200, 0, 0, "", ""},
	{"POST /thong-bao", 303, 404, 0, 0, "", "id=x"},

	{"GET /thu-tuc/:procedure/nop", 303, 200, 0, 404, "", ""},
	{"POST /thu-tuc/:procedure/nop", 303, 422, 0, 404, "", ""},
	{"GET /ho-so/nhap/:draft", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/noi-nop", 303, 200, 404, 404, "", ""},
	{"POST /ho-so/nhap/:draft/noi-nop", 303, 422, 404, 404, "", ""},
	{"POST /ho-so/nhap/:draft/bo", 303, 303, 404, 404, "draft=doomed", ""},
	{"POST /ho-so/nhap/:draft/phien-ban", 303, 303, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/tiep-tuc", 303, 303, 404, 404, "", ""}, // leads who works on it to the draft
	{"POST /ho-so/nhap/:draft/tiep-tuc", 303, 303, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/buoc/:step", 303, 200, 404, 404, "", ""},
	{"POST /ho-so/nhap/:draft/buoc/:step", 303, 303, 404, 404, "", ""},
	{"POST /ho-so/nhap/:draft/luu", 401, 422, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/giay-to", 303, 200, 404, 404, "", ""},
	{"POST /ho-so/nhap/:draft/giay-to/:requirement", 303, 415, 415, 415, "", ""}, // no file is sent
	// no such paper is held
	{"POST /ho-so/nhap/:draft/giay-to/:requirement/da-co", 303, 404, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/tep/:file", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/kiem-tra", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/to-khai.pdf", 303, 200, 404, 404, "", ""},
	{"POST /ho-so/nhap/:draft/kiem-tra", 303, 303, 303, 303, "", ""}, // leads to the page, whoever asks
	{"POST /ho-so/nhap/:draft/nop", 303, 303, 404, 404, "draft=whole", ""},
	{"POST /ho-so/nhap/:draft/tep/:file", 303, 303, 404, 404, "", ""},
	{"GET /ho-so/nhap/:draft/le-phi", 303, 200, 404, 404, "draft=frozen", ""},
	{"POST /ho-so/nhap/:draft/le-phi", 303, 200, 404, 404, "draft=frozen", ""},
	{"GET /ho-so/nhap/:draft/le-phi/ve", 303, 200, 404, 404, "draft=frozen", ""},
	{"POST /ho-so/nhap/:draft/sua", 303, 303, 404, 404, "draft=unpaid", ""},

	{"GET /ho-so", 303, 200, 0, 0, "", ""},
	{"GET /ho-so/:code", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/:code/da-nop", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/:code/giay-to", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/:code/giay-to/:file", 303, 200, 404, 404, "code=done file=handed", ""},
	{"GET /ho-so/:code/da-xem", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/:code/xac-nhan.pdf", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/:code/lan-nop/:number/to-khai.pdf", 303, 200, 404, 404, "", ""},
	{"GET /ho-so/:code/bien-lai.pdf", 303, 404, 404, 404, "", ""}, // nothing was paid
	{"GET /ho-so/:code/phieu/:slip", 303, 200, 404, 404, "code=done", ""},
	{"GET /ho-so/:code/ket-qua", 303, 303, 303, 303, "", ""}, // leads to the dossier, whoever asks
	{"GET /ho-so/:code/ket-qua/:result", 303, 200, 404, 404, "code=done", ""},
	{"POST /ho-so/:code/bo-sung", 303, 303, 404, 404, "code=asked", ""},
	{"GET /ho-so/:code/rut", 303, 200, 404, 404, "", ""},
	{"POST /ho-so/:code/rut", 303, 422, 404, 404, "", ""},

	{"GET /robots.txt", 200, 200, 0, 0, "", ""},
	{"GET /sitemap.xml", 200, 200, 0, 0, "", ""},
	{"GET /sitemap/:part", 404, 404, 0, 404, "part=2.xml", ""},
	{"GET /.well-known/security.txt", 200, 200, 0, 0, "", ""},
	{"GET /favicon.ico", 200, 200, 0, 0, "", ""},

	{"POST /webhook/stripe", 400, 400, 0, 0, "", ""},
	{"POST /dang-xuat", 303, 303, 0, 0, "", ""},
}

// TestEveryRouteHasATry wants one row for each route, and no row without a route.
func TestEveryRouteHasATry(t *testing.T) {
	t.Parallel()
	var told, tried []string
	for _, r := range portal.ToldRoutes() {
		told = append(told, r.Method+" "+r.Path)
	}
	for _, r := range tries {
		tried = append(tried, r.route)
	}
	slices.Sort(told)
	slices.Sort(tried)
	if !slices.Equal(told, tried) {
		t.Errorf("routes:\n%s\ntried:\n%s", strings.Join(told, "\n"), strings.Join(tried, "\n"))
	}
}

// TestEveryRouteIsTried asks every route, in both languages, as a visitor, as somebody else, with an id that
// is none, without its token, and at last as it should be asked.
func TestEveryRouteIsTried(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	before := s.contents()
	for _, r := range tries {
		s.refused(r)
	}
	for _, r := range tries {
		// The first download of a result is recorded, and so is the return from the payment and from the
		// login.
		if method, _, _ := strings.Cut(r.route, " "); method != http.MethodPost && !recorded[r.route] {
			s.answers(r, "the owner", &s.lan, r.owner, r.with)
		}
	}
	after := s.contents()
	for table, was := range before {
		if after[table] != was {
			t.Errorf("what was refused, or a GET, changed %s", table)
		}
	}
	for _, r := range tries {
		if method, _, _ := strings.Cut(r.route, " "); method == http.MethodPost || recorded[r.route] {
			s.answers(r, "the owner", &s.lan, r.owner, r.with)
		}
	}
}

var recorded = map[string]bool{"GET /ho-so/:code/ket-qua/:result": true,
	"GET /ho-so/nhap/:draft/le-phi/ve": true, "GET /dang-nhap/ve": true}

// withoutLanguage are the beginnings of paths that both languages share.
var withoutLanguage = []string{"/bieu-mau/", address.OIDCReturn(), address.Robots(), "/sitemap",
	address.SecurityText(), address.Favicon()}

// refused asks in every way that must change nothing.
func (s *scene) refused(r try) {
	s.t.Helper()
	method, pattern, _ := strings.Cut(r.route, " ")
	s.answers(r, "a visitor", nil, r.visitor, r.with)
	if r.other != 0 {
		s.answers(r, "somebody else", &s.binh, r.other, r.with)
	}
	if r.malformed != 0 {
		bad := ""
		for _, step := range strings.Split(pattern, "/") {
			if name, ok := strings.CutPrefix(step, ":"); ok {
				bad += name + "=x' "
			}
		}
		s.answers(r, "with a malformed id", &s.lan, r.malformed, bad)
	}
	if method != http.MethodPost || pattern == address.StripeWebhook() || r.owner == 415 {
		return // a webhook proves itself otherwise; an upload's token is in its stream
	}
	for _, token := range []string{"", "x", s.binh.CSRF} {
		got := s.ask(&s.lan, method, s.path(pattern, r.with), url.Values{"csrf": {token}}).StatusCode
		if got != http.StatusForbidden {
			s.t.Errorf("%s with the token %q: %d", r.route, token, got)
		}
	}
}

// answers asks in each language that a route has; a POST, which may be possible only once, in Vietnamese.
func (s *scene) answers(r try, what string, who *session.Session, want int, with string) {
	s.t.Helper()
	method, pattern, _ := strings.Cut(r.route, " ")
	paths := []string{s.path(pattern, with)}
	if method == http.MethodGet && !slices.ContainsFunc(withoutLanguage, func(prefix string) bool {
		return strings.HasPrefix(pattern, prefix)
	}) {
		paths = append(paths, address.In("en", paths[0]))
	}
	for _, path := range paths {
		form, err := url.ParseQuery(r.form)
		must(s.t, err)
		if who != nil {
			form.Set("csrf", who.CSRF)
		}
		if method != http.MethodPost {
			form = nil
		}
		p := s.ask(who, method, path, form)
		if p.StatusCode != want {
			s.t.Errorf("%s, %s: %d instead of %d, %s", r.route, what, p.StatusCode, want,
				p.Header.Get("Location"))
		}
		if to := p.Header.Get("Location"); to != "" && !strings.HasPrefix(to, "/") {
			s.t.Errorf("%s redirects to %s, where a page has to lead on", r.route, to)
		}
		login := strings.Contains(p.Header.Get("Location"), address.Login("vi")+"?ve=")
		if who == nil && p.StatusCode == http.StatusSeeOther && !login && pattern != address.Logout("vi") {
			s.t.Errorf("%s leads a visitor to %s", r.route, p.Header.Get("Location"))
		}
	}
}

// contents is a digest of each table of the database but that of who read what.
func (s *scene) contents() map[string]string {
	s.t.Helper()
	digests := s.everything()
	delete(digests, "dossier_access")
	return digests
}

// everything is a digest of each table of the database.
func (s *scene) everything() map[string]string {
	s.t.Helper()
	rows, err := s.Pool.Query(s.t.Context(), `select quote_ident(tablename) from pg_tables
		where schemaname = 'public' and tablename not like 'river_%'`)
	must(s.t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(s.t, err)
	digests := map[string]string{}
	for _, table := range tables {
		var all string
		row := s.Pool.QueryRow(s.t.Context(),
			`select coalesce(string_agg(t::text, chr(10) order by t::text), '') from `+table+` t`)
		must(s.t, row.Scan(&all))
		digests[table] = fmt.Sprintf("%x", md5.Sum([]byte(all)))
	}
	return digests
}
