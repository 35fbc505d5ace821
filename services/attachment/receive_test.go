package attachment

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"congdvc/i18n"
	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/vault"
)

func newStore(t *testing.T) (*filestore.Store, string) {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	store, err := filestore.New(dir, v)
	if err != nil {
		t.Fatal(err)
	}
	return store, dir
}

// pdf is the least that passes for one, with filling.
func pdf(fill int) []byte {
	return []byte("%PDF-1.7\n%" + strings.Repeat("x", fill) + "\nstartxref\n0\n%%EOF\n")
}

func picture(w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	m.SetGray(1, 1, color.Gray{Y: 200})
	return m
}

func jpg(t testing.TB, before int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(40, 30), nil); err != nil {
		t.Fatal(err)
	}
	// Photos have segments of up to 64 KB before their dimensions.
	out := append([]byte{}, b.Bytes()[:2]...)
	for ; before > 0; before -= 65533 {
		out = append(out, 0xff, 0xe2, 0xff, 0xff)
		out = append(out, bytes.Repeat([]byte{'p'}, 65533)...)
	}
	return append(out, b.Bytes()[2:]...)
}

func pngOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(40, 30)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG whose header announces so many pixels.
func bomb(t testing.TB, w, h uint32) []byte {
	b := bytes.Clone(pngOf(t))
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestReceive(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		accept  []string
		max     int64
		want    string
		err     error
	}{
		"pdf":                      {content: pdf(100), want: PDF},
		"pdf of several chunks":    {content: pdf(3 << 20), want: PDF},
		"pdf after a line":         {content: append([]byte("\uFEFF\r\n"), pdf(1)...), want: PDF},
		"pdf cut off":              {content: pdf(3 << 20)[:3<<20], err: ErrBroken},
		"pdf inside something":     {content: append([]byte("<html>"), pdf(1)...), err: ErrType},
		"pdf whose end is far":     {content: append(pdf(1), make([]byte, 4096)...), err: ErrBroken},
		"jpeg":                     {content: jpg(t, 0), want: JPEG},
		"jpeg with a long preview": {content: jpg(t, 200<<10), want: JPEG},
		"jpeg with no dimensions":  {content: jpg(t, 2<<20), err: ErrBroken},
		"jpeg that is only magic":  {content: []byte("\xff\xd8\xff\xe0"), err: ErrBroken},
		"png":                      {content: pngOf(t), want: PNG},
		"png damaged": {content: append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...),
			err: ErrBroken},
		"png of many pixels":    {content: bomb(t, 60000, 60000), err: ErrPixels},
		"png of absurd pixels":  {content: bomb(t, 1<<31-1, 1<<31-1), err: ErrBroken},
		"empty":                 {content: nil, err: ErrEmpty},
		"html":                  {content: []byte("<script>alert(1)</script>"), err: ErrType},
		"gif":                   {content: []byte("GIF89a\x01\x00\x01\x00"), err: ErrType},
		"program":               {content: []byte("MZ\x90\x00"), err: ErrType},
		"not what is asked for": {content: pngOf(t), accept: []string{PDF}, err: ErrType},
		"at the limit":          {content: pdf(1000), max: int64(len(pdf(1000))), want: PDF},
		"above the limit":       {content: pdf(1000), max: int64(len(pdf(1000))) - 1, err: ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, dir := newStore(t)
			if c.max == 0 {
				c.max = 10 << 20
			}
			r, err := Receive(t.Context(), store,
				Incoming{Name: "giấy.pdf", Reader: iotest.HalfReader(bytes.NewReader(c.content)),
					Accept: c.accept, Max: c.max})
			if c.want == "" {
				if !errors.Is(err, c.err) {
					t.Errorf("%v, want %v", err, c.err)
				}
				checkNothingLeft(t, dir)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(c.content)
			if r.MediaType != c.want || r.Size != int64(len(c.content)) ||
				r.SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("received %+v", r)
			}
			checkSealed(t, store, r, dir, c.content)
		})
	}
}

func checkNothingLeft(t *testing.T, dir string) {
	t.Helper()
	for _, path := range filesIn(t, dir) {
		t.Errorf("a refused file left %s", path)
	}
}

func filesIn(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && e.Name() != filestore.MarkerName {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// checkSealed reads the file back, and looks for its clear bytes on the disk.
func checkSealed(t *testing.T, store *filestore.Store, r Received, dir string, content []byte) {
	t.Helper()
	f, err := OpenFile(t.Context(), store, r.File)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if back, err := io.ReadAll(f); err != nil || !bytes.Equal(back, content) {
		t.Errorf("read back %d bytes, %v", len(back), err)
	}
	for _, path := range filesIn(t, dir) {
		raw := readAll(t, path)
		if bytes.Contains(raw, content[:min(len(content), 24)]) {
			t.Errorf("%s holds clear bytes", path)
		}
	}
}

// TestReceiveCutStream: the sender goes away in the middle.
func TestReceiveCutStream(t *testing.T) {
	t.Parallel()
	for _, gone := range []error{errors.New("connection reset"), io.ErrUnexpectedEOF} {
		for _, after := range []int{10, 100 << 10, 2 << 20} {
			store, dir := newStore(t)
			// Each piece is a file that is whole by itself.
			stream := io.MultiReader(bytes.NewReader(pdf(after)), iotest.ErrReader(gone))
			if _, err := Receive(t.Context(), store, Incoming{Name: "a.pdf", Reader: stream,
				Max: 10 << 20}); !errors.Is(err, gone) {
				t.Errorf("%v after %d bytes: %v", gone, after, err)
			}
			checkNothingLeft(t, dir)
		}
	}
}

// TestMessagesAreComplete fills in each message as a page does.
func TestMessagesAreComplete(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs {
		for _, f := range []*fault.Fault{
			ErrNotFound, ErrEmpty, ErrTooLarge.With("Max", megabytes(10<<20)),
			ErrType.With("Accept", shortNames(mediaTypes)), ErrBroken, ErrPixels.With("Max", 100),
			ErrTooMany.With("Max", 3), ErrDraftFull.With("Max", megabytes(draftMax)),
		} {
			if text := i18n.Fault(l, f); strings.ContainsAny(text, "⟦{<") {
				t.Errorf("%s in %s: %s", f.Key, l, text)
			}
		}
	}
	want := "Tệp quá lớn (tối đa 10 MB). Hãy chụp lại ở chất lượng thấp hơn hoặc nén PDF."
	if got := i18n.Fault(i18n.Vi, ErrTooLarge.With("Max", megabytes(10<<20))); got != want {
		t.Errorf("%q", got)
	}
}

func FuzzSniff(f *testing.F) {
	f.Add(pdf(3))
	f.Add(jpg(f, 0))
	f.Add(pngOf(f))
	f.Add(bomb(f, 60000, 60000))
	f.Fuzz(func(t *testing.T, b []byte) {
		mediaType, err := head{bytes: b, whole: true}.mediaType()
		if errors.Is(err, errMore) {
			t.Fatal("asks for more than there is")
		}
		if err == nil && extensions[mediaType] == nil {
			t.Fatalf("type %q", mediaType)
		}
		h, err := readHead(iotest.OneByteReader(bytes.NewReader(b)))
		if err != nil || !bytes.HasPrefix(b, h.bytes) ||
			h.whole != (len(b) < headMost && len(h.bytes) == len(b)) && len(b) < headSize {
			t.Fatalf("head of %d bytes: %d, %v, %v", len(b), len(h.bytes), h.whole, err)
		}
		all, err := io.ReadAll(h.rest(bytes.NewReader(b[len(h.bytes):])))
		if err != nil || !bytes.Equal(all, b) {
			t.Fatal("the rest is not the whole")
		}
	})
}
