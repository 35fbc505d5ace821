package transfer

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"testing/iotest"
)

// read lists the parts of a body, each as its name, file name and content, and how it ends.
func read(parts *multipart.Reader) (all []string, err error) {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return all, err
		}
		all = append(all, part.FormName()+"/"+part.FileName()+"/"+string(content))
	}
}

const head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\""

func TestPartsWithBadNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x\r\n--bx", 20_000)
	body := head + "a.png\"\r\n\r\none\r\n" + head + "b\x07.png\"\r\n\r\n" + long + "\r\n" + head +
		"c.png\"\r\n\r\nthree\x07\r\n--b--\r\n"
	want := []string{"file/a.png/one", "file/b" + string(Unreadable) + ".png/" + long,
		"file/c.png/three\x07"}
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(body), "by bytes": iotest.OneByteReader(strings.NewReader(body)),
		"by halves":  iotest.HalfReader(strings.NewReader(body)),
		"a preamble": strings.NewReader("This has several parts.\r\n" + body),
	} {
		got, err := read(Parts(r, "b"))
		if err != nil || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: %d parts, %v", name, len(got), err)
		}
	}
	if _, err := read(multipart.NewReader(strings.NewReader(body), "b")); err == nil {
		t.Error("the library itself reads on after a bad name: Parts is not needed")
	}
}

// TestPartsCut: whatever ends the body comes through.
func TestPartsCut(t *testing.T) {
	t.Parallel()
	body := head + "a.png\"\r\n\r\none\r\n" + head + "b.png\"\r\n\r\ntwo"
	gone := errors.New("gone")
	got, err := read(Parts(io.MultiReader(strings.NewReader(body), iotest.ErrReader(gone)), "b"))
	if !errors.Is(err, gone) || len(got) != 1 {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := read(Parts(strings.NewReader(body), "b")); !errors.Is(err, io.ErrUnexpectedEOF) ||
		len(got) != 1 {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzParts: where the library reads a body, Parts gives the same.
func FuzzParts(f *testing.F) {
	f.Add([]byte(head+"a.png\"\r\n\r\none\r\n"+head+"b.png\"\r\n\r\n\r\n--b--\r\n"), false)
	f.Add([]byte("preamble\r\n--b  \r\nA: b\r\n\r\n--b\r\n\r\n--b--"), true)
	f.Add([]byte("--b\nA: b\n\nx\n--b--"), true)
	f.Fuzz(func(t *testing.T, body []byte, slow bool) {
		var r io.Reader = bytes.NewReader(body)
		if slow {
			r = iotest.OneByteReader(r)
		}
		want, wantErr := read(multipart.NewReader(bytes.NewReader(body), "b"))
		got, err := read(Parts(r, "b"))
		if wantErr == nil && (err != nil || strings.Join(got, "|") != strings.Join(want, "|")) {
			t.Errorf("%q: %q %v, not %q", body, got, err, want)
		}
	})
}
