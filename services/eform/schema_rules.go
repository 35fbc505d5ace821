package eform

import (
	"slices"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/fault"
)

// portalRule is one entry of "x-rules": what only the portal can check.
type portalRule struct {
	Rule        string   `json:"rule"`
	Fields      []string `json:"fields"`  // ids, of a column "table.column"
	Problem     string   `json:"problem"` // key of the fault
	Description string   `json:"description"`
	Warning     bool     `json:"warning,omitempty"` // the person may confirm that it is so

	Op    string   `json:"op,omitempty"` // of "compare": fields[0], moved by years and days, op right side
	Right string   `json:"right,omitempty"`
	Value string   `json:"value,omitempty"`
	Years int      `json:"years,omitempty"`
	Days  int      `json:"days,omitempty"`
	With  *Matches `json:"with,omitempty"` // of the rules on identity numbers: what they are compared with

	When *Condition `json:"when,omitempty"` // of "compare": only then
}

// An unsaidRule is one that a schema cannot say and that fields of some types share.
type unsaidRule struct {
	name    string
	problem *fault.Fault
	about   string            // key of its description
	holds   func(*Field) bool // whether it is about a field whose type has it
}

// unsaidRules are in the order in which a schema lists them. The rows of types name theirs.
var unsaidRules = []unsaidRule{
	{"clean_text", errTextUnclean, "eform.rule_clean_text", anyField},
	{"drawn", ErrUndrawn, "eform.rule_drawn", anyField},
	{"person_name", number.ErrName, "eform.rule_person_name", anyField},
	{"email", number.ErrEmail, "eform.rule_email", anyField},
	{"tax_code_check_digit", number.ErrTaxCode, "eform.rule_tax_code", anyField},
	{"not_in_the_future", errDateFuture, "eform.rule_not_future", (*Field).untilToday},
	{"not_in_the_past", errDatePast, "eform.rule_not_past", (*Field).fromToday},
}

func (f *Field) untilToday() bool { return f.Max == todayWord }
func (f *Field) fromToday() bool  { return f.Min == todayWord }

func anyField(*Field) bool { return true }

// rules names every rule that the schema leaves to the portal: first those that many fields share, then
// comparisons.
func (w *schemaWriter) rules() []portalRule {
	named := []portalRule{}
	for _, r := range unsaidRules {
		if shared := w.shared(r); len(shared.Fields) > 0 {
			named = append(named, shared)
		}
	}
	w.each(func(id string, f *Field) {
		for _, r := range f.Rules {
			named = append(named, portalRule{
				Rule: ruleCompare, Fields: []string{id}, Problem: ErrRule.Key,
				Description: r.Message.In(w.lang), Warning: r.Warn, Op: r.Op, Right: r.Right,
				Value: r.Value, Years: r.Years, Days: r.Days, When: r.When,
			})
		}
		named = append(named, w.matched(id, f)...)
	})
	return named
}

// each calls for every field and column, in the form's order.
func (w *schemaWriter) each(look func(id string, f *Field)) {
	for _, f := range w.form.order {
		look(f.ID, f)
		for i := range f.Columns {
			look(f.ID+"."+f.Columns[i].ID, &f.Columns[i])
		}
	}
}

func (w *schemaWriter) shared(rule unsaidRule) portalRule {
	r := portalRule{Rule: rule.name, Problem: rule.problem.Key, Description: i18n.T(w.lang, rule.about)}
	w.each(func(id string, f *Field) {
		if slices.Contains(f.kind().unsaid, rule.name) && rule.holds(f) {
			r.Fields = append(r.Fields, id)
		}
	})
	return r
}

func (w *schemaWriter) matched(id string, f *Field) []portalRule {
	if f.Matches == nil {
		return nil
	}
	var named []portalRule
	if f.Matches.Gender != "" {
		named = append(named, portalRule{
			Rule: ruleSameGender, Fields: []string{id}, Problem: errGenderDiffers.Key, Warning: true,
			Description: i18n.T(w.lang, "eform.rule_same_gender"),
			With:        &Matches{Gender: f.Matches.Gender},
		})
	}
	if f.Matches.Born != "" {
		named = append(named, portalRule{
			Rule: ruleSameYear, Fields: []string{id}, Problem: errBornDiffers.Key, Warning: true,
			Description: i18n.T(w.lang, "eform.rule_same_year"), With: &Matches{Born: f.Matches.Born},
		})
	}
	return named
}
