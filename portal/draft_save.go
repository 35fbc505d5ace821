package portal

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

// errBadSave means that a save is malformed: it needs an operation, and the base of each field that it names.
var errBadSave = fault.New(fault.Invalid, "draft.bad_save")

// draftSaved answers a save of a page's script.
type draftSaved struct {
	Saved     string          `json:"saved"` // "Đã lưu lúc 14:02"
	Revisions map[string]int  `json:"revisions"`
	Conflicts []draftConflict `json:"conflicts"`
	// Held are fields in conflict whose values nobody may be shown before the login.
	Held []string `json:"held"`
	// Unasked are the labels of answers that will not be handed in: after this save their questions are no
	// longer asked.
	Unasked []string `json:"unasked,omitempty"`
	// Unlisted says that a text is not saved because the dictionary has no such entry.
	Unlisted string       `json:"unlisted,omitempty"`
	Fresh    bool         `json:"fresh"` // something was changed by it now
	Login    bool         `json:"login"` // the session has ended; what came was dealt with
	State    sessionState `json:"state"`
}

// draftConflict is a field that was changed elsewhere; Choice is the markup that lets the person choose.
type draftConflict struct {
	Field    string `json:"field"`
	Choice   string `json:"choice"`
	Revision int    `json:"revision"` // on which "mine" is to be based
}

// autosaveDraft saves what a page's script sends, a field or a few at a time. After a soft end of the
// session it still saves, but shows nothing of the draft.
func (p *Portal) autosaveDraft(v *visit) error {
	id := dossier.DraftID(v.Params("draft"))
	view, err := p.Desk.DraftForm(v.ctx(), v.who(), id)
	if err != nil {
		return err
	}
	in, unlisted, err := readSave(view, postedValues(v))
	if err != nil {
		return err
	}
	if in.Answers, err = p.Desk.WithCommunes(v.ctx(), view.Form, in.Answers); err != nil {
		return err
	}
	saved, err := p.Desk.SaveOnce(v.ctx(), v.who(), id, in)
	if err != nil {
		return err
	}
	answer := draftSaved{Saved: i18n.T(v.lang, "step.saved", "When", i18n.Clock(v.lang, saved.At)),
		Revisions: saved.Revisions, Fresh: saved.Fresh && !saved.Repeated, Login: !v.signedIn,
		State: p.sessionState(v)}
	if len(unlisted) > 0 {
		answer.Unlisted = unlistedText(v.lang, unlisted[0])
	}
	if v.signedIn && answer.Fresh {
		if answer.Unasked, err = p.unaskedAfter(v, view, in); err != nil {
			return err
		}
	}
	if len(answer.Unasked) > 0 {
		answer.Saved += " " + i18n.T(v.lang, "step.unasked", "Labels", strings.Join(answer.Unasked, ", "))
	}
	for _, c := range saved.Conflicts {
		if !v.signedIn {
			answer.Held = append(answer.Held, c.Field)
			continue
		}
		choice, err := p.choiceOf(v, view, c)
		if err != nil {
			return err
		}
		answer.Conflicts = append(answer.Conflicts, draftConflict{c.Field, choice, c.Revision})
	}
	return v.JSON(answer)
}

// unaskedAfter names the answers whose questions are no longer asked after a save.
func (p *Portal) unaskedAfter(v *visit, view *desk.DraftView, in desk.SaveIn) ([]string, error) {
	decides := false
	for id := range in.Answers {
		decides = decides || view.Form.Decides(id)
	}
	if !decides {
		return nil, nil
	}
	whole, err := p.Desk.Draft(v.ctx(), v.who(), view.Draft.ID)
	if err != nil {
		return nil, err
	}
	var labels []string
	for _, row := range unaskedRows(v.lang, whole) {
		labels = append(labels, row.Label)
	}
	return labels, nil
}

// choiceOf draws both values of a field. Neither is chosen: until the person does, nothing is overwritten.
func (p *Portal) choiceOf(v *visit, view *desk.DraftView, c dossier.Conflict) (string, error) {
	box := formView{lang: v.lang, view: view}.conflict(view.Form.Field(c.Field), c)
	box.Open = true
	var buf bytes.Buffer
	if err := p.pages["draft_step"].ExecuteTemplate(&buf, "both", box); err != nil {
		return "", fmt.Errorf("portal: render a choice: %w", err)
	}
	return buf.String(), nil
}

// readSave reads a save. It names each field by its base and holds the inputs of that field, as the form of
// the page does. A save is refused as a whole if it names an unknown field, holds anything else, or has a
// text that is too long for its field. Errors: errBadSave, desk.ErrUnknownField, dossier.ErrNotAsked, and
// those of eform.DecodeStep.
func readSave(
	view *desk.DraftView, posted map[string][]string,
) (in desk.SaveIn, unlisted []*eform.Field, err error) {
	page, n, ok := dossier.ParseOperation(first(posted[operationInput]))
	if !ok || n == 0 {
		return desk.SaveIn{}, nil, errBadSave
	}
	fields, err := namedFields(view, posted)
	if err != nil {
		return desk.SaveIn{}, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(posted)) {
		if !strings.HasPrefix(name, "__") && name != csrfInput && !slices.ContainsFunc(fields,
			func(id string) bool {
				return inputOf(id, name)
			}) {
			return desk.SaveIn{}, nil, desk.ErrUnknownField.At(name).With("ID", name)
		}
	}
	typed := eform.Answers{}
	var faults fault.List
	for _, number := range stepsOf(view.Form, fields) {
		step, err := view.Form.DecodeStep(view.Form.Step(number), func(name string) []string {
			return posted[name]
		})
		faults = append(faults, fault.All(err)...)
		maps.Copy(typed, step)
	}
	if len(faults) > 0 {
		return desk.SaveIn{}, nil, faults
	}
	in, unlisted = saveIn(view, typed, posted)
	in.Operation, in.Reasons = dossier.OperationID(page, n), map[string]string{}
	for _, id := range fields {
		if why, ok := posted[whyPrefix+id]; ok {
			in.Reasons[id] = first(why)
		}
	}
	return in, unlisted, nil
}

const csrfInput = "csrf"

// namedFields are the fields whose bases a save brings.
func namedFields(view *desk.DraftView, posted map[string][]string) ([]string, error) {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(posted)) {
		id, ok := strings.CutPrefix(name, basePrefix)
		if !ok {
			continue
		}
		if f := view.Form.Field(id); f == nil || !f.Asks() {
			return nil, desk.ErrUnknownField.At(id).With("ID", id)
		}
		if base, err := strconv.Atoi(first(posted[name])); err != nil || base < 0 {
			return nil, errBadSave.At(id)
		}
		if !view.Draft.MayChange(id) {
			return nil, dossier.ErrNotAsked.At(id)
		}
		fields = append(fields, id)
	}
	if len(fields) == 0 {
		return nil, errBadSave
	}
	return fields, nil
}

// inputOf reports whether an input belongs to a field: its name is the field's, or that and the name of a
// part.
func inputOf(field, input string) bool {
	return input == field || strings.HasPrefix(input, field+".")
}

func stepsOf(f *eform.Form, fields []string) []int {
	var steps []int
	for _, id := range fields {
		if n := f.Field(id).Step(); !slices.Contains(steps, n) {
			steps = append(steps, n)
		}
	}
	return steps
}

// scriptFailed answers a page's script when something cannot be done: with a status, and words to show.
func (p *Portal) scriptFailed(v *visit, status int, message string) error {
	v.Set(fiber.HeaderCacheControl, "no-store")
	return v.Status(status).JSON(fiber.Map{"message": message, "request": requestID(v.Ctx)})
}
