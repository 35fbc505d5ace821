package backoffice

import (
	"net/http"
	"os"
	"strconv"
	"testing"

	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// takesNothing lets the database be read only, or no more, and ends the connections of the pool.
func (s *scene) takesNothing(t testing.TB, readOnly bool) {
	t.Helper()
	admin, err := pgx.ConnectConfig(t.Context(), s.Pool.Config().ConnConfig.Copy())
	must(t, err)
	defer admin.Close(t.Context())
	_, err = admin.Exec(t.Context(), `set default_transaction_read_only = off`)
	must(t, err)
	_, err = admin.Exec(t.Context(), `alter database `+
		pgx.Identifier{s.Pool.Config().ConnConfig.Database}.Sanitize()+
		` set default_transaction_read_only = `+strconv.FormatBool(readOnly))
	must(t, err)
	s.Pool.Reset()
}

// refusedForNow checks that an answer tells a machine to call again with the same key.
func refusedForNow(t *testing.T, call string, got reply) {
	t.Helper()
	if got.status != 503 || got.header.Get("Retry-After") == "" ||
		got.problem(t).Type != onestop.ProblemType(errAway.Key) {
		t.Errorf("%s: %d, Retry-After %q: %s", call, got.status, got.header.Get("Retry-After"), got.body)
	}
}

// TestCallsWhileTheDatabaseTakesNothing: what would be written is called again later, with its own key. Also
// reading is refused, since who read what could not be written down.
func TestCallsWhileTheDatabaseTakesNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	s.sequenced(t)
	s.takesNothing(t, true)
	calls := map[string]string{"acknowledge": `{"office_code":"NB-1"}`, "notes": `{"note":"Đang chờ"}`,
		"receive": `{}`}
	for call, body := range calls {
		refusedForNow(t, call, s.call(t, request{method: http.MethodPost, path: at(code, "/", call),
			body: body, header: map[string]string{"Idempotency-Key": call}}))
	}
	refusedForNow(t, "reading a dossier", s.call(t, request{path: at(code)}))
	refusedForNow(t, "the feed", s.call(t, request{path: "/feed"}))
	s.takesNothing(t, false)
	for call, body := range calls {
		s.call(t, request{method: http.MethodPost, path: at(code, "/", call), body: body,
			header: map[string]string{"Idempotency-Key": call}}).dossier(t)
	}
}

// TestResultWithoutAFolder: a result for which there is no room comes again.
func TestResultWithoutAFolder(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	s.post(t, at(code, "/receive"), `{}`).dossier(t)
	s.post(t, at(code, "/process"), `{}`).dossier(t)
	must(t, os.Rename(s.Folder, s.Folder+".away"))
	const unsigned = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
	contentType, body := pieces(t, metadataOf(unsigned), piece{"file", "kq.pdf", "application/pdf", unsigned})
	result := request{method: http.MethodPost, path: at(code, "/results"), body: body,
		header: map[string]string{"Content-Type": contentType, "Idempotency-Key": "result"}}
	refusedForNow(t, "result", s.call(t, result))
	must(t, os.Rename(s.Folder+".away", s.Folder))
	if got := s.call(t, result); got.problem(t).Type != "urn:congdvc:problem:desk.result_unsigned" {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
}
