package onestop

import (
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/result"
	"congdvc/services/workday"
)

// DeliverStoredResult delivers a result whose file was sent before.
type DeliverStoredResult struct {
	File     string       `json:"file"` // id of a ResultFile of this dossier
	Number   string       `json:"number"`
	Name     string       `json:"name"`
	IssuedOn workday.Date `json:"issued_on"`
	SHA256   string       `json:"sha256"`
	Code     *result.Code `json:"code,omitempty"`
	Kind     string       `json:"kind,omitempty"`
}

// About is what is told of the result beside its file.
func (r DeliverStoredResult) About() DeliverResult {
	return DeliverResult{Number: r.Number, Name: r.Name, IssuedOn: r.IssuedOn, SHA256: r.SHA256, Code: r.Code,
		Kind: r.Kind}
}

// ResultFile is a file that was sent and waits for its result.
type ResultFile struct {
	ID     string  `json:"id"`
	Size   int64   `json:"size"` // bytes
	SHA256 string  `json:"sha256"`
	Until  Instant `json:"until"` // it ends then, unless a result has it
}

// Check collects every fault of the call that can be found without the file.
func (r DeliverStoredResult) Check(today workday.Date) fault.List {
	var c checks
	switch {
	case r.File == "":
		c.Add(ErrRequired.At("file"))
	case !postgres.IsID(r.File):
		c.Add(ErrValue.At("file"))
	}
	return append(c.List, r.About().Check(today)...)
}
