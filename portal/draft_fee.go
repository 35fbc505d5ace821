package portal

import (
	"errors"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/procedure"

	"github.com/gofiber/fiber/v2"
)

// feePage is where a draft that is complete waits for its fee.
type feePage struct {
	shell
	Procedure string
	Fee       *feeTable
	Pay, Edit string
	// Failed and Problem say what did not succeed, and what it means for the dossier and the money.
	Failed, Problem string
	Declined        bool
	Pending         bool
}

func (p *Portal) draftFee(v *visit) error {
	view, err := p.frozen(v)
	if err != nil || view == nil {
		return err
	}
	return p.renderFee(v, view, nil)
}

// frozen reads a draft that waits for its payment, or leads on; view is nil then.
func (p *Portal) frozen(v *visit) (*desk.DraftView, error) {
	view, err := p.Desk.Draft(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")))
	if err != nil {
		return nil, err
	}
	switch view.Draft.State {
	case dossier.Filed:
		return nil, p.seeDossier(v, view.Draft)
	case dossier.Frozen:
		return view, nil
	case dossier.Discarded:
		return nil, dossier.ErrNotFound
	}
	return nil, v.see(address.Draft(v.lang, view.Draft.ID))
}

// feeProblem is why the fee page is shown instead of what was asked for.
type feeProblem struct {
	title, text string
	status      int
}

func (p *Portal) renderFee(v *visit, view *desk.DraftView, why *feeProblem) error {
	id := view.Draft.ID
	page := feePage{
		shell: p.shell(v, i18n.T(v.lang, "fee.title")), Procedure: view.Version.Name.In(v.lang),
		Fee: quoteTable(v, view.Quote), Pay: address.DraftFee(v.lang, id),
		Edit: address.DraftEdit(v.lang, id), Declined: view.Payment.Declined,
	}
	page.Fee.tell(v.lang, view.Fee)
	if why == nil {
		return p.render(v, "draft_fee", page)
	}
	page.Failed, page.Problem = i18n.T(v.lang, why.title), why.text
	if why.status == fiber.StatusServiceUnavailable {
		v.Set(fiber.HeaderRetryAfter, providerAfter)
	}
	return p.renderStatus(v, why.status, "draft_fee", page)
}

// providerAfter is how many seconds to wait before the payment provider is asked again.
const providerAfter = "60"

// failFee shows the fee page again, with what did not succeed. A provider that is away is an outage of ours.
func (p *Portal) failFee(v *visit, title, away string, err error) error {
	view, viewErr := p.frozen(v)
	if viewErr != nil || view == nil {
		return viewErr
	}
	why := feeProblem{title: title, text: i18n.Fault(v.lang, fault.All(err)[0]), status: fiber.StatusConflict}
	if errors.Is(err, checkout.ErrAway) || errors.Is(err, checkout.ErrKey) {
		why.text, why.status = i18n.T(v.lang, away), fiber.StatusServiceUnavailable
	}
	return p.renderFee(v, view, &why)
}

func quoteTable(v *visit, q *payments.Quote) *feeTable {
	t := &feeTable{TotalLabel: i18n.T(v.lang, "fee.total"), Total: i18n.Money(v.lang, q.Total),
		Words: i18n.T(v.lang, "calculator.words", "Words", inWords(v.lang, q.Total))}
	for _, l := range q.Lines {
		row := feeRow{Name: l.Name.In(v.lang), Amount: i18n.Money(v.lang, l.Amount), Basis: l.Basis}
		// With a step, a ceiling or an exemption the amount is not the product.
		if each, err := l.Unit.Times(l.Quantity); l.Quantity > 1 && err == nil && each == l.Amount {
			row.Quantity = i18n.T(v.lang, "fee.quantity", "Number", l.Quantity, "Unit", l.Unit)
		}
		if !l.Refundable {
			row.Note = i18n.T(v.lang, "procedure.not_refunded")
		}
		t.Lines = append(t.Lines, row)
	}
	return t
}

// tell adds what a quote says beside the lines that are charged: what an exemption took off them, what is
// free because of one, and what has no amount in the portal and so is not part of the total.
func (t *feeTable) tell(l i18n.Lang, f procedure.FeeQuote) {
	for i := range min(len(t.Lines), len(f.Lines)) {
		if f.Lines[i].Exemption != nil {
			t.Lines[i].Note = joinText(exempted(l, f.Lines[i]), t.Lines[i].Note)
		}
	}
	for _, line := range f.Free {
		row := feeRow{Name: line.Name.In(l), Amount: i18n.T(l, "procedure.free"), Basis: line.Basis}
		if line.Exemption != nil {
			row.Note = exempted(l, line)
		}
		t.Lines = append(t.Lines, row)
	}
	for _, line := range f.Unset {
		row := feeRow{Name: line.Name.In(l), Amount: i18n.T(l, "procedure.set_by."+line.SetBy),
			Basis: line.Basis}
		if line.Exemption != nil {
			row.Note = exempted(l, line)
		}
		t.Lines = append(t.Lines, row)
	}
	if len(f.Unset) > 0 {
		t.TotalLabel, t.How = i18n.T(l, "fee.total_without"), append(t.How, i18n.T(l, "fee.unset_how"))
	}
	if f.Total == 0 { // each line says why
		t.Total, t.Words = "", ""
	}
}

// payDraftFee leads to the hosted payment page.
func (p *Portal) payDraftFee(v *visit) error {
	id := dossier.DraftID(v.Params("draft"))
	to, err := p.Desk.OpenPayment(v.ctx(), v.who(), id, v.lang)
	switch {
	case err == nil:
		return p.leadOn(v, toPayment, to)
	case errors.Is(err, desk.ErrAlreadyPaid):
		return v.see(address.PaymentReturn(v.lang, id))
	// What can no longer be submitted is not charged: the page says so, and opens the draft for editing.
	case errors.Is(err, checkout.ErrAway), errors.Is(err, checkout.ErrKey),
		errors.Is(err, procedure.ErrNoCapacity), errors.Is(err, procedure.ErrCitizensOnly):
		return p.failFee(v, "fee.not_opened", "fee.not_opened_away", err)
	}
	return err
}

// editDraft ends the payment page and opens the draft again.
func (p *Portal) editDraft(v *visit) error {
	id := dossier.DraftID(v.Params("draft"))
	err := p.Desk.EditFrozen(v.ctx(), v.who(), id)
	switch {
	case err == nil:
		return v.see(address.Draft(v.lang, id))
	case errors.Is(err, desk.ErrAlreadyPaid):
		return v.see(address.PaymentReturn(v.lang, id))
	case errors.Is(err, checkout.ErrAway), errors.Is(err, checkout.ErrKey):
		return p.failFee(v, "fee.not_edited", "fee.not_edited_away", err)
	}
	return err
}
