package portal_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"regexp"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
	"congdvc/portal/transfer"

	"github.com/gofiber/fiber/v2"
)

// sentFile is one file of a press, with the header that names it where that is not the usual one.
type sentFile struct {
	name    string
	content []byte
	header  string
}

// formOf is what a browser sends of several files chosen at once.
func formOf(t testing.TB, token string, files ...sentFile) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	must(t, w.WriteField("csrf", token))
	for _, f := range files {
		if f.header == "" {
			f.header = fmt.Sprintf(`form-data; name="file"; filename="%s"`, f.name)
		}
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {f.header}})
		must(t, err)
		_, err = part.Write(f.content)
		must(t, err)
	}
	must(t, w.Close())
	return w.FormDataContentType(), b.Bytes()
}

func (b *browser) press(path, token string, files ...sentFile) page {
	b.t.Helper()
	contentType, body := formOf(b.t, token, files...)
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+path, bytes.NewReader(body))
	must(b.t, err)
	r.Header.Set(fiber.HeaderContentType, contentType)
	return b.do(r)
}

// pdfOf is a PDF of its own content.
func pdfOf(fill string, size int) []byte {
	return []byte("%PDF-1.7\n" + strings.Repeat(fill, size/len(fill)) + "\n%%EOF\n")
}

var fileLink = regexp.MustCompile(`/ho-so/nhap/[^/"]+/tep/[0-9a-f-]+`)

// TestOnePressSeveralFiles: each file of a press stands by itself.
func TestOnePressSeveralFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	good := func(name string) sentFile { return sentFile{name: name, content: pdfOf(name+" ", 2000)} }
	heic := sentFile{name: "b.heic", content: []byte("\x00\x00\x00\x18ftypheic and so on")}
	for name, c := range map[string]struct {
		files        []sentFile
		refused, say string
		kept         []string
	}{
		"of another type": {[]sentFile{good("a.pdf"), heic, good("c.pdf")}, "b.heic", "Loại tệp này",
			[]string{"a.pdf", "c.pdf"}},
		"empty": {[]sentFile{good("a.pdf"), {name: "b.pdf"}, good("c.pdf")}, "b.pdf", "không có nội dung",
			[]string{"a.pdf", "c.pdf"}},
		"too large": {[]sentFile{good("a.pdf"), {name: "b.pdf", content: pdfOf("x", 21<<20)}, good("c.pdf")},
			"b.pdf", "quá lớn", []string{"a.pdf", "c.pdf"}},
		"a bad name": {[]sentFile{good("a.pdf"), {name: "b\x07.pdf", content: pdfOf("b", 100)},
			good("c.pdf")}, "b.pdf", "Tên tệp có ký tự", []string{"a.pdf", "c.pdf"}},
		"a name that cannot be read": {[]sentFile{good("a.pdf"), {content: pdfOf("b", 100),
			header: `form-data; name="file"; filename="b"b.pdf"`}, good("c.pdf")}, "tep", "Tên tệp có ký tự",
			[]string{"a.pdf", "c.pdf"}},
		"the same twice": {[]sentFile{good("a.pdf"), {name: "b.pdf", content: good("a.pdf").content}},
			"b.pdf", "giống hệt tệp a.pdf", []string{"a.pdf"}},
		"the first": {[]sentFile{heic, good("c.pdf")}, "b.heic", "Loại tệp này", []string{"c.pdf"}},
		"the last":  {[]sentFile{good("a.pdf"), heic}, "b.heic", "Loại tệp này", []string{"a.pdf"}},
	} {
		files := b.ready("1")
		to, token := address.DraftRequirement("vi", draftOf(files), "tai_lieu_lien_quan"), files.token(t)
		p := b.press(to, token, c.files...)
		if p.StatusCode < 400 || p.StatusCode > 499 || !strings.Contains(p.body, c.refused+": ") ||
			!strings.Contains(p.body, c.say) || !strings.Contains(p.body, "Đã nhận") ||
			!strings.Contains(p.body, `href="#`) {
			t.Errorf("%s: %d, %s is not told as refused: %s", name, p.StatusCode, c.refused, p.body)
		}
		checkPage(t, s, p)
		again := b.get(files.path)
		if got := len(fileLink.FindAllString(again.body, -1)); got < len(c.kept) {
			t.Errorf("%s: %d files are kept", name, got)
		}
		for _, kept := range c.kept {
			if !strings.Contains(again.body, kept) {
				t.Errorf("%s: %s is not kept", name, kept)
			}
		}
	}
}

// TestFilesOfOneNameAndTooMany: the same name twice is two files; what goes beyond the number is told.
func TestFilesOfOneNameAndTooMany(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	to, token := address.DraftRequirement("vi", draftOf(files), "tai_lieu_lien_quan"), files.token(t)
	p := b.press(to, token, sentFile{name: "a.pdf", content: pdfOf("1", 99)}, sentFile{name: `a%22.pdf`,
		content: pdfOf("2", 99)}, sentFile{name: "a.pdf", content: pdfOf("3", 99)})
	if p.StatusCode != http.StatusOK || strings.Count(p.body, "a.pdf") < 2 ||
		!strings.Contains(p.body, "a_.pdf") {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
	var many []sentFile
	for i := range 40 {
		many = append(many, sentFile{name: fmt.Sprintf("n%d.pdf", i), content: pdfOf(fmt.Sprint(i, " "), 99)})
	}
	p = b.press(to, token, many...)
	if p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.body, "n39.pdf: ") ||
		!strings.Contains(p.body, "n0.pdf") {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
}

// raw begins a POST of a press over a connection of its own.
func (b *browser) raw(to, contentType string, length int) *net.TCPConn {
	b.t.Helper()
	host := strings.TrimPrefix(b.URL, "http://")
	conn, err := net.Dial("tcp", host)
	must(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: %s\r\n"+
		"Content-Length: %d\r\n\r\n", to, host, b.cookies(), contentType, length)
	must(b.t, err)
	return conn.(*net.TCPConn)
}

// TestCutUploads: whoever goes away, stops or trickles in the middle of the second file has the first kept.
// That is no failure of the portal, and not logged as one.
func TestCutUploads(t *testing.T) {
	t.Parallel()
	s := newPacedSite(t, transfer.Pace{Least: 1 << 20, Window: 2 * time.Second})
	b := s.person(t, "Nguyễn Thị Lan")
	for name, rest := range map[string]func(*net.TCPConn){
		"goes away": func(conn *net.TCPConn) { _ = conn.CloseWrite() },
		"stops":     func(*net.TCPConn) {},
		"trickles": func(conn *net.TCPConn) {
			for range 2000 {
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		},
	} {
		files := b.ready("1")
		to, token := address.DraftRequirement("vi", draftOf(files), "tai_lieu_lien_quan"), files.token(t)
		contentType, body := formOf(t, token, sentFile{name: "a.pdf", content: pdfOf("a", 20000)},
			sentFile{name: "b.pdf", content: pdfOf("b", 200000)})
		conn := b.raw(to, contentType, len(body))
		_, err := conn.Write(body[:100000])
		must(t, err)
		go rest(conn)
		p := b.answerOn(conn)
		if p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.body, "b.pdf: ") ||
			!strings.Contains(p.body, "bị ngắt") || !strings.Contains(p.body, "Đã nhận") {
			t.Errorf("%s: %d %s", name, p.StatusCode, p.body)
		}
		if again := b.get(files.path); !strings.Contains(again.body, "a.pdf") ||
			strings.Contains(again.body, "b.pdf") {
			t.Errorf("%s: not the whole file alone is kept", name)
		}
	}
	if log := s.Log.String(); strings.Contains(log, "level=ERROR") ||
		strings.Count(log, "upload cut off") != 3 {
		t.Error(log)
	}
}

// TestUploadEndsWithoutItsEnd: the body is as long as declared, but the last delimiter is missing.
func TestUploadEndsWithoutItsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	to, token := address.DraftRequirement("vi", draftOf(files), "tai_lieu_lien_quan"), files.token(t)
	contentType, body := formOf(t, token, sentFile{name: "a.pdf", content: pdfOf("a", 20000)},
		sentFile{name: "b.pdf", content: pdfOf("b", 20000)})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+to,
		bytes.NewReader(body[:len(body)-5000]))
	must(t, err)
	r.Header.Set(fiber.HeaderContentType, contentType)
	p := b.do(r)
	if p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.body, "b.pdf: ") ||
		!strings.Contains(p.body, "a.pdf") {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
}

// TestSlowTelephone takes many windows, and longer than any timeout, for a file each way.
func TestSlowTelephone(t *testing.T) {
	t.Parallel()
	s := newPacedSite(t, transfer.Pace{Least: 4 << 10, Window: 3 * time.Second})
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	to, token := address.DraftRequirement("vi", draftOf(files), "tai_lieu_lien_quan"), files.token(t)
	content := pdfOf("phone ", 300_000)
	contentType, body := formOf(t, token, sentFile{name: "a.pdf", content: content})
	conn := b.raw(to, contentType, len(body))
	for rest := body; len(rest) > 0; {
		n := min(7500, len(rest))
		_, err := conn.Write(rest[:n])
		must(t, err)
		rest = rest[n:]
		time.Sleep(250 * time.Millisecond)
	}
	if p := b.answerOn(conn); p.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", p.StatusCode, p.body)
	}
	link := fileLink.FindString(b.get(files.path).body)
	if got := b.get(link); got.body != string(content) {
		t.Errorf("%d bytes come back", len(got.body))
	}
}

// answerOn reads the answer of a connection.
func (b *browser) answerOn(conn net.Conn) page {
	b.t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(b.t, err)
	return page{Response: response, body: string(body)}
}
