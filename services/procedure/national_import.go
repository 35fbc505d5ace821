package procedure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/ndjson"
	"congdvc/services/workday"
)

// An Imported tells of one line of a file of records.
type Imported struct {
	Line    int    // counted from 1
	Code    string // "" when it cannot be read
	Outcome Outcome
	Reason  error        // why it was refused
	Differs []string     // changed, kept out: the members of the definition that are not as they were
	Values  []Difference // changed: what these members were and are
	Left    []string     // what of the record found no place
}

// A NationalImport says how to import.
type NationalImport struct {
	On     workday.Date         // first day of new versions that are read from records
	From   *workday.Date        // the same of exported definitions; nil: each holds from the day that it says
	Drafts bool                 // exported definitions become drafts, which nobody sees until they are published
	DryRun bool                 // look only
	Tell   func(Imported) error // called for every line in order; an error ends the import
	Read   func(bytes int64)    // called after every line with how much was read; nil is fine
}

// ImportNational reads one JSON object a line: a record of the national portal's procedure service, or a definition as
// Export writes it. It brings each into the database by itself: one that cannot be used does not keep out the others, and what was done stays done when
// the import ends early. The same again changes nothing; another record makes a new version from the day on which it
// is read, for the records tell of no first day, and another definition one from its own first day. Memory is bounded by one line, beside the codes that were seen.
// Errors are those of a file that is no such text, of reading, of the database, and of Tell.
func ImportNational(ctx context.Context, pool *pgxpool.Pool, from io.Reader, in NationalImport) error {
	lines, err := ndjson.Open(from, longestRecord)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	total := int64(0)
	for number := 1; ; number++ {
		line, size, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.As(err, new(ndjson.TooLong)) {
			return fmt.Errorf("procedure: read line %d: %w", number, err)
		}
		total += size
		if in.Read != nil {
			in.Read(total)
		}
		if err == nil && len(strings.TrimSpace(string(line))) == 0 {
			continue
		}
		told := Imported{Line: number, Outcome: Refused, Reason: err, Code: codeIn(line)}
		if err == nil {
			if told, err = in.record(ctx, pool, line, seen, number); err != nil {
				return fmt.Errorf("procedure: import line %d: %w", number, err)
			}
		}
		if err := in.Tell(told); err != nil {
			return err
		}
	}
}

// record brings one line in. The error is one that ends the import.
func (in NationalImport) record(ctx context.Context, pool *pgxpool.Pool, line []byte, seen map[string]int, number int) (Imported, error) {
	told := Imported{Line: number, Outcome: Refused}
	var s Source
	s, told.Left, told.Reason = in.source(line)
	told.Code = s.Definition.Code
	if told.Reason != nil {
		return told, nil
	}
	if first := seen[told.Code]; first > 0 {
		told.Reason = fmt.Errorf("is there already on line %d", first)
		return told, nil
	}
	seen[told.Code] = number
	brought, err := Bring(ctx, pool, s, BringIn{Draft: in.Drafts, DryRun: in.DryRun})
	if err != nil {
		return told, err
	}
	told.Outcome, told.Reason = brought.Outcome, brought.Reason
	return told, told.compare(brought.Was, &s.Definition)
}

// source reads a line of either kind. The code is returned, as far as it can be read, also with an error.
func (in NationalImport) source(line []byte) (s Source, left []string, err error) {
	if IsExported(line) {
		s, err = ParseExported(line)
		if in.From != nil {
			s.Definition.EffectiveFrom = *in.From
		}
		return s, nil, err
	}
	d, left, err := readNational(line)
	if err == nil {
		s, err = FromRecord(d, in.On)
	}
	s.Definition.Code = d.Code
	return s, left, err
}

// compare tells in what a definition is another than what stood before it, nil when that does not matter.
func (told *Imported) compare(was, is *Definition) (err error) {
	switch {
	case was == nil || told.Outcome == Same:
		return nil
	case told.Outcome == KeptOut:
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
