package portal

import (
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

type procedurePage struct {
	shell
	Faults                            []faultLink
	Code, Name, Summary, Field, Level string
	Online, General                   bool
	// of an imported procedure's texts, where they are not in the page's own language
	TextLang          string
	FieldLang         string // of the name of the field, likewise
	Start             string // "" where the chosen case is not filed online
	Elsewhere         string // how it is filed then
	FillMinutes       int
	Calculator        *calculatorForm
	Said              string // the outcome in one sentence
	Due               *dueBox
	Fee               *costBox
	Papers            *papersBox
	EveryCase         []casePapers
	Channels          []channelLine
	Fees              []feeLine
	Steps, Conditions [][]string // each by its lines
	Source            *procedure.Origin
	Results           []namedCode
	Basis             []namedCode
	Agency            string
	Audience          []string
	Provisional       []string
	EffectiveFrom     string
}

type channelLine struct {
	Name, Term, Note string
	Said             [][]string // what the source says of time and fee in words, each by its lines
}

type namedCode struct{ Code, Name string }

// procedure shows a procedure, and computes what the query chooses: the papers, the fee and the day of the
// result, by the same functions that decide when a dossier is submitted.
func (p *Portal) procedure(v *visit) error {
	now := p.Now()
	ver, err := procedure.InForce(v.ctx(), p.Pool, v.Params("procedure"), workday.DateOf(now))
	if err != nil {
		return p.notInForce(v, v.Params("procedure"), workday.DateOf(now), err)
	}
	page := p.procedureOf(v, ver, workday.DateOf(now))
	if err := p.compute(v, &page, ver, now); err != nil {
		return err
	}
	if err := p.offerTemplates(v, &page, ver); err != nil {
		return err
	}
	return p.render(v, "procedure", page)
}

// compute fills in what depends on the choices.
func (p *Portal) compute(v *visit, page *procedurePage, ver *procedure.Version, now time.Time) error {
	c, err := p.choose(v, ver, workday.DateOf(now))
	if err != nil {
		return err
	}
	if page.Due, err = p.dueIfNow(v, c, now); err != nil {
		return err
	}
	if page.Fee, err = p.feeFor(c, v.lang); err != nil {
		return err
	}
	page.Papers, page.Calculator = c.papers(v.lang), c.form(v.lang)
	if page.Start, page.Elsewhere = c.start(v.lang), c.elsewhere(v.lang); page.Elsewhere != "" {
		page.FillMinutes = 0 // there is no form to fill in here
	}
	page.Faults, page.HasErrors = c.faults, len(c.faults) > 0
	page.Said = outcome(page)
	return nil
}

// outcome says in one sentence what was computed, for people who hear the page instead of seeing it.
func outcome(page *procedurePage) string {
	var parts []string
	for _, part := range []string{page.Papers.Short, page.Fee.Short, page.Due.When} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return page.T("calculator.again", "Outcome", strings.Join(parts, "; "))
}

// procedureOf is what the page says of a version on a day, whatever was chosen.
func (p *Portal) procedureOf(v *visit, ver *procedure.Version, on workday.Date) procedurePage {
	page := procedurePage{
		shell: p.shell(v, ver.Name.In(v.lang)), Code: ver.Code, Name: ver.Name.In(v.lang),
		Summary: ver.Summary.In(v.lang), Field: ver.Field.Name.In(v.lang), Level: string(ver.Level),
		Online: ver.Online(), General: ver.General != nil, TextLang: foreign(v.lang, ver.Name),
		FieldLang: foreign(v.lang, ver.Field.Name), FillMinutes: ver.FillMinutes,
		Agency: ver.AgencyText.In(v.lang), EffectiveFrom: i18n.Date(v.lang, ver.EffectiveFrom),
		Steps: textLines(v.lang, ver.Steps), Conditions: textLines(v.lang, ver.Conditions),
		Provisional: texts(v.lang, ver.Provisional), Source: ver.Source, EveryCase: everyCase(v.lang, ver),
		Channels: channelLines(v.lang, ver), Fees: feesOfLaw(v.lang, ver, on),
	}
	for _, a := range ver.Audience {
		page.Audience = append(page.Audience, page.T("procedure.audience."+a))
	}
	for _, r := range ver.Results {
		page.Results = append(page.Results, namedCode{r.Code, r.Name.In(v.lang)})
	}
	for _, b := range ver.Basis {
		page.Basis = append(page.Basis, namedCode{b.Number, b.Name.In(v.lang)})
	}
	return page
}

// channelLines are the times of every channel, by case where they differ.
func channelLines(l i18n.Lang, ver *procedure.Version) []channelLine {
	var lines []channelLine
	for _, c := range ver.Channels {
		line := channelLine{Name: i18n.T(l, "procedure.channel."+c.ID),
			Said: textLines(l, append(c.TimeText[:len(c.TimeText):len(c.TimeText)], c.FeeText...))}
		for _, t := range c.Times {
			line.Term = joinText(line.Term, termText(l, t.Term))
			line.Note = joinText(line.Note, t.Note.In(l))
		}
		lines = append(lines, line)
	}
	return lines
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
		out = append(out, itemLines(t.In(l)))
	}
	return out
}

func joinText(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return strings.TrimSuffix(a, ".") + ". " + b
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
	switch {
	case h.SetBy != "":
		note = i18n.T(l, "procedure.set_by_short."+h.SetBy)
	case h.Fee != nil:
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
