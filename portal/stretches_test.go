package portal_test

import (
	"bytes"
	"context"
	"fmt"
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
	"congdvc/services/procedure"
	"congdvc/services/signature"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// TestStretchesOfEveryFile asks for the middle of everything that a page gives as a file.
func TestStretchesOfEveryFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	for name, path := range everyFile(t, s, b) {
		whole := b.get(path)
		etag, size := whole.Header.Get("ETag"), len(whole.body)
		if packed := name == "asset"; whole.StatusCode != http.StatusOK || etag == "" ||
			packed != (whole.Header.Get("Accept-Ranges") == "") {
			t.Errorf("%s at %s: %d %v", name, path, whole.StatusCode, whole.Header)
			continue
		}
		if d := whole.Header.Get("Content-Disposition"); name != "asset" &&
			(!strings.Contains(d, `; filename="`) || !strings.Contains(d, "; filename*=UTF-8''")) {
			t.Errorf("%s is named %s", name, d)
		}
		if name == "asset" { // the whole came compressed, and is another sequence of bytes
			etag = strings.Replace(etag, `-gzip"`, `"`, 1)
		}
		for _, c := range []struct {
			ranged, ifRange string
			status          int
			body            string
		}{
			{"bytes=5-9", etag, 206, whole.body[5:10]},
			{"bytes=-7", "", 206, whole.body[size-7:]},
			{fmt.Sprintf("bytes=%d-", size/2), etag, 206, whole.body[size/2:]},
			{"bytes=5-9", `"another"`, 200, whole.body},
			{"bytes=0-1,3-4", "", 200, whole.body},
			{fmt.Sprintf("bytes=%d-", size), "", 416, ""},
		} {
			got := b.stretch(path, c.ranged, c.ifRange)
			if got.StatusCode != c.status || c.status < 400 && got.body != c.body {
				t.Errorf("%s, %s: %d, %d bytes", name, c.ranged, got.StatusCode, len(got.body))
			}
			if c.status == 416 && got.Header.Get("Content-Range") != fmt.Sprintf("bytes */%d", size) {
				t.Errorf("%s, %s: %s", name, c.ranged, got.Header.Get("Content-Range"))
			}
		}
	}
}

func (b *browser) stretch(path, ranged, ifRange string) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.URL+path, nil)
	must(b.t, err)
	r.Header.Set("Range", ranged)
	if ifRange != "" {
		r.Header.Set("If-Range", ifRange)
	}
	return b.do(r)
}

// everyFile makes a file of each kind and gives their paths.
func everyFile(t *testing.T, s *site, b *browser) map[string]string {
	t.Helper()
	draft := b.ready("1")
	id := draftOf(draft)
	draft = b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), draft.token(t), "giấy.pdf",
		pdfOf("giấy ", 3<<20))
	importRecord(t, s)
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, _, err := procedure.PutTemplate(t.Context(), tx, procedure.NewTemplate{Name: "Mẫu số 01.pdf",
			Content: pdfOf("mẫu ", 2000)})
		return err
	}))
	code, link := b.withResult()
	return map[string]string{
		"file of a draft": fileLink.FindString(draft.body), "form of a draft": address.DraftFormPDF("vi", id),
		"asset": regexp.MustCompile(`/static/app\.[0-9a-f]+\.css`).FindString(b.get("/").body),
		"file of a dossier": regexp.MustCompile(address.DossierFiles("vi", code) + `/[0-9a-f-]{36}`).FindString(
			b.get(address.DossierFiles("vi", code)).body),
		"form of a dossier": address.DossierFormPDF("vi", code, "1"),
		"confirmation":      address.DossierConfirmationPDF("vi", code),
		"result":            link,
		"template":          address.Template("9.000001", "Mẫu số 01.pdf"),
	}
}

// withResult hands a dossier in that then gets a result, and gives the path of the result's file.
func (b *browser) withResult() (dossier.Code, string) {
	b.t.Helper()
	t, ctx := b.t, b.t.Context()
	code, _ := b.submitted()
	paper := []byte(b.paper(address.DossierConfirmationPDF("vi", code)).body)
	b.Desk.VerifyPDF = func(context.Context, io.Reader) (signature.Report, error) {
		return signature.Report{Signed: true, Valid: true, CoversWholeFile: true}, nil
	}
	_, err := b.Desk.Receive(ctx, b.Office(t, "receive"), code, onestop.Receive{})
	must(t, err)
	_, err = b.Desk.Process(ctx, b.Office(t, "process"), code, onestop.Process{})
	must(t, err)
	_, err = b.Desk.DeliverResult(ctx, b.Office(t, "result"), code, desk.ResultIn{FileName: "trích lục.pdf",
		File: bytes.NewReader(paper), DeliverResult: onestop.DeliverResult{Name: "Bản sao trích lục",
			Number: "12/TLKS", IssuedOn: workday.DateOf(b.Desk.Now())}})
	must(t, err)
	path := address.Dossier("vi", code)
	return code, regexp.MustCompile(path + `/ket-qua/[0-9a-f-]+`).FindString(b.get(path).body)
}

// TestWhatOpensAResult: a dossier counts as returned from the first answer that gives bytes of its result,
// and not by one that gives none.
func TestWhatOpensAResult(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, link := b.withResult()
	status := func() (status string) {
		t.Helper()
		must(t, s.Pool.QueryRow(t.Context(), `select status from dossier where code = $1`,
			code).Scan(&status))
		return status
	}
	if got := b.stretch(link, "bytes=999999999-", ""); got.StatusCode != 416 || status() != "completed" {
		t.Errorf("a stretch behind the end: %d, %s", got.StatusCode, status())
	}
	part := b.stretch(link, "bytes=0-99", "")
	if part.StatusCode != 206 || status() != "returned" {
		t.Errorf("the first bytes: %d, %s", part.StatusCode, status())
	}
	var entries int
	count := func() int {
		must(t, s.Pool.QueryRow(t.Context(), `select count(*) from dossier_history h join dossier d
			on d.id = h.dossier_id where d.code = $1`, code).Scan(&entries))
		return entries
	}
	before := count()
	rest := b.stretch(link, "bytes=100-", part.Header.Get("ETag"))
	if whole := b.get(link); rest.StatusCode != 206 || part.body+rest.body != whole.body ||
		count() != before {
		t.Errorf("resumed: %d, %d bytes, %d entries more", rest.StatusCode, len(rest.body), count()-before)
	}
}

// TestCompressedAssets: a compressed file has a tag of its own, and a stretch is one of the plain file.
func TestCompressedAssets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	path := regexp.MustCompile(`/static/app\.[0-9a-f]+\.css`).FindString(b.get("/").body)
	ask := func(header url.Values) page {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+path, nil)
		must(t, err)
		for name := range header {
			r.Header.Set(name, header.Get(name))
		}
		return b.do(r)
	}
	packed := ask(url.Values{"Accept-Encoding": {"br"}})
	plain := ask(url.Values{"Accept-Encoding": {"identity"}})
	tag := packed.Header.Get("ETag")
	if tag == plain.Header.Get("ETag") || packed.Header.Get("Content-Encoding") != "br" ||
		packed.Header.Get("Accept-Ranges") != "" ||
		!strings.Contains(packed.Header.Get("Vary"), "Accept-Encoding") {
		t.Errorf("%v", packed.Header)
	}
	resumed := ask(url.Values{"Accept-Encoding": {"br"}, "Range": {"bytes=9-"}, "If-Range": {tag}})
	stretch := ask(url.Values{"Accept-Encoding": {"br"}, "Range": {"bytes=9-"}})
	if resumed.StatusCode != 200 || resumed.body != packed.body || stretch.StatusCode != 206 ||
		stretch.body != plain.body[9:] || stretch.Header.Get("Content-Encoding") != "" {
		t.Errorf("resumed %d, stretch %d %v", resumed.StatusCode, stretch.StatusCode, stretch.Header)
	}
	if same := ask(url.Values{"Accept-Encoding": {"br"}, "If-None-Match": {tag}}); same.StatusCode != 304 {
		t.Errorf("%d", same.StatusCode)
	}
}
