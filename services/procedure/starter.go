package procedure

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed data
var data embed.FS

// starterProcedures is the folder of the starter catalogue: a definition "1.001193.json" for each procedure,
// and beside it the form "1.001193.form.json" where it can be filed online.
const starterProcedures = "data/procedures"

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

// Starter returns the definitions that come with the program, ordered by code. They follow the national
// records of July 2026; what those leave open is marked provisional.
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

// starterCodes lists the codes of the starter catalogue by the names of its files.
var starterCodes = sync.OnceValue(func() []string {
	entries, err := data.ReadDir(starterProcedures)
	if err != nil {
		panic("procedure: list the embedded data: " + err.Error())
	}
	var codes []string
	for _, entry := range entries {
		if code, ok := definitionCode(entry.Name()); ok {
			codes = append(codes, code)
		}
	}
	return codes
})
