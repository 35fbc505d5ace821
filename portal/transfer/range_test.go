package transfer

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/unicode/norm"
)

// given is content that tells whether it was closed.
type given struct {
	*bytes.Reader
	closed bool
}

func (g *given) Close() error { g.closed = true; return nil }

var saved = time.Date(2026, 11, 27, 8, 30, 0, 500, time.UTC)

// serveFile answers one request for a file of 26 letters, stored or held in memory.
func serveFile(t *testing.T, held bool, r *http.Request) (*http.Response, string) {
	t.Helper()
	content := &given{Reader: bytes.NewReader([]byte("abcdefghijklmnopqrstuvwxyz"))}
	app := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		switch {
		case errors.Is(err, ErrRange):
			return c.SendStatus(http.StatusRequestedRangeNotSatisfiable)
		case errors.Is(err, ErrPrecondition):
			return c.SendStatus(http.StatusPreconditionFailed)
		}
		return err
	}})
	app.Use(Paced(Usual))
	app.All("/", func(c *fiber.Ctx) error {
		f := Held("thư.txt", "text/plain", []byte("abcdefghijklmnopqrstuvwxyz"))
		if f.Modified = saved; !held {
			f.Bytes, f.Content = nil, content
		}
		return Send(c, f)
	})
	response, err := app.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !held && !content.closed {
		t.Errorf("%v: the file stays open", r.Header)
	}
	return response, string(body)
}

func TestRanges(t *testing.T) {
	t.Parallel()
	etag := Held("", "", []byte("abcdefghijklmnopqrstuvwxyz")).etag()
	at, before := saved.Format(http.TimeFormat), saved.Add(-time.Hour).Format(http.TimeFormat)
	const all = "abcdefghijklmnopqrstuvwxyz"
	for _, c := range []struct {
		headers      string // separated by |
		status       int
		body, ranged string
	}{
		{"", 200, all, ""},
		{"Range: bytes=0-3", 206, "abcd", "bytes 0-3/26"},
		{"Range: bytes=20-", 206, "uvwxyz", "bytes 20-25/26"},
		{"Range: bytes=-4", 206, "wxyz", "bytes 22-25/26"},
		{"Range: bytes=-100", 206, all, "bytes 0-25/26"},
		{"Range: bytes=25-99", 206, "z", "bytes 25-25/26"},
		{"Range: bytes=25-99999999999999999999999", 206, "z", "bytes 25-25/26"},
		{"Range: BYTES=0-0", 206, "a", "bytes 0-0/26"},
		{"Range: bytes=26-", 416, "", "bytes */26"},
		{"Range: bytes=99999999999999999999999-", 416, "", "bytes */26"},
		{"Range: bytes=-0", 416, "", "bytes */26"},
		{"Range: bytes=5-2", 200, all, ""},
		{"Range: bytes=0-1,4-5", 200, all, ""},
		{"Range: bytes=-", 200, all, ""},
		{"Range: bytes=+1-2", 200, all, ""},
		{"Range: bytes=a-b", 200, all, ""},
		{"Range: lines=0-3", 200, all, ""},
		{"Range: bytes", 200, all, ""},
		{"Range: bytes=0-3|If-Range: " + etag, 206, "abcd", "bytes 0-3/26"},
		{"Range: bytes=0-3|If-Range: \"other\"", 200, all, ""},
		{"Range: bytes=99-|If-Range: \"other\"", 200, all, ""},
		{"Range: bytes=0-3|If-Range: W/" + etag, 200, all, ""},
		{"Range: bytes=0-3|If-Range: " + at, 206, "abcd", "bytes 0-3/26"},
		{"Range: bytes=0-3|If-Range: " + before, 200, all, ""},
		{"If-None-Match: " + etag, 304, "", ""},
		{"If-None-Match: W/\"x\", W/" + etag, 304, "", ""},
		{"If-None-Match: " + strings.TrimSuffix(etag, `"`) + `-br"`, 304, "", ""},
		{"If-None-Match: *", 304, "", ""},
		{"If-None-Match: \"x\"|If-Modified-Since: " + at, 200, all, ""},
		{"If-Modified-Since: " + at, 304, "", ""},
		{"If-Modified-Since: " + before, 200, all, ""},
		{"If-None-Match: " + etag + "|Range: bytes=0-3", 304, "", ""},
		{"If-Match: " + etag + "|Range: bytes=0-3", 206, "abcd", "bytes 0-3/26"},
		{"If-Match: \"x\"|Range: bytes=0-3", 412, "", ""},
		{"If-Unmodified-Since: " + before, 412, "", ""},
		{"If-Unmodified-Since: " + at, 200, all, ""},
	} {
		for _, held := range []bool{true, false} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r := httptest.NewRequest(method, "/", nil)
				for header := range strings.SplitSeq(c.headers, "|") {
					if name, value, ok := strings.Cut(header, ": "); ok {
						r.Header.Set(name, value)
					}
				}
				status, body, ranged := c.status, c.body, c.ranged
				if method == http.MethodHead {
					body = ""
					if status == 206 || status == 416 { // a Range is for GET alone
						status, ranged = 200, ""
					}
				}
				got, text := serveFile(t, held, r)
				if status < 400 && body == "" && text != "" || status < 400 && body != text ||
					got.StatusCode != status || got.Header.Get("Content-Range") != ranged {
					t.Errorf("%s %q, held %v: %d %q %q", method, c.headers, held, got.StatusCode, text,
						got.Header.Get("Content-Range"))
				}
				if status >= 400 {
					continue
				}
				for name, want := range map[string]string{"ETag": etag, "Accept-Ranges": "bytes",
					"Last-Modified": at} {
					if got.Header.Get(name) != want {
						t.Errorf("%s %q: %s is %q", method, c.headers, name, got.Header.Get(name))
					}
				}
				if status == 200 && got.ContentLength != 26 {
					t.Errorf("%s %q: length %d", method, c.headers, got.ContentLength)
				}
			}
		}
	}
}

func FuzzRange(f *testing.F) {
	f.Add("bytes=0-7", int64(100))
	f.Add("bytes=-5", int64(3))
	f.Add("bytes=9223372036854775807-9223372036854775807", int64(1))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size <= 0 {
			return
		}
		s, understood, inside := parse(header, size)
		if understood && inside && (s.from < 0 || s.to > size || s.from >= s.to) {
			t.Errorf("%q of %d: %+v", header, size, s)
		}
	})
}

func TestDisposition(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.pdf":               `attachment; filename="a.pdf"; filename*=UTF-8''a.pdf`,
		"giấy khai sinh.pdf":  `attachment; filename="giay khai sinh.pdf"; filename*=UTF-8''gi%E1%BA%A5y%20khai%20sinh.pdf`,
		"Đơn đề nghị.pdf":     `attachment; filename="Don de nghi.pdf"; filename*=UTF-8''%C4%90%C6%A1n%20%C4%91%E1%BB%81%20ngh%E1%BB%8B.pdf`,
		`a"b\c.pdf`:           `attachment; filename="a_b_c.pdf"; filename*=UTF-8''a%22b_c.pdf`,
		"a\r\nX: y.pdf":       `attachment; filename="aX: y.pdf"; filename*=UTF-8''aX%3A%20y.pdf`,
		"a\x00b\u202efdp.exe": `attachment; filename="abfdp.exe"; filename*=UTF-8''abfdp.exe`,
		"100%22.pdf":          `attachment; filename="100_22.pdf"; filename*=UTF-8''100%2522.pdf`,
		"출생.pdf":              `attachment; filename="_______.pdf"; filename*=UTF-8''%EC%B6%9C%EC%83%9D.pdf`,
		"":                    `attachment; filename="tep"; filename*=UTF-8''tep`,
		"../..":               `attachment; filename=".._.."; filename*=UTF-8''.._..`,
	} {
		if name == "출생.pdf" { // its letters come apart into a number of parts that does not matter
			if got := Disposition(false, name); !strings.HasSuffix(got, `%EC%B6%9C%EC%83%9D.pdf`) {
				t.Errorf("%q: %s", name, got)
			}
			continue
		}
		if got := Disposition(false, name); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
	if got := Disposition(true, "a.png"); !strings.HasPrefix(got, "inline; ") {
		t.Error(got)
	}
}

func FuzzDisposition(f *testing.F) {
	f.Add("giấy khai sinh.pdf")
	f.Add("a\"b\\c\r\n;filename=x")
	f.Fuzz(func(t *testing.T, name string) {
		header := Disposition(false, name)
		for _, r := range header {
			if r < ' ' || r > '~' {
				t.Fatalf("%q", header)
			}
		}
		_, params, err := mime.ParseMediaType(header)
		if err != nil {
			t.Fatalf("%q: %v", header, err)
		}
		odd := func(r rune) bool { return r == '/' || r == '\\' || !unicode.IsPrint(r) }
		if utf8.ValidString(name) && strings.Trim(name, ". ") != "" && !strings.ContainsFunc(name, odd) &&
			params["filename"] != norm.NFC.String(name) {
			t.Errorf("%q: %q", name, params["filename"])
		}
	})
}
