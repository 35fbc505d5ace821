package portal

import (
	"errors"
	"strconv"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"

	"github.com/gofiber/fiber/v2"
)

const (
	// heldByInput is the name of the input that says from whom a draft is taken.
	heldByInput = "tu"
	// stepInput names the page of the form to go on with.
	stepInput = "buoc"
)

// goOnPage asks somebody who acts for the same party whether they go on with a draft that another person
// works on.
type goOnPage struct {
	shell
	Procedure  string
	Back       string
	Name       string // who works on it
	Who        string // the sentence about that
	From       identity.PartyID
	Step       string
	Action     string
	Frozen     bool
	Supplement bool
	// Refused says that something was sent and not saved, Held that it is held; Typed is what.
	Refused, Held bool
	Typed         []unaskedRow
	Reads         []accessRow
}

// askToGoOn leads somebody to that question who asks for a draft that another person works on. What they
// sent is not saved; the answers of a page are shown, and held until they go on.
func (p *Portal) askToGoOn(v *visit, err error) error {
	switch {
	case !errors.Is(err, desk.ErrWithAnother):
		return err
	case !v.signedIn: // the session ended softly: nothing is shown, the name neither
		return p.askToLogIn(v)
	case v.route.manner().failing == byJSON:
		return err
	case v.Method() != fiber.MethodPost:
		return v.see(address.DraftGoOn(v.lang, v.Params("draft")))
	}
	h, failure := p.Desk.Holding(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")))
	if failure != nil {
		return failure
	}
	held := v.route.kind == aStepForm && p.hold(v) // before the page has an address of its own
	page, failure := p.goOnForm(v, h)
	if failure != nil {
		return failure
	}
	page.Refused, page.Held = true, held
	if v.route.kind == aStepForm {
		page.Step = v.Params("step")
		if page.Typed, failure = p.typedRows(v, h.Version.Form()); failure != nil {
			return failure
		}
	}
	return p.renderStatus(v, fiber.StatusConflict, "draft_go_on", page)
}

// typedRows are the answers of a posted page as people read them.
func (p *Portal) typedRows(v *visit, form *eform.Form) ([]unaskedRow, error) {
	step := stepOfPath(v, form)
	if step == nil {
		return nil, fiber.ErrNotFound
	}
	posted := postedValues(v)
	typed, _, err := p.decodeStep(v, form, step, posted)
	if err != nil {
		return nil, err
	}
	var rows []unaskedRow
	for _, field := range form.Fields() {
		value := typed[field.ID]
		if _, shown := posted[basePrefix+field.ID]; shown && !value.Empty() {
			rows = append(rows, unaskedRow{field.Label.In(v.lang), field.Read(value, v.lang)})
		}
	}
	return rows, nil
}

func (p *Portal) draftGoOn(v *visit) error {
	h, err := p.Desk.Holding(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")))
	if err != nil {
		return err
	}
	if h.Mine || h.Draft.State == dossier.Filed || h.Draft.State == dossier.Discarded {
		return v.see(address.Draft(v.lang, h.Draft.ID))
	}
	page, err := p.goOnForm(v, h)
	if err != nil {
		return err
	}
	return p.render(v, "draft_go_on", page)
}

func (p *Portal) goOnForm(v *visit, h *desk.Holding) (goOnPage, error) {
	since, title, who := i18n.DateTime(v.lang, h.Since), "go_on.title", "go_on.began"
	if !h.First {
		title, who = "go_on.title_taken", "go_on.took"
	}
	page := goOnPage{
		Procedure: h.Version.Name.In(v.lang), Back: address.Dossiers(v.lang), Name: h.Name, From: h.Holder,
		Action: address.DraftGoOn(v.lang, h.Draft.ID), Frozen: h.Draft.State == dossier.Frozen,
		Supplement: h.Draft.Asked != nil,
	}
	if page.Supplement && h.First {
		title, who = "go_on.title_supplement", "go_on.filed"
		since = ""
	}
	page.Who = i18n.T(v.lang, who, "Name", h.Name, "When", since)
	v.at = func(lang string) string { return address.DraftGoOn(lang, h.Draft.ID) }
	page.shell = p.shell(v, i18n.T(v.lang, title))
	var err error
	page.Reads, err = p.draftReads(v, h.Draft)
	return page, err
}

// goOnWithDraft hands the draft over to the person, and leads to the page with which they go on.
func (p *Portal) goOnWithDraft(v *visit) error {
	id := dossier.DraftID(v.Params("draft"))
	err := p.Desk.GoOn(v.ctx(), v.who(), id, identity.PartyID(v.FormValue(heldByInput)))
	switch n, bad := strconv.Atoi(v.FormValue(stepInput)); {
	case errors.Is(err, desk.ErrAlreadyPaid):
		return v.see(address.PaymentReturn(v.lang, id))
	case err != nil:
		return err
	case bad == nil && n > 0:
		return v.see(address.DraftStep(v.lang, id, n))
	}
	return v.see(address.Draft(v.lang, id))
}

// handoverBox says to the person who works on a draft now what became of it when it came to them.
type handoverBox struct {
	Title                      string
	Renewed, Emptied, Relation []handoverRow
	Name                       string // who worked on it before
}

// handoverRow is a question, with the page where it is answered.
type handoverRow struct{ Label, Path string }

func (p *Portal) handoverOf(v *visit, view *desk.DraftView) (*handoverBox, error) {
	h, err := p.Desk.Handover(v.ctx(), view)
	if err != nil || h == nil {
		return nil, err
	}
	rows := func(fields []*eform.Field) (rows []handoverRow) {
		for _, f := range fields {
			rows = append(rows, handoverRow{f.Label.In(v.lang),
				address.DraftStep(v.lang, view.Draft.ID, f.Step()) + "#" + f.FirstInput()})
		}
		return rows
	}
	return &handoverBox{
		Title: i18n.T(v.lang, "go_on.done", "Name", h.From, "When", i18n.DateTime(v.lang, h.At)),
		Name:  h.From, Renewed: rows(h.Renewed), Emptied: rows(h.Emptied), Relation: rows(h.Relation),
	}, nil
}
