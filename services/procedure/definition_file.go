package procedure

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"congdvc/services/eform"
)

// A Source is a definition file and its form file, read and checked.
type Source struct {
	Definition Definition
	form       []byte // exact bytes; nil without a form
	formHash   string
	hash       string // SHA-256 over both files
	fromRecord bool   // read from a record just now, not written for a portal nor exported from one
}

//go:embed procedure.schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of definition files.
func Schema() []byte { return bytes.Clone(schema) }

// Parse reads a definition and its form, which may be empty, and checks both and what one says of the other.
// The error tells every fault, for the author of the files. Unknown members are refused.
func Parse(definition, form []byte) (Source, error) {
	s := Source{}
	decoder := json.NewDecoder(bytes.NewReader(definition))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s.Definition); err != nil {
		return Source{}, fmt.Errorf("procedure: read definition: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Source{}, errors.New("procedure: read definition: more after its end")
	}
	var loaded *eform.Form
	if len(form) > 0 {
		var err error
		if loaded, err = eform.Load(form); err != nil {
			return Source{}, fmt.Errorf("procedure: form of %s: %w", s.Definition.Code, err)
		}
		if err := loaded.Unreachable(); err != nil {
			return Source{}, fmt.Errorf("procedure: form of %s: %w", s.Definition.Code, err)
		}
		s.form, s.formHash = bytes.Clone(form), eform.Hash(form)
	}
	s.Definition.complete()
	if err := s.Definition.check(loaded); err != nil {
		return Source{}, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%d\n%s%s", len(definition), definition, form)
	s.hash = hex.EncodeToString(sum.Sum(nil))
	return s, nil
}

// What a requirement accepts when its definition does not say.
const (
	defaultFiles = 5
	defaultBytes = 20 << 20
)

// complete fills in what a definition may leave out.
func (d *Definition) complete() {
	for i := range d.Requirements {
		r := &d.Requirements[i]
		if len(r.Accept) == 0 {
			r.Accept = []string{"application/pdf", "image/jpeg", "image/png"}
		}
		if r.MaxFiles == 0 {
			r.MaxFiles = defaultFiles
		}
		if r.MaxBytes == 0 {
			r.MaxBytes = defaultBytes
		}
	}
}
