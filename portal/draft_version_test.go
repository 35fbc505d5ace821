package portal_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// replaced is a file of the starter catalogue with some words replaced.
func replaced(t testing.TB, name string, pairs ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile("../services/procedure/data/procedures/" + name)
	must(t, err)
	text := string(raw)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %q", name, pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return []byte(text)
}

// TestANewVersionIsShownBeforeItIsAccepted: what is new, changed and gone, and what is then to be filled in.
func TestANewVersionIsShownBeforeItIsAccepted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("2"))
	form := replaced(t, "2.000635.form.json", `"Cơ quan đã đăng ký"`, `"Nơi đã đăng ký trước đây"`,
		`              "id": "muc_dich",`, `              "id": "muc_dich_moi",`, `"vi": "Mục đích sử dụng"`,
		`"vi": "Dùng bản sao để làm gì?"`)
	form = []byte(strings.Replace(string(form), `"id": "muc_dich_moi",`,
		`"id": "xac_nhan_moi", "type": "yes_no", "label": {"vi": "Đã đọc quy định mới?", "en": "Have you read the new rule?"}}, {"id": "muc_dich_moi",`, 1))
	definition := replaced(t, "2.000635.json", `"amount": 8000`, `"amount": 9000`,
		`"effective_from": "2026-07-01"`, `"effective_from": "2026-11-01"`)
	source, err := procedure.Parse(definition, form)
	must(t, err)
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, err := procedure.Load(t.Context(), tx, []procedure.Source{source})
		return err
	}))
	s.Bind(t)
	p := b.get(address.Draft("vi", id))
	checkPage(t, s, p)
	for _, words := range []string{"Câu hỏi mới", "Đã đọc quy định mới?", "Câu hỏi đã thay đổi",
		"Nơi đã đăng ký trước đây", "16.000", "18.000", "Sau khi chuyển"} {
		if !strings.Contains(p.body, words) {
			t.Errorf("the page does not say %q: %s", words, p.body)
		}
	}
	if p.StatusCode != http.StatusOK || strings.Contains(p.body, "Họ, chữ đệm và tên") {
		t.Errorf("%d, or what did not change is listed", p.StatusCode)
	}
	if review := b.get(address.DraftReview("vi", id)); review.path != address.Draft("vi", id) {
		t.Errorf("the answers are looked over under the old version, at %s", review.path)
	}
	accepted := b.post(address.DraftVersion("vi", id), url.Values{"csrf": {p.token(t)}})
	if strings.Contains(accepted.body, "Câu hỏi mới") ||
		!strings.Contains(b.get(address.DraftStep("vi", id, 3)).body, "UBND xã Ninh Nhất") {
		t.Errorf("after accepting: %s", accepted.body)
	}
	if review := b.get(address.DraftReview("vi", id)); review.path != address.DraftReview("vi", id) {
		t.Errorf("after accepting, the answers are looked over at %s", review.path)
	}
}

// TestAVersionForCitizensOffersTheSwitch: the draft of an organisation is not led to a version that would
// refuse it, but to filing as a person, with its answers at choice.
func TestAVersionForCitizensOffersTheSwitch(t *testing.T) {
	t.Parallel()
	s := companyScene(t)
	draft, err := s.Desk.StartDraft(t.Context(), s.lan.Who,
		desk.StartIn{Procedure: "2.000635", Agency: s.Commune.ID, Lang: "vi"})
	must(t, err)
	definition := replaced(t, "2.000635.json", `["citizen", "organisation"]`, `["citizen"]`,
		`"effective_from": "2026-07-01"`, `"effective_from": "2026-11-01"`)
	source, err := procedure.Parse(definition, replaced(t, "2.000635.form.json"))
	must(t, err)
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, err := procedure.Load(t.Context(), tx, []procedure.Source{source})
		return err
	}))
	s.Bind(t)
	p := s.ask(&s.lan, http.MethodGet, address.Draft("vi", draft.ID), nil)
	says(t, p, "chỉ dành cho công dân", "Nộp với tư cách cá nhân", string(draft.ID))
	saysNot(t, p, address.DraftVersion("vi", draft.ID), address.DraftReview("vi", draft.ID))
}

func TestOpenWorkIsOfferedAtTheStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	b.begin("2.000635")
	p := b.get(address.Start("vi", "2.000635"))
	checkPage(t, s, p)
	if !strings.Contains(p.body, `href="`+address.Dossier("vi", code)+`"`) ||
		!strings.Contains(p.body, "Bạn đang điền dở") {
		t.Errorf("what is under way is not offered: %s", p.body)
	}
	if p := b.get(address.Start("vi", "1.001193")); strings.Contains(p.body, string(code)) {
		t.Error("the dossier of another procedure is offered")
	}
	list := b.get(address.Dossiers("vi"))
	if !strings.Contains(list.body, "Còn thiếu") || !strings.Contains(list.body, "Giữ đến") &&
		!strings.Contains(list.body, "giữ đến") {
		t.Errorf("the list does not say what is missing and how long a draft is kept: %s", list.body)
	}
	if p := s.person(t, "Trần Văn Minh").get(address.Start("vi", "2.000635")); strings.Contains(p.body,
		string(code)) {
		t.Error("somebody else's dossier is offered")
	}
}
