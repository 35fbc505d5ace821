package backoffice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func TestReading(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	code := s.Submitted(t, lan)
	s.sequenced(t)

	feed := s.call(t, request{path: "/feed?wait=1"})
	var batch onestop.FeedBatch
	if err := json.Unmarshal([]byte(feed.body), &batch); err != nil || len(batch.Events) != 1 || batch.More {
		t.Fatalf("feed: %d %s", feed.status, feed.body)
	}
	event := batch.Events[0]

	header := s.call(t, request{path: at(code)})
	d := header.dossier(t)
	if d.Status != "submitted" || d.Payment != "counter_due" ||
		header.header.Get("ETag") != etagOf(d.RowVersion) || len(d.Revisions) != 1 {
		t.Errorf("header: %s", header.body)
	}

	revision := s.call(t, request{path: at(code, "/revisions/1")})
	sum := sha256.Sum256([]byte(revision.body))
	if got := hex.EncodeToString(sum[:]); got != event.Data.SHA256 || got != d.Revisions[0].SHA256 ||
		revision.header.Get("ETag") != `"`+got+`"` {
		t.Errorf("the revision's bytes hash to %s; told %s and %s, ETag %s", got, event.Data.SHA256,
			d.Revisions[0].SHA256, revision.header.Get("ETag"))
	}
	parsed, err := dossier.ParseRevision([]byte(revision.body))
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range map[string]string{"": "Số bản sao", "en-GB,vi;q=0.5": "Number of copies"} {
		readable := s.call(t, request{path: at(code, "/revisions/1/readable"),
			header: map[string]string{"Accept-Language": l}})
		if readable.status != 200 || !strings.Contains(readable.body, want) ||
			!strings.Contains(readable.body, "ban_sao.so_luong") ||
			!strings.Contains(readable.body, "tai_lieu_lien_quan") {
			t.Errorf("readable (%q, %s): %s", l, want, readable.body)
		}
	}
	s.readFile(t, code, parsed)

	accesses, err := dossier.Accesses(t.Context(), s.Pool, s.Vault, dossier.ID(s.id(t, code)), "")
	if err != nil || len(accesses) < 5 || accesses[0].Actor.Name != "Đỗ Văn Hùng" ||
		accesses[0].Actor.Unit != "UBND phường Hoa Lư" {
		t.Errorf("accesses: %+v %v", accesses, err)
	}
}

func (s *scene) id(t testing.TB, code dossier.Code) (id string) {
	t.Helper()
	if err := s.Pool.QueryRow(t.Context(), `select id::text from dossier where code = $1`,
		code).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// readFile reads the one file of a dossier, whole and in parts.
func (s *scene) readFile(t *testing.T, code dossier.Code, r *dossier.Revision) {
	t.Helper()
	f, want := r.Files[0], string(desktest.Photo(t))
	path, etag := at(code, "/revisions/1/files/", f.ID), `"`+f.SHA256+`"`
	size := strconv.Itoa(len(want))
	for _, c := range []struct {
		name, ranged, ifRange string
		status                int
		body, contentRange    string
	}{
		{"whole", "", "", 200, want, ""},
		{"first bytes", "bytes=0-7", "", 206, want[:8], "bytes 0-7/" + size},
		{"from the middle", "bytes=10-", "", 206, want[10:], "bytes 10-" + strconv.Itoa(len(want)-1) + "/" +
			size},
		{"the end", "bytes=-5", "", 206, want[len(want)-5:], "bytes " + strconv.Itoa(len(want)-5) + "-" +
			strconv.Itoa(len(want)-1) + "/" + size},
		{"of the same file", "bytes=0-0", etag, 206, want[:1], "bytes 0-0/" + size},
		{"of another file", "bytes=0-0", `"x"`, 200, want, ""},
		{"several stretches", "bytes=0-1,3-4", "", 200, want, ""},
		{"nonsense", "bytes=5-2", "", 200, want, ""},
		{"another unit", "lines=1-2", "", 200, want, ""},
		{"behind the end", "bytes=99999-", "", 416, "", "bytes */" + size},
	} {
		got := s.call(t,
			request{path: path, header: map[string]string{"Range": c.ranged, "If-Range": c.ifRange}})
		if got.status != c.status || c.status != 416 && got.body != c.body ||
			got.header.Get("Content-Range") != c.contentRange {
			t.Errorf("%s: %d, %d bytes, %q", c.name, got.status, len(got.body),
				got.header.Get("Content-Range"))
		}
		if c.status == 200 && (got.header.Get("ETag") != etag ||
			got.header.Get("Content-Type") != "image/png" ||
			got.header.Get("Content-Disposition") !=
				`attachment; filename="giay khai sinh cu.png"; filename*=UTF-8''gi%E1%BA%A5y%20khai%20sinh%20c%C5%A9.png`) {
			t.Errorf("%s: %v", c.name, got.header)
		}
	}
	for name, missing := range map[string]string{
		"another file": at(code, "/revisions/1/files/019ab000-0000-7000-8000-000000000009"),
		"no id":        at(code, "/revisions/1/files/x"), "no such revision": at(code, "/revisions/2"),
		"no number": at(code, "/revisions/one"), "revision 0": at(code, "/revisions/0/readable"),
		"no code": at("%FF%00"), "another code": at("H42.37.14329-261123-9999"),
	} {
		if got := s.call(t, request{path: missing}); got.status != 404 ||
			got.problem(t).Type != "urn:congdvc:problem:dossier.not_found" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestContractIsServedToAnybody(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	got := s.call(t, request{path: "/openapi.yaml", header: map[string]string{"Authorization": "",
		"Actor": ""}})
	if got.status != 200 || got.body != string(contract) ||
		got.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %v", got.status, got.header)
	}
}

func TestOtherAddresses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"DELETE", "/feed", 405, "GET, HEAD, OPTIONS"},
		{"GET", "/replays", 405, "POST, OPTIONS"},
		{"PUT", "/dossiers/x/receive", 405, "POST, OPTIONS"},
		{"GET", "/nothing", 404, ""},
		{"POST", "/", 404, ""},
		{"GET", "/../v2/feed", 404, ""},
	} {
		got := s.call(t, request{method: c.method, path: c.path})
		if got.status != c.status || got.header.Get("Allow") != c.allow ||
			got.header.Get("Content-Type") != onestop.ProblemMediaType {
			t.Errorf("%s %s: %d %v", c.method, c.path, got.status, got.header)
		}
	}
	// What only begins with the same letters is a page of the portal.
	r, err := http.NewRequest(http.MethodGet, s.url+"/apiary", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "portal.test"
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusTeapot {
		t.Errorf("/apiary: %d", response.StatusCode)
	}
}
