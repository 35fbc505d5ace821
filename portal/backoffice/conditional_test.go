package backoffice

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"testing"
	"time"

	"congdvc/services/dossier"

	"github.com/gofiber/fiber/v2"
)

// TestNotModified ranges over what has an entity tag: whoever has it already gets no content and has read
// nothing; whoever has another one gets all.
func TestNotModified(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	code := s.Submitted(t, lan)
	readings := func() (n int) {
		must(t, s.Pool.QueryRow(t.Context(), `select count(*) from dossier_access`).Scan(&n))
		return n
	}
	if feed := s.call(t, request{path: "/feed"}); feed.header.Get("ETag") != "" {
		t.Error("the log has an entity tag")
	}
	// what is true of a moment only: the log, and how a connection fares
	moment := []string{"/feed", "/connection"}
	tagged := 0
	for _, r := range routes {
		if r.method != fiber.MethodGet || slices.Contains(moment, r.path) || len(r.takes) > 0 {
			continue
		}
		tagged++
		path := s.fill(t, r.path, code)
		whole := s.call(t, request{path: path})
		etag := whole.header.Get("ETag")
		if whole.status != http.StatusOK || etag == "" {
			t.Errorf("%s: %d, ETag %q", path, whole.status, etag)
			continue
		}
		before := readings()
		for _, has := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
			got := s.call(t, request{path: path, header: map[string]string{"If-None-Match": has}})
			if got.status != http.StatusNotModified || got.body != "" || got.header.Get("ETag") != etag {
				t.Errorf("%s for one who has %s: %d, %q, ETag %q", path, has, got.status, got.body,
					got.header.Get("ETag"))
			}
		}
		if n := readings(); n != before {
			t.Errorf("%s: %d readings of nothing", path, n-before)
		}
		other := s.call(t, request{path: path, header: map[string]string{"If-None-Match": `"other"`}})
		if other.status != http.StatusOK || other.body != whole.body {
			t.Errorf("%s for one who has another: %d", path, other.status)
		}
		if n := readings(); r.scope != noKey && n != before+1 {
			t.Errorf("%s: %d readings for one", path, n-before)
		}
	}
	if tagged < 6 {
		t.Errorf("only %d calls have an entity tag", tagged)
	}
}

// TestNotModifiedAfterAPush: a push changes the sync state and no row version, so that the entity tag alone
// says nothing then.
func TestNotModifiedAfterAPush(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	seen := s.call(t, request{path: at(code)})
	has := map[string]string{"If-None-Match": seen.header.Get("ETag")}
	for _, to := range []dossier.Sync{dossier.Failing, dossier.Delivered} {
		_, err := dossier.MarkSync(t.Context(), s.Pool, to, dossier.ID(s.id(t, code)))
		must(t, err)
		got := s.call(t, request{path: at(code), header: has})
		if got.status != http.StatusOK || got.dossier(t).Sync != string(to) {
			t.Errorf("after it is %s: %d %s", to, got.status, got.body)
		}
	}
	_, err := dossier.MarkSync(t.Context(), s.Pool, dossier.Waiting, dossier.ID(s.id(t, code)))
	must(t, err)
	if got := s.call(t, request{path: at(code), header: has}); got.status != http.StatusOK {
		t.Errorf("after it waits again: %d", got.status)
	}
}

// TestReprDigest: a revision and a file say the SHA-256 of the whole, also in an answer with a part.
func TestReprDigest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	for _, path := range []string{"/dossiers/:code/revisions/:number",
		"/dossiers/:code/revisions/:number/files/:file"} {
		path = s.fill(t, path, code)
		whole := s.call(t, request{path: path})
		sum := sha256.Sum256([]byte(whole.body))
		want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
		if got := whole.header.Get("Repr-Digest"); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		part := s.call(t, request{path: path, header: map[string]string{"Range": "bytes=0-3"}})
		if got := part.header.Get("Repr-Digest"); got != want {
			t.Errorf("a part of %s: %s, want %s", path, got, want)
		}
	}
	file := s.fill(t, "/dossiers/:code/revisions/:number/files/:file", code)
	lost := s.call(t, request{path: file, header: map[string]string{"Range": "bytes=999999-"}})
	if lost.status != 416 || lost.header.Get("Repr-Digest") != "" {
		t.Errorf("a problem has the digest of a file: %d %v", lost.status, lost.header)
	}
}

// TestReplayedIsSaid: only the answer of a call that was carried out before says so, byte for byte the same;
// and it comes also when what the call says has become wrong since.
func TestReplayedIsSaid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	for _, c := range []struct{ path, body string }{
		{at(code, "/supplements"),
			`{"fields":["sk.noi"],"reasons":{"sk.noi":"Chưa rõ"},"deadline":"2026-11-24"}`},
		{at(code, "/notes"), `{"note":"một"}`}, {"/replays", `{"from":1,"to":1}`},
		{at(code, "/result-codes"), `{}`},
	} {
		r := request{method: http.MethodPost, path: c.path, body: c.body,
			header: map[string]string{"Idempotency-Key": "once" + c.path}}
		first, again := s.call(t, r), s.call(t, r)
		s.Clock.Advance(48 * time.Hour)
		late := s.call(t, r)
		if first.status != 200 || first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s: %d %v %s", c.path, first.status, first.header, first.body)
		}
		for _, replay := range []reply{again, late} {
			if replay.status != 200 || replay.body != first.body ||
				replay.header.Get("Idempotent-Replayed") != "true" ||
				replay.header.Get("ETag") != first.header.Get("ETag") {
				t.Errorf("%s again: %d %v %s", c.path, replay.status, replay.header, replay.body)
			}
		}
	}
}
