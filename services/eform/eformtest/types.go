package eformtest

import (
	"errors"
	"fmt"
	"strings"

	"congdvc/services/eform"
)

// needs are members that a type of field may need besides an id, a type and a label.
var needs = []string{
	"",
	`,"options":[{"value":"x","label":T},{"value":"y","label":T}]`,
	`,"columns":[{"id":"b","type":"text","label":T}]`,
	`,"compute":"age","from":["ngay"]`,
}

// OfType makes the smallest definition with a field of a type, whose id is "a".
func OfType(t eform.Type) (raw []byte, f *eform.Form, err error) {
	const form = `{"id":"f","steps":[{"id":"s","title":T,"sections":[{"id":"c","fields":[
		{"id":"ngay","type":"date","label":T},{"id":"a","type":%q,"label":T%s}]}]}]}`
	var faults []error
	for _, need := range needs {
		raw = []byte(strings.ReplaceAll(fmt.Sprintf(form, t, need), ":T", `:{"vi":"Mục","en":"Item"}`))
		if f, err = eform.Load(raw); err == nil {
			return raw, f, nil
		}
		faults = append(faults, err)
	}
	return nil, nil, fmt.Errorf("eformtest: no form with the type %s: %w", t, errors.Join(faults...))
}
