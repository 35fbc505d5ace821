package procedure

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"congdvc/services/fault"
	"congdvc/services/postgres"
)

// ErrNoTemplate says that no form file of the name is stored.
var ErrNoTemplate = fault.New(fault.NotFound, "procedure.no_template")

// Bounds of a form file: bytes, and characters of its name.
const (
	MostTemplate     = 5 << 20
	longestFormName  = 160
	openDocumentText = "application/vnd.oasis.opendocument.text"
)

// A Template is a form file to download. Requirements name it among their Forms.
type Template struct {
	Code      string `db:"code"` // of the procedure that it belongs to; "" for one that all share
	Name      string `db:"name"`
	MediaType string `db:"media_type"`
	Bytes     int64  `db:"bytes"`
	SHA256    string `db:"sha256"`
}

// Kind is what people call the type of the file: its ending in capitals, as "DOCX".
func (t Template) Kind() string { return strings.ToUpper(strings.TrimPrefix(path.Ext(t.Name), ".")) }

const (
	// Templates of a procedure go before those that all share.
	templatesOf = `select distinct on (name) code, name, media_type, length(content)::bigint as bytes, sha256
from procedure_template where code in ($1, '') and name = any($2::text[]) order by name, code desc`

	templateNamers = `select array_agg(distinct code order by code) from procedure_version v
where state <> 'closed' and ($2 = '' or code = $2) and exists (
    select from jsonb_array_elements(case when jsonb_typeof(definition->'requirements') = 'array' then definition->'requirements' else '[]' end) r
    where r->'forms' ? $1)`

	standingTemplate = `select sha256 from procedure_template where code = $1 and name = $2 for update`

	putTemplate = `insert into procedure_template (code, name, media_type, content, sha256) values ($1, $2, $3, $4, $5)
on conflict (code, name) do update set media_type = excluded.media_type, content = excluded.content, sha256 = excluded.sha256, changed_at = now()`
)

// Templates returns those of the named form files that are stored for a procedure, by name.
func Templates(ctx context.Context, db postgres.DB, code string,
	names []string) (map[string]Template, error) {
	found := map[string]Template{}
	if len(names) == 0 {
		return found, nil
	}
	rows, err := db.Query(ctx, templatesOf, code, names)
	if err != nil {
		return nil, fmt.Errorf("procedure: templates of %s: %w", code, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Template])
	if err != nil {
		return nil, fmt.Errorf("procedure: templates of %s: %w", code, err)
	}
	for _, t := range all {
		found[t.Name] = t
	}
	return found, nil
}

// NewTemplate is a form file that an operator brings.
type NewTemplate struct {
	Code    string // "" together with Shared: for every procedure that names it
	Shared  bool
	Name    string
	Content []byte
}

// PutTemplate stores a form file under the name by which requirements know it. Without a code it belongs to
// the one procedure that names it. Where several do, the name alone does not tell whose it is, so it is
// refused unless it is marked as shared. The same bytes again change nothing.
func PutTemplate(ctx context.Context, tx pgx.Tx, in NewTemplate) (Outcome, string, error) {
	name := norm.NFC.String(in.Name)
	mediaType, err := checkTemplate(name, in.Content)
	if err != nil {
		return Refused, "", err
	}
	code := in.Code
	var namers []string
	if err := tx.QueryRow(ctx, templateNamers, name, code).Scan(&namers); err != nil {
		return Refused, "", fmt.Errorf("procedure: template %s: %w", name, err)
	}
	switch {
	case len(namers) == 0 && code != "":
		return Refused, "", refuse("no requirement of %s names %q", code, name)
	case len(namers) == 0:
		return Refused, "", refuse("no requirement of any procedure names %q", name)
	case in.Shared || code != "":
	case len(namers) > 1:
		return Refused, "",
			refuse("%q is named by %d procedures (%s and others), perhaps with another content each: put "+
				"it into a folder named by the code, or say --shared", name, len(namers), namers[0])
	default:
		code = namers[0]
	}
	sum := sha256.Sum256(in.Content)
	hash, outcome, was := hex.EncodeToString(sum[:]), Changed, ""
	switch err := tx.QueryRow(ctx, standingTemplate, code, name).Scan(&was); {
	case errors.Is(err, pgx.ErrNoRows):
		outcome = Added
	case err != nil:
		return Refused, "", fmt.Errorf("procedure: template %s: %w", name, err)
	case was == hash:
		return Same, code, nil
	}
	if _, err := tx.Exec(ctx, putTemplate, code, name, mediaType, in.Content, hash); err != nil {
		return Refused, "", fmt.Errorf("procedure: template %s: %w", name, err)
	}
	return outcome, code, nil
}

// checkTemplate refuses a name that is not a plain file name, and a content that does not match the name's
// ending.
func checkTemplate(name string, content []byte) (mediaType string, err error) {
	odd := func(r rune) bool {
		return r == '/' || r == '\\' || r == utf8.RuneError || unicode.IsControl(r) ||
			unicode.Is(unicode.Bidi_Control, r)
	}
	switch {
	case name == "" || strings.HasPrefix(name, ".") || utf8.RuneCountInString(name) > longestFormName ||
		strings.ContainsFunc(name, odd):
		return "", refuse("%q is no name for a form file: at most %d characters, no path, nothing invisible",
			name, longestFormName)
	case len(content) > MostTemplate:
		return "", refuse("%q is larger than %d MB", name, MostTemplate>>20)
	}
	ending := strings.ToLower(path.Ext(name))
	kind, known := templateKinds[ending]
	if !known {
		return "", refuse("%q is none of docx, doc, odt, rtf, pdf, xlsx", name)
	}
	if !kind.is(content) {
		return "", refuse("%q is not a %s file inside, or holds macros", name,
			strings.TrimPrefix(ending, "."))
	}
	return kind.mediaType, nil
}

// templateKinds are the types of form files by their endings, each with how it is known.
var templateKinds = map[string]struct {
	mediaType string
	is        func([]byte) bool
}{
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		archiveWith("word/document.xml")},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		archiveWith("xl/workbook.xml")},
	".odt": {openDocumentText, isOpenDocument},
	".doc": {"application/msword", begins("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
	".rtf": {"application/rtf", begins(`{\rtf`)},
	".pdf": {"application/pdf", begins("%PDF-")},
}

func begins(magic string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }
}

// archiveWith recognises an archive by a member that it must have. An archive with macros is refused, because
// form files are only printed and filled in.
func archiveWith(member string) func([]byte) bool {
	return func(b []byte) bool {
		archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return false
		}
		has := false
		for _, f := range archive.File {
			if strings.EqualFold(path.Base(f.Name), "vbaProject.bin") {
				return false
			}
			has = has || f.Name == member
		}
		return has
	}
}

func isOpenDocument(b []byte) bool {
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return false
	}
	file, err := archive.Open("mimetype")
	if err != nil {
		return false
	}
	defer file.Close()
	said, err := io.ReadAll(io.LimitReader(file, 100))
	return err == nil && string(said) == openDocumentText
}
