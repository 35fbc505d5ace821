package backoffice

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"congdvc/services/demooffice"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

// presses sends a form of the office's page about its connection, and returns the status, where it led, and
// what the page says then.
func presses(t testing.TB, o *demooffice.Server, act string, fields ...string) (int, string, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	response, err := http.PostForm(o.URL()+"/ket-noi/"+act, form)
	must(t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, response.Request.URL.RequestURI(), string(raw)
}

func arrivals(o *demooffice.Server, code dossier.Code) (n int) {
	d, _ := o.Dossier(string(code))
	for _, e := range d.Events {
		n += e.Arrivals
	}
	return n
}

// TestOfficeManagesItsConnection presses every button of the page about the connection.
func TestOfficeManagesItsConnection(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	dir := t.TempDir()
	o := s.office(t, dir)
	s.pushing(t)
	lan := s.Citizen(t, 1)
	first := s.Submitted(t, lan)
	done(t, o, first, "dossier.submitted")
	page := fetched(t, o.URL()+"/ket-noi")
	for _, want := range []string{"Hoạt động tốt", o.Endpoint(), "quản lý kết nối", string(first), "đã đẩy"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not tell %q: %s", want, page)
		}
	}

	if status, to, page := presses(t, o, "tam-dung"); status != 200 || to != "/ket-noi?xong=tam-dung" ||
		!strings.Contains(page, "Đang tạm dừng") {
		t.Fatalf("paused: %d %s %s", status, to, page)
	}
	held := s.Submitted(t, lan)
	until(t, "the event waits", func() bool {
		return strings.Contains(fetched(t, o.URL()+"/ket-noi?trang-thai=waiting"), string(held))
	})
	if n := arrivals(o, held); n != 0 {
		t.Errorf("pushed %d times while it is paused", n)
	}
	_, _, page = presses(t, o, "day-tiep")
	if strings.Contains(page, "Đang tạm dừng") {
		t.Errorf("resumed: %s", page)
	}
	done(t, o, held, "dossier.submitted")

	before := arrivals(o, first)
	_, to, page := presses(t, o, "day-lai", "dossier", string(first))
	if to != "/ket-noi?so=1&xong=day-lai" || !strings.Contains(page, "1 sự kiện sẽ được đẩy lại") {
		t.Errorf("replayed: %s %s", to, page)
	}
	until(t, "it comes again", func() bool { return arrivals(o, first) > before })
	before = arrivals(o, held)
	if _, to, _ := presses(t, o, "day-lai", "from", "1", "to", "2"); to != "/ket-noi?so=2&xong=day-lai" {
		t.Errorf("a range is replayed: %s", to)
	}
	until(t, "the range comes again", func() bool { return arrivals(o, held) > before })
	for _, wrong := range [][]string{{"day-lai", "from", "một", "to", "2"}, {"day-tiep", "after", "x"}} {
		if status, _, page := presses(t, o, wrong[0], wrong[1:]...); status != 409 ||
			!strings.Contains(page, "Chưa thực hiện được") {
			t.Errorf("%q: %d", wrong, status)
		}
	}
	if status, _, _ := presses(t, o, "xoa"); status != 404 {
		t.Errorf("an unknown act: %d", status)
	}
	if status, to, page := presses(t, o, "xac-minh"); status != 200 || to != "/ket-noi?xong=xac-minh" {
		t.Errorf("proved again: %d %s %s", status, to, page)
	}
	s.exchangesSecrets(t, o, dir)
}

// exchangesSecrets has the office take over two secrets, with a restart between them: then the portal signs
// with none that the configuration knows.
func (s *scene) exchangesSecrets(t testing.TB, o *demooffice.Server, dir string) {
	t.Helper()
	lan := s.Citizen(t, 2)
	for range 2 {
		if _, to, page := presses(t, o, "doi-khoa", "once", "exchange-"+filepath.Base(o.URL())); to !=
			"/ket-noi?xong=doi-khoa" || strings.Contains(page, "whsec_") {
			t.Fatalf("exchanged: %s %s", to, page)
		}
		done(t, o, s.Submitted(t, lan), "dossier.submitted")
		must(t, o.Close())
		o = s.office(t, dir)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "secrets.json"))
	must(t, err)
	var kept struct{ Live []string }
	must(t, json.Unmarshal(raw, &kept))
	if len(kept.Live) != 2 || slices.Contains(kept.Live, s.Secret) {
		t.Errorf("the office holds %d secrets, the first one among them: %t", len(kept.Live),
			slices.Contains(kept.Live, s.Secret))
	}
	code := s.Submitted(t, lan)
	done(t, o, code, "dossier.submitted")
}

// TestOfficeReplaysWhatWasParked: the page lists what the portal gave up, and has it pushed again.
func TestOfficeReplaysWhatWasParked(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event struct {
			Type string
			Data struct{ Challenge string }
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil || event.Type != "endpoint.challenge" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": event.Data.Challenge})
	}))
	defer refusing.Close()
	s.pushedTo(t, refusing.URL)
	s.pushing(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	parkedNow := func() bool {
		list, _, _, err := onestop.Parked(t.Context(), s.Pool, s.Connection, onestop.Cursor{}, 10)
		must(t, err)
		return len(list) == 1
	}
	until(t, "the dossier is given up", parkedNow)
	o := s.office(t, t.TempDir())
	page := fetched(t, o.URL()+"/ket-noi")
	if !strings.Contains(page, "Đẩy lại "+string(code)) || !strings.Contains(page, "422") ||
		!strings.Contains(page, "Có hồ sơ đã ngừng đẩy") {
		t.Errorf("what is parked: %s", page)
	}
	if _, to, _ := presses(t, o, "day-lai", "dossier", string(code)); to != "/ket-noi?so=1&xong=day-lai" {
		t.Errorf("replayed: %s", to)
	}
	until(t, "nothing is parked", func() bool { return !parkedNow() })
	done(t, o, code, "dossier.submitted")
}
