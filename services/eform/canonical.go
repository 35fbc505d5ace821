package eform

import "congdvc/identity/number"

// Canonical turns a typed text into the canonical one of the field's type, or returns it only cleaned when it
// cannot be read as that. Dates are read as "2006-01-02" or "2/1/2006".
func (f *Field) Canonical(typed string) string { return f.kind().canonical(f, typed) }

func cleanLine(_ *Field, typed string) string   { return clean(typed, dropLines) }
func cleanLines(_ *Field, typed string) string  { return clean(typed, keepLines) }
func cleanNumber(_ *Field, typed string) string { return readNumber(clean(typed, dropLines)) }

func cleanDate(p precision) func(*Field, string) string {
	return func(_ *Field, typed string) string {
		day, month, year := DateBoxes(number.Plain(typed))
		return joinDate(p, day, month, year)
	}
}

func cleanName(_ *Field, typed string) string      { return parsed(typed, number.ParseName) }
func cleanCitizenID(_ *Field, typed string) string { return parsed(typed, number.ParseCitizenID) }
func cleanTaxCode(_ *Field, typed string) string   { return parsed(typed, number.ParseTaxCode) }
func cleanPhone(_ *Field, typed string) string     { return parsed(typed, number.ParsePhone) }
func cleanEmail(_ *Field, typed string) string     { return parsed(typed, number.ParseEmail) }

func parsed[T ~string](typed string, parse func(string) (T, error)) string {
	text := clean(typed, dropLines)
	if value, err := parse(text); err == nil {
		return string(value)
	}
	return text
}

// cleanEntry finds the entry that a name means, where one types names.
func cleanEntry(f *Field, typed string) string {
	text := clean(typed, dropLines)
	if f.Searched() {
		if value, ok := namesOf(f.Dictionary).named(text); ok {
			return value
		}
	}
	return text
}
