package procedure

import (
	"slices"

	"congdvc/services/eform"
	"congdvc/services/workday"
)

// A Choice is what the papers, the fees and the time of a version depend on. The page of a procedure makes
// one from what a person picks before login; ChoiceOf makes one from the answers of a form. The same
// functions then compute the result for both.
type Choice struct {
	Case       string           // "" where the procedure has no cases
	Channel    string           // Online, Counter, Post
	Exemption  string           // id of the exemption that is claimed; "" none
	Quantities map[string]int64 // by id of the Quantity; one that is not there has its Default
	Answers    eform.Answers    // what is answered so far; nil: nothing
	On         workday.Date     // the day whose rules apply
}

// An Asked is a requirement that the answers so far ask for, or that further answers may.
type Asked struct {
	Requirement
	// Holds says that a submission with exactly these answers needs it.
	Holds bool
	// Certain is false where that depends on an answer that is not given yet.
	Certain bool
}

// ChoiceOf is the choice that answers of the form make. Answers to questions that are not asked are dropped;
// the quantities and the exemption are read from the rest. A missing or malformed number counts as 0.
func (v *Version) ChoiceOf(caseID, channel string, a eform.Answers, on workday.Date) Choice {
	c := Choice{Case: caseID, Channel: channel, Answers: v.prune(a), On: on, Quantities: map[string]int64{}}
	for _, q := range v.quantities() {
		if q.Field != "" {
			c.Quantities[q.ID] = q.count(c.Answers[q.Field].Text)
		}
	}
	for _, x := range v.Exemptions {
		if x.When != nil && v.claimable(&x, c) && x.When.Holds(c.Answers) {
			c.Exemption = x.ID
			break
		}
	}
	return c
}

// Asked returns the requirements of a choice in the order of the definition, those that hold first. It is
// pure.
func (v *Version) Asked(c Choice) []Asked {
	claimed := ""
	if x := v.exemption(c); x != nil {
		claimed = x.ID
	}
	answers := v.prune(c.Answers)
	var known *partialAnswers // made when the first condition needs it
	var all []Asked
	for _, r := range v.Requirements {
		if !covers(r.Cases, c.Case) || len(r.Exemptions) > 0 && !slices.Contains(r.Exemptions, claimed) {
			continue
		}
		asked := Asked{Requirement: r, Holds: true, Certain: true}
		if r.When != nil && v.form != nil {
			if known == nil {
				known = answeredInPart(v.form, answers)
			}
			asked.Holds, asked.Certain = r.When.Holds(answers), known.truth(r.When) != unknown
		}
		if asked.Holds || !asked.Certain {
			all = append(all, asked)
		}
	}
	return all
}

// Required returns those requirements of Asked that a submission with exactly these answers needs.
func (v *Version) Required(c Choice) []Requirement {
	var needed []Requirement
	for _, a := range v.Asked(c) {
		if a.Holds {
			needed = append(needed, a.Requirement)
		}
	}
	return needed
}

// Questions returns the choice and yes-or-no fields of the form on which requirements or fees of a case
// depend, in the order of the form. Fields that decide whether such a field is asked at all are included.
// What only an exemption depends on is left out, because Choice.Exemption picks it. Nil without a form.
func (v *Version) Questions(caseID string) []*eform.Field {
	if v.form == nil {
		return nil
	}
	needed := map[string]bool{}
	for i := range v.Requirements {
		if covers(v.Requirements[i].Cases, caseID) {
			fieldsOf(v.Requirements[i].When, needed)
		}
	}
	for i := range v.Fees {
		if covers(v.Fees[i].Cases, caseID) {
			fieldsOf(v.Fees[i].When, needed)
		}
	}
	steps := v.form.Steps
	// A condition asks about earlier fields only, so that one pass from the end finds them all.
	for i := len(steps) - 1; i >= 0; i-- {
		for j := len(steps[i].Sections) - 1; j >= 0; j-- {
			section := &steps[i].Sections[j]
			for k := len(section.Fields) - 1; k >= 0; k-- {
				f := &section.Fields[k]
				if !needed[f.ID] {
					continue
				}
				fieldsOf(f.When, needed)
				fieldsOf(section.When, needed)
				for _, from := range f.From {
					needed[from] = true
				}
			}
		}
	}
	var questions []*eform.Field
	for _, f := range v.form.Fields() {
		if needed[f.ID] && f.Chosen() {
			questions = append(questions, f)
		}
	}
	return questions
}

// prune drops answers to questions that are not asked, which would mislead conditions.
func (v *Version) prune(a eform.Answers) eform.Answers {
	if v.form == nil || len(a) == 0 {
		return nil
	}
	kept, _ := v.form.Prune(a)
	return kept
}

// fieldsOf adds the fields that a condition asks about.
func fieldsOf(c *eform.Condition, to map[string]bool) {
	if c == nil {
		return
	}
	if c.Field != "" {
		to[c.Field] = true
	}
	for _, list := range [][]eform.Condition{c.All, c.Any} {
		for i := range list {
			fieldsOf(&list[i], to)
		}
	}
	fieldsOf(c.Not, to)
}
