package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/procedure"
	"congdvc/services/procedure/national"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

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

func TestAnImportedRecordIsTakenAtItsWord(t *testing.T) {
	t.Parallel()
	for names, refused := range map[string]bool{
		`"Công dân Việt Nam"`: true, `"Công dân Việt Nam","Doanh nghiệp"`: false,
		`"Công dân Việt Nam","Hộ gia đình"`: false, ``: false,
	} {
		s := newSite(t)
		day := workday.DateOf(s.Clock.Now())
		record := strings.Replace(generalRecord, `"CAPTHUCHIEN"`,
			`"DOITUONGTHUCHIEN":[`+names+`],"CAPTHUCHIEN"`, 1)
		must(t, national.Import(t.Context(), s.Pool, strings.NewReader(record), national.ImportIn{
			On: day, Tell: func(i national.Imported) error { return i.Reason },
		}))
		must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
			_, err := procedure.AllowGeneral(t.Context(), tx, procedure.AllowIn{Code: "9.000001", On: day})
			return err
		}))
		s.Bind(t)
		ha := s.person(t, repHa)
		ha.worksFor(theFirm)
		start := ha.get(address.Start("vi", "9.000001"))
		if got := strings.Contains(start.body, "chỉ dành cho công dân"); got != refused ||
			strings.Contains(start.body, `name="agency"`) == refused {
			t.Errorf("for [%s]: refused %t", names, got)
		}
	}
}

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
	s.Bind(t)
}

func (s *site) count(t testing.TB, table string) (n int) {
	t.Helper()
	must(t, s.Pool.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n))
	return n
}
