package backoffice

import (
	"context"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"congdvc/services/demooffice"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// withoutFeed starts one-stop software that may read dossiers, but not the log.
func (s *scene) withoutFeed(t testing.TB, dir string) *demooffice.Server {
	t.Helper()
	var key string
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) (err error) {
		key, _, err = onestop.CreateKey(t.Context(), tx, s.Vault, s.Connection,
			[]onestop.Scope{onestop.Read, onestop.Write}, s.Clock.Now())
		return err
	}))
	o, err := demooffice.Start(context.Background(), demooffice.Config{
		PortalURL: s.url, APIKey: key, WebhookSecret: s.Secret, Dir: dir, Now: s.Clock.Now,
		Agencies: []demooffice.Agency{{Code: s.Commune.Code, Name: s.Commune.Name.Vi}},
		Officers: []demooffice.Officer{{Agency: s.Commune.Code, Name: "Đỗ Văn Hùng", Title: "Công chức",
			Phone: "0229 3871 000"}},
	})
	must(t, err)
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// everyKind has the office take a dossier of each standing: new, received, supplemented, to be withdrawn,
// completed.
func (s *scene) everyKind(t testing.TB, o *demooffice.Server) map[string]demooffice.Dossier {
	t.Helper()
	ctx, lan := t.Context(), s.Citizen(t, 1)
	all := map[string]dossier.Code{}
	for _, standing := range []string{"new", "received", "supplemented", "asked", "completed"} {
		all[standing] = s.Submitted(t, lan)
		done(t, o, all[standing], "dossier.submitted")
		if standing != "new" {
			must(t, o.Receive(ctx, string(all[standing])))
		}
	}
	must(t, o.AskSupplement(ctx, string(all["supplemented"]), demooffice.Supplement{
		Fields: []string{"sk.so"}, Requirements: []string{"tai_lieu_lien_quan"}, Deadline: "2026-12-03",
		Reasons: map[string]string{"sk.so": "Cần số đăng ký", "tai_lieu_lien_quan": "Ảnh mờ"}}))
	s.answer(t, lan, all["supplemented"])
	done(t, o, all["supplemented"], "dossier.supplemented")
	must(t, s.Desk.RequestWithdrawal(ctx, lan, all["asked"], "Tôi đã tìm được bản gốc"))
	done(t, o, all["asked"], "dossier.withdrawal_requested")
	must(t, o.Process(ctx, string(all["completed"])))
	_, err := o.Deliver(ctx, string(all["completed"]), demooffice.Decision{Number: "12/TLKS-BS",
		Name: "Trích lục khai sinh (bản sao)", Kind: "KQ.G15.000342"})
	must(t, err)
	book := map[string]demooffice.Dossier{}
	for standing, code := range all {
		book[standing], _ = o.Dossier(string(code))
	}
	return book
}

func fetched(t testing.TB, path string) string {
	t.Helper()
	response, err := http.Get(path)
	must(t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	must(t, err)
	return string(raw)
}

// TestOfficeRebuildsItsBook: software that lost its book makes it anew from the lists alone, and goes on with
// the next number.
func TestOfficeRebuildsItsBook(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	dir := t.TempDir()
	o := s.office(t, dir)
	s.pushing(t)
	before := s.everyKind(t, o)
	compared := func(inBook string) string { return "Cổng có <b>5</b> hồ sơ, sổ có <b>" + inBook + "</b>" }
	if got := fetched(t, o.URL()+"/doi-soat"); !strings.Contains(got, compared("5")) ||
		!strings.Contains(got, "khớp nhau") {
		t.Errorf("compared: %s", got)
	}
	if got := fetched(t, o.URL()+"/ho-so/"+before["asked"].Code); !strings.Contains(got,
		"Tôi đã tìm được bản gốc") {
		t.Errorf("the officer cannot read why: %s", got)
	}
	if got := fetched(t, o.URL()+"/ho-so/"+before["supplemented"].Code); !strings.Contains(got,
		"Thay đổi so với lần 1") || !strings.Contains(got, "rõ hơn.png") {
		t.Errorf("the officer cannot read what changed: %s", got)
	}
	must(t, o.Close())
	must(t, os.Remove(filepath.Join(dir, "state.json")))
	must(t, os.RemoveAll(filepath.Join(dir, "revisions")))

	o = s.withoutFeed(t, dir)
	if got := fetched(t, o.URL()+"/doi-soat"); !strings.Contains(got, compared("0")) ||
		!strings.Contains(got, "chưa khớp") {
		t.Errorf("without a book: %s", got)
	}
	response, err := http.Post(o.URL()+"/dung-lai", "application/x-www-form-urlencoded", nil)
	must(t, err)
	response.Body.Close()
	if got := response.Request.URL.RequestURI(); response.StatusCode != 200 || got != "/doi-soat?dung-lai=5" {
		t.Fatalf("rebuilt: %d %s", response.StatusCode, got)
	}
	for standing, was := range before {
		s.sameAgain(t, o, dir, standing, was)
	}
	if all, _, err := o.Reconcile(t.Context()); err != nil || all.Portal != 5 || all.Book != 5 {
		t.Errorf("compared again: %+v %v", all, err)
	}
	must(t, o.Close())

	o = s.office(t, dir)
	code := s.Submitted(t, s.Citizen(t, 2))
	if d := done(t, o, code, "dossier.submitted"); d.OfficeCode != "NB-2026-000006" {
		t.Errorf("the next one is %s", d.OfficeCode)
	}
	for standing, was := range before { // the log came anew meanwhile
		until(t, "the events of "+was.Code, func() bool {
			d, _ := o.Dossier(was.Code)
			return len(d.Events) >= len(was.Events) && d.Events[len(d.Events)-1].Effects > 0
		})
		s.sameAgain(t, o, dir, standing, was)
	}
}

// sameAgain compares a dossier of the book with what it was.
func (s *scene) sameAgain(t testing.TB, o *demooffice.Server, dir, standing string, was demooffice.Dossier) {
	t.Helper()
	is, _ := o.Dossier(was.Code)
	if is.OfficeCode != was.OfficeCode || is.Agency != was.Agency || is.Acknowledged != was.Acknowledged ||
		is.WithdrawalAsked != was.WithdrawalAsked || is.Status() != was.Status() ||
		!maps.Equal(is.Revisions, was.Revisions) || !maps.Equal(is.Results(), was.Results()) {
		t.Errorf("%s: %+v\nwas %+v", standing, is, was)
	}
	if want := map[string]int{"supplemented": 2}[standing]; want > 0 && len(is.Revisions) != want {
		t.Errorf("%s has %d revisions", standing, len(is.Revisions))
	}
	if (standing == "completed") != (len(is.Results()) == 1) {
		t.Errorf("%s has the results %v", standing, is.Results())
	}
	raw, err := os.ReadFile(filepath.Join(dir, "revisions", is.Revisions[1]+".json"))
	must(t, err)
	r, err := dossier.ParseRevision(raw)
	must(t, err)
	file, err := os.ReadFile(filepath.Join(dir, "files", r.Files[0].SHA256))
	if must(t, err); string(file) != string(desktest.Photo(t)) {
		t.Errorf("%s: the file is not what was given", standing)
	}
}
