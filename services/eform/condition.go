package eform

import (
	"slices"
	"strings"
)

// The operators of conditions; rules have all but in, empty and filled.
const (
	opEq     = "eq"
	opNe     = "ne"
	opLt     = "lt"
	opLe     = "le"
	opGt     = "gt"
	opGe     = "ge"
	opIn     = "in"
	opEmpty  = "empty"
	opFilled = "filled"
)

// Condition is a question about answers: either one comparison (Field, Op and Value or Values), or exactly
// one of All, Any and Not.
type Condition struct {
	Field  string   `json:"field,omitempty"`
	Op     string   `json:"op,omitempty"` // eq, ne, in, empty, filled, lt, le, gt, ge
	Value  string   `json:"value,omitempty"`
	Values []string `json:"values,omitempty"` // for in

	All []Condition `json:"all,omitempty"`
	Any []Condition `json:"any,omitempty"`
	Not *Condition  `json:"not,omitempty"`
}

// Holds reports whether the condition is true of the answers; a nil condition is. An unanswered field equals
// nothing and has no order, so only ne, empty and an enclosing Not can be true for it. For choices, eq and in
// ask whether one of the chosen values fits, and ne whether none does. The answers must be pruned first,
// because answers to hidden fields would count here.
func (c *Condition) Holds(a Answers) bool {
	if c == nil {
		return true
	}
	switch {
	case len(c.All) > 0:
		for i := range c.All {
			if !c.All[i].Holds(a) {
				return false
			}
		}
		return true
	case len(c.Any) > 0:
		for i := range c.Any {
			if c.Any[i].Holds(a) {
				return true
			}
		}
		return false
	case c.Not != nil:
		return !c.Not.Holds(a)
	}
	return c.compare(a[c.Field])
}

func (c *Condition) compare(v Value) bool {
	switch c.Op {
	case opEmpty:
		return v.Empty()
	case opFilled:
		return !v.Empty()
	case opEq:
		return v.has(c.Value)
	case opNe:
		return !v.has(c.Value)
	case opIn:
		return slices.ContainsFunc(c.Values, v.has)
	}
	return v.Text != "" && relation(c.Op, compareTexts(v.Text, c.Value))
}

// has reports whether the value is, or for choices includes, a text.
func (v Value) has(text string) bool {
	if len(v.Many) > 0 {
		return slices.Contains(v.Many, text)
	}
	return v.Text != "" && v.Text == text
}

// relation turns the outcome of a comparison (-1, 0, 1) into the truth of an operator.
func relation(op string, order int) bool {
	switch op {
	case opEq:
		return order == 0
	case opNe:
		return order != 0
	case opLt:
		return order < 0
	case opLe:
		return order <= 0
	case opGt:
		return order > 0
	case opGe:
		return order >= 0
	}
	return false
}

// compareTexts orders two canonical texts: by value when both are numbers, else as texts, which for dates is
// the order of time.
func compareTexts(x, y string) int {
	if m, ok := parseNumber(x); ok {
		if n, ok := parseNumber(y); ok {
			return m.compare(n)
		}
	}
	return strings.Compare(x, y)
}
