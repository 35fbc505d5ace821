package portal_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"congdvc/i18n"
	"congdvc/identity/session"
	"congdvc/portal"
	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"
)

// shown is one page of the goldens: its name, who looks, and the pattern of its path in the scene.
type shown struct {
	name    string
	who     string // "lan", "binh", "ha", "haSelf", "bao" or "" for a visitor
	pattern string
	with    string     // names that stand for others, and after "?" the query
	form    url.Values // of a POST
	status  int
}

// shownPages is every page that people see; pages/<name>.<lang>.html is how it looks. The row of a route's
// page comes before those of its errors.
var shownPages = []shown{
	{"home", "", "/", "", nil, 200},
	{"search", "", "/tim-kiem", "?q=khai+sinh", nil, 200},
	{"event", "", "/su-kien/:event", "", nil, 200},
	{"procedure", "", "/thu-tuc/:procedure", "", nil, 200},
	{"track", "", "/tra-cuu", "", nil, 200},
	{"track_faults", "", "/tra-cuu", "", url.Values{"code": {"x"}, "digits": {"12"}}, 422},
	{"verify", "", "/xac-minh", "", nil, 200},
	{"verify_found", "", "/xac-minh/:code", "code=verify", nil, 200},
	{"verify_none", "", "/xac-minh/:code", "code=ABCD", nil, 404},
	{"help", "", "/tro-giup", "", nil, 200},
	{"accessibility", "", "/kha-nang-tiep-can", "", nil, 200},
	{"developers", "", "/lap-trinh", "", nil, 200},
	{"developers_part", "", "/lap-trinh/:part", "", nil, 200},
	{"login", "", "/dang-nhap", "?ve=/ho-so", nil, 200},
	{"login_session_ended", "", "/dang-nhap", "?ve=/ho-so&chua-luu=1", nil, 200},
	{"login_saved", "", "/dang-nhap", "?ve=/ho-so&da-luu=1", nil, 200},
	{"login_held", "", "/dang-nhap", "?ve=/ho-so&tam-giu=1", nil, 200},
	{"party_whom", "haSelf", "/dang-nhap/cho-ai", "?ve=/ho-so", nil, 200},
	{"party_whom_faults", "haSelf", "/dang-nhap/cho-ai", "", url.Values{"ve": {"/ho-so"}}, 422},
	{"party_other", "haSelf", "/ho-so/nhap/:draft", "draft=company", nil, 409},
	{"party_other_lost", "haSelf", "/ho-so/nhap/:draft/bo", "draft=company", url.Values{}, 409},
	{"account", "lan", "/tai-khoan", "", nil, 200},
	{"account_company", "ha", "/tai-khoan", "", nil, 200},
	{"notices", "lan", "/thong-bao", "", nil, 200},
	{"draft_start", "lan", "/thu-tuc/:procedure/nop", "", nil, 200},
	{"draft_start_faults", "lan", "/thu-tuc/:procedure/nop", "", url.Values{"agency": {""}}, 422},
	{"draft_start_refused", "ha", "/thu-tuc/:procedure/nop", "procedure=1.001193", nil, 200},
	{"draft_start_changed", "lan", "/thu-tuc/:procedure/nop", "", url.Values{"filer": {"x"}}, 409},
	{"draft", "lan", "/ho-so/nhap/:draft", "", nil, 200},
	{"draft_company", "ha", "/ho-so/nhap/:draft", "draft=company", nil, 200},
	{"draft_go_on", "bao", "/ho-so/nhap/:draft/tiep-tuc", "draft=shared", nil, 200},
	{"draft_go_on_refused", "bao", "/ho-so/nhap/:draft/buoc/:step", "step=3 draft=shared",
		url.Values{"__op": {"refused"}, "sk.noi": {"UBND xã Ninh Tiến"}, "__base.sk.noi": {"1"}}, 409},
	{"draft_place", "lan", "/ho-so/nhap/:draft/noi-nop", "", nil, 200},
	{"draft_step", "lan", "/ho-so/nhap/:draft/buoc/:step", "step=2", nil, 200},
	{"draft_step_faults", "lan", "/ho-so/nhap/:draft/buoc/:step", "step=3 draft=doomed",
		url.Values{"__op": {"faults"}, "sk.noi": {""}, "__base.sk.noi": {"1"}}, 422},
	{"draft_files", "lan", "/ho-so/nhap/:draft/giay-to", "", nil, 200},
	{"draft_review", "lan", "/ho-so/nhap/:draft/kiem-tra", "", nil, 200},
	{"draft_fee", "lan", "/ho-so/nhap/:draft/le-phi", "draft=frozen", nil, 200},
	{"draft_fee_return", "lan", "/ho-so/nhap/:draft/le-phi/ve", "draft=frozen", nil, 200},
	{"lead_on", "lan", "/ho-so/nhap/:draft/le-phi", "draft=unpaid", url.Values{}, 200},
	{"dossiers", "lan", "/ho-so", "", nil, 200},
	{"dossiers_colleague", "bao", "/ho-so", "", nil, 200},
	{"account_organisation", "bao", "/tai-khoan", "", nil, 200},
	{"dossier", "lan", "/ho-so/:code", "code=done", nil, 200},
	{"dossier_asked", "lan", "/ho-so/:code", "code=asked", nil, 200},
	{"dossier_confirmation", "lan", "/ho-so/:code/da-nop", "", nil, 200},
	{"dossier_files", "lan", "/ho-so/:code/giay-to", "", nil, 200},
	{"dossier_access", "lan", "/ho-so/:code/da-xem", "code=done", nil, 200},
	{"dossier_withdraw", "lan", "/ho-so/:code/rut", "", nil, 200},
	{"error_not_found", "lan", "/ho-so/:code", "code=x", nil, 404},
	{"error_forbidden", "lan", "/tai-khoan", "", url.Values{"csrf": {"x"}}, 403},
	{"error_too_large", "lan", "/tai-khoan", "", url.Values{"party": {strings.Repeat("x", 100_000)}}, 413},
}

// shownAtTheEnd are the pages of a procedure that ended after somebody had paid; see endProcedure.
var shownAtTheEnd = []shown{
	{"draft_fee_refund", "lan", "/ho-so/nhap/:draft/le-phi/ve", "draft=paid", nil, 200},
	{"procedure_closed", "", "/thu-tuc/:procedure", "", nil, 200},
}

// path is where a page is in a language.
func (p shown) path(s *scene, lang string) string {
	with, query, asked := strings.Cut(p.with, "?")
	path := address.In(lang, s.path(p.pattern, with))
	if asked {
		path += "?" + query
	}
	return path
}

func (s *scene) look(p shown, lang string) page {
	who := map[string]*session.Session{"lan": &s.lan, "binh": &s.binh, "ha": &s.ha,
		"haSelf": &s.haSelf, "bao": &s.bao}[p.who]
	if p.form == nil {
		return s.ask(who, http.MethodGet, p.path(s, lang), nil)
	}
	form := url.Values{}
	if who != nil {
		form.Set("csrf", who.CSRF)
	}
	for name, values := range p.form {
		form[name] = values
	}
	return s.ask(who, http.MethodPost, p.path(s, lang), form)
}

// TestPagesLookAsTheyDid compares every page, in both languages, with its golden. After an intended change
// "go test ./portal -run PagesLook -update" writes them anew: look at the diff.
func TestPagesLookAsTheyDid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, p := range shownPages {
		for _, lang := range i18n.Langs {
			s.compare(p, string(lang), s.look(p, string(lang)))
		}
	}
	many := shown{name: "error_too_many", pattern: "/xac-minh/none", status: http.StatusTooManyRequests}
	locked := shown{name: "track_locked", pattern: "/tra-cuu", status: http.StatusTooManyRequests,
		form: url.Values{"code": {s.names["done"]}, "digits": {"0000"}}}
	for _, limited := range []shown{many, locked} {
		for n := 0; n < 400 && s.look(limited, "vi").StatusCode != limited.status; n++ {
		}
	}
	away := shown{name: "error_away", who: "lan", pattern: "/ho-so", status: http.StatusServiceUnavailable}
	for _, lang := range i18n.Langs {
		s.compare(many, string(lang), s.look(many, string(lang)))
		s.compare(locked, string(lang), s.look(locked, string(lang)))
	}
	paid := s.endProcedure()
	for _, lang := range i18n.Langs {
		s.names["paid"] = string(paid[lang])
		for _, p := range shownAtTheEnd {
			s.compare(p, string(lang), s.look(p, string(lang)))
		}
	}
	s.redis.Close()
	for _, lang := range i18n.Langs {
		s.compare(away, string(lang), s.look(away, string(lang)))
	}
}

// TestEveryPageHasAGolden wants a row of the goldens for every route that answers with a page.
func TestEveryPageHasAGolden(t *testing.T) {
	t.Parallel()
	for _, r := range portal.ToldRoutes() {
		if !r.Page {
			continue
		}
		at := slices.IndexFunc(shownPages, func(p shown) bool {
			return p.pattern == r.Path && p.form == nil && p.status == 200
		})
		if at < 0 {
			t.Errorf("no golden shows %s", r.Path)
			continue
		}
		for _, lang := range i18n.Langs {
			if _, err := os.Stat(golden(shownPages[at].name, string(lang))); err != nil {
				t.Error(err)
			}
		}
	}
}

func golden(name, lang string) string {
	return filepath.Join("testdata", "pages", name+"."+lang+".html")
}

func (s *scene) compare(p shown, lang string, got page) {
	s.t.Helper()
	isPage := strings.HasPrefix(got.Header.Get(fiber.HeaderContentType), "text/html")
	if got.StatusCode != p.status || !isPage {
		s.t.Errorf("%s.%s: %d instead of %d, led to %q", p.name, lang, got.StatusCode, p.status,
			got.Header.Get(fiber.HeaderLocation))
		return
	}
	name, text := golden(p.name, lang), readable(got.body)
	if flag.Lookup("update").Value.String() == "true" {
		must(s.t, os.WriteFile(name, []byte(text), 0o644))
	}
	want, err := os.ReadFile(name)
	if err != nil {
		s.t.Error(err)
		return
	}
	if text == string(want) {
		return
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(text, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			s.t.Errorf("%s, line %d:\n- %s\n+ %s", name, i+1, a[i], b[i])
			return
		}
	}
	s.t.Errorf("%s has %d lines instead of %d", name, len(b), len(a))
}

var (
	anyID      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyAsset   = regexp.MustCompile(`(/static/\w+)\.[0-9a-f]+\.`)
	anyPayment = regexp.MustCompile(`127\.0\.0\.1:\d+(/c/pay/\w+)?`)
	anyHash    = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	anySecret  = regexp.MustCompile(`(name="csrf" value|data-csrf|data-person)="[^"]*"`)
	resultCode = regexp.MustCompile(`(%2F|\b)[0-9A-Z]{4}(-[0-9A-Z]{4}){2,}\b`)
)

// readable is a page with one element a line, and names in the place of what is drawn by chance.
func readable(body string) string {
	body = anySecret.ReplaceAllString(anyAsset.ReplaceAllString(body, "$1."), `$1="SECRET"`)
	body = anyPayment.ReplaceAllString(body, "payments.test")
	ids := map[string]string{}
	body = anyID.ReplaceAllStringFunc(body, func(id string) string {
		if ids[id] == "" {
			ids[id] = fmt.Sprintf("ID%d", len(ids)+1)
		}
		return ids[id]
	})
	// After the ids, whose middle may look like such a code.
	body = resultCode.ReplaceAllString(anyHash.ReplaceAllString(body, "SHA256"), "${1}RESULT-CODE")
	var out strings.Builder
	depth, line := 0, ""
	flush := func() {
		if line != "" {
			out.WriteString(strings.Repeat(" ", max(depth, 0)) + line + "\n")
		}
		line = ""
	}
	z := html.NewTokenizer(strings.NewReader(body))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		raw := strings.Join(strings.Fields(string(z.Raw())), " ")
		name, _ := z.TagName()
		switch kind {
		case html.StartTagToken:
			flush()
			line = raw
			if slices.Contains(void, string(name)) {
				flush()
				break
			}
			flush()
			depth++
		case html.EndTagToken:
			flush()
			depth--
			line = raw
			flush()
		default:
			line += raw
			flush()
		}
	}
	return oneLine(out.String())
}

// oneLine brings an element that holds only a text to one line.
func oneLine(text string) string {
	lines := strings.Split(text, "\n")
	var out []string
	for i := 0; i < len(lines); i++ {
		tag, _, _ := strings.Cut(strings.Trim(lines[i], " <>"), " ")
		if i+2 < len(lines) && strings.TrimSpace(lines[i+2]) == "</"+tag+">" &&
			!strings.HasPrefix(strings.TrimSpace(lines[i+1]), "<") {
			out = append(out, lines[i]+strings.TrimSpace(lines[i+1])+strings.TrimSpace(lines[i+2]))
			i += 2
			continue
		}
		out = append(out, lines[i])
	}
	return strings.Join(out, "\n")
}
