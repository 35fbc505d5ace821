package portal

import (
	"encoding/json"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
)

// formView draws the questions of a form with their answers.
type formView struct {
	lang      i18n.Lang
	view      *desk.DraftView
	answers   eform.Answers
	faults    fault.List
	conflicts map[string]dossier.Conflict
	posted    map[string][]string
	notice    string
	wait      string // why nothing was saved, and from when it can be
}

// fieldView is one question as its template draws it. Which members count depends on Control.
type fieldView struct {
	ID, Label, Hint  string
	Control          eform.Control
	Optional         bool
	Error            string
	Value            string
	Day, Month, Year string
	Options          []fieldOption
	List             string // id of the list of a dictionary to search
	Autocomplete     string
	InputMode        string
	Unit             string
	Address          *addressView
	Table            *tableView
	Base             int
	From             string     // where the value was prefilled from
	Known            bool       // the value is shown; the question opens for those who want to change it
	Differs          string     // what the source says, where the person disagrees
	Why              *formField // why the person disagrees with the source
	Conflict         *conflictView
	ReadOnly         bool
	MadeOf           string // of a computed value: the questions that it is made of, for the browser
	Controls         bool   // the portal has to be asked anew when it changes
	When             string // as of a section
	Hidden           bool
	Shown            string // the value as people read it, where it may not be changed
	OptionalText     string
	DayAuto          string            // autocomplete of the three boxes of a date: "bday"
	Words            map[string]string // the small words of inputs in the page's language
}

type addressView struct {
	Provinces            []fieldOption
	Commune, Detail, Old string
	// id of the list of the chosen province's communes, and where those of another are
	List, Communes        string
	ProvinceID, CommuneID string
	DetailID, OldID       string
	Labels                map[string]string
}

type tableView struct {
	Rows        []tableRow
	Add, Remove string
	AddText     string
	RemoveText  string
	Full        bool
}

type tableRow struct {
	Legend string
	Cells  []fieldView
	Value  string
}

// conflictView shows both values of a field that was changed elsewhere.
type conflictView struct {
	Theirs, Mine, When, Keep, Take, Title, Name string
	Open                                        bool // neither value is chosen yet
}

func inputWords(l i18n.Lang) map[string]string {
	words := map[string]string{}
	for _, w := range []string{"choose", "day", "month", "year", "change", "search_found"} {
		words[w] = i18n.T(l, "step."+w)
	}
	return words
}

// browserCondition writes a condition for the page's script.
func browserCondition(c *eform.Condition) string {
	if c == nil {
		return ""
	}
	return inJSON(c)
}

// inJSON writes a value for an attribute of the page. It takes only values of our own types, which JSON can
// always hold.
func inJSON(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic("portal: write for a page: " + err.Error())
	}
	return string(raw)
}

// watched tells the page's script how to read the inputs that conditions depend on. Of such answers without
// an input on the page it tells the values.
func (f formView) watched(step *eform.Step) (fields, answers string) {
	watch := f.view.Form.WatchOf(step)
	kept, _ := f.view.Form.Prune(f.answers)
	given := map[string]eform.Value{}
	for _, id := range watch.Elsewhere {
		given[id] = kept[id]
	}
	for id := range watch.Here {
		if !f.view.Draft.MayChange(id) {
			given[id] = kept[id]
			delete(watch.Here, id)
		}
	}
	return inJSON(watch.Here), inJSON(given)
}

func (f formView) errorsByField() map[string]fault.List {
	by := map[string]fault.List{}
	for _, e := range f.faults {
		if id, ok := f.view.Form.FieldOf(e.Field); ok {
			by[id] = append(by[id], e)
		}
	}
	return by
}

func (f formView) field(field *eform.Field, faults fault.List) fieldView {
	value := f.answers[field.ID]
	saved := f.view.Fields[field.ID]
	if field.Shape() == eform.OneText && value.Empty() && !saved.Value.Empty() &&
		!f.view.Form.Shown(f.answers)[field.ID] {
		// Nobody emptied it: it is not asked yet. The page's script may show it, with what is known.
		value = saved.Value
	}
	out := f.input(field, field.ID, value, faults)
	out.Base = saved.Revision
	out.ReadOnly, out.Shown = !f.view.Draft.MayChange(field.ID), field.Read(value, f.lang)
	out.Controls = f.view.Form.Controls(field.ID)
	out.MadeOf = strings.Join(f.view.Form.Sources(field), " ")
	if g, ok := f.view.Given[field.ID]; ok {
		f.given(&out, field, value, g)
	} else if saved.Source != "" && saved.Value.Equal(value) && field.Prefill != "" &&
		saved.Source == field.Prefill {
		out.From = i18n.T(f.lang, "step.from_identity")
	}
	if c, ok := f.conflicts[field.ID]; ok {
		out.Base = c.Revision
		out.Conflict, out.Known = f.conflict(field, c), false
	}
	return out
}

func (f formView) conflict(field *eform.Field, c dossier.Conflict) *conflictView {
	empty := i18n.T(f.lang, "step.empty")
	box := &conflictView{
		Name: keepPrefix + field.ID, Keep: keepTheirs,
		Title: i18n.T(f.lang, "step.conflict"), When: i18n.T(f.lang, "step.conflict_saved", "When",
			i18n.Clock(f.lang, c.At)),
		Take:   i18n.T(f.lang, "step.conflict_mine"),
		Theirs: field.Read(c.Theirs, f.lang), Mine: field.Read(c.Mine, f.lang),
	}
	if box.Theirs == "" {
		box.Theirs = empty
	}
	if box.Mine == "" {
		box.Mine = empty
	}
	return box
}

// input draws one question or cell under an input name.
func (f formView) input(field *eform.Field, name string, value eform.Value, faults fault.List) fieldView {
	out := fieldView{
		ID: name, Control: field.Control(), Label: field.Label.In(f.lang), Hint: field.Hint.In(f.lang),
		Optional: field.Optional, Value: value.Text, Autocomplete: field.Autocomplete,
		InputMode: field.Keyboard(), Unit: field.Unit.In(f.lang),
		OptionalText: i18n.T(f.lang, "form.optional"), Words: inputWords(f.lang),
	}
	for _, e := range faults {
		if out.Error != "" {
			out.Error += ". "
		}
		out.Error += i18n.Fault(f.lang, e)
	}
	switch field.Control() {
	case eform.ControlDate:
		out.Day, out.Month, out.Year = eform.DateBoxes(value.Text)
		if field.Autocomplete == "bday" {
			out.DayAuto = field.Autocomplete
		}
	case eform.ControlSearch:
		f.searched(&out, field)
	case eform.ControlRadios, eform.ControlTicks, eform.ControlSelect:
		out.Options = options(f.lang, field.Entries(), value)
	case eform.ControlAddress:
		out.Address = f.address(name, value)
	case eform.ControlTable:
		out.Table = f.table(field, value, faults)
	}
	return out
}

func options(l i18n.Lang, entries []eform.Option, value eform.Value) []fieldOption {
	chosen := map[string]bool{value.Text: true}
	for _, m := range value.Many {
		chosen[m] = true
	}
	out := make([]fieldOption, 0, len(entries))
	for _, e := range entries {
		out = append(out, fieldOption{Value: e.Value, Label: e.Label.In(l), Hint: e.Hint.In(l),
			Chosen: e.Value != "" && chosen[e.Value]})
	}
	return out
}

func (f formView) address(name string, value eform.Value) *addressView {
	row := map[string]string{}
	if len(value.Rows) > 0 {
		row = value.Rows[0]
	}
	a := &addressView{
		Commune: eform.CommuneOf(value, f.lang), Communes: address.Communes(f.lang),
		Detail: row[eform.PartDetail], Old: row[eform.PartOld], ProvinceID: name + ".tinh",
		CommuneID: name + ".xa", DetailID: name + ".chi_tiet", OldID: name + ".huyen_cu",
		Labels: map[string]string{}, Provinces: append([]fieldOption{{Label: i18n.T(f.lang, "step.choose")}},
			options(f.lang, eform.Dictionary("tinh"), eform.Value{Text: row[eform.PartProvince]})...),
	}
	for _, part := range []string{"province", "commune", "detail", "old"} {
		a.Labels[part] = i18n.T(f.lang, "step.address_"+part)
	}
	if province := row[eform.PartProvince]; province != "" {
		a.List = communeListID(province)
	}
	return a
}

func (f formView) table(field *eform.Field, value eform.Value, faults fault.List) *tableView {
	t := &tableView{Add: eform.ButtonAdd, Remove: eform.ButtonRemove, AddText: i18n.T(f.lang, "step.add_row"),
		RemoveText: i18n.T(f.lang, "step.remove_row")}
	rows := value.Rows
	if len(rows) == 0 {
		rows = []map[string]string{{}}
	}
	t.Full = field.RowsFull(len(rows))
	for i, row := range rows {
		out := tableRow{Legend: i18n.T(f.lang, "step.row", "Number", i+1),
			Value: field.ID + "." + strconv.Itoa(i)}
		for c := range field.Columns {
			column := &field.Columns[c]
			name := out.Value + "." + column.ID
			out.Cells = append(out.Cells, f.input(column, name, eform.Value{Text: row[column.ID]},
				faultsAt(faults, name)))
		}
		t.Rows = append(t.Rows, out)
	}
	return t
}

// faultsAt are the faults of one cell.
func faultsAt(faults fault.List, name string) fault.List {
	var of fault.List
	for _, e := range faults {
		if e.Field == name || len(e.Field) > len(name) && e.Field[:len(name)+1] == name+"." {
			of = append(of, e)
		}
	}
	return of
}
