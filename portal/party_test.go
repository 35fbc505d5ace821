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
// TestAnImportedRecordIsTakenAtItsWord: whom the national record names, the general form admits; who is named
// in words that the portal does not know may be anybody.
// TestAFormOfAnotherPartyAsksAgain: a page that was open before the switch creates nothing.
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
// TestAnswersAreTakenAlongWhereAsked: a company's draft under a procedure that is for citizens only from now
// on.
// audience loads another version of a starter procedure that is for others.
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
