package procedure

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

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
	Reason  error    // why it was refused
	Differs []string // changed, kept out: the members of the definition that are not as they were
	Left    []string // what of the record found no place
}

// A NationalImport says how to import.
type NationalImport struct {
	On     workday.Date         // first day of new versions
	DryRun bool                 // look only
	Tell   func(Imported) error // called for every line in order; an error ends the import
	Read   func(bytes int64)    // called after every line with how much was read; nil is fine
}

// ImportNational reads records of the national portal's procedure service, one JSON object a line, and brings each
// into the database by itself: one that cannot be used does not keep out the others, and what was done stays done when
// the import ends early. The same record again changes nothing; another makes a new version from the day on which it
// is read, for the records tell of no first day. Memory is bounded by one line, beside the codes that were seen.
// Errors are those of reading, of the database, and of Tell.
func ImportNational(ctx context.Context, pool *pgxpool.Pool, from io.Reader, in NationalImport) error {
	lines := bufio.NewReaderSize(from, 64<<10)
	seen := map[string]int{}
	total := int64(0)
	for number := 1; ; number++ {
		line, size, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, errTooLong) {
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

// nextLine reads a line without its end, and how long it was. Of one above longestRecord it returns the beginning with
// errTooLong, so that the code may be found, and skips the rest.
func nextLine(r *bufio.Reader) (line []byte, size int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		size += int64(len(part))
		if room := longestRecord + 1 - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || size == 0):
			return nil, size, err
		}
		line = []byte(strings.TrimRight(string(line), "\r\n"))
		if len(line) > longestRecord {
			return line, size, errTooLong
		}
		return line, size, nil
	}
}

// record brings one record in. The error is one that ends the import.
func (in NationalImport) record(ctx context.Context, pool *pgxpool.Pool, line []byte, seen map[string]int, number int) (Imported, error) {
	d, left, err := readNational(line)
	told := Imported{Line: number, Code: d.Code, Outcome: Refused, Reason: err, Left: left}
	if err != nil {
		return told, nil
	}
	if first := seen[d.Code]; first > 0 {
		told.Reason = fmt.Errorf("is there already on line %d", first)
		return told, nil
	}
	seen[d.Code] = number
	hash, err := hashNational(d)
	if err != nil {
		return told, err
	}
	d.startOn(in.On)
	if told.Reason = d.check(nil); told.Reason != nil {
		return told, nil
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		told.Outcome, told.Differs, err = in.bring(ctx, tx, d, hash)
		return err
	})
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && (refused.Code[:2] == "22" || refused.Code[:2] == "54") {
		// Data that the database cannot hold is the record's fault, not the database's.
		told.Outcome, told.Reason, err = Refused, errors.New("cannot be stored: "+refused.Message), nil
	}
	return told, err
}

// hashNational is over what a definition says, whatever the day on which it was read.
func hashNational(d Definition) (string, error) {
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

const standing = `select v.content_hash, v.effective_from, v.definition,
    exists (select from procedure_version o where o.code = v.code and (o.form is not null or not o.definition ? 'source')) as own
from procedure_version v where v.code = $1 order by v.number desc limit 1`

// bring compares a definition with what stands, and loads it where that is wanted.
func (in NationalImport) bring(ctx context.Context, tx pgx.Tx, d Definition, hash string) (Outcome, []string, error) {
	if _, err := tx.Exec(ctx, lockProcedure, d.Code); err != nil {
		return Refused, nil, err
	}
	var (
		last struct {
			hash       string
			from       workday.Date
			definition Definition
			own        bool
		}
		differs []string
		outcome = Changed
	)
	err := tx.QueryRow(ctx, standing, d.Code).Scan(&last.hash, &last.from, &last.definition, &last.own)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		outcome = Added
	case err != nil:
		return Refused, nil, err
	case last.own:
		return KeptOut, ownDiffers(&last.definition, &d), nil
	case last.hash == hash:
		outcome = Same
	default:
		if differs, err = members(last.definition, d); err != nil {
			return Refused, nil, err
		}
		if d.EffectiveFrom.Before(last.from) {
			d.startOn(last.from)
		}
	}
	if in.DryRun {
		return outcome, differs, nil
	}
	return outcome, differs, Source{Definition: d, hash: hash}.load(ctx, tx, &Changes{})
}
