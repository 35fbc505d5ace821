package portal

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"slices"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/portal/transfer"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

var (
	errUploadBroken = fault.New(fault.Invalid, "files.broken_upload")
	errNoFile       = fault.New(fault.Invalid, "files.none_chosen")
	errFileName     = fault.New(fault.Invalid, "files.bad_name")
	// args: Other, the name under which the same file was kept
	errSameFile = fault.New(fault.Invalid, "files.same")
	// args: Name, of the file; Reason, why it was refused
	errFileRefused = fault.New(fault.Invalid, "files.refused")
)

// press is what one press of the button sent for a requirement.
type press struct {
	draft       dossier.DraftID
	requirement string
	checked     bool       // the token came, and was right
	files       int        // that came so far
	kept        []string   // names of those that were taken
	refused     fault.List // one for each file that was not
}

// uploadDraftFile takes the files of one requirement. They are streamed part by part. Each is sealed as it
// arrives and is never stored in clear; each stands by itself, so that one that is refused, or cut off, costs
// none of the others.
func (p *Portal) uploadDraftFile(v *visit) error {
	sent := &press{draft: dossier.DraftID(v.Params("draft")), requirement: v.Params("requirement")}
	parts, err := multipartOf(v)
	if err != nil {
		return err
	}
	err = p.takeParts(v, parts, sent)
	if err == nil && len(sent.refused) == 0 {
		return v.see(address.DraftFiles(v.lang, sent.draft) + "#" + desk.RequirementField(sent.requirement))
	}
	transfer.Drain(v.Ctx, uploadBody)
	transfer.Restart(v.Ctx)
	if err != nil {
		return p.fileRefused(v, sent.requirement, err)
	}
	return p.someRefused(v, sent)
}

func multipartOf(v *visit) (*multipart.Reader, error) {
	kind, params, err := mime.ParseMediaType(v.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEMultipartForm || params["boundary"] == "" {
		return nil, fiber.ErrUnsupportedMediaType
	}
	stream := transfer.Body(v.Ctx)
	if stream == nil {
		return nil, errUploadBroken
	}
	return transfer.Parts(io.LimitReader(stream, uploadBody), params["boundary"]), nil
}

// takeParts reads the token, which must come first, and then the files. Errors are those that end the press:
// what is wrong with one file stands in sent.
func (p *Portal) takeParts(v *visit, parts *multipart.Reader, sent *press) error {
	ctx, done := transfer.Stream(v.Ctx)
	defer done()
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && !sent.checked:
			return errForged
		case errors.Is(err, io.EOF) && sent.files == 0:
			return errNoFile
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return p.brokenOff(v, sent, "", err)
		}
		if part.FormName() == "csrf" {
			err = p.readToken(v, part, sent)
		} else {
			err = p.takeFile(ctx, v, part, sent)
		}
		if err != nil || len(sent.refused) > 0 && endsPress(sent.refused[len(sent.refused)-1]) {
			return err
		}
	}
}

func (p *Portal) readToken(v *visit, part *multipart.Part, sent *press) error {
	token, err := io.ReadAll(io.LimitReader(part, 1<<10))
	if err != nil {
		return p.brokenOff(v, sent, "", err)
	}
	sent.checked = true
	return p.checkToken(v, string(token))
}

// takeFile takes the file of a part. A part that is no file, such as that of an input in which none was
// chosen, is passed over.
func (p *Portal) takeFile(ctx context.Context, v *visit, part *multipart.Part, sent *press) error {
	_, params, err := mime.ParseMediaType(part.Header.Get(fiber.HeaderContentDisposition))
	given := part.FileName()
	name := attachment.ShownName(strings.ReplaceAll(given, string(transfer.Unreadable), ""))
	switch {
	case !sent.checked:
		return errForged
	case err == nil && (params["name"] != "file" || params["filename"] == ""):
		return nil
	}
	sent.files++
	if err != nil || strings.ContainsRune(given, transfer.Unreadable) {
		sent.refuse(v.lang, name, errFileName)
		return nil
	}
	in := attachment.Incoming{Name: given, Reader: part}
	kept, err := p.Desk.AddAttachment(ctx, v.who(), sent.draft, sent.requirement, in)
	switch faults := fault.All(err); {
	case err == nil:
		if withoutType(kept.Name) != withoutType(name) { // the same bytes lie there under another name
			sent.refuse(v.lang, name, errSameFile.With("Other", kept.Name))
			return nil
		}
		sent.kept = append(sent.kept, kept.Name)
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, transfer.ErrCut), errors.Is(err, io.ErrUnexpectedEOF):
		return p.brokenOff(v, sent, name, err)
	case len(faults) > 0 && slices.Contains(ofOneFile, faults[0].Kind):
		sent.refuse(v.lang, name, faults[0])
		return nil
	}
	return err
}

// ofOneFile are the kinds of fault for which one file is refused, and those before it are kept. After the
// last kind none of the others is tried.
var ofOneFile = []fault.Kind{fault.Invalid, fault.TooLarge, fault.Unavailable}

func withoutType(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// refuse notes that a file was not taken, and why.
func (s *press) refuse(l i18n.Lang, name string, why *fault.Fault) {
	refused := errFileRefused.With("Name", name).With("Reason", i18n.Fault(l, why)).From(why)
	refused.Kind = why.Kind
	s.refused.Add(refused.At(desk.RequirementField(s.requirement)))
}

// endsPress reports whether nothing that comes after such a fault can be taken.
func endsPress(f *fault.Fault) bool {
	return errors.Is(f, errUploadBroken) || f.Kind == fault.Unavailable
}

// brokenOff notes that nothing more comes: in the middle of a named file, or between two. That is no failure
// of the portal. The sender has mostly gone; whoever is still there is told what was kept.
func (p *Portal) brokenOff(v *visit, sent *press, name string, err error) error {
	if faults := fault.All(err); len(faults) > 0 && !errors.Is(faults[0], transfer.ErrCut) {
		return err
	}
	p.Log.InfoContext(v.ctx(), "upload cut off", "request", requestID(v.Ctx), "route", v.Route().Path, "kept",
		len(sent.kept), "error", err.Error())
	if !sent.checked {
		return errUploadBroken.From(err)
	}
	broken := errUploadBroken.From(err).At(desk.RequirementField(sent.requirement))
	if name != "" {
		sent.refuse(v.lang, name, broken)
	} else {
		sent.refused.Add(broken)
	}
	return nil
}

// someRefused shows what was refused of a press, and what was kept.
func (p *Portal) someRefused(v *visit, sent *press) error {
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	status, _ := classify(sent.refused)
	if last := sent.refused[len(sent.refused)-1]; last.Kind == fault.Unavailable {
		status, _ = classify(last)
		p.logFailure(v.Ctx, status, last)
	}
	return p.renderFiles(v, status, view, sent.refused, map[string][]string{sent.requirement: sent.kept})
}
