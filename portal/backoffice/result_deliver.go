package backoffice

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"mime"
	"mime/multipart"

	"congdvc/portal/transfer"
	"congdvc/services/desk"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// postResult takes a result: first the metadata, then the file, which is streamed and never stored in clear.
// The metadata holds the hash of the file, so a repeated call is recognised by its metadata alone.
func (b *Backoffice) postResult(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	parts, err := v.parts()
	if err != nil {
		return err
	}
	raw, err := metadata(parts)
	if err != nil {
		return err
	}
	in, err := decode[onestop.DeliverResult](raw)
	if err != nil {
		return err
	}
	if err := in.Check(workday.DateOf(v.now)).Err(); err != nil {
		return err
	}
	o, err := v.changing(raw)
	if err != nil {
		return err
	}
	file, err := parts.NextPart()
	if err != nil || file.FormName() != "file" {
		return partsFault(err)
	}
	if !postgres.IsText(file.FileName()) {
		return onestop.ErrValue.At("file")
	}
	ctx, done := transfer.Stream(v.Ctx)
	defer done()
	answer, err := b.Desk.DeliverResult(ctx, o, code,
		desk.ResultIn{DeliverResult: in, FileName: file.FileName(),
			File: &whole{part: file, parts: parts, want: in.SHA256, sum: sha256.New()}})
	if err != nil {
		return err
	}
	return v.changed(answer)
}

// parts begins to read a multipart body.
func (v *call) parts() (*multipart.Reader, error) {
	media, params, err := mime.ParseMediaType(v.Get(fiber.HeaderContentType))
	if err != nil || media != fiber.MIMEMultipartForm {
		return nil, errMediaType
	}
	stream := transfer.Body(v.Ctx)
	if stream == nil || params["boundary"] == "" {
		return nil, errMultipart
	}
	return multipart.NewReader(&limited{reader: stream, left: multiBody, limit: multiBody},
		params["boundary"]), nil
}

func metadata(parts *multipart.Reader) ([]byte, error) {
	first, err := parts.NextPart()
	if err != nil || first.FormName() != "metadata" {
		return nil, partsFault(err)
	}
	if !isMedia(first.Header.Get(fiber.HeaderContentType), fiber.MIMEApplicationJSON) {
		return nil, errMediaType
	}
	raw, err := io.ReadAll(&limited{reader: first, left: jsonBody, limit: jsonBody})
	if err != nil {
		return nil, readFault(err)
	}
	return raw, nil
}

// partsFault is what is told when another part was expected: that the body was cut off, if it was.
func partsFault(err error) error {
	if len(fault.All(err)) > 0 {
		return err
	}
	return errMultipart.From(err)
}

// whole reads the part that is the file. It reports io.EOF only if no part follows and the file has the hash
// that the metadata told.
type whole struct {
	part  *multipart.Part
	parts *multipart.Reader
	want  string
	sum   hash.Hash
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.part.Read(p)
	w.sum.Write(p[:n])
	switch {
	case err == nil:
		return n, nil
	case !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return n, readFault(err)
	}
	if _, more := w.parts.NextPart(); !errors.Is(more, io.EOF) {
		return n, partsFault(more)
	}
	if hex.EncodeToString(w.sum.Sum(nil)) != w.want {
		return n, errDigest.At("sha256")
	}
	return n, io.EOF
}
