package portal

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/eform"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// choosing is what the query of a procedure page chooses. A value that the procedure does not know counts as
// not chosen. A number that cannot be read is a fault beside its field; the page then computes with the usual
// number.
type choosing struct {
	ver    *procedure.Version
	choice procedure.Choice
	takers []agency.Agency // those that receive
	// the receivers have different calendars, so the day depends on which one is chosen
	apart   bool
	office  *agency.Agency    // the chosen one; nil: none was chosen
	typed   map[string]string // numbers by their input, as they are shown
	errors  map[string]string // what is wrong with an input
	faults  []faultLink
	carried url.Values // what was chosen, in the words of the query
}

func (p *Portal) choose(v *visit, ver *procedure.Version, on workday.Date) (*choosing, error) {
	c := &choosing{
		ver: ver, typed: map[string]string{}, errors: map[string]string{}, carried: url.Values{},
		choice: procedure.Choice{Case: firstCase(ver), Channel: usualChannel(ver),
			Quantities: map[string]int64{}, On: on},
	}
	if err := p.readTakers(v, c); err != nil {
		return nil, err
	}
	c.readPlace(v)
	c.fit()
	c.readQuantities(v)
	c.readAnswers(v)
	c.readExemption(v)
	return c, nil
}

// usualChannel is the channel that the page computes for when nobody has chosen one.
func usualChannel(ver *procedure.Version) string {
	if ver.Online() || len(ver.Channels) == 0 {
		return procedure.Online
	}
	for _, channel := range ver.Channels {
		if channel.ID == procedure.Counter {
			return procedure.Counter
		}
	}
	return ver.Channels[0].ID
}

// readTakers reads who receives: for a procedure that is filed here, those whose one-stop system is
// connected.
func (p *Portal) readTakers(v *visit, c *choosing) (err error) {
	if c.ver.ReceivedBy.None() {
		return nil
	}
	read := agency.Taking
	if c.ver.Online() {
		read = agency.Receiving
	}
	c.takers, err = read(v.ctx(), p.Pool, c.ver.ReceivedBy.Takers(), c.choice.On)
	c.apart = c.ver.DecidedBy.By != procedure.ByAgency && slices.ContainsFunc(c.takers,
		func(a agency.Agency) bool {
			return a.Calendar != c.takers[0].Calendar
		})
	return err
}

func (c *choosing) readPlace(v *visit) {
	if id := v.Query(address.AskCase); slices.ContainsFunc(c.ver.Cases, func(k procedure.Case) bool {
		return k.ID == id
	}) {
		c.choice.Case = id
		c.carried.Set(address.AskCase, id)
	}
	if id := v.Query(address.AskChannel); slices.ContainsFunc(c.ver.Channels, func(k procedure.Channel) bool {
		return k.ID == id
	}) {
		c.choice.Channel = id
	}
	code := v.Query(address.AskAgency)
	for i := range c.takers {
		if code != "" && c.takers[i].Code == code {
			c.office = &c.takers[i]
			c.carried.Set(address.AskAgency, code)
		}
	}
}

// fit makes case and channel go together. What was chosen stays; if both cannot, the case does. The page then
// offers only the channels by which this case can be filed.
func (c *choosing) fit() {
	if c.ver.Fits(c.choice.Case, c.choice.Channel) {
		return
	}
	if cases := c.ver.CasesFor(c.choice.Channel); len(cases) > 0 && !c.carried.Has(address.AskCase) {
		c.choice.Case = cases[0].ID
		return
	}
	channels := c.ver.ChannelsFor(c.choice.Case)
	for _, usual := range []string{procedure.Online, procedure.Counter} {
		if slices.ContainsFunc(channels, func(k procedure.Channel) bool { return k.ID == usual }) {
			c.choice.Channel = usual
			return
		}
	}
	if len(channels) > 0 {
		c.choice.Channel = channels[0].ID
	}
}

func (c *choosing) readQuantities(v *visit) {
	for _, q := range c.ver.QuantitiesFor(c.choice.Case, c.choice.Channel) {
		name := address.AskQuantity + q.ID
		c.choice.Quantities[q.ID] = q.Default
		c.typed[name] = strconv.FormatInt(q.Default, 10)
		typed := strings.TrimSpace(v.Query(name))
		if typed == "" {
			continue
		}
		n, err := strconv.ParseInt((&eform.Field{Type: eform.Number}).Canonical(typed), 10, 64)
		if err != nil || n < leastOf(q) || n > q.Max {
			c.typed[name] = cutText(typed, 20)
			c.errors[name] = i18n.T(v.lang, "calculator.bad_quantity", "Least", leastOf(q), "Most",
				i18n.Number(v.lang, q.Max), "Used", q.Default)
			c.faults = append(c.faults, faultLink{name, q.Name.In(v.lang) + ": " + c.errors[name]})
			continue
		}
		c.typed[name] = strconv.FormatInt(n, 10)
		c.choice.Quantities[q.ID] = n
		c.carried.Set(name, c.typed[name])
	}
}

// leastOf is the smallest quantity that makes sense: 1, or 0 where the usual quantity is 0.
func leastOf(q procedure.Quantity) int64 { return min(q.Default, 1) }

// cutText is the first n characters of a text.
func cutText(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

func (c *choosing) readAnswers(v *visit) {
	form := c.ver.Form()
	if form == nil {
		return
	}
	answers := eform.Answers{}
	for _, f := range c.ver.Questions(c.choice.Case) {
		if value := v.Query(address.AskAnswer + f.ID); value != "" && offers(f, value) {
			answers[f.ID] = eform.Value{Text: value}
		}
	}
	c.choice.Answers, _ = form.Prune(answers)
	for id, value := range c.choice.Answers {
		c.carried.Set(address.AskAnswer+id, value.Text)
	}
}

// offers reports whether value is one of the answers that a question offers.
func offers(f *eform.Field, value string) bool {
	return slices.ContainsFunc(f.Entries(), func(o eform.Option) bool { return o.Value == value })
}

func (c *choosing) readExemption(v *visit) {
	id := v.Query(address.AskExemption)
	if slices.ContainsFunc(c.exemptions(), func(x procedure.Exemption) bool { return x.ID == id }) {
		c.choice.Exemption = id
		c.carried.Set(address.AskExemption, id)
	}
}

func (c *choosing) exemptions() []procedure.Exemption {
	return c.ver.ExemptionsFor(c.choice.Case, c.choice.Channel, c.choice.On)
}

// officeID is the chosen agency, "" when none was chosen.
func (c *choosing) officeID() agency.ID {
	if c.office == nil {
		return ""
	}
	return c.office.ID
}

// answers are the choices as answers to the form of the procedure: those to its questions, the quantities
// that its fields ask for, and the answer by which the exemption is claimed.
func (c *choosing) answers() eform.Answers {
	answers := maps.Clone(c.choice.Answers)
	if answers == nil {
		answers = eform.Answers{}
	}
	for _, q := range c.ver.Quantities {
		if name := address.AskQuantity + q.ID; q.Field != "" && c.carried.Has(name) {
			answers[q.Field] = eform.Value{Text: c.carried.Get(name)}
		}
	}
	for _, x := range c.exemptions() {
		if x.ID == c.choice.Exemption {
			claim(x.When, answers)
		}
	}
	return answers
}

// claim adds the answers that make a condition true, as far as the condition names them. Computed values are
// left out, since nobody answers them.
func claim(when *eform.Condition, answers eform.Answers) {
	if when == nil {
		return
	}
	if when.Op == "eq" {
		answers[when.Field] = eform.Value{Text: when.Value}
	}
	for i := range when.All {
		claim(&when.All[i], answers)
	}
}

// start is where a dossier is begun with what was chosen here, "" where the case is not filed online.
func (c *choosing) start(l i18n.Lang) string {
	if !c.ver.Fits(c.choice.Case, procedure.Online) {
		return ""
	}
	to := address.Start(l, c.ver.Code)
	if len(c.carried) > 0 {
		to += "?" + c.carried.Encode()
	}
	return to
}

// elsewhere says how a case that is not filed online is filed; "" for other cases.
func (c *choosing) elsewhere(l i18n.Lang) string {
	if !c.ver.Online() || c.ver.Fits(c.choice.Case, procedure.Online) {
		return ""
	}
	return i18n.T(l, "calculator.elsewhere", "Case", caseName(c.ver, c.choice.Case), "Channels",
		channelsText(l, c.ver.ChannelsFor(c.choice.Case)))
}

func caseName(ver *procedure.Version, id string) i18n.Text {
	for _, k := range ver.Cases {
		if k.ID == id {
			return k.Name
		}
	}
	return i18n.Text{}
}

func channelsText(l i18n.Lang, channels []procedure.Channel) string {
	names := make([]string, 0, len(channels))
	for _, k := range channels {
		names = append(names, i18n.T(l, "procedure.channel."+k.ID))
	}
	return strings.Join(names, ", ")
}

func (c *choosing) channel() *procedure.Channel {
	for i := range c.ver.Channels {
		if c.ver.Channels[i].ID == c.choice.Channel {
			return &c.ver.Channels[i]
		}
	}
	return nil
}

func (c *choosing) termNote(l i18n.Lang) string {
	channel := c.channel()
	if channel == nil {
		return ""
	}
	for _, of := range []string{c.choice.Case, ""} {
		for _, t := range channel.Times {
			if t.Case == of {
				return t.Note.In(l)
			}
		}
	}
	return ""
}
