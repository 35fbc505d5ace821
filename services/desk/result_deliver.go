package desk

import (
	"context"
	"errors"
	"io"
	"slices"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/signature"

	"github.com/jackc/pgx/v5"
)

// ResultIn is a result that a one-stop system delivers.
type ResultIn struct {
	onestop.DeliverResult
	FileName string
	File     io.Reader
}

// ResultLimit is the largest file of a result, in bytes.
const ResultLimit = 30 << 20

// ReserveResultCode reserves the code under which a result of the dossier will be
// verified, so that the paper can carry it when it is signed. Errors:
// dossier.ErrMove when no result can come any more, result.ErrReserved.
func (d *Desk) ReserveResultCode(ctx context.Context, o Office, code dossier.Code,
	_ onestop.ReserveResultCode) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		if h.Status.Ended() {
			return nil, dossier.ErrMove
		}
		reserved, err := result.Reserve(ctx, tx, h.ID, d.Now())
		if err != nil {
			return nil, err
		}
		return onestop.ResultCode{
			Code: reserved, VerifyURL: d.Site.URL(address.VerifyCode(address.Vietnamese, reserved)),
		}, nil
	})
}

// DeliverResult takes the signed PDF of a result and completes the dossier. The
// file is sealed and its signatures are checked before the transaction; a file
// that is not wanted leaves nothing. Errors: dossier.ErrMove, ErrUnsigned,
// result.ErrCode.
func (d *Desk) DeliverResult(ctx context.Context, o Office, code dossier.Code, in ResultIn) ([]byte, error) {
	brief, done := briefly(ctx)
	h, err := dossier.FindForAgencies(brief, d.Pool, d.Vault, code, o.Agencies)
	if errors.Is(err, dossier.ErrNotFound) {
		err = d.movedAway(brief, d.Pool, o, code)
	}
	done()
	if err != nil {
		return nil, err
	}
	received, err := attachment.Receive(ctx, d.Files, attachment.Incoming{
		Name: in.FileName, Reader: in.File, Accept: []string{"application/pdf"}, Max: ResultLimit,
	})
	if err != nil {
		return nil, err
	}
	// A commit whose answer was lost may have happened: a file whose row was written stays.
	keep := false
	defer func() {
		if !keep {
			_ = attachment.Drop(context.WithoutCancel(ctx), d.Files, received)
		}
	}()
	report, err := d.verify(ctx, received.File)
	if err != nil {
		return nil, err
	}
	if !report.Signed || !report.Valid || !report.CoversWholeFile {
		return nil, ErrUnsigned.With("Problem", report.Problem)
	}
	var reserved result.Code
	if in.Code != nil {
		reserved = *in.Code
	}
	ctx, done = briefly(ctx)
	defer done()
	switch same, err := result.IssuedFile(ctx, d.Pool, h.ID, received.SHA256); {
	case err == nil:
		if err := d.heal(ctx, same.File, received); err != nil {
			return nil, err
		}
	case !errors.Is(err, result.ErrNotFound):
		return nil, err
	}
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		keep = false
		kind, err := kindOf(ctx, tx, h, in.Kind)
		if err != nil {
			return nil, err
		}
		r, err := result.Insert(ctx, tx, d.Vault, result.New{
			Dossier: h.ID, Code: reserved, Kind: kind, Name: i18n.Text{Vi: in.Name}, Number: in.Number,
			IssuedOn: in.IssuedOn, File: received.File, FileName: received.Name, Size: received.Size,
			SHA256: received.SHA256, Signer: report, Now: d.Now(),
		})
		if err != nil {
			return nil, err
		}
		err = d.record(ctx, tx, h, happening{NewEntry: dossier.NewEntry{
			Kind: dossier.KindCompleted, Actor: o.Actor, Data: map[string]any{"result": r.ID}, At: d.Now(),
		}})
		if err != nil {
			return nil, err
		}
		if err := dossier.SetDelivery(ctx, tx, h, dossier.Ready); err != nil {
			return nil, err
		}
		keep = r.File == received.File
		return onestop.Result{
			Code: r.Code, Kind: r.Kind, Number: r.Number, Name: in.Name, IssuedOn: in.IssuedOn,
			SHA256: r.SHA256, State: string(r.State), Signed: true, Signature: report.Problem,
		}, nil
	})
}

// kindOf is the kind of a delivered result: the one that the call names, else the only one of the procedure.
// Errors: onestop.ErrValue when the procedure has no such result.
func kindOf(ctx context.Context, db postgres.DB, h *dossier.Dossier, named string) (string, error) {
	v, err := procedure.ByID(ctx, db, h.VersionID)
	if err != nil {
		return "", err
	}
	if named == "" && len(v.Results) == 1 {
		return v.Results[0].Code, nil
	}
	if named != "" && !slices.ContainsFunc(v.Results, func(k procedure.ResultKind) bool {
		return k.Code == named
	}) {
		return "", onestop.ErrValue.At("kind")
	}
	return named, nil
}

func (d *Desk) verify(ctx context.Context, file string) (signature.Report, error) {
	reader, err := d.Files.Open(ctx, file)
	if err != nil {
		return signature.Report{}, err
	}
	report, err := d.VerifyPDF(ctx, reader)
	return report, errors.Join(err, reader.Close())
}
