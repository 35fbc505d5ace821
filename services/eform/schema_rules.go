package eform

import (
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

// rules names every rule that the schema leaves to the portal: first those that many fields share, then comparisons.
func (w *schemaWriter) rules() []portalRule {
	all := []portalRule{
		w.shared("clean_text", ErrTextUnclean, i18n.T(w.lang, "eform.rule_clean_text"), func(f *Field) bool { return f.Type == Text || f.Type == LongText || f.Type == Address }),
		w.shared("person_name", number.ErrName, i18n.T(w.lang, "eform.rule_person_name"), func(f *Field) bool { return f.Type == Name }),
		w.shared("email", number.ErrEmail, i18n.T(w.lang, "eform.rule_email"), func(f *Field) bool { return f.Type == Email }),
		w.shared("tax_code_check_digit", number.ErrTaxCode, i18n.T(w.lang, "eform.rule_tax_code"), func(f *Field) bool { return f.Type == TaxCode }),
		w.shared("not_in_the_future", ErrDateFuture, i18n.T(w.lang, "eform.rule_not_future"), func(f *Field) bool { return f.Type == Date && f.Max == Today }),
		w.shared("not_in_the_past", ErrDatePast, i18n.T(w.lang, "eform.rule_not_past"), func(f *Field) bool { return f.Type == Date && f.Min == Today }),
	}
	named := []portalRule{}
	for _, r := range all {
		if len(r.Fields) > 0 {
			named = append(named, r)
		}
	}
	w.each(func(id string, f *Field) {
		for _, r := range f.Rules {
			named = append(named, portalRule{Rule: ruleCompare, Fields: []string{id}, Problem: ErrRule.Key, Description: r.Message.In(w.lang),
				Warning: r.Warn, Op: r.Op, Right: r.Right, Value: r.Value, Years: r.Years, Days: r.Days, When: r.When})
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

func (w *schemaWriter) shared(rule string, problem *fault.Fault, about string, takes func(*Field) bool) portalRule {
	r := portalRule{Rule: rule, Problem: problem.Key, Description: about}
	w.each(func(id string, f *Field) {
		if takes(f) {
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
		named = append(named, portalRule{Rule: ruleSameGender, Fields: []string{id}, Problem: ErrGenderDiffers.Key, Warning: true,
			Description: i18n.T(w.lang, "eform.rule_same_gender"), With: &Matches{Gender: f.Matches.Gender}})
	}
	if f.Matches.Born != "" {
		named = append(named, portalRule{Rule: ruleSameYear, Fields: []string{id}, Problem: ErrBornDiffers.Key, Warning: true,
			Description: i18n.T(w.lang, "eform.rule_same_year"), With: &Matches{Born: f.Matches.Born}})
	}
	return named
}
