package procedure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/ndjson"
	"congdvc/services/workday"
)

// Outcome is what became of a record.
type Outcome string

// The outcomes. A record is kept out when the portal has a definition of its own for the procedure, which knows more.
const (
	Added   Outcome = "added"
	Changed Outcome = "changed"
	Same    Outcome = "same"
	KeptOut Outcome = "kept out"
	Refused Outcome = "refused"
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
	own := isExported(line)
	if own {
		s, told.Reason = ParseExported(line)
		told.Code = s.Definition.Code
		if in.From != nil {
			s.Definition.EffectiveFrom = *in.From
		}
	} else {
		s.Definition, told.Left, told.Reason = readNational(line)
		told.Code = s.Definition.Code
	}
	if told.Reason != nil {
		return told, nil
	}
	if first := seen[told.Code]; first > 0 {
		told.Reason = fmt.Errorf("is there already on line %d", first)
		return told, nil
	}
	seen[told.Code] = number
	var err error
	if !own {
		if s.hash, err = hashNational(s.Definition); err != nil {
			return told, err
		}
		s.Definition.startOn(in.On)
		if told.Reason = s.Definition.check(nil); told.Reason != nil {
			return told, nil
		}
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if err := in.bring(ctx, tx, s, own, &told); err != nil {
			return err
		}
		if in.DryRun {
			return errLookedOnly
		}
		return nil
	})
	if errors.Is(err, errLookedOnly) {
		err = nil
	}
	var refusal refusal
	if errors.As(err, &refusal) {
		told.Outcome, told.Reason, err = Refused, refusal.error, nil
	}
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && (refused.Code[:2] == "22" || refused.Code[:2] == "54") {
		// Data that the database cannot hold is the record's fault, not the database's.
		told.Outcome, told.Reason, err = Refused, errors.New("cannot be stored: "+refused.Message), nil
	}
	return told, err
}

// errLookedOnly takes back what a dry run did.
var errLookedOnly = errors.New("procedure: looked only")

// A refusal is an error that is the definition's own fault, not that of the database.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

// hashNational is over what a record says, whatever the day on which it was read, and whether the operator lets people
// file it through the general form.
func hashNational(d Definition) (string, error) {
	d.complete()
	if d.General != nil {
		d.General, d.Level, d.ReceivedBy = nil, Information, receiversOf(d.Source.Levels)
	}
	d.Fees = slices.Clone(d.Fees)
	d.startOn(workday.Date{})
	raw, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("procedure: hash %s: %w", d.Code, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// startOn sets the first day of a definition and of its fees.
func (d *Definition) startOn(day workday.Date) {
	d.EffectiveFrom = day
	for i := range d.Fees {
		d.Fees[i].From = day
	}
}

// bring compares a source with what stands, and loads it where that is wanted. A record never takes the place of a
// definition that was written for the portal, nor opens a procedure again that the operator has closed.
func (in NationalImport) bring(ctx context.Context, tx pgx.Tx, s Source, own bool, told *Imported) (err error) {
	d := &s.Definition
	last, err := lockStanding(ctx, tx, d.Code)
	if err != nil {
		return err
	}
	switch {
	case last == nil:
	case d.Source != nil && last.Own:
		told.Outcome, told.Differs = KeptOut, ownDiffers(&last.Definition, d)
		return nil
	case !own && last.State == Closed:
		told.Outcome, told.Reason = KeptOut, fmt.Errorf("was closed on %s; portal procedures publish opens it again", last.EffectiveTo)
		return nil
	default:
		if told.Values, err = members(last.Definition, *d); err != nil {
			return err
		}
		for _, v := range told.Values {
			told.Differs = append(told.Differs, v.Member)
		}
		if !own {
			s.keepGeneral(last)
		}
		if !own && d.EffectiveFrom.Before(last.EffectiveFrom) {
			d.startOn(last.EffectiveFrom)
		}
	}
	if own && in.Drafts {
		told.Outcome, err = s.draft(ctx, tx, last)
		return err
	}
	told.Outcome, err = s.load(ctx, tx, last, originOf(d))
	if told.Outcome == Same {
		told.Differs, told.Values = nil, nil
	}
	return err
}

// originOf tells who brings a definition in that is not the program's own.
func originOf(d *Definition) string {
	if d.Source != nil {
		return byNational
	}
	return byOperator
}
