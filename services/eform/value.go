package eform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Value is one answer. At most one member is set: Rows for a table or an address, Many for choices, Text for
// the rest. The zero Value is "not answered".
type Value struct {
	Text string
	Many []string
	Rows []map[string]string // table: column to canonical text; address: one row with the Part keys
}

// Answers holds the values of a form by field id.
type Answers map[string]Value

// Keys of the one row of an address.
const (
	PartProvince = "province" // code of the dictionary tinh
	// five digits of the national list, or the name as typed where that is not certain
	PartCommune = "commune"
	PartDetail  = "detail" // house, street, hamlet
	PartOld     = "old"    // district and the like of a paper from before July 2025
	// PartCommuneName is the name of the commune whose code PartCommune is, as it was when the address was
	// written: "Phường Hoa Lư". It is kept beside the code, so that an address reads the same after a merger.
	PartCommuneName = "commune_name"
)

// Empty reports whether nothing was answered; rows without a single text count as nothing.
func (v Value) Empty() bool {
	if v.Text != "" || len(v.Many) > 0 {
		return false
	}
	for _, row := range v.Rows {
		for _, cell := range row {
			if cell != "" {
				return false
			}
		}
	}
	return true
}

// Equal reports whether two values say the same; empty cells do not count.
func (v Value) Equal(o Value) bool {
	if v.Empty() || o.Empty() {
		return v.Empty() && o.Empty()
	}
	return v.Text == o.Text && slices.Equal(v.Many, o.Many) && slices.EqualFunc(v.Rows, o.Rows, equalRow)
}

func equalRow(a, b map[string]string) bool {
	return maps.Equal(filled(a), filled(b))
}

func filled(row map[string]string) map[string]string {
	out := make(map[string]string, len(row))
	for k, cell := range row {
		if cell != "" {
			out[k] = cell
		}
	}
	return out
}

// first returns the first row, or nil. Reading from a nil map gives empty cells.
func (v Value) first() map[string]string {
	if len(v.Rows) == 0 {
		return nil
	}
	return v.Rows[0]
}

// MarshalJSON writes "text", ["a","b"] or [{"column":"text"}]; an empty value is "". The bytes are the same
// for the same value, since keys of a row are sorted.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case len(v.Rows) > 0:
		return json.Marshal(v.Rows)
	case len(v.Many) > 0:
		return json.Marshal(v.Many)
	}
	return json.Marshal(v.Text)
}

// UnmarshalJSON reads what MarshalJSON writes, and null or [] as empty. Anything else is an error.
func (v *Value) UnmarshalJSON(raw []byte) error {
	*v = Value{}
	var text *string
	if json.Unmarshal(raw, &text) == nil {
		if text != nil {
			v.Text = *text
		}
		return nil
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		if len(many) > 0 {
			v.Many = many
		}
		return nil
	}
	var rows []map[string]string
	if err := json.Unmarshal(raw, &rows); err != nil {
		return fmt.Errorf("eform: a value is a text, a list of texts or a list of rows: %w", err)
	}
	v.Rows = rows
	return nil
}
