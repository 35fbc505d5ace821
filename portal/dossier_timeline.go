package portal

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/sheet"
	"congdvc/services/workday"
)

// timelineStep is one thing that happened, or the next one that will.
type timelineStep struct {
	// Next marks what is still to come.
	Next                  bool
	Title, When, DateTime string
	Note                  string
	// Due says to which day the due date moved, and why.
	Due string
	// By is who did it, with title and unit. Ground says for whom and on what ground something was handed in.
	By, Ground string
	Links      []link
}

// timeline is the history of a dossier, the newest first, under what comes next.
func (p *Portal) timeline(v *visit, view *desk.DossierView) ([]timelineStep, error) {
	names, err := p.citizens(v, view.History)
	if err != nil {
		return nil, err
	}
	var steps []timelineStep
	slips := map[dossier.SlipKind][]sheet.Slip{}
	for _, s := range view.Slips {
		slips[s.Kind] = append(slips[s.Kind], s)
	}
	for _, e := range view.History {
		step := stepAt(i18n.T(v.lang, e.Kind.Key()), e.At, v.lang)
		step.Note, step.By = e.Note, actorText(v, e.Actor, names)
		step.Due = dueChangeText(v.lang, e)
		if step.Ground, err = p.groundOf(v, view, e); err != nil {
			return nil, err
		}
		// Each event of a kind has one slip, in the same order.
		if kind := e.Kind.Slip(); len(slips[kind]) > 0 {
			step.Links = append(step.Links, slipLink(v, view.Dossier.Code, slips[kind][0]))
			slips[kind] = slips[kind][1:]
		}
		step.Links = append(step.Links, eventLinks(v, view, e)...)
		steps = append(steps, step)
	}
	slices.Reverse(steps)
	if next := nextStep(v, view.Dossier); next != nil {
		steps = append([]timelineStep{*next}, steps...)
	}
	return steps, nil
}

// groundOf says for whom and on what ground an event's revision was handed in; "" for other events.
func (p *Portal) groundOf(v *visit, view *desk.DossierView, e dossier.Entry) (string, error) {
	if e.Kind != dossier.KindSubmitted && e.Kind != dossier.KindSupplemented {
		return "", nil
	}
	r := view.Revision
	switch {
	case e.Revision == view.First.Number:
		r = view.First
	case e.Revision != r.Number:
		var err error
		if r, err = dossier.OwnRevision(v.ctx(), p.Pool, p.Vault, view.Dossier.ID, e.Revision); err != nil {
			return "", err
		}
	}
	return filedText(v.lang, view, r), nil
}

// filedText says for whom and on what ground a revision was handed in, as far as it is known.
func filedText(l i18n.Lang, view *desk.DossierView, r *dossier.Revision) string {
	var parts []string
	if r.OnBehalf {
		parts = append(parts, i18n.T(l, "dossierpage.filed_for", "Owner", r.Owner.Name))
	}
	if ground := sheet.GroundText(l, view.Version.Form(), r); ground != "" {
		parts = append(parts, ground)
	}
	return strings.Join(parts, " · ")
}

// dueChangeText says how an event moved the due date, "" when it did not.
func dueChangeText(l i18n.Lang, e dossier.Entry) string {
	c, moved := e.DueChange()
	if !moved {
		return ""
	}
	before, after := workday.DateOf(c.Before), workday.DateOf(c.After)
	if c.PausedAt != nil {
		return i18n.T(l, "dossierpage.due_paused", "Before", before, "After", after, "Paused",
			workday.DateOf(*c.PausedAt), "Resumed", workday.DateOf(e.At))
	}
	return i18n.T(l, "dossierpage.due_extended", "Before", before, "After", after)
}

func stepAt(title string, at time.Time, l i18n.Lang) timelineStep {
	return timelineStep{Title: title, When: i18n.DateTime(l, at), DateTime: machineTime(at)}
}

// machineTime is an instant as the datetime attribute of HTML takes it.
func machineTime(at time.Time) string { return at.In(workday.Zone).Format(time.RFC3339) }

// citizens names the people who acted for the owner, other than the one who looks.
func (p *Portal) citizens(v *visit, history []dossier.Entry) (map[identity.PartyID]string, error) {
	var ids []identity.PartyID
	for _, e := range history {
		if e.Actor.Kind == dossier.Citizen && e.Actor.Person != v.who().Person &&
			!slices.Contains(ids, e.Actor.Person) {
			ids = append(ids, e.Actor.Person)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return identity.FindNames(v.ctx(), p.Pool, p.Vault, ids...)
}

// actorText names who did something. An officer has title, unit and telephone, since the owner may want to
// ask.
func actorText(v *visit, a dossier.Actor, names map[identity.PartyID]string) string {
	switch a.Kind {
	case dossier.Citizen:
		if a.Person == v.who().Person {
			return i18n.T(v.lang, "dossierpage.by_you")
		}
		return names[a.Person]
	case dossier.Portal:
		return i18n.T(v.lang, "dossierpage.by_portal")
	}
	text := officerText(a)
	if a.Phone != "" {
		text += " · " + i18n.T(v.lang, "dossierpage.phone", "Phone", a.Phone)
	}
	return text
}

func officerText(a dossier.Actor) string {
	var parts []string
	for _, part := range []string{a.Name, a.Title, a.Unit} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func slipLink(v *visit, code dossier.Code, s sheet.Slip) link {
	return link{address.DossierSlip(v.lang, code, s.ID), i18n.T(v.lang, s.Kind.Key())}
}

// eventLinks are the papers that belong to an event, beside its slip.
func eventLinks(v *visit, view *desk.DossierView, e dossier.Entry) []link {
	code := view.Dossier.Code
	receipt := link{address.DossierReceiptPDF(v.lang, code), i18n.T(v.lang, "dossierpage.receipt_pdf")}
	switch e.Kind {
	case dossier.KindSubmitted:
		links := []link{{address.DossierConfirmationPDF(v.lang, code),
			i18n.T(v.lang, "dossierpage.confirmation_pdf")}, formLink(v, code, e.Revision)}
		if view.First.Fee != nil && view.First.Fee.PaidAt != nil && len(view.Receipts) > 0 {
			links = append(links, receipt)
		}
		return links
	case dossier.KindSupplemented:
		return []link{formLink(v, code, e.Revision)}
	case dossier.KindFeePaid:
		if len(view.Receipts) > 0 {
			return []link{receipt}
		}
	}
	return nil
}

// formLink leads to the form of a revision as a document.
func formLink(v *visit, code dossier.Code, revision int) link {
	return link{address.DossierFormPDF(v.lang, code, strconv.Itoa(revision)),
		i18n.T(v.lang, "dossierpage.form_pdf")}
}

// nextStep is what the owner waits for, nil when nothing comes any more.
func nextStep(v *visit, d *dossier.Dossier) *timelineStep {
	switch {
	case d.Status.Ended():
		return nil
	case d.Status == dossier.Submitted:
		return &timelineStep{Next: true, Title: i18n.T(v.lang, "dossierpage.next_received")}
	}
	return resultStep(v.lang, d.DueAt, d.PausedAt)
}

func resultStep(l i18n.Lang, due, paused *time.Time) *timelineStep {
	step := &timelineStep{Next: true, Title: i18n.T(l, "dossierpage.next_result")}
	switch {
	case paused != nil:
		step.When = i18n.T(l, "dossierpage.next_paused")
	case due != nil:
		day := workday.DateOf(*due)
		step.When, step.DateTime = i18n.T(l, "dossierpage.next_due", "Date", i18n.LongDate(l, day)),
			day.String()
	}
	return step
}

// publicSteps is the timeline of the tracking page: the dates that the header knows.
func (p *Portal) publicSteps(v *visit, t *desk.TrackView) []timelineStep {
	d := t.Dossier
	var steps []timelineStep
	switch {
	case d.CompletedAt != nil:
		steps = append(steps, stepAt(i18n.T(v.lang, dossier.KindCompleted.Key()), *d.CompletedAt, v.lang))
	case d.Status.Ended():
	case d.ReceivedAt == nil:
		steps = append(steps, timelineStep{Next: true, Title: i18n.T(v.lang, "dossierpage.next_received")})
	default:
		steps = append(steps, *resultStep(v.lang, d.DueAt, d.PausedAt))
	}
	if d.ReceivedAt != nil {
		steps = append(steps, stepAt(i18n.T(v.lang, dossier.KindReceived.Key()), *d.ReceivedAt, v.lang))
	}
	return append(steps, stepAt(i18n.T(v.lang, dossier.KindSubmitted.Key()), d.SubmittedAt, v.lang))
}
