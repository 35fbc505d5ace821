package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
	"congdvc/services/procedure"
	"congdvc/services/procedure/national"
	"congdvc/services/workday"
)

var (
	otherLanguage = regexp.MustCompile(`<nav aria-label="[^"]*"><a href="([^"]+)"`)
	loginAction   = regexp.MustCompile(`<form method="post" action="([^"]+)"><input type="hidden" name="ve"`)
)

// other is the page behind the link to the other language.
func (p page) other(t *testing.T) string {
	t.Helper()
	m := otherLanguage.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("%s has no link to the other language", p.path)
	}
	return unescape(m[1])
}

// action is where the button of the login page leads.
func (p page) action(t *testing.T, lang string) string {
	t.Helper()
	m := loginAction.FindStringSubmatch(p.body)
	if m == nil || m[1] != address.Login(lang) {
		t.Fatalf("%s does not begin a login: %v", p.path, m)
	}
	return m[1]
}

func TestTheOtherLanguageKeepsThePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	id, token := draftOf(files), url.Values{"csrf": {files.token(t)}}
	bad := filled(b.get(address.DraftStep("vi", id, 1)))
	bad.Set("nyc.dien_thoai", "12x")
	wrong := b.post(address.DraftStep("vi", id, 1), bad)
	refused := b.post(address.DraftSubmit("vi", id), token)
	bad.Set("nyc.dien_thoai", "0912345678")
	bad.Set("__base.nyc.dien_thoai", filled(wrong).Get("__base.nyc.dien_thoai"))
	if !strings.Contains(wrong.body, `<link rel="alternate" hreflang="en" href="`+address.DraftStep("en", id,
		1)+`">`) {
		t.Error("a page with a mistake loses its place in the other language")
	}
	visitor := s.visitor(t)
	cases := []struct {
		p    page
		want string
	}{
		{refused, address.DraftReview("en", id)},
		{b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "a.pdf",
			[]byte("MZ")), address.DraftFiles("en", id)},
		{b.post(address.DraftFile("vi", id, id), token), address.DraftFiles("en", id)},
		{b.post(address.DraftFee("vi", id), token), address.DraftFee("en", id)},
		{b.post(address.Logout("vi"), url.Values{}), address.Home("en")},
		{b.get("/tim-kiem?q=khai+sinh"), "/en/tim-kiem?q=khai+sinh"},
		{b.get("/khong-co"), "/en/khong-co"},
		{visitor.post(address.Track("vi"), url.Values{"code": {"H42 1"}, "digits": {"1"}}),
			"/en/tra-cuu?ma=H42+1"},
		{visitor.get("/dang-nhap/ve?state=x"), address.Login("en") + "?ve=%2F"},
	}
	for _, c := range cases {
		if got := c.p.other(t); got != c.want {
			t.Errorf("%s (%d): the other language is at %s, want %s", c.p.path, c.p.StatusCode, got, c.want)
		}
	}
	if p := b.fill(b.get(address.DraftStep("vi", id, 1)),
		url.Values{"nyc.dien_thoai": {"0912345678"}}); p.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", p.StatusCode, p.path)
	}
	b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "a.png",
		desktest.Photo(t))
	done := b.post(address.DraftSubmit("vi", id), token)
	if got := done.other(t); got != "/en"+done.path {
		t.Errorf("%s: the other language is at %s", done.path, got)
	}
}

func TestNoPathLeadsToAnotherHost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"//evil.example/x", "/en//evil.example/x", "/en/%2fevil.example"} {
		p := s.visitor(t).get(s.URL + path)
		if p.StatusCode != http.StatusNotFound || strings.HasPrefix(p.other(t), "//") {
			t.Errorf("%s: %d, the other language is at %s", path, p.StatusCode, p.other(t))
		}
	}
}

// TestTheOtherLanguageKeepsTheChosenPlace switches the language where the agency and the case are asked,
// before there is a draft and of one: what was chosen comes along, and nothing is saved by it.
func TestTheOtherLanguageKeepsTheChosenPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	day := workday.DateOf(s.Clock.Now())
	record := strings.Replace(generalRecord, `"THANHPHANHOSO":[{"TRUONGHOP":null`,
		`"THANHPHANHOSO":[{"TRUONGHOP":"Trường hợp cấp lần đầu","GIAYTO":[{"TENGIAYTO":"Ảnh","SOBANCHINH":1,"SOBANSAO":0}]},{"TRUONGHOP":"Trường hợp cấp lại"`, 1)
	must(t, national.Import(t.Context(), s.Pool, strings.NewReader(record),
		national.ImportIn{On: day, Tell: func(i national.Imported) error {
			return i.Reason
		}}))
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, err := procedure.AllowGeneral(t.Context(), tx, procedure.AllowIn{Code: "9.000001", On: day})
		return err
	}))
	s.Bind(t)
	b := s.person(t, "Nguyễn Thị Lan")
	start := b.get(address.Start("vi", "9.000001"))
	office, kind := string(s.Commune.ID), lastRadio(t, start, "case")
	switched := func(p page, agency string) page {
		form := filled(p)
		form.Set("agency", agency)
		form.Set("case", kind)
		form.Set("__lang", "en")
		return b.post(p.path, form)
	}
	if !strings.Contains(start.body, `<button form="place" name="__lang" value="en"`) {
		t.Error("the switch of the language does not send the form")
	}
	other := switched(start, office)
	checkPage(t, s, other)
	if got := filled(other); got.Get("agency") != office || got.Get("case") != kind ||
		!strings.HasPrefix(other.path, address.Start("en", "9.000001")+"?") {
		t.Errorf("in English %v is chosen at %s", got, other.path)
	}
	if drafts := b.get(address.Dossiers("vi")); strings.Contains(drafts.body, "/ho-so/nhap/") {
		t.Error("the switch began a draft")
	}
	refused := b.post(other.path, url.Values{"csrf": {other.token(t)}, "case": {kind}})
	if back := b.post(refused.path, url.Values{"csrf": {refused.token(t)}, "case": {kind}, "agency": {office},
		"__lang": {"vi"}}); filled(back).Get("agency") != office ||
		!strings.HasPrefix(back.path, address.Start("vi", "9.000001")) {
		t.Errorf("back in Vietnamese after a mistake: %v at %s", filled(back), back.path)
	}
	begun := b.post(other.path, filled(other))
	place := address.DraftPlace("vi", draftOf(page{path: strings.TrimPrefix(begun.path, "/en")}))
	if got := filled(b.get(place)); got.Get("agency") != office || got.Get("case") != kind {
		t.Errorf("the draft was begun with %v", got)
	}
	none := switched(b.get(place), "")
	if got := filled(none); got.Get("agency") != "" || !strings.HasPrefix(none.path, "/en"+place+"?") {
		t.Errorf("no agency was chosen, and %v is at %s", got, none.path)
	}
	if got := filled(b.get(place)); got.Get("agency") != office {
		t.Errorf("the switch saved %v", got)
	}
}

// lastRadio is the value of the last radio button of a name.
func lastRadio(t *testing.T, p page, name string) string {
	t.Helper()
	all := regexp.MustCompile(`type="radio" name="`+name+`" value="([^"]+)"`).FindAllStringSubmatch(p.body,
		-1)
	if len(all) < 2 {
		t.Fatalf("%s does not let choose between cases", p.path)
	}
	return all[len(all)-1][1]
}
