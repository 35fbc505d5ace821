package desk

import (
	"context"
	"errors"
	"io"
	"slices"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/portal/address"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/signature"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// ResultIn is a result that a one-stop system delivers.
type ResultIn struct {
	onestop.DeliverResult
	FileName string
	File     io.Reader
	// Taken is what TakeResultFile gave, instead of FileName and File.
	Taken *attachment.Received
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
// that is not wanted leaves nothing. Errors: dossier.ErrMove, ErrUnsigned, ErrFeeOwed, result.ErrCode, and
// those of acceptable.
func (d *Desk) DeliverResult(ctx context.Context, o Office, code dossier.Code, in ResultIn) ([]byte, error) {
	h, err := d.awaiting(ctx, o, code)
	if errors.Is(err, onestop.ErrMoved) {
		d.DropResultFile(ctx, in.Taken)
		return d.Repeated(ctx, o, code, err)
	}
	if err != nil {
		d.DropResultFile(ctx, in.Taken)
		return nil, err
	}
	file := in.Taken
	if file == nil {
		if file, err = d.TakeResultFile(ctx, in.FileName, in.File); err != nil {
			return nil, err
		}
	}
	// A commit whose answer was lost may have happened: a file whose row was written stays.
	keep := false
	defer func() {
		if !keep {
			d.DropResultFile(ctx, file)
		}
	}()
	report, err := d.signed(ctx, file.File)
	if err != nil {
		return nil, err
	}
	ctx, done := briefly(ctx)
	defer done()
	if err := d.healIssued(ctx, h, *file); err != nil {
		return nil, err
	}
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		keep = false
		r, answer, err := d.issue(ctx, tx, h, o, issuing{in.DeliverResult, *file, report})
		keep = err == nil && r.File == file.File
		return answer, err
	})
}

// healIssued brings the file back of a result that is delivered once more, since the store lost it.
func (d *Desk) healIssued(ctx context.Context, h *dossier.Dossier, file attachment.Received) error {
	same, err := result.IssuedFile(ctx, d.Pool, d.Vault, h.ID, file.SHA256)
	if errors.Is(err, result.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.heal(ctx, same, file)
}

// issuing is a result whose file lies in the store, and what its signatures are worth.
type issuing struct {
	about  onestop.DeliverResult
	file   attachment.Received
	report signature.Report
}

// issue records a result and completes the dossier. The result's file is another one than the given where the
// same bytes were issued before.
func (d *Desk) issue(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, o Office,
	in issuing) (*result.Result, any, error) {
	kind, err := d.acceptable(ctx, tx, h, in.about)
	if err != nil {
		return nil, nil, err
	}
	var reserved result.Code
	if in.about.Code != nil {
		reserved = *in.about.Code
	}
	r, err := result.Insert(ctx, tx, d.Vault, result.New{
		Dossier: h.ID, Code: reserved, Kind: kind, Name: i18n.Text{Vi: in.about.Name},
		Number: in.about.Number, IssuedOn: in.about.IssuedOn, File: in.file.File, FileName: in.file.Name,
		Size: in.file.Size, SHA256: in.file.SHA256, Signer: in.report, Now: d.Now(),
	})
	if err != nil {
		return nil, nil, err
	}
	err = d.record(ctx, tx, h, happening{NewEntry: dossier.NewEntry{
		Kind: dossier.KindCompleted, Actor: o.Actor, Data: map[string]any{"result": r.ID}, At: d.Now(),
	}})
	if err != nil {
		return nil, nil, err
	}
	if err := dossier.SetDelivery(ctx, tx, h, dossier.Ready); err != nil {
		return nil, nil, err
	}
	return r, onestop.Result{
		Code: r.Code, Kind: r.Kind, Number: r.Number, Name: in.about.Name, IssuedOn: in.about.IssuedOn,
		SHA256: r.SHA256, State: string(r.State), Signed: true, Signature: in.report.Problem,
	}, nil
}

// acceptable is the kind of a delivered result that the dossier may end in now. Errors: ErrFeeOwed where the
// procedure gives no result before its fee is paid; all at once onestop.ErrValue for a kind that the
// procedure does not have, and for a document that was issued before anybody asked for it.
func (d *Desk) acceptable(ctx context.Context, db postgres.DB, h *dossier.Dossier,
	in onestop.DeliverResult) (string, error) {
	v, err := procedure.ByID(ctx, db, h.VersionID)
	if err != nil {
		return "", err
	}
	if v.ResultAfterFee {
		if owed, err := d.feeOwed(ctx, db, h); err != nil {
			return "", err
		} else if owed {
			return "", ErrFeeOwed
		}
	}
	var faults fault.List
	kind, wrong := kindOf(v, in.Kind)
	faults.Add(wrong)
	faults.Add(onestop.Days{First: workday.DateOf(h.SubmittedAt)}.Check("issued_on", in.IssuedOn))
	return kind, faults.Err()
}

// feeOwed tells whether the fee of a dossier is still to be paid: by its header, and by the facts, which have
// marks.
func (d *Desk) feeOwed(ctx context.Context, db postgres.DB, h *dossier.Dossier) (bool, error) {
	if h.Payment.Unpaid() {
		return true, nil
	}
	quote, err := payments.QuoteOf(ctx, db, d.Vault, h.Draft)
	if errors.Is(err, payments.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	standing, err := payments.StandingOf(ctx, db, d.Vault, quote.ID)
	owed := standing.State == payments.Owed || standing.State == payments.CounterDue ||
		standing.State == payments.Pending
	return owed, err
}

// kindOf is the kind of a delivered result: the one that the call names, else the only one of the procedure.
// Errors: onestop.ErrValue when the procedure has no such result.
func kindOf(v *procedure.Version, named string) (string, *fault.Fault) {
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
