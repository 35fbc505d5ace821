package portal

import (
	"time"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/result"
	"congdvc/services/workday"
)

// stateBox says how a dossier stands, what happens next, and what one can do now.
type stateBox struct {
	// Kind is "wait" where something is asked of the owner or has gone wrong, else "".
	Kind, Title, Text string
	Action            *stateAction
}

// stateAction is the one primary action of the page: a link, or a form that posts.
type stateAction struct {
	Path, Text string
	Post       bool
	CSRF       string
}

// mover is who has the next move; the last part of message keys dossierpage.move.*.
type mover string

const (
	moverOwner  mover = "owner"
	moverAgency mover = "agency"
	moverPortal mover = "portal"
	moverNobody mover = "nobody"
)

// nextMove says who has the next move.
func nextMove(d *dossier.Dossier) mover {
	switch {
	case d.Status.Waits(), d.Status == dossier.Completed && d.Delivery == dossier.Ready:
		return moverOwner
	case d.Status.Ended():
		return moverNobody
	case d.Status == dossier.Submitted && onItsWay(d):
		return moverPortal
	}
	return moverAgency
}

// onItsWay says that the agency's system does not have the newest of a dossier yet.
func onItsWay(d *dossier.Dossier) bool {
	return d.Sync == dossier.Waiting || stuck(d)
}

func stuck(d *dossier.Dossier) bool {
	return d.Sync == dossier.Failing || d.Sync == dossier.Parked
}

// stateName chooses the text of a dossier's state: dossierpage.state.<name>.title and .text.
func stateName(view *desk.DossierView, now time.Time) string {
	d := view.Dossier
	switch {
	case d.Status == dossier.Submitted && d.Sync == dossier.Parked:
		return "parked"
	case d.Status == dossier.Submitted && d.Sync == dossier.Failing:
		return "failing"
	case d.Status == dossier.Submitted && d.Sync == dossier.Waiting:
		return "sending"
	case d.Status == dossier.Submitted && d.Sync == dossier.Delivered:
		return "delivered"
	case overdue(d, now):
		return "overdue"
	case d.Status != dossier.Completed && d.Status != dossier.Returned || issued(view) != nil:
		return string(d.Status)
	case len(view.Results) > 0:
		return "revoked"
	}
	return "on_paper"
}

// overdue says that the result was due and is not there, through no fault of the owner.
func overdue(d *dossier.Dossier, now time.Time) bool {
	return !d.Status.Ended() && !d.Status.Waits() && d.PausedAt == nil && d.DueAt != nil &&
		now.After(*d.DueAt)
}

// issued is the newest result that holds, nil when there is none.
func issued(view *desk.DossierView) *result.Result {
	for i := len(view.Results) - 1; i >= 0; i-- {
		if view.Results[i].State == result.Issued {
			return &view.Results[i]
		}
	}
	return nil
}

// lastDay is the last day on which a supplement may be sent. The deadline is the midnight that ends this day.
func lastDay(deadline time.Time) workday.Date { return workday.DateOf(deadline.Add(-time.Second)) }

func (p *Portal) stateOf(v *visit, view *desk.DossierView) stateBox {
	d := view.Dossier
	name := stateName(view, p.Now())
	args := []any{"Agency", view.Receiving.Name.In(v.lang), "Count", 0}
	if view.Supplement != nil {
		count := len(view.Supplement.Fields) + len(view.Supplement.Requirements)
		args = []any{"Count", count, "Deadline", i18n.LongDate(v.lang, lastDay(view.Supplement.Deadline))}
	}
	box := stateBox{
		Title: i18n.T(v.lang, "dossierpage.state."+name+".title", args...),
		Text:  i18n.T(v.lang, "dossierpage.state."+name+".text", args...),
	}
	code := d.Code
	switch name {
	case "parked", "failing", "overdue", "revoked", string(dossier.Stopped), string(dossier.Payment),
		string(dossier.Confirming):
		box.Kind = "wait"
	case string(dossier.Supplement):
		box.Kind = "wait"
		box.Action = &stateAction{Path: address.DossierSupplement(v.lang, code),
			Text: i18n.T(v.lang, "dossierpage.supplement"), Post: true, CSRF: v.session.CSRF}
	case string(dossier.Refused):
		box.Kind = "wait"
		box.Action = &stateAction{Path: address.Procedure(v.lang, d.ProcedureCode),
			Text: i18n.T(v.lang, "dossierpage.start_again")}
	case string(dossier.Completed), string(dossier.Returned):
		if r := issued(view); r != nil {
			box.Action = &stateAction{Path: address.DossierResultFile(v.lang, code, r.ID),
				Text: i18n.T(v.lang, "dossierpage.download_result")}
		}
	}
	return box
}

// endReason is what the agency wrote when it refused the dossier or stopped.
func endReason(view *desk.DossierView) string {
	kind := dossier.KindStopped
	switch view.Dossier.Status {
	case dossier.Refused:
		kind = dossier.KindRefused
	case dossier.Stopped:
	default:
		return ""
	}
	reason := ""
	for _, e := range view.History {
		if e.Kind == kind {
			reason = e.Note
		}
	}
	return reason
}

// syncNotice says that what was sent after the submission is still on its way to the agency. It is empty for
// a dossier that was just submitted, whose state says so, and once the agency has what was sent.
func syncNotice(v *visit, view *desk.DossierView) string {
	d := view.Dossier
	last := view.History[len(view.History)-1]
	switch {
	case d.Status == dossier.Submitted:
		return ""
	case stuck(d):
		return i18n.T(v.lang, "dossierpage.not_sent")
	case d.Sync == dossier.Waiting && last.Actor.Kind == dossier.Citizen && !d.Status.Ended():
		return i18n.T(v.lang, "dossierpage.sending")
	}
	return ""
}

// publicState is what the tracking page says: no name, no reason, no note. Where the owner can act, it links
// to the dossier, behind the login.
func (p *Portal) publicState(v *visit, t *desk.TrackView) stateBox {
	d := t.Dossier
	box := stateBox{
		Title: i18n.T(v.lang, d.Status.Key()),
		Text:  i18n.T(v.lang, "dossierpage.public."+string(d.Status), "Agency", t.Agency),
	}
	switch d.Status {
	case dossier.Supplement, dossier.Payment, dossier.Confirming, dossier.Refused, dossier.Stopped:
		box.Kind = "wait"
	}
	if d.Status.Waits() || d.Status == dossier.Completed || d.Status == dossier.Returned ||
		d.Status == dossier.Refused {
		box.Action = &stateAction{Path: address.Dossier(v.lang, d.Code),
			Text: i18n.T(v.lang, "dossierpage.public.open")}
	}
	return box
}
