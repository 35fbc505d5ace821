package backoffice

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"unicode/utf8"

	"congdvc/services/desk/desktest"
	"congdvc/services/fault"
	"congdvc/services/onestop"
)

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"fields":["a"],"reasons":{"a":"x"},"deadline":"2026-12-01"}`))
	f.Add([]byte(`{"fields":null,"x":1}`))
	f.Add([]byte("{\"\xff\":1}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := decode[onestop.Supplement](raw)
		if err == nil {
			return
		}
		for _, found := range fault.All(err) {
			if !utf8.ValidString(pointer(found.Field)) {
				t.Errorf("pointer %q", pointer(found.Field))
			}
		}
		if len(fault.All(err)) == 0 {
			t.Errorf("an error that nobody can be told: %v", err)
		}
	})
}

// FuzzOnlyText holds what passes to what package json reads from it: no NUL, and no letter of which it took
// another.
func FuzzOnlyText(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\u0000"`, `"\ud83d\ude00"`, `"\ud800"`, `"\\u0000"`, `"\uFFFD"`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return
		}
		given := strings.Contains(strings.ToLower(string(raw)), `\ufffd`) || strings.Contains(string(raw), "\uFFFD")
		bad := strings.Contains(text, "\x00") || strings.Contains(text, "\uFFFD") && !given
		if hasOnlyText(raw) && bad || !bad && !given && !hasOnlyText(raw) {
			t.Errorf("%q, read as %q: %t", raw, text, hasOnlyText(raw))
		}
	})
}

func FuzzActor(f *testing.F) {
	f.Add(officer, int(toRead))
	f.Add("name=A&unit=%FF", int(toChange))
	f.Fuzz(func(t *testing.T, header string, does int) {
		a, err := parseActor(header, act(does))
		if err == nil && (strings.TrimSpace(a.Name) == "" || strings.TrimSpace(a.Unit) == "" ||
			!utf8.ValidString(a.Name+a.Title+a.Unit+a.Phone)) {
			t.Errorf("%q is %+v", header, a)
		}
	})
}

func FuzzMultipart(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: " +
		"application/json\r\n\r\n{}\r\n--b\r\n" +
		"Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		parts := multipart.NewReader(&limited{reader: bytes.NewReader(raw), left: 1000, limit: 1000}, "b")
		v := &call{now: desktest.Morning}
		_, err := (&Backoffice{}).readResult(t.Context(), v, parts, false)
		if err != nil && len(fault.All(err)) == 0 {
			t.Errorf("an error that nobody can be told: %v", err)
		}
	})
}

func TestLimited(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]bool{4: false, 5: true, 6: true} {
		got, err := io.ReadAll(&limited{reader: strings.NewReader("12345"), left: limit, limit: limit})
		if (err == nil) != want || want && string(got) != "12345" || !want && !errors.Is(err, errTooLarge) {
			t.Errorf("limit %d: %q %v", limit, got, err)
		}
	}
}
