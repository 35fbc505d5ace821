package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/result"
	"congdvc/services/signature"

	"github.com/jackc/pgx/v5"
)

// TakeResultFile reads the file of a result into the store. Nothing names it yet: it is for DeliverResult or
// KeepResultFile, or else to be dropped. Errors: those of attachment.Receive.
func (d *Desk) TakeResultFile(ctx context.Context, name string,
	file io.Reader) (*attachment.Received, error) {
	received, err := attachment.Receive(ctx, d.Files, attachment.Incoming{
		Name: name, Reader: file, Accept: []string{attachment.PDF}, Max: ResultLimit,
	})
	if err != nil {
		return nil, err
	}
	return &received, nil
}

// DropResultFile deletes what TakeResultFile gave; nil is nothing to do. Should it fail, the store sets the
// file aside in time.
func (d *Desk) DropResultFile(ctx context.Context, file *attachment.Received) {
	if file == nil {
		return
	}
	if err := attachment.Drop(ctx, d.Files, *file); err != nil {
		slog.WarnContext(ctx, "a refused file stays in the store", "error", err.Error())
	}
}

// AwaitsResult says whether a one-stop system may send the file of a result for a dossier at all, before the
// file is read. Errors: dossier.ErrNotFound, onestop.ErrMoved.
func (d *Desk) AwaitsResult(ctx context.Context, o Office, code dossier.Code) error {
	_, err := d.awaiting(ctx, o, code)
	return err
}

func (d *Desk) awaiting(ctx context.Context, o Office, code dossier.Code) (*dossier.Dossier, error) {
	ctx, done := briefly(ctx)
	defer done()
	h, err := dossier.FindForAgencies(ctx, d.Pool, d.Vault, code, o.Agencies)
	if errors.Is(err, dossier.ErrNotFound) {
		err = d.movedAway(ctx, d.Pool, o, code)
	}
	return h, err
}

// Repeated gives the answer of a call that was carried out before; else it fails as it is told to.
func (d *Desk) Repeated(ctx context.Context, o Office, code dossier.Code, otherwise error) ([]byte, error) {
	ctx, done := briefly(ctx)
	defer done()
	return d.change(ctx, o, code, func(pgx.Tx, *dossier.Dossier) (any, error) { return nil, otherwise })
}

// signed is what the signatures of a stored file are worth. Errors: ErrUnsigned unless a valid one covers
// all of it.
func (d *Desk) signed(ctx context.Context, file string) (signature.Report, error) {
	reader, err := d.Files.Open(ctx, file)
	if err != nil {
		return signature.Report{}, err
	}
	report, err := d.VerifyPDF(ctx, reader)
	if err := errors.Join(err, reader.Close()); err != nil {
		return report, err
	}
	if !report.Signed || !report.Valid || !report.CoversWholeFile {
		return report, ErrUnsigned.With("Problem", report.Problem)
	}
	return report, nil
}

// KeepResultFile keeps a file for the result that will name it. Its signatures are checked as those of a
// delivered one. A file that is not wanted leaves nothing. Errors: dossier.ErrMove when no result can come
// any more, ErrUnsigned, result.ErrFilesWaiting.
func (d *Desk) KeepResultFile(ctx context.Context, o Office, code dossier.Code,
	file *attachment.Received) ([]byte, error) {
	keep := false
	defer func() {
		if !keep {
			d.DropResultFile(ctx, file)
		}
	}()
	if _, err := d.signed(ctx, file.File); err != nil {
		return nil, err
	}
	ctx, done := briefly(ctx)
	defer done()
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		keep = false
		if h.Status.Ended() {
			return nil, dossier.ErrMove
		}
		waiting := result.Waiting{File: file.File, Size: file.Size, SHA256: file.SHA256}
		if err := result.Wait(ctx, tx, d.Vault, h.ID, waiting, d.Now()); err != nil {
			return nil, err
		}
		keep = true
		return onestop.ResultFile{ID: file.File, Size: file.Size, SHA256: file.SHA256,
			Until: onestop.At(d.Now().Add(result.WaitsFor))}, nil
	})
}

// DeliverStoredResult is DeliverResult for a file that was kept before. A file whose result is refused goes
// on waiting. Errors: those of DeliverResult; result.ErrFile.
func (d *Desk) DeliverStoredResult(ctx context.Context, o Office, code dossier.Code,
	in onestop.DeliverStoredResult) ([]byte, error) {
	h, err := d.awaiting(ctx, o, code)
	if errors.Is(err, onestop.ErrMoved) {
		return d.Repeated(ctx, o, code, err)
	}
	if err != nil {
		return nil, err
	}
	file, err := d.waiting(ctx, h, in)
	if errors.Is(err, result.ErrFile) {
		return d.Repeated(ctx, o, code, err)
	}
	if err != nil {
		return nil, err
	}
	report, err := d.signed(ctx, file.File)
	if err != nil {
		return nil, err
	}
	ctx, done := briefly(ctx)
	defer done()
	if err := d.healIssued(ctx, h, file); err != nil {
		return nil, err
	}
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		if err := result.Waited(ctx, tx, h.ID, file.File); err != nil {
			return nil, err
		}
		_, answer, err := d.issue(ctx, tx, h, o, issuing{in.About(), file, report})
		return answer, err
	})
}

// waiting is the kept file that a call names, if its bytes are those that the call tells: not what a row
// says of them. Errors: result.ErrFile.
func (d *Desk) waiting(ctx context.Context, h *dossier.Dossier,
	in onestop.DeliverStoredResult) (attachment.Received, error) {
	brief, done := briefly(ctx)
	kept, err := result.FindWaiting(brief, d.Pool, d.Vault, h.ID, in.File, d.Now())
	done()
	if err != nil {
		return attachment.Received{}, err
	}
	reader, err := d.Files.Open(ctx, kept.File)
	if err != nil {
		return attachment.Received{}, err
	}
	sum := sha256.New()
	size, err := io.Copy(sum, reader)
	if err := errors.Join(err, reader.Close()); err != nil {
		return attachment.Received{}, fmt.Errorf("desk: read a kept file: %w", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != in.SHA256 {
		return attachment.Received{}, result.ErrFile.At("sha256")
	}
	return attachment.Received{File: kept.File, Name: string(h.Code) + ".pdf", MediaType: attachment.PDF,
		Size: size, SHA256: in.SHA256}, nil
}
