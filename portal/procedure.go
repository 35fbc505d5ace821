package portal

import (
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/dong"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

type procedurePage struct {
	shell
	Code, Name, Summary, Field, Level string
	Online                            bool
	Start                             string
	FillMinutes                       int
	Due                               *dueBox
	FeeShort                          string
	Papers                            string
	Submit, Show                      []requirementLine
	Channels                          []channelLine
	Fees                              []feeLine
	Steps, Conditions, Notes          [][]string // each by its lines
	Source                            *procedure.Origin
	Cases                             []caseLine
	Results                           []namedCode
	Basis                             []namedCode
	Agency                            string
	Audience                          []string
	Provisional                       []string
	EffectiveFrom                     string
}

type requirementLine struct {
	Name, Help, Quantity, Substitute string
	Optional, Conditional            bool
}

type channelLine struct {
	Name, Term, Note string
	Said             [][]string // what the source says of time and fee in words, each by its lines
}

type feeLine struct{ Name, Amount, Basis, Note, Channel string }

type caseLine struct{ Name, Help string }

type namedCode struct{ Code, Name string }

func (p *Portal) procedure(v *visit) error {
	now := p.Now()
	ver, err := procedure.InForce(v.ctx(), p.Pool, v.Params("procedure"), workday.DateOf(now))
	if err != nil {
		return err
	}
	page := p.procedureOf(v, ver, workday.DateOf(now))
	if page.Due, err = p.dueIfNow(v, ver, now); err != nil {
		return err
	}
	return p.render(v, "procedure", page)
}

// procedureOf is what the page says of a version on a day.
func (p *Portal) procedureOf(v *visit, ver *procedure.Version, on workday.Date) procedurePage {
	page := procedurePage{
		shell: p.shell(v, ver.Name.In(v.lang)), Code: ver.Code, Name: ver.Name.In(v.lang), Summary: ver.Summary.In(v.lang),
		Field: ver.Field.Name.In(v.lang), Level: string(ver.Level), Online: ver.Online(), Start: address.Start(v.l(), ver.Code),
		FillMinutes: ver.FillMinutes, Agency: ver.AgencyText.In(v.lang), EffectiveFrom: i18n.Date(v.lang, ver.EffectiveFrom),
		Steps: textLines(v.lang, ver.Steps), Conditions: textLines(v.lang, ver.Conditions), Notes: textLines(v.lang, ver.Notes),
		Provisional: texts(v.lang, ver.Provisional), FeeShort: feesShort(v.lang, ver, on), Source: ver.Source,
	}
	page.requirements(ver)
	page.money(ver, on)
	for _, a := range ver.Audience {
		page.Audience = append(page.Audience, page.T("procedure.audience."+a))
	}
	for _, c := range ver.Cases {
		page.Cases = append(page.Cases, caseLine{c.Name.In(v.lang), c.Help.In(v.lang)})
	}
	for _, r := range ver.Results {
		page.Results = append(page.Results, namedCode{r.Code, r.Name.In(v.lang)})
	}
	for _, b := range ver.Basis {
		page.Basis = append(page.Basis, namedCode{b.Number, b.Name.In(v.lang)})
	}
	return page
}

func texts(l i18n.Lang, all []i18n.Text) []string {
	out := make([]string, 0, len(all))
	for _, t := range all {
		out = append(out, t.In(l))
	}
	return out
}

// textLines are texts by their lines, empty ones left out.
func textLines(l i18n.Lang, all []i18n.Text) [][]string {
	out := make([][]string, 0, len(all))
	for _, t := range all {
		var lines []string
		for line := range strings.Lines(t.In(l)) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		out = append(out, lines)
	}
	return out
}

func (p *procedurePage) requirements(ver *procedure.Version) {
	always, sometimes := 0, 0
	for _, r := range ver.Requirements {
		line := requirementLine{
			Name: r.Name.In(p.Lang), Help: r.Help.In(p.Lang), Substitute: r.Substitute.In(p.Lang), Optional: r.Optional,
			Conditional: r.When != nil, Quantity: p.quantity(r),
		}
		if len(r.Forms) > 0 {
			line.Help = joinText(line.Help, p.T("procedure.source.forms", "Names", strings.Join(r.Forms, "; ")))
		}
		if r.Mode == procedure.Show {
			p.Show = append(p.Show, line)
			continue
		}
		p.Submit = append(p.Submit, line)
		switch {
		case r.When != nil:
			sometimes++
		case !r.Optional:
			always++
		}
	}
	if ver.Source != nil && len(ver.Requirements) == 0 {
		return
	}
	p.Papers = p.T("procedure.papers", "Count", always)
	if sometimes > 0 && always == 0 {
		p.Papers = p.T("procedure.papers_depend")
	}
}

func (p *procedurePage) quantity(r procedure.Requirement) string {
	switch {
	case r.Originals > 0 && r.Copies > 0:
		return p.T("procedure.originals_copies", "Originals", r.Originals, "Copies", r.Copies)
	case r.Originals > 0:
		return p.T("procedure.originals", "Count", r.Originals)
	case r.Copies > 0:
		return p.T("procedure.copies", "Count", r.Copies)
	}
	return ""
}

func (p *procedurePage) money(ver *procedure.Version, on workday.Date) {
	for _, f := range ver.Fees {
		if f.From.After(on) || f.To != nil && !f.To.After(on) {
			continue
		}
		amount := p.T("procedure.free")
		if f.Amount > 0 {
			amount = i18n.Money(p.Lang, f.Amount)
			if unit := f.UnitName.In(p.Lang); unit != "" {
				amount += " / " + unit
			}
		}
		line := feeLine{Name: f.Name.In(p.Lang), Amount: amount, Basis: f.Basis, Note: f.Note.In(p.Lang)}
		for i, c := range f.Channels {
			if i > 0 {
				line.Channel += ", "
			}
			line.Channel += p.T("procedure.channel." + c)
		}
		if !f.Refundable && f.Amount > 0 {
			line.Note = joinText(line.Note, p.T("procedure.not_refunded"))
		}
		p.Fees = append(p.Fees, line)
	}
	for _, c := range ver.Channels {
		line := channelLine{Name: p.T("procedure.channel." + c.ID), Said: textLines(p.Lang, append(c.TimeText[:len(c.TimeText):len(c.TimeText)], c.FeeText...))}
		for _, t := range c.Times {
			line.Term = joinText(line.Term, termText(p.Lang, t.Term))
			line.Note = joinText(line.Note, t.Note.In(p.Lang))
		}
		p.Channels = append(p.Channels, line)
	}
}

func joinText(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ". " + b
}

// termText says a term in words: "3 ngày làm việc".
func termText(l i18n.Lang, t workday.Term) string {
	if t.Amount == 0 && t.CutOff != nil {
		return i18n.T(l, "term.same_day_before", "Clock", t.CutOff.String())
	}
	if t.Amount == 0 {
		return i18n.T(l, "term.same_day")
	}
	return i18n.T(l, "term."+string(t.Unit), "Count", t.Amount)
}

// shortNote is what a list says of a procedure: its fee and its time.
func shortNote(l i18n.Lang, h procedure.Hit) string {
	note := ""
	if h.Fee != nil {
		note = moneyShort(l, *h.Fee, h.FeeUnit)
	}
	if h.Term != nil {
		term := termShort(l, *h.Term)
		if note != "" {
			note += " · "
		}
		note += term
	}
	return note
}

func termShort(l i18n.Lang, t workday.Term) string {
	if t.Amount == 0 {
		return i18n.T(l, "term.short_same_day")
	}
	return i18n.T(l, "term.short_days", "Count", t.Amount)
}

func moneyShort(l i18n.Lang, a dong.Amount, unit i18n.Text) string {
	if a == 0 {
		return i18n.T(l, "procedure.free")
	}
	text := i18n.Money(l, a)
	if u := unit.In(l); u != "" {
		text += " / " + u
	}
	return text
}

// feesShort is the first fee that applies to an online filing, or that it is free; "" when the source names no figure.
func feesShort(l i18n.Lang, ver *procedure.Version, on workday.Date) string {
	for _, f := range ver.Fees {
		online := len(f.Channels) == 0
		for _, c := range f.Channels {
			online = online || c == procedure.Online
		}
		if online && !f.From.After(on) && (f.To == nil || f.To.After(on)) {
			return moneyShort(l, f.Amount, f.UnitName)
		}
	}
	if ver.Source != nil || len(ver.Fees) == 0 {
		return ""
	}
	return i18n.T(l, "procedure.free")
}
