package attachment

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
)

// The media types that the portal takes.
const (
	PDF  = "application/pdf"
	JPEG = "image/jpeg"
	PNG  = "image/png"
)

// mediaTypes lists the media types that the portal takes.
var mediaTypes = []string{PDF, JPEG, PNG}

// maxPixels bounds an image, because a small file may have very many pixels. Phone cameras usually make up to
// 50 megapixels; the largest make 200 when asked to.
const maxPixels = 100_000_000

const (
	headSize = 64 << 10 // enough for the dimensions of nearly every image
	headMost = 1 << 20  // photos may have a preview and a colour profile before them
	tailSize = 2 << 10
)

// A head is the beginning of a stream; whole when the stream ended in it.
type head struct {
	bytes []byte
	whole bool
}

// readHead reads as much of r as it takes to know what it is, at most headMost.
func readHead(r io.Reader) (head, error) {
	h := head{bytes: make([]byte, 0, headSize)}
	for size := headSize; ; size = min(4*size, headMost) {
		h.bytes = slices.Grow(h.bytes, size-len(h.bytes))
		n, err := fill(r, h.bytes[len(h.bytes):size])
		h.bytes = h.bytes[:len(h.bytes)+n]
		if errors.Is(err, io.EOF) {
			h.whole = true
			return h, nil
		}
		if err != nil {
			return h, err
		}
		if _, err := h.mediaType(); !errors.Is(err, errMore) || size == headMost {
			return h, nil
		}
	}
}

// fill reads until b is full. Unlike io.ReadFull it returns the reader's error unchanged: io.ErrUnexpectedEOF
// from the reader means that the stream was cut off, not that it ended.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if n == len(b) {
		err = nil
	}
	return n, err
}

// rest is the whole stream again.
func (h head) rest(r io.Reader) io.Reader {
	if h.whole {
		return bytes.NewReader(h.bytes)
	}
	return io.MultiReader(bytes.NewReader(h.bytes), r)
}

// mayHoldMore reports whether reading further could help.
func (h head) mayHoldMore() bool { return !h.whole && len(h.bytes) < headMost }

// errMore says that the dimensions of an image lie beyond the bytes at hand.
var errMore = errors.New("attachment: more bytes needed")

// mediaType tells the media type of a file by its magic number and, of an image, a header that can be
// decoded. Errors: ErrType, ErrBroken, ErrPixels; errMore.
func (h head) mediaType() (string, error) {
	switch b := h.bytes; {
	case bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\uFEFF")), "\r\n\t "), []byte("%PDF-")):
		return PDF, nil
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return JPEG, h.measured(jpeg.DecodeConfig)
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return PNG, h.measured(png.DecodeConfig)
	}
	return "", ErrType.With("Accept", shortNames(mediaTypes))
}

// measured checks an image's header. Only the header is decoded, never the pixels.
func (h head) measured(decode func(io.Reader) (image.Config, error)) error {
	c, err := decode(bytes.NewReader(h.bytes))
	switch {
	case err != nil && h.mayHoldMore() && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)):
		return errMore
	case err != nil:
		return ErrBroken.From(err)
	case c.Width <= 0 || c.Height <= 0:
		return ErrBroken
	case int64(c.Width)*int64(c.Height) > maxPixels:
		return ErrPixels.With("Max", maxPixels/1_000_000)
	}
	return nil
}

// A tail keeps the last bytes that were written to it.
type tail struct{ bytes []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.bytes = append(t.bytes, p[max(0, len(p)-tailSize):]...)
	if over := len(t.bytes) - tailSize; over > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[over:]...)
	}
	return len(p), nil
}

// ends reports whether a file is complete, not cut off. A PDF has its end mark in the last 1,024 bytes, where
// readers look for it (PDF 32000-1:2008, annex H, note 18), a PNG its last chunk. After the end of a JPEG
// cameras may put data of their own, of any length.
func ends(mediaType string, end []byte) bool {
	switch mediaType {
	case PDF:
		return bytes.Contains(end, []byte("%%EOF"))
	case PNG:
		return bytes.Contains(end, []byte("IEND"))
	}
	return true
}
