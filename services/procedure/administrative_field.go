package procedure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/postgres"
)

// A Field is a branch of administration (lĩnh vực) by which procedures are sorted.
type Field struct {
	Code    string    `json:"code"` // small letters, digits and "_"
	Name    i18n.Text `json:"name"`
	Aliases []string  `json:"aliases"` // other names, as national records and people have them
}

// fields returns the known fields, data/administrative-fields.json.
var fields = sync.OnceValue(func() []Field {
	var all []Field
	mustRead("administrative-fields.json", &all)
	return all
})

// fieldsByName finds the known fields by the words of their names and aliases.
var fieldsByName = sync.OnceValue(func() map[string]string {
	codes := map[string]string{}
	for _, f := range fields() {
		for _, name := range append([]string{f.Name.Vi}, f.Aliases...) {
			codes[strings.Join(number.Words(name), "_")] = f.Code
		}
	}
	return codes
})

// longestField bounds a field's code, in bytes.
const longestField = 80

// fieldCode returns the code by which a definition's field is filtered: its own; else that of the known field
// with the same name, whatever its diacritics; else the words of the name.
func fieldCode(r Ref) string {
	if r.Code != "" {
		return r.Code
	}
	made := strings.Join(number.Words(r.Name.Vi), "_")
	if known, ok := fieldsByName()[made]; ok {
		return known
	}
	return strings.ToValidUTF8(made[:min(len(made), longestField)], "")
}

func knownField(code string) (Field, bool) {
	for _, f := range fields() {
		if f.Code == code {
			return f, true
		}
	}
	return Field{}, false
}

const fieldOfCode = `select coalesce(listing->'field'->'name', '{}') from procedure_version where field = $1 and state <> 'draft' limit 1`

// FieldName returns the name of a field by its code. Errors: ErrNotFound for a code that neither the program
// nor a stored version knows.
func FieldName(ctx context.Context, db postgres.DB, code string) (i18n.Text, error) {
	if f, ok := knownField(code); ok {
		return f.Name, nil
	}
	var name i18n.Text
	if code == "" || len(code) > longestField ||
		strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return name, ErrNotFound
	}
	err := db.QueryRow(ctx, fieldOfCode, code).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return name, ErrNotFound
	}
	if err != nil {
		return name, fmt.Errorf("procedure: field %s: %w", code, err)
	}
	return name, nil
}
