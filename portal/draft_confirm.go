package portal

import (
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
)

const (
	// confirmInput is the name of the boxes by which warnings are confirmed.
	confirmInput = "__confirm"
	// askedInput says that a page has such boxes, so that those which are not ticked count.
	askedInput = "__asked"
	// submitForm is the id of the form that hands a draft in.
	submitForm = "nop"
)

// confirmBox is something unlikely that the person looks at again: the answers that do not fit, a link to
// change each, and a box to say that they are right.
type confirmBox struct {
	ID, Token, Text string
	Sides           []confirmSide
	Checked         bool
	Error           string
}

// confirmSide is one of the answers; Change is empty where it may not be changed.
type confirmSide struct{ Label, Value, Change string }

// confirmBoxes are the warnings of a draft. Those that are among the faults bear their error.
func (p *Portal) confirmBoxes(v *visit, view *desk.DraftView, faults fault.List) []confirmBox {
	var boxes []confirmBox
	for i, w := range view.Warnings {
		box := confirmBox{ID: "xac-nhan-" + strconv.Itoa(i+1), Token: w.Token,
			Text: i18n.Fault(v.lang, w.Fault), Checked: w.Confirmed()}
		for k, side := range w.Sides {
			id, _, _ := strings.Cut(w.Fields[k], ".")
			field := view.Form.Field(w.Fields[k])
			if w.Row > 0 {
				field = view.Form.Field(id)
			}
			out := confirmSide{Label: side.Label.In(v.lang), Value: side.Read(v.lang)}
			if view.Draft.MayChange(field.ID) {
				out.Change = address.DraftStep(v.lang, view.Draft.ID, field.Step()) + "#" + field.FirstInput()
			}
			box.Sides = append(box.Sides, out)
		}
		for _, f := range faults {
			if f.Field == desk.ConfirmField(w.Token) && !box.Checked {
				box.Error = i18n.T(v.lang, "review.confirm_missing")
			}
		}
		boxes = append(boxes, box)
	}
	return boxes
}

// confirmLink is where on the page a warning is confirmed; "" for another fault.
func confirmLink(view *desk.DraftView, f *fault.Fault) string {
	for i, w := range view.Warnings {
		if f.Field == desk.ConfirmField(w.Token) {
			return "#xac-nhan-" + strconv.Itoa(i+1)
		}
	}
	return ""
}

// saveReview saves what is ticked when answers are checked, before anything is handed in.
func (p *Portal) saveReview(v *visit) error {
	if err := p.confirm(v, postedValues(v)); err != nil {
		return err
	}
	if !v.signedIn {
		return v.see(loginAfterSaving(v))
	}
	return v.see(v.place(v.lang))
}

// confirm writes down the boxes of a page that has any.
func (p *Portal) confirm(v *visit, posted map[string][]string) error {
	if len(posted[askedInput]) == 0 {
		return nil
	}
	return p.Desk.Confirm(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")), posted[confirmInput])
}

// unaskedRow is an answer that is not handed in, since its question is not asked any more.
type unaskedRow struct{ Label, Value string }

// unaskedRows are the answers to such questions that the person wrote. Answers that the portal filled in are
// left out: nobody would miss them.
func unaskedRows(l i18n.Lang, view *desk.DraftView) []unaskedRow {
	var rows []unaskedRow
	for _, id := range view.Unasked {
		field, value := view.Form.Field(id), view.Fields[id].Value
		if g, given := view.Given[id]; field == nil || !field.Asks() || given && g.Value.Equal(value) {
			continue
		}
		rows = append(rows, unaskedRow{field.Label.In(l), field.Read(value, l)})
	}
	return rows
}
