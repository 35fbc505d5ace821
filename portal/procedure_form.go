package portal

import (
	"congdvc/i18n"
	"congdvc/portal/address"
)

// mostRadios is how many choices are shown at once; more go into a list that opens.
const mostRadios = 5

// calculatorForm is what one can choose on a procedure page, nil where there is nothing to choose.
type calculatorForm struct {
	Action    string
	Fields    []formField
	Questions []formField // about the answers on which papers or fees depend
	Intro     string
}

func (c *choosing) form(l i18n.Lang) *calculatorForm {
	f := &calculatorForm{Action: address.Procedure(l, c.ver.Code) + "#" + address.AskedPart}
	if len(c.ver.Cases) > 1 {
		f.add(c.caseField(l))
	}
	if len(c.ver.Channels) > 1 {
		f.add(c.channelField(l))
	}
	for _, q := range c.ver.QuantitiesFor(c.choice.Case, c.choice.Channel) {
		name := address.AskQuantity + q.ID
		f.Fields = append(f.Fields, formField{Name: name, Label: q.Name.In(l), Hint: q.Hint.In(l),
			Value: c.typed[name], InputMode: "numeric", MaxLength: 20, Error: c.errors[name]})
	}
	if field := c.exemptionField(l); len(field.Options) > 1 {
		f.add(field)
	}
	if c.apart {
		f.add(c.agencyField(l))
	}
	f.Questions = c.questions(l)
	if len(f.Fields)+len(f.Questions) == 0 {
		return nil
	}
	return f
}

// add adds a field of choices; how it is drawn depends on how many there are. A single choice is only said.
// It is no input, so that it does not stay chosen when another case has more choices.
func (f *calculatorForm) add(field formField) {
	switch n := len(field.Options); {
	case n == 1:
		field.Type, field.Value = "said", field.Options[0].Label
	case n > mostRadios:
		field.Type = "select"
	default:
		field.Type = "radio"
	}
	f.Fields = append(f.Fields, field)
}

func (c *choosing) caseField(l i18n.Lang) formField {
	field := formField{Name: address.AskCase, Label: i18n.T(l, "calculator.case")}
	for _, k := range c.ver.Cases {
		option := fieldOption{Value: k.ID, Label: k.Name.In(l), Hint: k.Help.In(l), Lang: foreign(l, k.Name),
			Chosen: k.ID == c.choice.Case}
		if len(k.Channels) > 0 {
			option.Hint = joinText(option.Hint, i18n.T(l, "calculator.case_only", "Channels",
				channelsText(l, c.ver.ChannelsFor(k.ID))))
		}
		field.Options = append(field.Options, option)
	}
	return field
}

func (c *choosing) channelField(l i18n.Lang) formField {
	field := formField{Name: address.AskChannel, Label: i18n.T(l, "procedure.channel")}
	offered := c.ver.ChannelsFor(c.choice.Case)
	for _, k := range offered {
		field.Options = append(field.Options, fieldOption{Value: k.ID,
			Label: i18n.T(l, "procedure.channel."+k.ID), Chosen: k.ID == c.choice.Channel})
	}
	if len(offered) < len(c.ver.Channels) {
		field.Hint = i18n.T(l, "calculator.channel_only", "Case", caseName(c.ver, c.choice.Case))
	}
	return field
}

func (c *choosing) exemptionField(l i18n.Lang) formField {
	none := fieldOption{Label: i18n.T(l, "calculator.no_exemption"), Chosen: c.choice.Exemption == ""}
	field := formField{Name: address.AskExemption, Label: i18n.T(l, "calculator.exemption"),
		Options: []fieldOption{none}}
	for _, x := range c.exemptions() {
		field.Options = append(field.Options, fieldOption{Value: x.ID, Label: x.Name.In(l),
			Hint: x.Help.In(l), Chosen: x.ID == c.choice.Exemption})
	}
	return field
}

func (c *choosing) agencyField(l i18n.Lang) formField {
	field := formField{Name: address.AskAgency, Label: i18n.T(l, "calculator.agency"),
		Hint: i18n.T(l, "calculator.agency_hint"), Type: "select",
		Options: []fieldOption{{Label: i18n.T(l, "start.agency_choose")}}}
	for _, o := range c.takers {
		field.Options = append(field.Options, fieldOption{Value: o.Code, Label: o.Name.In(l),
			Chosen: c.office != nil && o.ID == c.office.ID})
	}
	return field
}

// questions are the questions of the form on which papers or fees depend, as far as the answers given so far
// let them be asked.
func (c *choosing) questions(l i18n.Lang) []formField {
	form := c.ver.Form()
	if form == nil {
		return nil
	}
	shown := form.Shown(c.choice.Answers)
	var fields []formField
	for _, q := range c.ver.Questions(c.choice.Case) {
		if !shown[q.ID] {
			continue
		}
		answer := c.choice.Answers[q.ID].Text
		open := fieldOption{Label: i18n.T(l, "calculator.unanswered"), Chosen: answer == ""}
		field := formField{Name: address.AskAnswer + q.ID, Label: q.Label.In(l), Hint: q.Hint.In(l),
			Type: "select", Options: []fieldOption{open}}
		for _, o := range q.Entries() {
			field.Options = append(field.Options, fieldOption{Value: o.Value, Label: o.Label.In(l),
				Hint: o.Hint.In(l), Chosen: answer == o.Value})
		}
		fields = append(fields, field)
	}
	return fields
}
