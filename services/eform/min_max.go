package eform

import (
	"encoding/json"
	"fmt"
)

// Bound is the least or greatest value of a field as canonical text: a number, a date or "today". The empty
// Bound is no bound.
type Bound string

// UnmarshalJSON reads a JSON number or text.
func (b *Bound) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*b = Bound(text)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil {
		return fmt.Errorf("eform: a bound is a number or a text: %w", err)
	}
	*b = Bound(n)
	return nil
}
