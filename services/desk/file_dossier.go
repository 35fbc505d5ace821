package desk

import (
	"context"
	"time"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// filing is a complete revision on its way to become a dossier.
type filing struct {
	draft     *dossier.Draft
	revision  *dossier.Revision
	code      dossier.Code
	person    identity.PartyID
	receiving *agency.Agency
	deciding  *agency.Agency
	at        time.Time
	payment   dossier.PaymentStatus
	receipt   string
}

// file makes the dossier of a locked draft: the header, the exact bytes of
// revision 1, the first row of the history, the event for the one-stop system and
// the notice, all in one transaction.
func (d *Desk) file(ctx context.Context, tx pgx.Tx, f filing) error {
	f.revision.Dossier, f.revision.SubmittedAt = f.code, f.at
	if f.payment == dossier.Paid {
		paidAt := f.at
		f.revision.Fee.PaidAt, f.revision.Fee.Receipt = &paidAt, f.receipt
	}
	body, err := f.revision.Bytes()
	if err != nil {
		return err
	}
	if err := agency.HoldConnections(ctx, tx, f.receiving.ID, f.deciding.ID); err != nil {
		return err
	}
	header, err := dossier.Insert(ctx, tx, d.Vault, dossier.NewDossier{
		Code: f.code, Draft: f.draft, SubmittedBy: f.person, ReceivingAgency: f.receiving.ID,
		DecidingAgency: f.deciding.ID, Payment: f.payment, At: f.at,
	})
	if err != nil {
		return err
	}
	sum, err := dossier.InsertRevision(ctx, tx, d.Vault, dossier.NewRevision{
		Dossier: header.ID, Owner: header.Owner, Number: 1, Body: body, Person: f.person, At: f.at,
		Files: f.revision.Files,
	})
	if err != nil {
		return err
	}
	var fee *onestop.ThinFee
	if f.payment == dossier.Paid {
		fee = &onestop.ThinFee{Amount: int64(f.revision.Fee.Total), Receipt: f.receipt}
	}
	err = d.record(ctx, tx, header, happening{NewEntry: dossier.NewEntry{
		Kind: dossier.KindSubmitted, Actor: dossier.Actor{Kind: dossier.Citizen, Person: f.person},
		Revision: 1, At: f.at,
	}, sum: sum, fee: fee})
	if err != nil {
		return err
	}
	if err := dossier.MarkSubmitted(ctx, tx, d.Vault, f.draft, header.ID, f.at); err != nil || fee == nil {
		return err
	}
	// A fee that was paid before has a notice of its own; the event of the submission names it.
	paid := notice.Args{Amount: &f.revision.Fee.Total, Receipt: f.receipt}
	return d.tell(ctx, tx, header, dossier.NoticePaymentReceived, paid)
}
