package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
)

// companyScene is a scene whose owner is a company: ha, in the place of lan, filed all of it, and bao, in the
// place of binh, acts for the company too.
func companyScene(t *testing.T) *scene {
	t.Helper()
	return newSceneOf(t, func(s *scene) (owner, other identity.Who) { return s.Colleagues(t) })
}

// ofHers are words that only her drafts and dossiers hold.
var ofHers = []string{"035179002468", "0903456789", "Trần Hưng Đạo", "Ninh Nhất", "khai sinh cũ",
	"23/08/1979"}

// readings counts what is written down of the colleague's readings.
func (s *scene) readings() (n int) {
	s.t.Helper()
	must(s.t, s.Pool.QueryRow(s.t.Context(), `select coalesce(sum(times), 0) from dossier_access
		where actor->>'person' = $1`, string(s.binh.Who.Person)).Scan(&n))
	return n
}

// TestEveryDoorRecordsAColleague asks, as a colleague of the one who filed, every route that is about a draft
// or a dossier. Whatever shows it leaves a record; whatever does not shows nothing of hers. A draft shows
// nothing until the colleague has said that they go on with it, and no form changes it.
func TestEveryDoorRecordsAColleague(t *testing.T) {
	t.Parallel()
	s := companyScene(t)
	look := func(method string, asked bool) {
		for _, r := range tries {
			verb, pattern, _ := strings.Cut(r.route, " ")
			if r.other == 0 || verb != http.MethodGet || strings.HasSuffix(pattern, "/tiep-tuc") {
				continue
			}
			before := s.readings()
			p := s.ask(&s.binh, method, s.path(pattern, r.with), nil)
			recorded := s.readings() - before
			if method == http.MethodHead {
				if recorded != 0 {
					t.Errorf("HEAD %s is recorded", pattern)
				}
				continue
			}
			shows := p.StatusCode == http.StatusOK
			for _, word := range ofHers {
				if strings.Contains(p.body, word) {
					shows = true
				}
			}
			// Once asked, a page of another state of the draft leads on after it was read.
			if shows && recorded == 0 || asked && !shows && recorded > 0 {
				t.Errorf("%s answers %d, and %d readings are recorded", r.route, p.StatusCode, recorded)
			}
		}
	}
	look(http.MethodHead, true)
	look(http.MethodGet, true)
	before := s.contents()
	for _, r := range tries {
		verb, pattern, _ := strings.Cut(r.route, " ")
		if verb != http.MethodPost || !strings.Contains(pattern, ":draft") ||
			strings.HasSuffix(pattern, "/tiep-tuc") {
			continue
		}
		form, err := url.ParseQuery(r.form)
		must(t, err)
		form.Set("csrf", s.binh.CSRF)
		p := s.ask(&s.binh, verb, s.path(pattern, r.with), form)
		// An upload without a file, and a page that was sent without boxes to tick, do not get that far.
		if p.StatusCode != http.StatusConflict && p.StatusCode != http.StatusUnsupportedMediaType &&
			!strings.HasSuffix(pattern, "/kiem-tra") {
			t.Errorf("%s: %d", r.route, p.StatusCode)
		}
	}
	after := s.contents()
	for table, was := range before {
		if after[table] != was {
			t.Errorf("what a colleague sent changed %s", table)
		}
	}
	for _, name := range []string{"draft", "frozen"} {
		s.goOn(s.names[name], "")
	}
	look(http.MethodGet, false)
}

var fromInput = regexp.MustCompile(`name="tu" value="([0-9a-f-]{36})"`)

// goOn lets the colleague go on with a draft, from the page that asks for it.
func (s *scene) goOn(draft, step string) page {
	s.t.Helper()
	path := address.DraftGoOn("vi", draft)
	asked := s.ask(&s.binh, http.MethodGet, path, nil)
	from := fromInput.FindStringSubmatch(asked.body)
	if asked.StatusCode != http.StatusOK || from == nil || !strings.Contains(asked.body, "Phạm Thu Hà") {
		s.t.Fatalf("%d\n%s", asked.StatusCode, asked.body)
	}
	form := url.Values{"csrf": {s.binh.CSRF}, "tu": {from[1]}, "buoc": {step}}
	return s.ask(&s.binh, http.MethodPost, path, form)
}

// TestAColleagueIsAsked walks through a draft that changes hands: the second is asked and told what changed,
// the first is refused with what they typed, and is asked in turn.
func TestAColleagueIsAsked(t *testing.T) {
	t.Parallel()
	s := companyScene(t)
	draft := s.names["draft"]
	step := address.DraftStep("vi", draft, 3)
	if p := s.ask(&s.binh, http.MethodGet, step, nil); p.Header.Get("Location") !=
		address.DraftGoOn("vi", draft) {
		t.Errorf("a step leads to %s", p.Header.Get("Location"))
	}
	if p := s.goOn(draft, "3"); p.Header.Get("Location") != step {
		t.Errorf("going on leads to %s", p.Header.Get("Location"))
	}
	page := s.ask(&s.binh, http.MethodGet, address.Draft("vi", draft), nil).body
	for _, word := range []string{"Bạn làm tiếp bản nháp của Phạm Thu Hà", "Đã đổi thành thông tin của bạn",
		"làm tiếp bản nháp của người khác"} {
		if !strings.Contains(page, word) {
			t.Errorf("the page of the draft does not say %q", word)
		}
	}
	form := url.Values{"csrf": {s.lan.CSRF}, "__op": {"x"}, "__base.sk.noi": {"1"},
		"sk.noi": {"Ủy ban nhân dân xã Ninh Tiến"}}
	refused := s.ask(&s.lan, http.MethodPost, step, form)
	if refused.StatusCode != http.StatusConflict || !strings.Contains(refused.body, "Lê Quốc Bảo đang làm") ||
		!strings.Contains(refused.body, "Ủy ban nhân dân xã Ninh Tiến") {
		t.Errorf("%d\n%s", refused.StatusCode, refused.body)
	}
	saved := s.ask(&s.lan, http.MethodPost, address.DraftSave("vi", draft), url.Values{"csrf": {s.lan.CSRF},
		"__op": {"0192f0c1-2345-7abc-8def-0123456789ab.1"}, "__base.sk.noi": {"1"}, "sk.noi": {"x"}})
	if saved.StatusCode != http.StatusConflict || !strings.Contains(saved.body, "Lê Quốc Bảo") {
		t.Errorf("a script's save: %d %s", saved.StatusCode, saved.body)
	}
	if p := s.ask(&s.lan, http.MethodGet, step, nil); p.Header.Get("Location") !=
		address.DraftGoOn("vi", draft) {
		t.Errorf("the first person's step leads to %s", p.Header.Get("Location"))
	}
	view, err := s.Desk.Draft(t.Context(), s.binh.Who, dossier.DraftID(draft))
	must(t, err)
	if view.Fields["sk.noi"].Value.Text != "UBND xã Ninh Nhất" {
		t.Errorf("saved all the same: %+v", view.Fields["sk.noi"])
	}
}

// TestReadersArePeople: the page names the colleague and for whom they acted, to the person who filed also
// when they act for nobody.
func TestReadersArePeople(t *testing.T) {
	t.Parallel()
	s := companyScene(t)
	path := address.DossierAccess("vi", s.names["code"])
	s.ask(&s.binh, http.MethodGet, address.DossierFiles("vi", s.names["code"]), nil)
	alone := s.login(identity.Who{Person: s.lan.Who.Person, Party: s.lan.Who.Person})
	for name, body := range map[string]string{
		"the owner":     s.ask(&s.lan, http.MethodGet, path, nil).body,
		"who filed":     s.ask(&alone, http.MethodGet, path, nil).body,
		"the colleague": s.ask(&s.binh, http.MethodGet, path, nil).body,
	} {
		for _, word := range []string{"Lê Quốc Bảo", "làm hồ sơ cho Công ty TNHH Gạo Tám Xoan Hải Hậu",
			"xem nội dung đã khai"} {
			if !strings.Contains(body, word) {
				t.Errorf("%s does not read %q", name, word)
			}
		}
	}
	account := s.ask(&alone, http.MethodGet, address.Account("vi"), nil).body
	if !strings.Contains(account, path) {
		t.Error("nothing leads who filed for others to who has read it")
	}
	// The dossier itself is the company's: for themselves they are offered the switch and read nothing of it.
	p := s.ask(&alone, http.MethodGet, address.Dossier("vi", s.names["code"]), nil)
	if p.StatusCode != http.StatusConflict || strings.Contains(p.body, s.names["code"]+"</h1>") {
		t.Errorf("the dossier itself: %d %s", p.StatusCode, p.body)
	}
}

// TestNoticesArePersonal: what a colleague has read stays new for the other, who is told how many wait.
func TestNoticesArePersonal(t *testing.T) {
	t.Parallel()
	s := companyScene(t)
	id := regexp.MustCompile(`name="id" value="([0-9a-f-]{36})"`)
	path := address.Notices("vi")
	unread := func(body string) int { return strings.Count(body, "tag-warn") }
	first := s.ask(&s.binh, http.MethodGet, path, nil).body
	before := unread(first)
	s.ask(&s.binh, http.MethodPost, path, url.Values{"csrf": {s.binh.CSRF},
		"id": {id.FindStringSubmatch(first)[1]}})
	his, hers := unread(s.ask(&s.binh, http.MethodGet, path, nil).body),
		unread(s.ask(&s.lan, http.MethodGet, path, nil).body)
	if before < 2 || his != before-1 || hers != before {
		t.Errorf("of %d unread, his are %d and hers %d", before, his, hers)
	}
	alone := s.login(identity.Who{Person: s.lan.Who.Person, Party: s.lan.Who.Person})
	body := s.ask(&alone, http.MethodGet, path, nil).body
	if !strings.Contains(body, "thông báo bạn chưa đọc") {
		t.Error("acting for herself she is not told that some wait for her with the company")
	}
}

// TestWhatIsKnownWaitsUntilItIsAsked: a question that an answer on the same page opens has what the account
// says of the organisation, also when the page's script opens it.
func TestWhatIsKnownWaitsUntilItIsAsked(t *testing.T) {
	t.Parallel()
	s := companyScene(t)
	draft, err := s.Desk.StartDraft(t.Context(), s.lan.Who,
		desk.StartIn{Procedure: "2.000635", Agency: s.Commune.ID, Lang: "vi"})
	must(t, err)
	p := s.ask(&s.lan, http.MethodGet, address.DraftStep("vi", draft.ID, 1), nil)
	input := regexp.MustCompile(`<input[^>]* name="nyc.co_quan"[^>]*>`).FindString(p.body)
	if !strings.Contains(input, `value="Công ty TNHH Gạo Tám Xoan Hải Hậu"`) {
		t.Errorf("the name of the organisation is %q", input)
	}
}
