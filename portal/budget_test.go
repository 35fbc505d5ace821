package portal_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
)

func lookUp(b *browser, code, digits string) page {
	b.t.Helper()
	return b.post(address.Track("vi"), url.Values{"code": {code}, "digits": {digits}})
}

func TestNoSpellingOfACodeWinsMoreTries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := string(s.Submitted(t, s.Citizen(t, 1)))
	b := s.visitor(t)
	for n := range 6 {
		spelling, want := strings.Replace(code, "-", strings.Repeat(" ", n)+"-", 1), http.StatusNotFound
		if n == 5 {
			want = http.StatusTooManyRequests
		}
		if got := lookUp(b, spelling, "9999").StatusCode; got != want {
			t.Errorf("wrong digits, try %d: %d, want %d", n+1, got, want)
		}
	}
}

// TestRightLookUpsCostNothing: thousands share the address of a mobile network, and a few of them type
// wrongly.
func TestRightLookUpsCostNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, second := string(s.Submitted(t, s.Citizen(t, 1))), string(s.Submitted(t, s.Citizen(t, 2)))
	b := s.visitor(t)
	s.spend("track.address", 200, 10*time.Minute, "127.0.0.1")
	for n := range 60 {
		if got := lookUp(b, first, "0001").StatusCode; got != http.StatusOK {
			t.Fatalf("right digits, time %d: %d", n+1, got)
		}
	}
	if got := lookUp(b, second, "0002").StatusCode; got != http.StatusOK {
		t.Errorf("another dossier: %d", got)
	}
	s.spend("track.address", 100, 10*time.Minute, "127.0.0.1")
	p := lookUp(b, second, "0002")
	if p.StatusCode != http.StatusTooManyRequests || !strings.Contains(p.body, "mạng mà bạn đang dùng") {
		t.Errorf("300 wrong ones of one address: %d", p.StatusCode)
	}
	checkPage(t, s, p)
}

// TestGuessingACodeEnds after five wrong tries, for a code that exists as for one that does not, and says so.
// Right digits do not open it then, but its owner's login does.
func TestGuessingACodeEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.person(t, "Nguyễn Thị Lan")
	own, _ := owner.submitted()
	code, b := string(own), s.visitor(t)
	var told []string
	for _, guessed := range []string{code, "H42.37.14329-250101-0001"} {
		for n := range 5 {
			if got := lookUp(b, guessed, "000"+strconv.Itoa(n+5)).StatusCode; got != http.StatusNotFound {
				t.Errorf("%s, try %d: %d", guessed, n+1, got)
			}
		}
		p := lookUp(b, guessed, "0001")
		wait, err := strconv.Atoi(p.Header.Get("Retry-After"))
		if p.StatusCode != http.StatusTooManyRequests || err != nil || wait < 3000 || wait > 3600 {
			t.Errorf("%s, after five: %d, %q", guessed, p.StatusCode, p.Header.Get("Retry-After"))
		}
		checkPage(t, s, p)
		told = append(told, strings.ReplaceAll(p.body, guessed, "CODE"))
	}
	if told[0] != told[1] || !strings.Contains(told[0], "kể cả mã không có thật") ||
		!strings.Contains(told[0], "sau 60 phút") ||
		!strings.Contains(told[0], "/dang-nhap?ve=%2Fho-so%2FCODE") {
		t.Errorf("a code that exists and one that does not:\n%s\n%s", told[0], told[1])
	}
	if got := owner.get(address.Dossier("vi", code)).StatusCode; got != http.StatusOK {
		t.Errorf("its owner: %d", got)
	}
	other := string(s.Submitted(t, s.Citizen(t, 2)))
	if got := lookUp(b, other, "0002").StatusCode; got != http.StatusOK {
		t.Errorf("another code from the same address: %d", got)
	}
	// In the next hours the code opens again, but not for more than twenty tries a day.
	for hour := range 4 {
		s.Redis.FastForward(time.Hour + time.Second)
		for n := range 5 {
			want := http.StatusNotFound
			if hour == 3 {
				want = http.StatusTooManyRequests
			}
			if got := lookUp(b, code, "000"+strconv.Itoa(n+5)).StatusCode; got != want {
				t.Errorf("hour %d, try %d: %d, want %d", hour+2, n+1, got, want)
			}
		}
	}
	if p := lookUp(b, code, "0001"); !strings.Contains(p.body, "khoảng 20 giờ") {
		t.Errorf("%s", p.body)
	}
}

// TestFoundResultsCostNothing: many check papers from one office.
func TestFoundResultsCostNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	found := address.VerifyCode("vi", s.names["verify"])
	for n := range 310 {
		if got := s.ask(nil, "GET", found, nil).StatusCode; got != http.StatusOK {
			t.Fatalf("time %d: %d", n+1, got)
		}
	}
	for n := range 301 {
		want := http.StatusNotFound
		if n == 300 {
			want = http.StatusTooManyRequests
		}
		if got := s.ask(nil, "GET", address.VerifyCode("vi", "none"), nil).StatusCode; got != want {
			t.Fatalf("wrong code, time %d: %d", n+1, got)
		}
	}
}

// TestOnlyTextIsCompressed: a paper comes with its length, a page in the encoding that the browser takes.
func TestOnlyTextIsCompressed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	for path, want := range map[string]string{"/": "br", address.Dossier("vi", code): "br",
		address.DossierConfirmationPDF("vi", code): ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		must(t, err)
		r.Header.Set("Accept-Encoding", "gzip, br")
		p := b.do(r)
		if got := p.Header.Get("Content-Encoding"); got != want || want == "" &&
			p.ContentLength != int64(len(p.body)) {
			t.Errorf("%s is encoded as %q, of length %d", path, got, p.ContentLength)
		}
	}
}

func TestAResultsCodeIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.visitor(t).get("/xac-minh?ma=7k3m+92qx%2F4tra")
	if p.StatusCode != http.StatusNotFound || !strings.Contains(p.body, `value="7k3m 92qx/4tra"`) {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
	checkPage(t, s, p)
}
