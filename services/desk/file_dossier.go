package desk

import (
	"context"
	"time"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/workday"

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
	header, err := dossier.Insert(ctx, tx, dossier.NewDossier{
		Code: f.code, Draft: f.draft, SubmittedBy: f.person, ReceivingAgency: f.receiving.ID, DecidingAgency: f.deciding.ID,
		Payment: f.payment, At: f.at,
	})
	if err != nil {
		return err
	}
	sum, err := dossier.InsertRevision(ctx, tx, d.Vault, header.ID, 1, body, f.person, f.at)
	if err != nil {
		return err
	}
	err = dossier.Move(ctx, tx, d.Vault, header, dossier.MoveIn{
		To: dossier.Submitted, Kind: dossier.KindSubmitted, Revision: 1, At: f.at,
		Actor: dossier.Actor{Kind: dossier.Citizen, Person: f.person},
	})
	if err != nil {
		return err
	}
	if err := dossier.MarkSubmitted(ctx, tx, f.draft, header.ID, f.at); err != nil {
		return err
	}
	var fee *onestop.ThinFee
	if f.payment == dossier.Paid {
		fee = &onestop.ThinFee{Amount: int64(f.revision.Fee.Total), Receipt: f.receipt}
	}
	if err := d.announce(ctx, tx, header, onestop.DossierSubmitted, workday.DateOf(f.at), 1, sum, fee); err != nil {
		return err
	}
	if err := d.tell(ctx, tx, header, notice.Submitted); err != nil || fee == nil {
		return err
	}
	return d.tellWith(ctx, tx, header, notice.PaymentReceived, notice.Args{Amount: &f.revision.Fee.Total, Receipt: f.receipt})
}
