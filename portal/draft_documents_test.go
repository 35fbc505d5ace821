package portal_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/result"
	"congdvc/services/signature"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// issued delivers a result for a submitted dossier and gives its code.
func (s *site) issued(t testing.TB, code dossier.Code, file []byte) result.Code {
	t.Helper()
	ctx := t.Context()
	s.Desk.VerifyPDF = func(context.Context, io.Reader) (signature.Report, error) {
		return signature.Report{Signed: true, Valid: true, CoversWholeFile: true}, nil
	}
	_, err := s.Desk.Receive(ctx, s.Office(t, "receive "+string(code)), code, onestop.Receive{})
	must(t, err)
	_, err = s.Desk.Process(ctx, s.Office(t, "process "+string(code)), code, onestop.Process{})
	must(t, err)
	reserved, err := s.Desk.ReserveResultCode(ctx, s.Office(t, "code "+string(code)), code,
		onestop.ReserveResultCode{})
	must(t, err)
	number := result.Code(regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){3}`).Find(reserved))
	_, err = s.Desk.DeliverResult(ctx, s.Office(t, "result "+string(code)), code,
		desk.ResultIn{FileName: "trích lục.pdf", File: bytes.NewReader(file),
			DeliverResult: onestop.DeliverResult{Name: "Bản sao trích lục", Number: "12/TLKS",
				IssuedOn: workday.DateOf(s.Desk.Now()), Code: &number}})
	must(t, err)
	return number
}

// TestADocumentThatIsThereAlready chooses papers without a script: from the page of documents to what was
// handed in.
func TestADocumentThatIsThereAlready(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, minh := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh")
	code, _ := b.submitted()
	paper := []byte(b.paper(address.DossierConfirmationPDF("vi", code)).body)
	number := s.issued(t, code, paper)

	id := draftOf(b.ready("1"))
	files, use := address.DraftFiles("vi", id), address.DraftDocument("vi", id, "tai_lieu_lien_quan")
	p := b.shows(files, "Dùng giấy tờ đã có (2)", "Kết quả điện tử “Bản sao trích lục” số 12/TLKS",
		string(number), "Tệp của hồ sơ "+string(code), `action="`+use+`"`)
	b.shows(address.DraftFiles("en", id), "Use a document you already have (2)",
		"Electronic result “<span lang=\"vi\">Bản sao trích lục</span>” no. 12/TLKS",
		"File of dossier "+string(code))
	if other := minh.ready("1"); strings.Contains(other.body, string(number)) ||
		strings.Contains(other.body, "Dùng giấy tờ đã có") {
		t.Error("another person is offered it")
	}
	foreign := minh.ready("1")
	if got := minh.post(address.DraftDocument("vi", draftOf(foreign), "tai_lieu_lien_quan"),
		url.Values{"csrf": {foreign.token(t)}, "document": {string(number)}}); got.StatusCode !=
		http.StatusNotFound || !strings.Contains(got.body, "không còn giấy tờ này") {
		t.Errorf("another's document: %d", got.StatusCode)
	}
	if got := b.post(use, url.Values{"csrf": {"wrong"}, "document": {string(number)}}); got.StatusCode !=
		http.StatusForbidden {
		t.Errorf("a forged choice: %d", got.StatusCode)
	}
	chosen := b.post(use, url.Values{"csrf": {p.token(t)}, "document": {string(number)}})
	if !strings.HasPrefix(chosen.path, files) || !strings.Contains(chosen.body, "Dùng giấy tờ đã có (1)") {
		t.Fatalf("%d at %s", chosen.StatusCode, chosen.path)
	}
	checkPage(t, s, chosen)
	review := b.shows(address.DraftReview("vi", id), "trích lục.pdf",
		"Kết quả điện tử “Bản sao trích lục” số 12/TLKS", "theo hồ sơ "+string(code)+"; mã kết quả "+
			string(number))
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	next := strings.Split(strings.TrimPrefix(done.path, "/ho-so/"), "/")[0]
	b.shows(address.DossierFiles("vi", next), "mã kết quả "+string(number))
	b.shows(address.DossierFiles("en", next), `“<span lang="vi">Bản sao trích lục</span>”`,
		"result code "+string(number))
	b.shows(address.Dossier("en", code),
		`<span lang="vi">Bản sao trích lục</span> <span class="muted">(12/TLKS)`)
	b.shows(address.VerifyCode("en", number), `<dd lang="vi">Bản sao trích lục</dd>`)
	b.shows(address.VerifyCode("vi", number), `<dd>Bản sao trích lục</dd>`)
}

// TestADocumentThatWasRevokedSince is told when it is handed in, with a way to put it right.
func TestADocumentThatWasRevokedSince(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	number := s.issued(t, code, []byte(b.paper(address.DossierConfirmationPDF("vi", code)).body))
	p := b.ready("1")
	id := draftOf(p)
	b.post(address.DraftDocument("vi", id, "tai_lieu_lien_quan"),
		url.Values{"csrf": {p.token(t)}, "document": {string(number)}})
	review := b.get(address.DraftReview("vi", id))
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		r, err := result.ByCode(t.Context(), tx, s.Vault, string(number))
		if err != nil {
			return err
		}
		return result.Revoke(t.Context(), tx, s.Vault, r, "Cấp sai thẩm quyền", s.Desk.Now())
	}))
	refused := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	told := "Bản sao trích lục (mã kết quả " + string(number) + ") đã bị thu hồi hoặc thay thế"
	if refused.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(refused.body, told) ||
		!strings.Contains(refused.body,
			address.DraftFiles("vi", id)+"?xem=loi#requirement.tai_lieu_lien_quan") {
		t.Errorf("%d %s", refused.StatusCode, refused.body)
	}
	checkPage(t, s, refused)
	b.shows(address.DraftFiles("vi", id)+"?xem=loi", told, "Gỡ", "Dùng giấy tờ đã có (1)")
	b.shows(address.DraftFiles("en", id)+"?xem=loi", "was revoked or replaced", "Remove")
}
