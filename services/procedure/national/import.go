package national

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/ndjson"
	"congdvc/services/procedure"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// An Imported tells of one line of a file of records.
type Imported struct {
	Line    int    // counted from 1
	Code    string // "" when it cannot be read
	Outcome procedure.Outcome
	Reason  error        // why it was refused
	Differs []string     // changed, kept out: the members of the definition that are not as they were
	Values  []Difference // changed: what these members were and are
	Left    []string     // what of the record found no place
}

// An ImportIn says how to import.
type ImportIn struct {
	On   workday.Date  // first day of new versions that are read from records
	From *workday.Date // the same of exported definitions; nil: each holds from the day that it says
	// exported definitions become drafts, which nobody sees until they are published
	Drafts bool
	DryRun bool                 // look only
	Vault  *vault.Vault         // as in procedure.BringIn
	Tell   func(Imported) error // called for every line in order; an error ends the import
	Read   func(bytes int64)    // called after every line with how much was read; nil is fine
}

// Import reads one JSON object a line: a record of the national portal's procedure service, or a definition
// as procedure.Export writes it. It brings in each line by itself: one that cannot be used does not keep out
// the others, and what was done stays done when the import ends early.
//
// The same file again changes nothing. A changed record makes a new version from the day on which it is read,
// because records have no first day; a changed definition makes one from its own first day. Memory is bounded
// by one line and the codes that were seen.
//
// Errors are those of a file that is no such text or has none, of reading, of the database, and of Tell.
func Import(ctx context.Context, pool *pgxpool.Pool, from io.Reader, in ImportIn) error {
	lines, err := ndjson.Open(from, longestRecord)
	if err != nil {
		return err
	}
	im := importing{ImportIn: in, pool: pool, seen: map[string]int{}}
	total, some := int64(0), false
	for number := 1; ; number++ {
		line, size, err := lines.Next()
		if errors.Is(err, io.EOF) && !some {
			return errEmpty
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.As(err, new(ndjson.TooLong)) {
			return fmt.Errorf("national: read line %d: %w", number, err)
		}
		total += size
		if in.Read != nil {
			in.Read(total)
		}
		if err == nil && len(strings.TrimSpace(string(line))) == 0 {
			continue
		}
		some = true
		told := Imported{Line: number, Outcome: procedure.Refused, Reason: err, Code: codeIn(line)}
		if err == nil {
			if told, err = im.bring(ctx, number, line); err != nil {
				return fmt.Errorf("national: import line %d: %w", number, err)
			}
		}
		if err := in.Tell(told); err != nil {
			return err
		}
	}
}

var errEmpty = errors.New("the file is empty; was it cut off, or is it another one?")

// importing is an import under way.
type importing struct {
	ImportIn
	pool *pgxpool.Pool
	seen map[string]int // by code: the line on which it was brought in
}

// bring brings one line in. The error is one that ends the import.
func (im *importing) bring(ctx context.Context, number int, line []byte) (Imported, error) {
	told := Imported{Line: number, Outcome: procedure.Refused}
	var s procedure.Source
	s, told.Left, told.Reason = im.source(line)
	told.Code = s.Definition.Code
	if told.Reason != nil {
		return told, nil
	}
	if first := im.seen[told.Code]; first > 0 {
		told.Reason = fmt.Errorf("is there already on line %d", first)
		return told, nil
	}
	im.seen[told.Code] = number
	brought, err := procedure.Bring(ctx, im.pool, s, procedure.BringIn{Draft: im.Drafts, DryRun: im.DryRun,
		Vault: im.Vault})
	if err != nil {
		return told, err
	}
	told.Outcome, told.Reason = brought.Outcome, brought.Reason
	return told, told.compare(brought.Was, &s.Definition)
}

// source reads a line of either kind. The code is returned even with an error, as far as it can be read.
func (in ImportIn) source(line []byte) (s procedure.Source, left []string, err error) {
	if procedure.IsExported(line) {
		s, err = procedure.ParseExported(line)
		if in.From != nil {
			s.Definition.EffectiveFrom = *in.From
		}
		return s, nil, err
	}
	d, left, err := read(line)
	if err == nil {
		s, err = procedure.FromRecord(d, in.On)
	}
	s.Definition.Code = d.Code
	return s, left, err
}

// compare sets in what a definition differs from the one before it, where that matters.
func (told *Imported) compare(was, is *procedure.Definition) (err error) {
	switch {
	case was == nil || told.Outcome == procedure.Same:
		return nil
	case told.Outcome == procedure.KeptOut:
		told.Differs = ownDiffers(was, is)
		return nil
	}
	if told.Values, err = members(*was, *is); err != nil {
		return err
	}
	for _, v := range told.Values {
		told.Differs = append(told.Differs, v.Member)
	}
	return nil
}
