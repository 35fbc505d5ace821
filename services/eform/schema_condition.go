package eform

import (
	"fmt"
	"strconv"
	"strings"
)

// when is the schema of answers that show a field: its section's condition and its own.
func (w *schemaWriter) when(f *Field) node {
	switch {
	case f.section.When == nil:
		return w.condition(f.When)
	case f.When == nil:
		return w.condition(f.section.When)
	}
	return node{"allOf": []any{w.condition(f.section.When), w.condition(f.When)}}
}

// condition is the schema of answers for which a condition is true. It need not consider hidden fields,
// because the rest of the schema requires them to be empty.
func (w *schemaWriter) condition(c *Condition) node {
	switch {
	case len(c.All) > 0:
		return node{"allOf": w.conditionsOf(c.All)}
	case len(c.Any) > 0:
		return node{"anyOf": w.conditionsOf(c.Any)}
	case c.Not != nil:
		return node{"not": w.condition(c.Not)}
	}
	is := func(value node) node {
		return node{"properties": node{c.Field: value}, "required": []string{c.Field}}
	}
	f := w.form.byID[c.Field]
	has := func(value node) node {
		if f.Shape() == ManyTexts {
			return is(node{"type": "array", "contains": value})
		}
		return is(value)
	}
	switch c.Op {
	case opEmpty:
		return node{"properties": node{c.Field: ref("empty")}}
	case opFilled:
		return is(ref("filled"))
	case opEq:
		return has(node{"const": c.Value})
	case opNe:
		return node{"not": has(node{"const": c.Value})}
	case opIn:
		return has(node{"enum": c.Values})
	}
	return is(node{"type": "string", "pattern": f.orderPattern(c.Op, c.Value)})
}

func (w *schemaWriter) conditionsOf(list []Condition) []any {
	all := make([]any, len(list))
	for i := range list {
		all[i] = w.condition(&list[i])
	}
	return all
}

// orderPattern matches the canonical texts of an ordered field that are in a relation to a given text. JSON
// Schema can only compare numbers, but answers are texts.
func (f *Field) orderPattern(op, text string) string {
	if f.Dated() {
		return datePattern(op, text)
	}
	n, _ := parseNumber(text)
	switch op {
	case opGt:
		return figuresFrom(n + 1)
	case opGe:
		return figuresFrom(n)
	case opLt:
		return figuresUpTo(n - 1)
	}
	return figuresUpTo(n)
}

// datePattern compares dates as their texts are compared.
func datePattern(op, text string) string {
	var ways []string
	up := op == opGt || op == opGe
	for i := range len(text) {
		switch c := text[i]; {
		case c == '-' && !up:
			ways = append(ways, text[:i]) // a shorter text comes before
		case c != '-' && up && c < '9':
			ways = append(ways, fmt.Sprintf("%s[%c-9][0-9-]*", text[:i], c+1))
		case c != '-' && !up && c > '0':
			ways = append(ways, fmt.Sprintf("%s[0-%c][0-9-]*", text[:i], c-1))
		}
	}
	if up {
		ways = append(ways, text+"[0-9-]+")
	}
	if op == opGe || op == opLe {
		ways = append(ways, text)
	}
	return "^(" + strings.Join(ways, "|") + ")$"
}

func figuresFrom(n figure) string {
	switch {
	case n > 0:
		return "^(" + sizesFrom(n) + ")$"
	case n == 0:
		return "^[0-9]"
	}
	return "^([0-9].*|-(" + sizesUpTo(-n) + "))$"
}

func figuresUpTo(n figure) string {
	if n < 0 {
		return "^-(" + sizesFrom(-n) + ")$"
	}
	return "^(-.*|" + sizesUpTo(n) + ")$"
}

// sizesFrom matches numbers without a sign that are n hundredths or more.
func sizesFrom(n figure) string {
	whole, rest := int64(n/100), int(n%100)
	if rest == 0 {
		return "(" + wholesFrom(whole) + ")" + fraction2
	}
	return "(" + wholesFrom(whole+1) + ")" + fraction2 + "|" + strconv.FormatInt(whole, 10) + "(" +
		fractions(rest, 99) + ")"
}

// sizesUpTo matches numbers without a sign that are n hundredths or less.
func sizesUpTo(n figure) string {
	whole, rest := int64(n/100), int(n%100)
	last := strconv.FormatInt(whole, 10)
	if rest > 0 {
		last += "(" + fractions(1, rest) + ")?"
	}
	if whole == 0 {
		return last
	}
	return "(" + wholesUpTo(whole-1) + ")" + fraction2 + "|" + last
}

// fractions lists what may follow the digits of a number for so many hundredths.
func fractions(from, to int) string {
	var ways []string
	for k := from; k <= to; k++ {
		ways = append(ways, `\.`+strings.TrimSuffix(fmt.Sprintf("%02d", k), "0"))
	}
	return strings.Join(ways, "|")
}

func wholesFrom(n int64) string {
	text := strconv.FormatInt(n, 10)
	ways := []string{text}
	if len(text) < 15 {
		ways = append(ways, fmt.Sprintf("[1-9][0-9]{%d,14}", len(text)))
	}
	for i := range len(text) {
		if c := text[i]; c < '9' {
			ways = append(ways, fmt.Sprintf("%s[%c-9][0-9]{%d}", text[:i], c+1, len(text)-i-1))
		}
	}
	return strings.Join(ways, "|")
}

func wholesUpTo(n int64) string {
	text := strconv.FormatInt(n, 10)
	ways := []string{text}
	if len(text) > 1 {
		ways = append(ways, "0", fmt.Sprintf("[1-9][0-9]{0,%d}", len(text)-2))
	}
	for i := range len(text) {
		least := byte('0')
		if i == 0 && len(text) > 1 {
			least = '1'
		}
		if c := text[i]; c > least {
			ways = append(ways, fmt.Sprintf("%s[%c-%c][0-9]{%d}", text[:i], least, c-1, len(text)-i-1))
		}
	}
	return strings.Join(ways, "|")
}
