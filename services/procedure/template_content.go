package procedure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"congdvc/services/postgres"
)

const (
	// templatePiece is how much of a form file lies in memory while it is sent, in bytes.
	templatePiece = 64 << 10
	// templatePatience bounds the wait for a piece.
	templatePatience = 10 * time.Second

	templatePieceOf = `select substring(content from $4 for $5) from procedure_template
where code = $1 and name = $2 and sha256 = $3`
)

// OpenTemplate finds a form file. Its content is read from the database piece by piece, since a slow visitor
// takes minutes to fetch it. Errors: ErrNoTemplate.
func OpenTemplate(ctx context.Context, db postgres.DB, code, name string) (Template, io.ReadSeeker, error) {
	name = norm.NFC.String(name)
	if strings.ContainsRune(name+code, 0) || !utf8.ValidString(name+code) {
		return Template{}, nil, ErrNoTemplate
	}
	found, err := Templates(ctx, db, code, []string{name})
	if err != nil {
		return Template{}, nil, err
	}
	t, ok := found[name]
	if !ok {
		return Template{}, nil, ErrNoTemplate
	}
	return t, &templateReader{db: db, template: t}, nil
}

// templateReader reads on after the request that opened it has its answer, so it has no context of it.
type templateReader struct {
	db       postgres.DB
	template Template
	at       int64  // where the next byte is
	piece    []byte // begins there
}

func (r *templateReader) Read(p []byte) (int, error) {
	if r.at >= r.template.Bytes {
		return 0, io.EOF
	}
	if len(r.piece) == 0 {
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.piece)
	r.piece, r.at = r.piece[n:], r.at+int64(n)
	return n, nil
}

// fetch fails when the file was replaced meanwhile: two halves of different files are none.
func (r *templateReader) fetch() error {
	ctx, cancel := context.WithTimeout(context.Background(), templatePatience)
	defer cancel()
	t := r.template
	if err := r.db.QueryRow(ctx, templatePieceOf, t.Code, t.Name, t.SHA256, r.at+1,
		templatePiece).Scan(&r.piece); err != nil {
		return fmt.Errorf("procedure: template %s of %s: %w", t.Name, t.Code, err)
	}
	if len(r.piece) == 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

var errSeek = errors.New("procedure: seek before the start of a template")

func (r *templateReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.template.Bytes
	}
	if offset < 0 {
		return 0, errSeek
	}
	r.at, r.piece = offset, nil
	return offset, nil
}
