package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// colleagues of a company, as the identity provider knows them.
const (
	repHa, repBao = "Phạm Thu Hà", "Lê Quốc Bảo"
	theFirm       = "Công ty TNHH Gạo Tám Xoan Hải Hậu"
	birth         = "1.001193"
)

var partyRadio = regexp.MustCompile(`name="party" value="([^"]+)"[^>]*><span>([^<]+)<`)

// worksFor answers for whom the person works.
func (b *browser) worksFor(label string) page {
	b.t.Helper()
	p := b.get(address.Dossiers("vi"))
	if !strings.HasPrefix(p.path, address.Whom("vi")) {
		b.t.Fatalf("nobody asks for whom, at %s", p.path)
	}
	return b.chooses(p, label)
}

// chooses sends the answer to the question for whom somebody works.
func (b *browser) chooses(p page, label string) page {
	b.t.Helper()
	for _, radio := range partyRadio.FindAllStringSubmatch(p.body, -1) {
		if strings.HasPrefix(strings.TrimSpace(radio[2]), label) {
			form := p.hidden()
			form.Set("party", radio[1])
			return b.post(address.Whom("vi"), form)
		}
	}
	b.t.Fatalf("%q cannot be chosen on %s: %s", label, p.path, p.body)
	return page{}
}

// switches presses the button of a page that lets the person act for another party.
func (b *browser) switches(p page) page {
	b.t.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="/tai-khoan">(.*?)</form>`).
		FindStringSubmatch(p.body)
	if form == nil {
		b.t.Fatalf("no switch on %s: %s", p.path, p.body)
	}
	return b.post(address.Account("vi"), page{body: form[1]}.hidden())
}

func says(t testing.TB, p page, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(p.body, w) {
			t.Errorf("%s does not say %q: %s", p.path, w, mainOf(p))
		}
	}
}

func saysNot(t testing.TB, p page, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(p.body, w) {
			t.Errorf("%s says %q", p.path, w)
		}
	}
}

// TestALoginThatBringsACompanyAsksForWhom: once, before anything else, and until then nothing is the
// company's.
func TestALoginThatBringsACompanyAsksForWhom(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	login := b.get(address.Start("vi", birth) + "?" + address.AskAgency + "=x")
	p := b.finishLogin(b.post(address.Login("vi"), login.hidden()), repHa)
	checkPage(t, s, p)
	says(t, p, "Bạn đang làm việc cho ai?", "Cho bản thân: "+repHa, theFirm)
	for _, path := range []string{address.Dossiers("vi"), address.Account("vi"), address.Notices("vi"),
		address.Start("vi", birth)} {
		asked := b.get(path)
		if asked.path != address.Whom("vi")+"?ve="+url.QueryEscape(path) {
			t.Errorf("%s is shown before the answer, at %s", path, asked.path)
		}
	}
	if home := b.get("/"); strings.Contains(home.body, theFirm) || !strings.Contains(home.body, repHa) {
		t.Error("before the answer, the masthead is not the person's own")
	}
	form := p.hidden()
	if none := b.post(address.Whom("vi"), form); none.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no answer: %d", none.StatusCode)
	} else {
		checkPage(t, s, none)
		says(t, none, "Hãy chọn bạn đang làm việc cho ai")
	}
	form.Set("party", string(s.Citizen(t, 9).Person))
	if wrong := b.post(address.Whom("vi"), form); wrong.StatusCode != http.StatusForbidden {
		t.Errorf("a stranger is chosen: %d", wrong.StatusCode)
	}
	answered := b.chooses(p, theFirm)
	if answered.path != address.Start("vi", birth)+"?"+address.AskAgency+"=x" {
		t.Errorf("the answer leads to %s", answered.path)
	}
	if again := b.get(address.Dossiers("vi")); again.path != address.Dossiers("vi") {
		t.Errorf("asked again, at %s", again.path)
	}
	says(t, b.get("/"), theFirm+" · người thực hiện: "+repHa)

	lan := s.visitor(t)
	login = lan.get(address.Dossiers("vi"))
	if to := lan.finishLogin(lan.post(address.Login("vi"), login.hidden()), "Nguyễn Thị Lan"); to.path !=
		address.Dossiers("vi") {
		t.Errorf("who works for nobody else is led to %s", to.path)
	}
}

// TestACompanyIsRefusedWhereCitizensFile: refused at the page and at the form, switched, filed as a person,
// and not seen by the colleague.
func TestACompanyIsRefusedWhereCitizensFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ha := s.person(t, repHa)
	ha.worksFor("Cho bản thân")
	mine := ha.get(address.Start("vi", birth)).hidden()
	mine.Set("agency", string(s.Commune.ID))
	account := ha.get(address.Account("vi"))
	ha.chooses(page{body: account.body, path: account.path}, theFirm)

	start := ha.get(address.Start("vi", birth))
	checkPage(t, s, start)
	says(t, start, "chỉ dành cho công dân", "Nộp với tư cách cá nhân", theFirm)
	saysNot(t, start, `name="agency"`)
	for name, party := range map[string]string{"no party": "", "the company": string(s.firm(t)),
		"the person": mine.Get("filer")} {
		form := url.Values{"csrf": mine["csrf"], "agency": mine["agency"], "filer": {party}}
		if got := ha.post(address.Start("vi", birth), form); got.StatusCode != http.StatusConflict {
			t.Errorf("%s: %d at %s", name, got.StatusCode, got.path)
		}
	}
	if n := s.count(t, "draft"); n != 0 {
		t.Errorf("%d drafts", n)
	}
	own := ha.switches(start)
	if own.path != address.Start("vi", birth) {
		t.Fatalf("switched to %s", own.path)
	}
	says(t, own, `name="agency"`)
	saysNot(t, own, "Mang theo câu trả lời?", theFirm)
	step := ha.begin(birth)
	says(t, step, "Nộp cho:", repHa)

	bao := s.person(t, repBao)
	bao.worksFor(theFirm)
	if got := bao.get(step.path); got.StatusCode != http.StatusNotFound {
		t.Errorf("the colleague is answered %d", got.StatusCode)
	}
	saysNot(t, bao.get(address.Dossiers("vi")), "khai sinh")
}

// TestAFormOfAnotherPartyAsksAgain: a page that was open before the switch creates nothing.
func TestAFormOfAnotherPartyAsksAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ha := s.person(t, repHa)
	ha.worksFor("Cho bản thân")
	form := ha.get(address.Start("vi", "2.000635")).hidden()
	form.Set("agency", string(s.Commune.ID))
	account := ha.get(address.Account("vi"))
	ha.chooses(account, theFirm)
	got := ha.post(address.Start("vi", "2.000635"), form)
	checkPage(t, s, got)
	if got.StatusCode != http.StatusConflict || s.count(t, "draft") != 0 {
		t.Fatalf("%d at %s", got.StatusCode, got.path)
	}
	says(t, got, "Bạn đã chuyển sang làm việc cho bên khác", theFirm)
	again := got.hidden()
	again.Set("agency", string(s.Commune.ID))
	if begun := ha.post(got.path, again); !strings.HasSuffix(begun.path, "/buoc/1") {
		t.Errorf("asked again, it begins at %s", begun.path)
	}
}

// TestAnotherPartysDraftOffersTheSwitch: only to who may act for its owner; what was sent meanwhile is held.
func TestAnotherPartysDraftOffersTheSwitch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ha := s.person(t, repHa)
	ha.worksFor(theFirm)
	step := ha.begin("2.000635")
	form := filled(step)
	account := ha.get(address.Account("vi"))
	ha.chooses(account, "Phạm Thu Hà")
	page := ha.get(step.path)
	checkPage(t, s, page)
	if page.StatusCode != http.StatusConflict {
		t.Errorf("the page is answered %d", page.StatusCode)
	}
	says(t, page, "Hồ sơ này thuộc về "+theFirm, "đang làm việc cho "+repHa)

	// The script has to be told that it is not found: then it keeps what was typed.
	saved := ha.save(step, form.Get("__op")+".1", "nyc.dien_thoai=1",
		url.Values{"nyc.dien_thoai": {"0987000111"}})
	if saved.StatusCode != http.StatusNotFound {
		t.Errorf("the script is answered %d", saved.StatusCode)
	}
	form.Set("nyc.dien_thoai", "0987000111")
	sent := ha.postFrom(s.URL, step.path, form)
	if sent.StatusCode != http.StatusConflict {
		t.Fatalf("the form is answered %d", sent.StatusCode)
	}
	says(t, sent, "Cổng đang giữ lại")
	back := ha.switches(sent)
	if back.path != step.path {
		t.Fatalf("switched to %s", back.path)
	}
	says(t, back, "0987000111")

	for _, stranger := range []string{"Nguyễn Thị Lan", "Trần Văn Minh"} {
		if got := s.person(t, stranger).get(step.path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s is answered %d", stranger, got.StatusCode)
		}
	}
}

// TestAMandateThatEnds while its person works for the company: from then on they work for themselves.
func TestAMandateThatEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ha := s.person(t, repHa)
	ha.worksFor(theFirm)
	step := ha.begin("2.000635")
	if _, err := s.Pool.Exec(t.Context(), `update mandate set ended_at = now()`); err != nil {
		t.Fatal(err)
	}
	if got := ha.get(step.path); got.StatusCode != http.StatusNotFound {
		t.Errorf("the company's draft is answered %d", got.StatusCode)
	}
	saysNot(t, ha.get(address.Dossiers("vi")), theFirm)
}

// TestAPersonIsAskedInWhatCapacity: at a procedure for businesses a person is not shut out.
func TestAPersonIsAskedInWhatCapacity(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.audience(t, "1.001612", `["citizen", "business", "organisation"]`, `["business"]`, "2026-07-01")
	ha := s.person(t, repHa)
	ha.worksFor("Cho bản thân")
	start := ha.get(address.Start("vi", "1.001612"))
	checkPage(t, s, start)
	says(t, start, "Bạn nộp với tư cách nào?", "hộ kinh doanh", "Người thành lập", "ủy quyền",
		"Nộp cho "+theFirm)
	form := start.hidden()
	form.Set("agency", string(s.Commune.ID))
	missing := ha.post(start.path, form)
	checkPage(t, s, missing)
	if missing.StatusCode != http.StatusUnprocessableEntity || s.count(t, "draft") != 0 {
		t.Fatalf("no capacity: %d", missing.StatusCode)
	}
	says(t, missing, "Hãy chọn bạn nộp với tư cách nào")
	form.Set("capacity", "household")
	step := ha.post(start.path, form)
	if !strings.HasSuffix(step.path, "/buoc/1") {
		t.Fatalf("began at %s: %s", step.path, step.body)
	}
	id := draftOf(step)
	says(t, ha.get(address.DraftReview("vi", id)), "Nộp với tư cách", "Chủ hộ hoặc thành viên hộ kinh doanh")
	says(t, ha.get(address.DraftPlace("vi", id)), `value="household" id="capacity" checked`)

	ha.switches(start) // the offer is to file for the company
	firm := ha.get(address.Start("vi", "1.001612"))
	saysNot(t, firm, "Bạn nộp với tư cách nào?")
	says(t, firm, `name="agency"`, theFirm)
}

// TestAnswersAreTakenAlongWhereAsked: a company's draft under a procedure that is for citizens only from now
// on.
func TestAnswersAreTakenAlongWhereAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ha, bao := s.person(t, repHa), s.person(t, repBao)
	ha.worksFor(theFirm)
	bao.worksFor(theFirm)
	first, kept, other := ha.begin("2.000635"), ha.begin("2.000635"), bao.begin("2.000635")
	for _, p := range []page{first, kept} {
		form := filled(p)
		form.Set("nyc.dien_thoai", "0987000222")
		ha.post(p.path, form)
	}
	s.audience(t, "2.000635", `["citizen", "organisation"]`, `["citizen"]`, "2026-07-01")
	id := draftOf(first)
	draft := ha.get(address.Draft("vi", id))
	if got := ha.post(address.DraftVersion("vi", id), url.Values{"csrf": {draft.token(t)}}); got.path !=
		address.Start("vi", "2.000635") {
		t.Errorf("the version is accepted at %s", got.path)
	}
	start := ha.switches(ha.get(address.Start("vi", "2.000635")))
	checkPage(t, s, start)
	says(t, start, "Mang theo câu trả lời?", theFirm, id, draftOf(kept))
	saysNot(t, start, draftOf(other)) // a colleague began it
	form := start.hidden()
	form.Set("agency", string(s.Commune.ID))
	form.Set("from", draftOf(other))
	if got := ha.post(start.path, form); got.StatusCode == http.StatusOK {
		t.Errorf("a colleague's draft is taken: %s", got.path)
	}
	form.Set("from", "")
	if fresh := ha.post(start.path, form); strings.Contains(fresh.body, "0987000222") {
		t.Error("answers are taken along unasked")
	}
	form.Set("from", id)
	taken := ha.post(start.path, form)
	says(t, taken, "0987000222")
	if got := bao.get(address.Draft("vi", id)); got.StatusCode != http.StatusNotFound {
		t.Errorf("the company still has the draft: %d", got.StatusCode)
	}
	if got := ha.post(start.path, form); got.StatusCode == http.StatusOK {
		t.Errorf("taken twice, at %s", got.path)
	}
}

// audience loads another version of a starter procedure that is for others.
func (s *site) audience(t testing.TB, code, was, is, since string) {
	t.Helper()
	definition := replaced(t, code+".json", `"audience": `+was, `"audience": `+is,
		`"effective_from": "`+since+`"`, `"effective_from": "2026-11-01"`)
	source, err := procedure.Parse(definition, replaced(t, code+".form.json"))
	must(t, err)
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, err := procedure.Load(t.Context(), tx, []procedure.Source{source})
		return err
	}))
}

func (s *site) count(t testing.TB, table string) (n int) {
	t.Helper()
	must(t, s.Pool.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n))
	return n
}

// firm is the id of the only organisation.
func (s *site) firm(t testing.TB) (id identity.PartyID) {
	t.Helper()
	must(t, s.Pool.QueryRow(t.Context(), "select id from party where kind = 'organisation'").Scan(&id))
	return id
}

// mainOf is what a page says between its masthead and its footer.
func mainOf(p page) string {
	_, after, _ := strings.Cut(p.body, "<main")
	main, _, _ := strings.Cut(after, "</main>")
	return main
}

// TestAHeldPageComesBackToItsParty: a page of a company's draft, sent when the session was gone. Whatever is
// answered after the login, nothing is lost and nothing lands with another party.
func TestAHeldPageComesBackToItsParty(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ha := s.person(t, repHa)
	ha.worksFor(theFirm)
	step := ha.begin("2.000635")
	for i, answer := range []string{theFirm, "Cho bản thân"} {
		phone := "098700033" + strconv.Itoa(i)
		form := filled(ha.get(step.path))
		form.Set("nyc.dien_thoai", phone)
		s.Redis.FlushAll()
		login := ha.postFrom(s.URL, step.path, form)
		says(t, login, "được tạm giữ")
		asked := ha.finishLogin(ha.post(address.Login("vi"), login.hidden()), repHa)
		chosen := regexp.MustCompile(`value="` + string(s.firm(t)) + `"[^>]* checked`)
		if !chosen.MatchString(asked.body) {
			t.Errorf("the party of the held page is not chosen: %s", mainOf(asked))
		}
		back := ha.chooses(asked, answer)
		if answer != theFirm {
			if back.StatusCode != http.StatusConflict {
				t.Errorf("the company's draft is answered %d to the person", back.StatusCode)
			}
			back = ha.switches(back)
		}
		if back.path != step.path {
			t.Fatalf("led to %s", back.path)
		}
		says(t, back, phone)
		ha.post(step.path, filled(back))
		says(t, ha.get(step.path), phone)
	}
}
