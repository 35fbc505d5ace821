package procedure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"
)

const starterTemplates = "data/templates"

// A file that the operator has stored under the name stays.
const addTemplate = `insert into procedure_template (code, name, media_type, content, sha256) values ('', $1, $2, $3, $4)
on conflict (code, name) do nothing`

// LoadTemplates stores the form files that come with the program, for all procedures that name them. A file
// that is stored already stays as it is, whoever stored it. It returns how many were new, and how many there
// are.
func LoadTemplates(ctx context.Context, tx pgx.Tx) (added, all int, err error) {
	entries, err := fs.ReadDir(data, starterTemplates)
	if err != nil {
		return 0, 0, fmt.Errorf("procedure: starter templates: %w", err)
	}
	for _, entry := range entries {
		content, err := data.ReadFile(starterTemplates + "/" + entry.Name())
		if err != nil {
			return 0, 0, fmt.Errorf("procedure: starter templates: %w", err)
		}
		name := norm.NFC.String(entry.Name())
		mediaType, err := checkTemplate(name, content)
		if err != nil {
			return 0, 0, fmt.Errorf("procedure: starter templates: %w", err)
		}
		sum := sha256.Sum256(content)
		tag, err := tx.Exec(ctx, addTemplate, name, mediaType, content, hex.EncodeToString(sum[:]))
		if err != nil {
			return 0, 0, fmt.Errorf("procedure: starter template %s: %w", name, err)
		}
		added += int(tag.RowsAffected())
	}
	return added, len(entries), nil
}
