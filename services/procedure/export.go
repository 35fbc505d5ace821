package procedure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"congdvc/services/ndjson"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// exported is a line of an export. The form is text, not JSON in JSON: its hash is over its exact bytes.
type exported struct {
	Definition json.RawMessage `json:"definition"`
	Form       string          `json:"form,omitempty"`
}

const exportList = `select distinct on (code) code, definition, form from procedure_version
where state <> 'draft' and effective_from <= $1 and (effective_to is null or effective_to > $1)
    and (coalesce(cardinality($2::text[]), 0) = 0 or code = any($2::text[]))
order by code, effective_from desc, number desc`

// Export writes the versions in force on a day, one JSON object a line, ordered by code: the definition, and
// the form's exact text where there is one. Without codes it writes all. It returns how many it wrote.
// Errors: ErrNotFound for a code that has no version in force.
func Export(ctx context.Context, db postgres.DB, to io.Writer, on workday.Date,
	codes ...string) (int, error) {
	rows, err := db.Query(ctx, exportList, on, codes)
	if err != nil {
		return 0, fmt.Errorf("procedure: export: %w", err)
	}
	defer rows.Close()
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	var written []string
	for rows.Next() {
		var code string
		var definition, form []byte
		if err := rows.Scan(&code, &definition, &form); err != nil {
			return len(written), fmt.Errorf("procedure: export: %w", err)
		}
		if err := encoder.Encode(exported{Definition: definition, Form: string(form)}); err != nil {
			return len(written), fmt.Errorf("procedure: export %s: %w", code, err)
		}
		written = append(written, code)
	}
	if err := rows.Err(); err != nil {
		return len(written), fmt.Errorf("procedure: export: %w", err)
	}
	for _, code := range codes {
		if !slices.Contains(written, code) {
			return len(written), fmt.Errorf("procedure: export %s: %w", code, ErrNotFound)
		}
	}
	return len(written), nil
}

// IsExported reports whether a line is of an export and not a record.
func IsExported(line []byte) bool {
	var e struct {
		Definition json.RawMessage `json:"definition"`
	}
	return json.Unmarshal(line, &e) == nil && e.Definition != nil
}

// ParseExported reads a line that Export wrote, perhaps edited since, with all the checks of Parse. The code
// is returned, as far as it can be read, also with an error.
func ParseExported(line []byte) (Source, error) {
	var e exported
	if err := ndjson.CheckText(line); err != nil {
		return Source{}, err
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return Source{}, fmt.Errorf("procedure: read exported line: %w", ndjson.Explain(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Source{}, errors.New("procedure: read exported line: more after its end")
	}
	if bytes.ContainsRune(line, 0) || bytes.Contains(line, []byte(`\u0000`)) {
		return Source{}, errors.New("procedure: read exported line: holds a character that cannot be stored")
	}
	s, err := Parse(e.Definition, []byte(e.Form))
	if err != nil {
		var code struct {
			Code string `json:"code"`
		}
		if json.Unmarshal(e.Definition, &code) == nil && IsCode(code.Code) {
			s.Definition.Code = code.Code
		}
		return s, err
	}
	if s.Definition.Source != nil {
		s.hash, err = hashRecord(s.Definition)
	}
	return s, err
}
