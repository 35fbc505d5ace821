package backoffice

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"congdvc/portal/transfer"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// The parts of a multipart body with a result.
const (
	metadataPart = "metadata"
	filePart     = "file"
)

// postResult takes a result: with its file, as a multipart body, or JSON that names a file sent before.
func (b *Backoffice) postResult(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	if isMedia(v.Get(fiber.HeaderContentType), fiber.MIMEApplicationJSON) {
		return b.postStoredResult(v, code)
	}
	parts, err := v.parts()
	if err != nil {
		return err
	}
	moved := b.Desk.AwaitsResult(v.UserContext(), v.office(), code)
	if moved != nil && !errors.Is(moved, onestop.ErrMoved) {
		return moved
	}
	if _, err := v.changing(nil); err != nil { // before the file is read
		return err
	}
	ctx, done := transfer.Stream(v.Ctx)
	defer done()
	got, err := b.readResult(ctx, v, parts, moved == nil)
	if err != nil {
		b.Desk.DropResultFile(ctx, got.file)
		return err
	}
	if err := got.in.Check(v.latestDay()).Err(); err != nil {
		b.Desk.DropResultFile(ctx, got.file)
		return v.unlessAnswered(got.raw, err)
	}
	if got.file != nil && got.file.SHA256 != got.in.SHA256 {
		b.Desk.DropResultFile(ctx, got.file)
		return errDigest.At("sha256")
	}
	o, err := v.changing(got.raw)
	if err != nil {
		return err
	}
	answer, err := b.deliver(ctx, o, code, got, moved)
	if err != nil {
		return atPart(err)
	}
	return v.changed(answer)
}

// deliver hands the parts to the desk. A one-stop system that serves the dossier no more is told only what it
// was told before.
func (b *Backoffice) deliver(ctx context.Context, o desk.Office, code dossier.Code, got sent,
	moved error) ([]byte, error) {
	if moved != nil {
		return b.Desk.Repeated(ctx, o, code, moved)
	}
	return b.Desk.DeliverResult(ctx, o, code, desk.ResultIn{DeliverResult: got.in, Taken: got.file})
}

// postStoredResult takes a result whose file was sent before.
func (b *Backoffice) postStoredResult(v *call, code dossier.Code) error {
	raw, err := v.small()
	if err != nil {
		return err
	}
	in, err := decode[onestop.DeliverStoredResult](raw)
	if err == nil {
		err = in.Check(v.latestDay()).Err()
	}
	if err != nil {
		return v.unlessAnswered(raw, err)
	}
	o, err := v.changing(raw)
	if err != nil {
		return err
	}
	ctx, done := transfer.Stream(v.Ctx)
	defer done()
	answer, err := b.Desk.DeliverStoredResult(ctx, o, code, in)
	if err != nil {
		return err
	}
	return v.changed(answer)
}

// small reads the body of a call whose other bodies have a file.
func (v *call) small() ([]byte, error) {
	stream := transfer.Body(v.Ctx)
	if stream == nil {
		return nil, errJSON
	}
	raw, err := io.ReadAll(&limited{reader: stream, left: jsonBody, limit: jsonBody})
	if err != nil {
		return nil, readFault(err)
	}
	return raw, nil
}

// postResultFile takes the file of a result before the result. The hash of the file stands for it where calls
// are told apart.
func (b *Backoffice) postResultFile(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	if !isMedia(v.Get(fiber.HeaderContentType), attachment.PDF) {
		return errMediaType
	}
	moved := b.Desk.AwaitsResult(v.UserContext(), v.office(), code)
	if moved != nil && !errors.Is(moved, onestop.ErrMoved) {
		return moved
	}
	if _, err := v.changing(nil); err != nil { // before the file is read
		return err
	}
	ctx, done := transfer.Stream(v.Ctx)
	defer done()
	stream := transfer.Body(v.Ctx)
	if stream == nil {
		stream = strings.NewReader("")
	}
	file, err := b.Desk.TakeResultFile(ctx, string(code)+".pdf",
		&told{&limited{reader: stream, left: multiBody, limit: multiBody}})
	if err != nil {
		return err
	}
	o, err := v.changing([]byte(file.SHA256))
	if err != nil {
		b.Desk.DropResultFile(ctx, file)
		return err
	}
	answer, err := b.Desk.KeepResultFile(ctx, o, code, file)
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

// latestDay is the last one that a day of today's may be, by a clock that is a little ahead.
func (v *call) latestDay() workday.Date { return workday.DateOf(v.now.Add(onestop.Skew)) }

// sent is what a multipart body brought.
type sent struct {
	raw  []byte // the metadata as they came: the file's hash is in them
	in   onestop.DeliverResult
	file *attachment.Received // nil when it was not to be kept
}

// readResult reads the two parts in whatever order they come. The file is streamed into the store unless it
// is not to be kept. Where it fails, what came of the file is given too.
func (b *Backoffice) readResult(ctx context.Context, v *call, parts *multipart.Reader,
	keep bool) (got sent, err error) {
	missing := map[string]bool{metadataPart: true, filePart: true}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return got, partsFault(err)
		}
		name := part.FormName()
		if !missing[name] {
			return got, errMultipart.At(name)
		}
		delete(missing, name)
		if name == metadataPart {
			got.raw, got.in, err = v.metadata(part)
		} else if keep {
			got.file, err = b.takePart(ctx, part)
		}
		if err != nil {
			return got, err
		}
	}
	var faults fault.List
	for _, name := range []string{metadataPart, filePart} {
		if missing[name] {
			faults.Add(errMultipart.At(name))
		}
	}
	return got, faults.Err()
}

func (b *Backoffice) takePart(ctx context.Context, part *multipart.Part) (*attachment.Received, error) {
	if !onestop.IsLine(part.FileName()) {
		return nil, onestop.ErrValue.At(filePart)
	}
	file, err := b.Desk.TakeResultFile(ctx, part.FileName(), &told{part})
	if err != nil {
		return nil, atPart(err)
	}
	return file, nil
}

// metadata reads the part that is JSON. Many clients give it no type of its own.
func (v *call) metadata(part *multipart.Part) ([]byte, onestop.DeliverResult, error) {
	var none onestop.DeliverResult
	media := part.Header.Get(fiber.HeaderContentType)
	if media != "" && !isMedia(media, fiber.MIMEApplicationJSON) {
		return nil, none, errMediaType.At(metadataPart)
	}
	raw, err := io.ReadAll(&limited{reader: part, left: jsonBody, limit: jsonBody})
	if err != nil {
		return nil, none, readFault(err)
	}
	in, err := decode[onestop.DeliverResult](raw)
	if errors.Is(err, errJSON) {
		return nil, none, errJSON.At(metadataPart)
	}
	return raw, in, err
}

// atPart names the part with the file in faults of a file.
func atPart(err error) error {
	faults := fault.All(err)
	for i, f := range faults {
		ofFile := strings.HasPrefix(f.Key, "attachment.") || errors.Is(f, desk.ErrUnsigned)
		if f.Field == "" && ofFile {
			faults[i] = f.At(filePart)
		}
	}
	if len(faults) == 0 {
		return err
	}
	return fault.List(faults)
}

// partsFault is what is told when another part was expected: that the body was cut off, if it was.
func partsFault(err error) error {
	if len(fault.All(err)) > 0 {
		return err
	}
	return errMultipart.From(err)
}

// told reads a file, and says of a body that ends early that it was cut off.
type told struct{ from io.Reader }

func (r *told) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if err != nil && (!errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		err = readFault(err)
	}
	return n, err
}
