package portal

import (
	"errors"
	"strings"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/sheet"
	"congdvc/services/workday"
)

// dossierPage is everything that the owner may know of a dossier, the most important first.
type dossierPage struct {
	shell
	Code      dossier.Code
	Procedure string
	// OnBehalf is the owner's name when the person acted for somebody else; Ground is on what ground.
	OnBehalf, Ground string
	State            stateBox
	// Asked is what an open supplement asks for, with the reasons.
	Asked []supplementItem
	// Reason is why the agency refused or stopped.
	Reason string
	Notice string
	Mover  string
	Due    *dueFact
	Fee    *feeBox
	// Withdrawal says that the owner's request to withdraw waits for its answer.
	Withdrawal bool
	Results    []resultRow
	Timeline   []timelineStep
	Offices    []officeRow
	Rows       []dossierLink
}

// dueFact is when the result is due, and why on that day.
type dueFact struct {
	Label, When, Paused string
	Days                []dueDay
}

// feeBox is what is owed or was paid; Text is the one sentence to act on.
type feeBox struct {
	Kind, Title, Text string
	Table             *feeTable
	Receipt           string
}

type resultRow struct {
	Name, Number, IssuedOn, State string
	Code                          result.Code
	Lang                          string // of the name, where it is not the page's own
	Holds                         bool
	Verify, Download, Size        string
}

type officeRow struct{ Role, Name, Address, Phone string }

type dossierLink struct{ Path, Text, Note string }

func codeOf(v *visit) dossier.Code {
	code, err := dossier.ParseCode(v.Params("code"))
	if err != nil {
		// A malformed code is looked up all the same, and not found.
		return dossier.Code(v.Params("code"))
	}
	return code
}

func (p *Portal) dossier(v *visit) error {
	view, err := p.Desk.Dossier(v.ctx(), v.who(), codeOf(v))
	if err != nil {
		return err
	}
	d := view.Dossier
	page := dossierPage{
		shell: p.shell(v, view.Version.Name.In(v.lang)), Code: d.Code,
		Procedure: view.Version.Name.In(v.lang), State: p.stateOf(v, view), Asked: askedItems(v, view),
		Reason: endReason(view), Notice: syncNotice(v, view),
		Mover: i18n.T(v.lang, "dossierpage.move."+string(nextMove(d))), Withdrawal: view.WithdrawalAsked &&
			!d.Status.Ended(), Results: resultRows(v, view), Offices: officeRows(v, view),
	}
	page.Ground = sheet.GroundText(v.lang, view.Version.Form(), view.First)
	if view.First.OnBehalf {
		page.OnBehalf = view.First.Owner.Name
	}
	if err := p.fillDossier(v, view, &page); err != nil {
		return err
	}
	return p.render(v, "dossier", page)
}

// fillDossier adds what has to be asked for besides the view.
func (p *Portal) fillDossier(v *visit, view *desk.DossierView, page *dossierPage) (err error) {
	if page.Due, err = p.dueOf(v, view); err != nil {
		return err
	}
	if page.Fee, err = p.feeState(v, view); err != nil {
		return err
	}
	if page.Timeline, err = p.timeline(v, view); err != nil {
		return err
	}
	page.Rows, err = p.dossierLinks(v, view)
	return err
}

// askedItems names what an open supplement asks for.
func askedItems(v *visit, view *desk.DossierView) []supplementItem {
	if view.Supplement == nil {
		return nil
	}
	var items []supplementItem
	for _, id := range view.Supplement.Fields {
		form := view.Version.Form()
		if f := form.Field(id); f != nil {
			// A label such as "Số" says little without the step that it stands in.
			name := form.Step(f.Step()).Title.In(v.lang) + ": " + f.Label.In(v.lang)
			items = append(items, supplementItem{Name: name, Reason: view.Reasons[id]})
		}
	}
	for _, id := range view.Supplement.Requirements {
		items = append(items, supplementItem{Name: requirementStart(v.lang, view.Version, id),
			Reason: view.Reasons[id]})
	}
	return items
}

// requirementName is the name of a paper, or its id should the version not know it.
func requirementName(l i18n.Lang, ver *procedure.Version, id string) string {
	for _, r := range ver.Requirements {
		if r.ID == id {
			return r.Name.In(l)
		}
	}
	return id
}

// requirementStart is the beginning of the name of a paper, for pages that are not about papers.
func requirementStart(l i18n.Lang, ver *procedure.Version, id string) string {
	start, _ := fold(l, i18n.Text{Vi: requirementName(l, ver, id)})
	return start
}

// dueOf is the due date that the agency gave. Before the agency has received the dossier, it is the date that
// would result if it did so now. It is nil when no term runs.
func (p *Portal) dueOf(v *visit, view *desk.DossierView) (*dueFact, error) {
	d := view.Dossier
	switch {
	case d.CompletedAt != nil:
		return &dueFact{Label: i18n.T(v.lang, "dossierpage.completed_on"),
			When: i18n.LongDate(v.lang, workday.DateOf(*d.CompletedAt))}, nil
	case d.Status.Ended():
		return nil, nil
	case d.DueAt != nil:
		due := &dueFact{Label: i18n.T(v.lang, "dossierpage.due"),
			When: i18n.LongDate(v.lang, workday.DateOf(*d.DueAt)), Days: dueDays(v.lang, d.DueSheet, nil)}
		if d.PausedAt != nil {
			due.Paused = i18n.T(v.lang, "dossierpage.paused", "Date", workday.DateOf(*d.PausedAt))
		}
		return due, nil
	case d.Status == dossier.Submitted:
		return p.dueIfReceived(v, view)
	}
	return nil, nil
}

func (p *Portal) dueIfReceived(v *visit, view *desk.DossierView) (*dueFact, error) {
	term, ok := view.Version.Term(view.Dossier.Case, procedure.Online)
	if !ok {
		return nil, nil
	}
	file, err := agency.CalendarFileOf(v.ctx(), p.Pool, view.Dossier.DecidingAgency)
	if err != nil {
		return nil, err
	}
	calendar, err := file.Calendar()
	if err != nil {
		return nil, err
	}
	now := p.Now()
	due, err := calendar.Due(now, term)
	if errors.Is(err, workday.ErrCalendarUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	box := dueBoxOf(v.lang, due, term, now, file)
	return &dueFact{Label: box.If, When: box.When, Days: box.Days}, nil
}

// feeState says how the fee stands, nil where there was none.
func (p *Portal) feeState(v *visit, view *desk.DossierView) (*feeBox, error) {
	d := view.Dossier
	if view.Quote == nil || d.Payment == dossier.NoFee {
		said := feeLater(v.lang, view)
		if len(said) == 0 {
			return nil, nil
		}
		return &feeBox{Title: i18n.T(v.lang, "fee.title"), Text: strings.Join(said, " ")}, nil
	}
	standing, err := payments.StandingOf(v.ctx(), p.Pool, p.Vault, view.Quote.ID)
	if err != nil {
		return nil, err
	}
	box := &feeBox{Title: i18n.T(v.lang, d.Payment.Key()), Table: quoteTable(v, view.Quote)}
	if len(view.Receipts) > 0 {
		box.Receipt = address.DossierReceiptPDF(v.lang, d.Code)
	}
	switch d.Payment {
	case dossier.CounterDue, dossier.Owed, dossier.Pending:
		switch d.Status {
		case dossier.Refused, dossier.Withdrawn, dossier.Stopped:
			// Nobody has to pay for a dossier that is not dealt with.
			return nil, nil
		}
		box.Kind = "wait"
		box.Text = counterText(v.lang, view)
	case dossier.RefundDue:
		box.Text = i18n.T(v.lang, "dossierpage.fee_refund_due", "Amount", standing.RefundDue)
	case dossier.PartRefunded, dossier.Refunded:
		box.Text = i18n.T(v.lang, "dossierpage.fee_refunded", "Amount", standing.Refunded)
	}
	box.Text = strings.TrimSpace(strings.Join(append([]string{box.Text}, feeLater(v.lang, view)...), " "))
	return box, nil
}

// counterText says what is to be paid at the counter, where, and whether the result waits for it.
func counterText(l i18n.Lang, view *desk.DossierView) string {
	said := i18n.T(l, "dossierpage.fee_at_counter", "Amount", view.Quote.Total, "Where",
		placeText(l, view.Receiving))
	if view.Version.ResultAfterFee {
		said = joinText(said, i18n.T(l, "dossierpage.result_after_fee"))
	}
	return said
}

// feeLater says what the submission left open about fees: what only the agency can tell, what has no amount
// in the portal, and the exemption that was claimed. It is empty for a dossier that has ended.
func feeLater(l i18n.Lang, view *desk.DossierView) []string {
	if view.Dossier.Status.Ended() {
		return nil
	}
	return feeOpen(l, view.Version, view.Revision)
}

func feeOpen(l i18n.Lang, ver *procedure.Version, r *dossier.Revision) []string {
	var said []string
	if ver.FeeUnsaid() {
		said = texts(l, ver.FeeSaid())
	}
	for _, f := range r.FeesUnset {
		said = append(said, i18n.T(l, "dossierpage.fee_unset", "Name", feeName(l, ver, f), "Who",
			i18n.T(l, "procedure.set_by."+f.SetBy)))
	}
	if x := r.Exemption; x != nil {
		said = append(said, i18n.T(l, "dossierpage.fee_exempt", "Name", exemptionName(l, ver, x)))
	}
	return said
}

func feeName(l i18n.Lang, ver *procedure.Version, f dossier.FeeUnset) string {
	for _, r := range ver.Fees {
		if r.Code == f.Code {
			return r.Name.In(l)
		}
	}
	return f.Name
}

func exemptionName(l i18n.Lang, ver *procedure.Version, x *dossier.Exemption) string {
	for _, known := range ver.Exemptions {
		if known.ID == x.ID {
			return known.Name.In(l)
		}
	}
	return x.Name
}

// placeText is the address of an agency, as far as it is known.
func placeText(l i18n.Lang, a *agency.Agency) string {
	if place := a.Address.In(l); place != "" {
		return a.Name.In(l) + ", " + place
	}
	return a.Name.In(l)
}

func resultRows(v *visit, view *desk.DossierView) []resultRow {
	var rows []resultRow
	for i := len(view.Results) - 1; i >= 0; i-- {
		r := view.Results[i]
		rows = append(rows, resultRow{
			Name: r.Name.In(v.lang), Lang: foreign(v.lang, r.Name), Number: r.Number,
			IssuedOn: i18n.Date(v.lang, r.IssuedOn), Code: r.Code, State: i18n.T(v.lang, r.State.Key()),
			Holds: r.State == result.Issued, Size: i18n.Size(v.lang, r.Size),
			Verify: address.VerifyCode(v.lang, r.Code), Download: address.DossierResultFile(v.lang,
				view.Dossier.Code, r.ID),
		})
	}
	return rows
}

func officeRows(v *visit, view *desk.DossierView) []officeRow {
	row := func(role string, a *agency.Agency) officeRow {
		return officeRow{Role: i18n.T(v.lang, role), Name: a.Name.In(v.lang), Address: a.Address.In(v.lang),
			Phone: a.Phone}
	}
	if view.Receiving.ID == view.Deciding.ID {
		return []officeRow{row("dossierpage.office", view.Receiving)}
	}
	return []officeRow{row("dossierpage.receiving", view.Receiving),
		row("dossierpage.deciding", view.Deciding)}
}

// dossierLinks lead to the further pages of a dossier.
func (p *Portal) dossierLinks(v *visit, view *desk.DossierView) ([]dossierLink, error) {
	code := view.Dossier.Code
	reads, err := dossier.CountAccesses(v.ctx(), p.Pool, view.Dossier.ID)
	if err != nil {
		return nil, err
	}
	rows := []dossierLink{
		{address.DossierFiles(v.lang, code), i18n.T(v.lang, "dossierpage.files"),
			i18n.T(v.lang, "dossierpage.files_count", "Count", len(view.Revision.Files))},
		{address.DossierAccess(v.lang, code), i18n.T(v.lang, "dossierpage.access"),
			i18n.T(v.lang, "dossierpage.access_count", "Count", reads)},
	}
	if mayWithdraw(view) {
		rows = append(rows, dossierLink{address.DossierWithdraw(v.lang, code),
			i18n.T(v.lang, "dossierpage.withdraw"), ""})
	}
	return rows, nil
}

// answerSupplement leads to the draft in which the supplement is answered.
func (p *Portal) answerSupplement(v *visit) error {
	draft, err := p.Desk.AnswerSupplement(v.ctx(), v.who(), codeOf(v))
	if err != nil {
		return err
	}
	return v.see(address.Draft(v.lang, draft))
}
