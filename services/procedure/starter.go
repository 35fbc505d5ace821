package procedure

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

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

//go:embed data
var data embed.FS

// starterProcedures is the folder of the starter catalogue: a definition "1.001193.json" each, beside it the form
// "1.001193.form.json" of one that can be filed online.
const starterProcedures = "data/procedures"

//go:embed procedure.schema.json
var schema []byte

// mustRead reads an embedded data file.
func mustRead(name string, into any) {
	raw, err := data.ReadFile("data/" + name)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		panic(fmt.Sprintf("procedure: %s: %v", name, err))
	}
}

// Schema returns the JSON Schema (2020-12) of definition files.
func Schema() []byte { return bytes.Clone(schema) }

// Starter returns the definitions that come with the program, by code. They are true to the national records of July
// 2026; what those leave open is marked provisional.
func Starter() ([]Source, error) {
	var sources []Source
	entries, err := data.ReadDir(starterProcedures)
	if err != nil {
		return nil, fmt.Errorf("procedure: starter: %w", err)
	}
	for _, entry := range entries {
		code, ok := definitionCode(entry.Name())
		if !ok {
			continue
		}
		definition, err := data.ReadFile(starterProcedures + "/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("procedure: starter: %w", err)
		}
		form, err := data.ReadFile(starterProcedures + "/" + code + ".form.json")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("procedure: starter: %w", err)
		}
		s, err := Parse(definition, form)
		if err != nil {
			return nil, fmt.Errorf("procedure: starter: %s: %w", entry.Name(), err)
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// definitionCode returns the code of a definition by its file's name, "1.001193.json".
func definitionCode(file string) (code string, ok bool) {
	code, ok = strings.CutSuffix(file, ".json")
	return code, ok && IsCode(code)
}

// Parse reads a definition and its form, which may be empty, and checks both and what one says of the other. The error
// tells every fault, for the author of the files. Unknown members are refused.
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

// What a requirement takes when its definition does not say.
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
