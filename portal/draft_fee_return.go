package portal

import (
	"errors"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
)

type returnPage struct {
	shell
	Procedure string
	Fee       string
	// Away says that the payment provider does not answer, so that the payment is still being checked.
	Away bool
}

// paymentReturn is where the payer comes back to. Each visit asks the payment provider again; a HEAD tells
// what is known already.
func (p *Portal) paymentReturn(v *visit) error {
	id := dossier.DraftID(v.Params("draft"))
	ask := p.Desk.PaymentReturn
	if v.looks() {
		ask = p.Desk.PaymentKnown
	}
	submission, err := ask(v.ctx(), v.who(), id)
	switch {
	case errors.Is(err, desk.ErrNotFrozen):
		return v.see(address.Draft(v.lang, id))
	case err != nil:
		return err
	case submission.Code != "":
		return v.see(address.DossierConfirmation(v.lang, submission.Code))
	case !submission.FeeDue:
		return p.render(v, "draft_fee_refund",
			returnPage{shell: p.shell(v, i18n.T(v.lang, "fee.refund_title")), Fee: address.Draft(v.lang, id)})
	}
	page := returnPage{shell: p.shell(v, i18n.T(v.lang, "fee.waiting_title")),
		Fee: address.DraftFee(v.lang, id)}
	page.Again, page.Away = 3, submission.Away
	if page.Away {
		page.Again = 15
	}
	return p.render(v, "draft_fee_return", page)
}
