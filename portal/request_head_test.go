package portal_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
)

// raw sends bytes over a connection of its own, and gives the answers that come until the portal closes it.
// Each is read as an answer to GET.
func (s *site) raw(t *testing.T, sent string) (answers []*http.Response, bodies []string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	go func() { _, _ = io.WriteString(conn, sent) }() // the portal may close before it has read all
	reader := bufio.NewReader(conn)
	for {
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			return answers, bodies
		}
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		answers, bodies = append(answers, answer), append(bodies, string(body))
		if answer.Close {
			if more, _ := reader.Read(make([]byte, 1)); more > 0 {
				t.Error("something follows the last answer")
			}
			return answers, bodies
		}
	}
}

// last ends a connection after what was tried, so that raw ends.
const last = "GET /tro-giup HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

// TestHeads sends heads as no browser does. A head that is refused is the last of its connection.
func TestHeads(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	get := func(more string) string { return "GET /tro-giup HTTP/1.1\r\nHost: x\r\n" + more + "\r\n" }
	post := func(more, body string) string {
		return "POST /tra-cuu HTTP/1.1\r\nHost: x\r\n" + more + "\r\n" + body
	}
	long := strings.Repeat("x", 4200)
	for name, test := range map[string]struct {
		sent string
		want []int
	}{
		"plain":         {get(""), []int{200, 200}},
		"a long cookie": {get("Cookie: a=" + long + "\r\n"), []int{200, 200}},
		"a long code": {"GET /dang-nhap/ve?state=x&code=" + long + " HTTP/1.1\r\nHost: x\r\n\r\n",
			nil},
		"12 KB of cookies": {get(strings.Repeat("Cookie: a="+long[:3990]+"\r\n", 3)), []int{200, 200}},
		"17 KB":            {get("Cookie: a=" + strings.Repeat(long, 4) + "\r\n"), []int{431}},
		"101 headers":      {get(strings.Repeat("A: b\r\n", 100)), []int{431}},
		"99 headers":       {get(strings.Repeat("A: b\r\n", 98)), []int{200, 200}},
		"500 cookies":      {get("Cookie: " + strings.Repeat("a=b;", 500) + "\r\n"), []int{431}},
		"500 parameters": {"GET /?" + strings.Repeat("a&", 500) + " HTTP/1.1\r\nHost: x\r\n\r\n",
			[]int{400}},
		"length and chunks": {post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
			[]int{400}},
		"chunks and length": {post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
			[]int{400}},
		"two lengths":          {post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), []int{400}},
		"one length twice":     {post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), []int{400}},
		"a list of lengths":    {post("Content-Length: 3, 3\r\n", "abc"), []int{400}},
		"a signed length":      {post("Content-Length: +3\r\n", "abc"), []int{400}},
		"a negative length":    {post("Content-Length: -3\r\n", "abc"), []int{400}},
		"a hexadecimal length": {post("Content-Length: 0x3\r\n", "abc"), []int{400}},
		"an endless length":    {post("Content-Length: 99999999999999999999999\r\n", "abc"), []int{400}},
		"another coding":       {post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), []int{400}},
		"two codings":          {post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), []int{400}},
		"identity": {post("Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "abc"),
			[]int{400}},
		"chunks twice": {post(strings.Repeat("Transfer-Encoding: chunked\r\n", 2), "0\r\n\r\n"),
			[]int{400}},
		"a folded line":          {get("A: b\r\n c\r\n"), []int{400}},
		"a folded length":        {post("Content-Length:\r\n 3\r\n", "abc"), []int{400}},
		"bare line feeds":        {"GET /tro-giup HTTP/1.1\nHost: x\n\n", []int{400}},
		"one bare line feed":     {get("A: b\nC: d\r\n"), []int{400}},
		"a bare return":          {get("A: b\rC: d\r\n"), []int{400}},
		"a zero byte":            {get("A: b\x00\r\n"), []int{400}},
		"a space before a colon": {get("A : b\r\n"), []int{400}},
		"no colon":               {get("abc\r\n"), []int{400}},
		"no name":                {get(": b\r\n"), []int{400}},
		"no host":                {"GET /tro-giup HTTP/1.1\r\n\r\n", []int{400}},
		"two hosts":              {get("Host: y\r\n"), []int{400}},
		"another version":        {"GET /tro-giup HTTP/3.0\r\nHost: x\r\n\r\n", []int{400}},
		"no version":             {"GET /tro-giup\r\nHost: x\r\n\r\n", []int{200}},
		"HTTP/2":                 {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{400}},
		"a compressed body":      {post("Content-Encoding: br\r\nContent-Length: 3\r\n", "abc"), []int{415}},
		"an unknown method": {"BREW /tro-giup HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ",
			nil}, // 405, and the next request is answered
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers, bodies := s.raw(t, test.sent+last)
			var got []int
			for _, a := range answers {
				got = append(got, a.StatusCode)
			}
			if test.want == nil {
				if len(got) != 2 || got[0] == 431 || got[0] == 400 {
					t.Errorf("answers %v", got)
				}
				return
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Fatalf("answers %v, want %v", got, test.want)
			}
			h := answers[0].Header
			if h.Get("Content-Security-Policy") == "" || h.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(bodies[0], `<html lang="vi"`) {
				t.Errorf("no page with its headers: %v %s", h, bodies[0])
			}
			if got[0] != 200 && !answers[0].Close {
				t.Error("the connection goes on")
			}
		})
	}
}

// TestHeadsOfCalls answers a program with a problem, whatever is wrong with the head.
func TestHeadsOfCalls(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, test := range map[string]struct {
		sent, kind string
		status     int
	}{
		"large": {"GET /api/v1/feed HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 17<<10) + "\r\n\r\n",
			"backoffice.head_too_large", 431},
		"many": {"GET /api/v1/feed HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 200) + "\r\n",
			"backoffice.head_too_large", 431},
		"two lengths": {"POST /api/v1/replays HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n" +
			"Content-Length: 2\r\n\r\n{}", "backoffice.head", 400},
		"compressed": {"POST /api/v1/replays HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n" +
			"Content-Encoding: gzip\r\n\r\n{", "backoffice.encoded", 415},
	} {
		answers, bodies := s.raw(t, test.sent)
		if len(answers) != 1 || answers[0].StatusCode != test.status || !answers[0].Close ||
			answers[0].Header.Get("Content-Type") != "application/problem+json" ||
			answers[0].Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(bodies[0], "urn:congdvc:problem:"+test.kind) {
			t.Errorf("%s: %d answers, %v", name, len(answers), bodies)
		}
	}
	answers, bodies := s.raw(t, "GET /en/help HTTP/1.1\r\nHost: x\r\nA: "+strings.Repeat("x", 17<<10)+
		"\r\n\r\n")
	if len(answers) != 1 || !strings.Contains(bodies[0], `<html lang="en"`) {
		t.Errorf("431 in English: %v", bodies)
	}
}

// TestUnreadBody hides a request in the body of another. It must never be answered.
func TestUnreadBody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hidden := "GET /tro-giup HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 12<<10) + "\r\n\r\n"
	step := address.DraftStep("vi", "0198c0de-0000-7000-8000-000000000001", 1)
	upload := address.DraftRequirement("vi", "0198c0de-0000-7000-8000-000000000001", "giay")
	for _, to := range []string{"GET /", "GET /tro-giup", "GET /khong-co", "POST /khong-co", "POST /tra-cuu",
		"POST /tro-giup", "POST " + step, "POST " + upload, "POST /webhook/stripe", "POST /ho-so",
		"GET /api/v1/openapi.yaml", "GET /api/v1/feed", "POST /api/v1/replays", "POST /api/v1/none",
		"POST /api/v1/dossiers/x/results", "BREW /"} {
		first := to + " HTTP/1.1\r\nHost: x\r\n"
		answers, _ := s.raw(t, first+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(hidden))+hidden+last)
		if len(answers) > 2 || len(answers) == 2 && !answers[1].Close {
			t.Errorf("%s: %d answers for two requests", to, len(answers))
		}
		chunks := fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden)
		if answers, _ := s.raw(t, first+chunks+last); len(answers) != 1 || !answers[0].Close {
			t.Errorf("%s in chunks: %d answers", to, len(answers))
		}
	}
}

// TestBrokenBodies never take a part for the whole.
func TestBrokenBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	form := url.Values{"csrf": {b.get("/tai-khoan").token(t)}, "party": {strings.Repeat("x", 9<<10)}}.Encode()
	head := "POST /tai-khoan HTTP/1.1\r\nHost: x\r\nCookie: " + b.cookies() +
		"\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for name, body := range map[string]string{
		"cut off":         fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(form)+1, form),
		"a bad size":      "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + form,
		"a negative size": "Transfer-Encoding: chunked\r\n\r\n-5\r\n" + form,
		"a huge size":     "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + form,
		"no end of chunk": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%sxx0\r\n\r\n", len(form),
			form),
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		must(t, err)
		must(t, conn.SetDeadline(time.Now().Add(time.Minute)))
		_, err = io.WriteString(conn, head+body)
		must(t, err)
		must(t, conn.(*net.TCPConn).CloseWrite())
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != http.StatusUnprocessableEntity || !answer.Close {
			t.Errorf("%s: %+v, %v", name, answer, err)
		}
		_ = conn.Close()
	}
}

// TestLargeBodiesOfCalls: a body of 40 MB is refused with a problem, whoever sends it and however its length
// is told.
func TestLargeBodiesOfCalls(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const large = 40 << 20
	for name, test := range map[string]struct {
		path, key, media, kind string
		chunks                 bool
		status                 int
	}{
		"a call":    {"/dossiers/x/notes", s.Key, "application/json", "too_large", false, 413},
		"in chunks": {"/dossiers/x/notes", s.Key, "application/json", "too_large", true, 413},
		"a file": {"/dossiers/x/results", s.Key, "multipart/form-data; boundary=b", "too_large",
			false, 413},
		"by a stranger":    {"/dossiers/x/notes", "cdvc_x", "application/json", "onestop.key", false, 401},
		"to no address":    {"/none", s.Key, "application/json", "backoffice.nowhere", false, 404},
		"to another's way": {"/feed", s.Key, "application/json", "backoffice.method", false, 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			must(t, err)
			defer conn.Close()
			must(t, conn.SetDeadline(time.Now().Add(2*time.Minute)))
			length := fmt.Sprintf("Content-Length: %d\r\n\r\n", large)
			if test.chunks {
				length = fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", large)
			}
			_, err = fmt.Fprintf(conn, "POST /api/v1%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
				"Actor: name=A&unit=B&title=C&phone=1\r\nIdempotency-Key: k\r\nContent-Type: %s\r\n%s",
				test.path, test.key, test.media, length)
			must(t, err)
			// The portal may close before it has read all.
			go func() { _, _ = conn.Write(make([]byte, large)) }()
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			must(t, err)
			body, err := io.ReadAll(answer.Body)
			must(t, err)
			if answer.StatusCode != test.status || !strings.Contains(string(body), test.kind) ||
				answer.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %v %s", answer.StatusCode, answer.Header, body)
			}
		})
	}
}
