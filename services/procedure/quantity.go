package procedure

import (
	"slices"
	"strconv"

	"congdvc/i18n"
	"congdvc/services/eform"
)

// A Quantity is a number that fees are counted by: copies, pages, cases.
type Quantity struct {
	ID   string    `json:"id"`
	Name i18n.Text `json:"name"` // as a label: "Số trang của bản chính"
	Hint i18n.Text `json:"hint,omitzero"`
	// Field is the id of the form's number field that holds it; "" where only the page of the procedure asks.
	Field   string `json:"field,omitempty"`
	Default int64  `json:"default"` // what the page of the procedure begins with
	Max     int64  `json:"max"`
}

// mostQuantity is more than anyone asks for.
const mostQuantity = 100_000

// quantities are those of the definition. Versions that were stored before quantities were declared have
// rules that count by a field of the form itself; those fields follow as quantities.
func (v *Version) quantities() []Quantity {
	all := v.Quantities[:len(v.Quantities):len(v.Quantities)]
	if v.form == nil {
		return all
	}
	for i := range v.Fees {
		id := v.Fees[i].Quantity
		if f := v.form.Field(id); f != nil && f.Type == eform.Number && v.Quantity(id) == nil {
			all = append(all, Quantity{ID: id, Name: f.Label, Field: id, Max: mostQuantity})
		}
	}
	return all
}

// Quantity returns the quantity with an id, or nil.
func (v *Version) Quantity(id string) *Quantity {
	for i := range v.Quantities {
		if v.Quantities[i].ID == id {
			return &v.Quantities[i]
		}
	}
	return nil
}

// QuantitiesFor returns what the fees of a case on a channel are counted by.
func (v *Version) QuantitiesFor(caseID, channel string) []Quantity {
	var all []Quantity
	for _, q := range v.Quantities {
		if slices.ContainsFunc(v.Fees, func(r FeeRule) bool {
			return (r.Quantity == q.ID || r.Times == q.ID) && covers(r.Cases, caseID) &&
				covers(r.Channels, channel) && v.Fits(caseID, channel)
		}) {
			all = append(all, q)
		}
	}
	return all
}

// count reads a number as typed. A malformed or too large number counts as not given: the form's own check
// tells the person, and until then there is nothing to charge.
func (q *Quantity) count(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return q.within(n)
}

func (q *Quantity) within(n int64) int64 {
	if n < 0 || n > q.Max {
		return 0
	}
	return n
}

// counted returns how many of a quantity a choice has; 1 for a rule without a quantity.
func (v *Version) counted(id string, c Choice) int64 {
	if id == "" {
		return 1
	}
	n, given := c.Quantities[id]
	q := v.Quantity(id)
	switch {
	case q == nil:
		return (&Quantity{Max: mostQuantity}).within(n)
	case !given:
		return q.Default
	}
	return q.within(n)
}
