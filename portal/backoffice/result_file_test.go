package backoffice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"congdvc/identity"
	"congdvc/services/demooffice"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

// processing is a dossier that waits for its result.
func (s *scene) processing(t testing.TB, who identity.Who) dossier.Code {
	t.Helper()
	code := s.Submitted(t, who)
	s.post(t, at(code, "/receive"), `{}`)
	s.post(t, at(code, "/process"), `{}`)
	return code
}

// signedPaper is the signed PDF of a result, of which one-stop software delivered a copy.
func (s *scene) signedPaper(t testing.TB) string {
	t.Helper()
	o, lan := s.office(t, t.TempDir()), s.Citizen(t, 90)
	s.pushing(t)
	code := s.Submitted(t, lan)
	done(t, o, code, "dossier.submitted")
	must(t, o.Receive(t.Context(), string(code)))
	must(t, o.Process(t.Context(), string(code)))
	_, err := o.Deliver(t.Context(), string(code), demooffice.Decision{Number: "12/BS", Name: "Trích lục"})
	must(t, err)
	view, err := s.Desk.Dossier(t.Context(), lan, code)
	must(t, err)
	file, err := desktest.OpenResult(t.Context(), s.Desk, lan, code, view.Results[0].ID)
	must(t, err)
	signed, err := io.ReadAll(file.Reader)
	must(t, errors.Join(err, file.Reader.Close()))
	return string(signed)
}

// upload sends the file of a result.
func (s *scene) upload(t testing.TB, to dossier.Code, file string, header map[string]string) reply {
	t.Helper()
	all := map[string]string{"Content-Type": "application/pdf"}
	for name, value := range header {
		all[name] = value
	}
	return s.call(t, request{method: http.MethodPost, path: at(to, "/result-files"), body: file, header: all})
}

func hashOf(file string) string {
	sum := sha256.Sum256([]byte(file))
	return hex.EncodeToString(sum[:])
}

// TestResultInTwoSteps sends the file, then the result that names it.
func TestResultInTwoSteps(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	signed := s.signedPaper(t)
	code := s.processing(t, s.Citizen(t, 1))
	const unsigned = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
	large := "%PDF-1.4\n" + strings.Repeat("x", desk.ResultLimit) + "\n%%EOF\n"
	for _, c := range []struct {
		name, file string
		header     map[string]string
		want       int
		key        string
	}{
		{"of another type", signed, map[string]string{"Content-Type": "image/png"}, 415,
			"backoffice.media_type"},
		{"without a type", signed, map[string]string{"Content-Type": ""}, 415, "backoffice.media_type"},
		{"empty", "", nil, 422, "attachment.empty"},
		{"that is a picture", "GIF89a", nil, 422, "attachment.type"},
		{"that was cut", signed[:len(signed)/2], nil, 422, "attachment.broken"},
		{"that nobody signed", unsigned, nil, 422, "desk.result_unsigned"},
		{"that is too large", large, nil, 413, "attachment.too_large"},
		{"without a key of the call", signed, map[string]string{"Idempotency-Key": ""}, 400,
			"backoffice.idempotency_key"},
	} {
		got := s.upload(t, code, c.file, c.header)
		if got.status != c.want || got.problem(t).Type != onestop.ProblemType(c.key) {
			t.Errorf("a file %s: %d %s", c.name, got.status, got.body)
		}
	}
	if got := s.upload(t, "H42.37.14329-261123-9999", signed, nil); got.status != 404 {
		t.Errorf("of no dossier: %d %s", got.status, got.body)
	}

	same := map[string]string{"Idempotency-Key": "file-1"}
	first := s.upload(t, code, signed, same)
	if again := s.upload(t, code, signed, same); first.status != 200 || again.body != first.body {
		t.Fatalf("%d %s, repeated %s", first.status, first.body, again.body)
	}
	var kept onestop.ResultFile
	must(t, json.Unmarshal([]byte(first.body), &kept))
	if kept.SHA256 != hashOf(signed) || kept.Size != int64(len(signed)) {
		t.Errorf("kept: %+v", kept)
	}
	about := `"number":"12/BS","name":"Trích lục khai sinh","issued_on":"2026-11-23"`
	for _, c := range []struct{ name, body, pointer, key string }{
		{"no file", fmt.Sprintf(`{%s,"sha256":%q}`, about, kept.SHA256), "/file", "onestop.required"},
		{"what is no id", fmt.Sprintf(`{"file":"x",%s,"sha256":%q}`, about, kept.SHA256), "/file",
			"onestop.value"},
		{"a file that is not there", fmt.Sprintf(`{"file":"019ab000-0000-7000-8000-000000000021",%s,"sha256":%q}`,
			about, kept.SHA256), "/file", "result.file"},
		{"other bytes", fmt.Sprintf(`{"file":%q,%s,"sha256":%q}`, kept.ID, about, hashOf("x")), "/sha256",
			"result.file"},
		{"what is not known", fmt.Sprintf(`{"file":%q,%s,"sha256":%q,"x":1}`, kept.ID, about, kept.SHA256), "/x",
			"backoffice.unknown_member"},
	} {
		got := s.post(t, at(code, "/results"), c.body)
		p := got.problem(t)
		if got.status != 422 || p.Type != onestop.ProblemType(c.key) || len(p.Errors) != 1 ||
			p.Errors[0].Pointer != c.pointer {
			t.Errorf("named %s: %d %s", c.name, got.status, got.body)
		}
	}
	right := fmt.Sprintf(`{"file":%q,%s,"sha256":%q}`, kept.ID, about, kept.SHA256)
	if got := s.post(t, at(code, "/results"), right); got.status != 200 ||
		!strings.Contains(got.body, kept.SHA256) {
		t.Errorf("delivered: %d %s", got.status, got.body)
	}
	if d := s.call(t, request{path: at(code)}).dossier(t); d.Status != string(dossier.Completed) {
		t.Errorf("then it is %s", d.Status)
	}
}

// TestPartsInAnyOrder delivers results as clients put multipart bodies together.
func TestPartsInAnyOrder(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	signed := s.signedPaper(t)
	file := piece{"file", "kq.pdf", "application/pdf", signed}
	untyped, named, unnamed := metadataOf(signed), metadataOf(signed), file
	untyped.mediaType, named.file, unnamed.file = "", "blob", ""
	for name, parts := range map[string][]piece{
		"the file first":             {file, metadataOf(signed)},
		"metadata without a type":    {untyped, file},
		"both":                       {file, untyped},
		"metadata as a file":         {named, file},
		"a file without a name":      {metadataOf(signed), unnamed},
		"a file of no type":          {metadataOf(signed), {"file", "kq.pdf", "", signed}},
		"a file of the general type": {untyped, {"file", "kq.pdf", "application/octet-stream", signed}},
		"metadata with their charset": {{"metadata", "", "application/json; charset=utf-8",
			untyped.content}, file},
	} {
		code := s.processing(t, s.Citizen(t, 1))
		contentType, body := pieces(t, parts...)
		got := s.call(t, request{method: http.MethodPost, path: at(code, "/results"), body: body,
			header: map[string]string{"Content-Type": contentType}})
		if got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// TestPartsAtFault: what is wrong with a part names it.
func TestPartsAtFault(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.processing(t, s.Citizen(t, 1))
	pdf := func(content string) piece { return piece{"file", "kq.pdf", "application/pdf", content} }
	for _, c := range []struct {
		name  string
		parts []piece
		want  int
		at    string
	}{
		{"no metadata", []piece{pdf("%PDF-1.4\nx\n%%EOF\n")}, 400, "/metadata"},
		{"no file", []piece{metadataOf("x")}, 400, "/file"},
		{"metadata as text", []piece{{"metadata", "", "text/plain", "{}"}, pdf("x")}, 415, "/metadata"},
		{"metadata that are no JSON", []piece{{"metadata", "", "", "{"}, pdf("x")}, 400, "/metadata"},
		{"an unknown part", []piece{metadataOf("x"), {"tep", "", "", "x"}, pdf("x")}, 400, "/tep"},
		{"a picture", []piece{metadataOf("GIF89a"), pdf("GIF89a")}, 422, "/file"},
		{"an empty file", []piece{pdf(""), metadataOf("")}, 422, "/file"},
	} {
		contentType, body := pieces(t, c.parts...)
		got := s.call(t, request{method: http.MethodPost, path: at(code, "/results"), body: body,
			header: map[string]string{"Content-Type": contentType}})
		if p := got.problem(t); got.status != c.want || len(p.Errors) != 1 || p.Errors[0].Pointer != c.at {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
}
