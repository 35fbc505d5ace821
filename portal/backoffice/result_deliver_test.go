package backoffice

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"congdvc/services/demooffice"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/result"
)

// piece is one part of a multipart body.
type piece struct{ name, file, mediaType, content string }

// pieces puts a body together.
func pieces(t testing.TB, all ...piece) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range all {
		disposition := fmt.Sprintf(`form-data; name=%q`, p.name)
		if p.file != "" {
			disposition += fmt.Sprintf(`; filename=%q`, p.file)
		}
		head := textproto.MIMEHeader{"Content-Disposition": {disposition}}
		if p.mediaType != "" {
			head.Set("Content-Type", p.mediaType)
		}
		part, err := w.CreatePart(head)
		must(t, err)
		_, err = part.Write([]byte(p.content))
		must(t, err)
	}
	must(t, w.Close())
	return w.FormDataContentType(), b.String()
}

func metadataOf(file string) piece {
	sum := sha256.Sum256([]byte(file))
	return piece{"metadata", "", "application/json",
		`{"number":"12/BS","name":"Trích lục khai sinh","issued_on":"2026-11-23","sha256":"` +
			hex.EncodeToString(sum[:]) + `"}`}
}

func TestResultsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	code := s.Submitted(t, lan)
	s.post(t, at(code, "/receive"), `{}`)
	s.post(t, at(code, "/process"), `{}`)
	const unsigned = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
	pdf := func(content string) piece { return piece{"file", "kq.pdf", "application/pdf", content} }
	large := "%PDF-1.4\n" + strings.Repeat("x", desk.ResultLimit) + "\n%%EOF\n"
	huge := "%PDF-1.4\n" + strings.Repeat("x", multiBody)
	for _, c := range []struct {
		name   string
		parts  []piece
		stream bool
		want   int
		key    string
	}{
		{"nothing", nil, false, 400, "backoffice.multipart"},
		{"the file first", []piece{pdf(unsigned), metadataOf(unsigned)}, false, 422, "desk.result_unsigned"},
		{"only the file", []piece{pdf(unsigned)}, false, 400, "backoffice.multipart"},
		{"metadata twice", []piece{metadataOf(unsigned), metadataOf(unsigned), pdf(unsigned)}, false, 400,
			"backoffice.multipart"},
		{"another part", []piece{{"extra", "", "", "x"}, metadataOf(unsigned), pdf(unsigned)}, false, 400,
			"backoffice.multipart"},
		{"the file first, and another than told", []piece{pdf(unsigned), metadataOf("x")}, false, 422,
			"backoffice.digest"},
		{"untyped metadata that are no JSON", []piece{{"metadata", "", "", "{"}, pdf(unsigned)}, false, 400,
			"backoffice.json"},
		{"no file", []piece{metadataOf(unsigned)}, false, 400, "backoffice.multipart"},
		{"a third part", []piece{metadataOf(unsigned), pdf(unsigned), pdf(unsigned)}, false, 400,
			"backoffice.multipart"},
		{"metadata that are no JSON", []piece{{"metadata", "", "application/json", "{"}, pdf(unsigned)},
			false, 400, "backoffice.json"},
		{"metadata of another type", []piece{{"metadata", "", "text/plain", "{}"}, pdf(unsigned)}, false, 415,
			"backoffice.media_type"},
		{"metadata that say nothing", []piece{{"metadata", "", "application/json", "{}"}, pdf(unsigned)},
			false, 422, "onestop.required"},
		{"another file than told", []piece{metadataOf("x"), pdf(unsigned)}, false, 422, "backoffice.digest"},
		{"an empty file", []piece{metadataOf(""), pdf("")}, false, 422, "attachment.empty"},
		{"a picture", []piece{metadataOf("GIF89a"), pdf("GIF89a")}, false, 422, "attachment.type"},
		{"nobody signed", []piece{metadataOf(unsigned), pdf(unsigned)}, false, 422, "desk.result_unsigned"},
		{"a file above the limit", []piece{metadataOf(large), pdf(large)}, false, 413,
			"attachment.too_large"},
		{"a body above the limit", []piece{metadataOf(huge), pdf(huge)}, false, 413, "backoffice.too_large"},
		{"a body of untold length", []piece{metadataOf(unsigned), pdf(unsigned)}, true, 422,
			"desk.result_unsigned"},
	} {
		contentType, body := pieces(t, c.parts...)
		got := s.call(t, request{method: http.MethodPost, path: at(code, "/results"), body: body,
			stream: c.stream, header: map[string]string{"Content-Type": contentType}})
		if got.status != c.want || got.problem(t).Type != onestop.ProblemType(c.key) {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
	contentType, body := pieces(t, metadataOf(unsigned), pdf(unsigned))
	cut := s.call(t, request{method: http.MethodPost, path: at(code, "/results"), body: body[:len(body)-60],
		header: map[string]string{"Content-Type": contentType}})
	elsewhere := s.call(t, request{method: http.MethodPost, path: at("H42.37.14329-261123-9999", "/results"),
		body: body, header: map[string]string{"Content-Type": contentType}})
	plain := s.post(t, at(code, "/results"), `{}`)
	if cut.status != 400 || elsewhere.status != 404 || plain.status != 422 {
		t.Errorf("cut off %d %s, elsewhere %d, as JSON %d", cut.status, cut.body, elsewhere.status,
			plain.status)
	}
	view, err := s.Desk.Dossier(t.Context(), lan, code)
	must(t, err)
	if view.Dossier.Status != dossier.Processing || len(view.Results) != 0 {
		t.Errorf("what was refused changed something: %+v", view.Dossier)
	}
}

// TestResultCodes reserves codes of results and gives wrong ones back.
func TestResultCodes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	o := s.office(t, t.TempDir())
	s.pushing(t)
	lan := s.Citizen(t, 1)
	var codes [2]dossier.Code
	for i := range codes {
		codes[i] = s.Submitted(t, lan)
		done(t, o, codes[i], "dossier.submitted")
		must(t, o.Receive(t.Context(), string(codes[i])))
		must(t, o.Process(t.Context(), string(codes[i])))
	}
	used, err := o.Deliver(t.Context(), string(codes[0]),
		demooffice.Decision{Number: "12/BS", Name: "Trích lục khai sinh"})
	must(t, err)
	view, err := s.Desk.Dossier(t.Context(), lan, codes[0])
	must(t, err)
	file, err := desktest.OpenResult(t.Context(), s.Desk, lan, codes[0], view.Results[0].ID)
	must(t, err)
	signed, err := io.ReadAll(file.Reader)
	must(t, errors.Join(err, file.Reader.Close()))

	reserve := at(codes[1], "/result-codes")
	for _, c := range []struct {
		name, path, body string
		want             int
		key              string
	}{
		{"of a dossier that has ended", at(codes[0], "/result-codes"), `{}`, 409, "dossier.move"},
		{"of no dossier", at("H42.37.14329-261123-9999", "/result-codes"), `{}`, 404, "dossier.not_found"},
		{"of one's own choice", reserve, `{"code":"7K3M-9QXT-2B4D-W8FH"}`, 422, "backoffice.unknown_member"},
	} {
		if got := s.post(t, c.path, c.body); got.status != c.want ||
			got.problem(t).Type != onestop.ProblemType(c.key) {
			t.Errorf("a code %s: %d %s", c.name, got.status, got.body)
		}
	}
	first := request{method: http.MethodPost, path: reserve, body: `{}`,
		header: map[string]string{"Idempotency-Key": "reserve"}}
	mine := s.call(t, first)
	if again := s.call(t, first); mine.status != 200 || again.body != mine.body {
		t.Errorf("%d %s, repeated %s", mine.status, mine.body, again.body)
	}
	for range result.MostReserved - 1 {
		if got := s.post(t, reserve, `{}`); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	if got := s.post(t, reserve, `{}`); got.status != 409 ||
		got.problem(t).Type != onestop.ProblemType("result.reserved") {
		t.Errorf("one too many: %d %s", got.status, got.body)
	}

	for name, c := range map[string]struct{ code, key string }{
		"a used one":            {used, "result.code"},
		"nobody's":              {string(result.NewCode()), "result.code"},
		"one as people type it": {strings.ToLower(used), "onestop.value"},
		"what is no code":       {"x", "onestop.value"},
		"an empty one":          {"", "onestop.value"},
	} {
		got := s.deliver(t, codes[1], string(signed), c.code)
		p := got.problem(t)
		if got.status != 422 || p.Type != onestop.ProblemType(c.key) || len(p.Errors) != 1 ||
			p.Errors[0].Pointer != "/code" {
			t.Errorf("delivered under %s: %d %s", name, got.status, got.body)
		}
	}
	var reserved onestop.ResultCode
	must(t, json.Unmarshal([]byte(mine.body), &reserved))
	got := s.deliver(t, codes[1], string(signed), string(reserved.Code))
	if got.status != 200 || !strings.Contains(got.body, `"code":"`+string(reserved.Code)+`"`) {
		t.Errorf("delivered under its code: %d %s", got.status, got.body)
	}
}

// deliver delivers a file under a code.
func (s *scene) deliver(t testing.TB, to dossier.Code, file, code string) reply {
	t.Helper()
	metadata := metadataOf(file)
	metadata.content = strings.TrimSuffix(metadata.content, "}") + fmt.Sprintf(`,"code":%q}`, code)
	contentType, body := pieces(t, metadata, piece{"file", "kq.pdf", "application/pdf", file})
	return s.call(t, request{method: http.MethodPost, path: at(to, "/results"), body: body,
		header: map[string]string{"Content-Type": contentType}})
}
