package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A File is what a request may get whole or in stretches.
type File struct {
	Name      string // under which it is saved; empty for what belongs to a page
	Shown     bool   // the browser may show it, instead of saving it
	MediaType string
	Size      int64     // bytes
	SHA256    string    // of the content, in hexadecimal
	Modified  time.Time // zero where that is not known
	// Bytes is the content where it lies in memory; nil where Content gives it.
	Bytes []byte
	// Content begins at its start. It is closed if it can be, whatever is answered.
	Content io.ReadSeeker
}

// Held is a file that lies in memory.
func Held(name, mediaType string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{Name: name, MediaType: mediaType, Size: int64(len(content)),
		SHA256: hex.EncodeToString(sum[:]), Bytes: content}
}

// An Answer is what a request gets of a file: nothing of it was sent yet.
type Answer struct {
	c      *fiber.Ctx
	file   File
	status int
	stretch
}

// Send answers with a file, or with the stretch of it that was asked for. Errors: as of Prepare.
func Send(c *fiber.Ctx, f File) error {
	a, err := Prepare(c, f)
	if err != nil {
		return err
	}
	return a.Send()
}

// Prepare decides what a request gets of a file (RFC 9110, sections 13 and 14). Errors: ErrRange,
// ErrPrecondition; the content is closed then.
func Prepare(c *fiber.Ctx, f File) (*Answer, error) {
	a := &Answer{c: c, file: f}
	var err error
	if a.status, a.stretch, err = decide(c, f); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// HasContent tells whether bytes of the file are sent: not when only its head was asked for, or when the
// other side has it already.
func (a *Answer) HasContent() bool {
	return a.status != fiber.StatusNotModified && a.c.Method() != fiber.MethodHead
}

// Close gives the file up, for an answer that is not sent.
func (a *Answer) Close() {
	if closer, ok := a.file.Content.(io.Closer); ok {
		_ = closer.Close() // it was read, and nothing can be lost
	}
}

// Send sends it.
func (a *Answer) Send() error {
	c, f := a.c, a.file
	c.Status(a.status)
	c.Set(fiber.HeaderETag, f.etag())
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	if !f.Modified.IsZero() {
		c.Set(fiber.HeaderLastModified, f.Modified.UTC().Format(http.TimeFormat))
	}
	if a.status == fiber.StatusNotModified {
		a.Close()
		c.Response().ResetBody()
		return nil
	}
	c.Set(fiber.HeaderContentType, f.MediaType)
	if f.Name != "" {
		c.Set(fiber.HeaderContentDisposition, Disposition(f.Shown, f.Name))
	}
	if a.status == fiber.StatusPartialContent {
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", a.from, a.to-1, f.Size))
	}
	if f.Content == nil { // it may still be compressed, and Paced cuts it into pieces
		return c.Send(f.Bytes[a.from:a.to])
	}
	if _, err := f.Content.Seek(a.from, io.SeekStart); err != nil {
		a.Close()
		return fmt.Errorf("transfer: seek: %w", err)
	}
	Pour(c, limited{io.LimitReader(f.Content, a.to-a.from), f.Content}, int(a.to-a.from))
	return nil
}

// limited is a stretch of a file. Closing it closes the file.
type limited struct {
	io.Reader
	file io.ReadSeeker
}

func (l limited) Close() error {
	if closer, ok := l.file.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

func (f File) etag() string { return strconv.Quote(f.SHA256) }
