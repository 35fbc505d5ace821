package portal

import (
	"congdvc/i18n"
	"congdvc/services/procedure"
)

// quoteRow is one fee: how its amount comes about, and by which law.
type quoteRow struct {
	Name, Amount string
	How          []string
	Basis        string
	Note         string
}

func (c *choosing) quoteRow(l i18n.Lang, line procedure.FeeLine) quoteRow {
	row := quoteRow{Name: line.Name.In(l), Amount: i18n.Money(l, line.Amount), Note: line.Note.In(l)}
	switch {
	case line.SetBy != "":
		row.Amount, row.Note = i18n.T(l, "procedure.set_by."+line.SetBy),
			joinText(i18n.T(l, "fee.unset_note"), row.Note)
	case line.Amount == 0:
		row.Amount = i18n.T(l, "procedure.free")
	}
	if line.Counted && line.Full > 0 {
		row.How = c.reckoned(l, line)
	}
	if x := line.Exemption; x != nil {
		row.How = append(row.How, exempted(l, line))
		row.Note = joinText(row.Note, x.Note.In(l))
	}
	row.Basis = validity(l, c.ver, line.From, line.To)
	if line.Basis != "" {
		row.Basis = i18n.T(l, "procedure.by") + " " + line.Basis + ". " + row.Basis
	}
	if x := line.Exemption; x != nil && x.Basis != "" && x.Basis != line.Basis {
		row.Basis += " " + i18n.T(l, "calculator.exempted_by", "Basis", x.Basis)
	}
	return row
}

// exempted says what an exemption took off a line, as far as that is known.
func exempted(l i18n.Lang, line procedure.FeeLine) string {
	switch {
	case line.SetBy != "":
		return i18n.T(l, "calculator.exempted_unset", "Name", line.Exemption.Name)
	case line.Full == 0:
		return i18n.T(l, "calculator.exempted_whole", "Name", line.Exemption.Name)
	}
	return i18n.T(l, "calculator.exempted", "Name", line.Exemption.Name, "Amount", line.Full-line.Amount,
		"Full", line.Full)
}

// reckoned tells how the amount of a counted fee comes about. Units that cost the same have one line
// together; then come the ceiling, and the factor by which all of it is multiplied.
func (c *choosing) reckoned(l i18n.Lang, line procedure.FeeLine) []string {
	var how []string
	unit := line.UnitName.In(l)
	for _, p := range line.Parts {
		count := p.Through - p.From + 1
		if len(line.Parts) == 1 {
			how = append(how, i18n.T(l, "calculator.counted", "Each", p.Each, "Number", i18n.Number(l, count),
				"Unit", unit))
			continue
		}
		how = append(how, i18n.T(l, "calculator.counted_part", "Unit", unit, "From", p.From, "Through",
			p.Through, "Each", p.Each, "Number", i18n.Number(l, count), "Amount", p.Amount))
	}
	switch {
	case line.Ceiling != nil && line.Capped:
		how = append(how, i18n.T(l, "calculator.capped", "Ceiling", *line.Ceiling))
	case line.Ceiling != nil:
		how = append(how, i18n.T(l, "calculator.ceiling", "Ceiling", *line.Ceiling))
	}
	if line.Times > 1 {
		how = append(how, i18n.T(l, "calculator.times", "Name", c.timesName(line).In(l), "Number",
			i18n.Number(l, line.Times)))
	}
	return how
}

// timesName is what the whole of a line is multiplied by: "Số bản sao".
func (c *choosing) timesName(line procedure.FeeLine) i18n.Text {
	for _, r := range c.ver.Fees {
		if r.Code == line.Code && r.From == line.From && r.Times != "" {
			if q := c.ver.Quantity(r.Times); q != nil {
				return q.Name
			}
		}
	}
	return i18n.Text{}
}
