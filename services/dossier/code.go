package dossier

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/identity/number"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

// Code is the number of a dossier that people read aloud: `<agency code>-YYMMDD-NNNN`, where the counter has
// at least four digits and starts anew each day (Circular 01/2018/TT-VPCP, art. 19).
type Code string

// ErrCode says that a text is no dossier code.
var ErrCode = fault.New(fault.Invalid, "dossier.code")

// Bounds in bytes: of a code, and of a message that somebody copied it with.
const (
	maxCodeLength = 64
	longestTyped  = 2000
)

// codeShape takes both forms of agency codes, right-to-left (000.00.12.H42) and left-to-right (H42.37.14329).
var codeShape = regexp.MustCompile(
	`([0-9]{3}(\.[0-9]{2}){2}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(\.[0-9A-Z]+)*)-[0-9]{6}-[0-9]{4,}`)

// spacedCode begins a code of the right-to-left form with spaces about its dots. Its end alone would be the
// code of another agency.
var spacedCode = regexp.MustCompile(`[0-9]{3} ?\. ?[0-9]{2} ?\. ?[0-9]{2} ?\. ?[A-Z][0-9]{2} ?-`)

// codeSigns are the signs within a code, with the spaces that people put around them.
var codeSigns = regexp.MustCompile(` ?([.-]) ?`)

// ParseCode reads a code as people type it or copy it: in any case, with spaces, with any dash, and with
// words, a full stop or a page's address around it. Errors: ErrCode, also where a text has two codes.
func ParseCode(s string) (Code, error) {
	if len(s) > longestTyped {
		return "", ErrCode
	}
	s = strings.ToUpper(number.Plain(s))
	if spacedCode.MatchString(s) {
		s = codeSigns.ReplaceAllString(s, "$1")
	}
	for _, text := range []string{s, codeSigns.ReplaceAllString(s, "$1"), strings.ReplaceAll(s, " ", "")} {
		switch found := number.Within(text, codeShape); {
		case len(found) == 1 && len(found[0]) <= maxCodeLength:
			return Code(found[0]), nil
		case len(found) > 0:
			return "", ErrCode
		}
	}
	return "", ErrCode
}

// codePrefix returns the part of a code before the counter.
func codePrefix(agencyCode string, day workday.Date) string {
	return fmt.Sprintf("%s-%02d%02d%02d-", agencyCode, day.Year%100, int(day.Month), day.Day)
}

// drawSQL takes the next number in one round trip and tells whether a dossier has it already, which happens
// when a crash lost the last numbers. The commit does not wait for the disk: that is what makes codes cheap.
const drawSQL = `
with fast as (select set_config('synchronous_commit', 'off', true)),
drawn as (
    update code_counter set next = next + 1 from fast
    where agency_code = $1 and day = $2
    returning next - 1 as number
)
select number, exists (
    select from dossier
    where code = $3 || case when number < 10000 then lpad(number::text, 4, '0') else number::text end
) from drawn`

// catchUpSQL sets the counter beyond every number that dossiers have: on the first draw of the day, and after
// a loss.
const catchUpSQL = `
with fast as (select set_config('synchronous_commit', 'off', true)),
highest as (
    select coalesce(max(substring(code from '[0-9]+$')::int), 0) as number from dossier, fast
    where code >= $3 and code < $3 || ':'
)
insert into code_counter (agency_code, day, next) select $1, $2, number + 1 from highest
on conflict (agency_code, day) do update set next = greatest(code_counter.next, excluded.next)`

// drawTries bounds the loop of draw and catch-up; two suffice unless the counter is lost again in between.
const drawTries = 5

// NextCode draws the next code of an agency and day. It commits by itself, before and outside of the
// transaction that uses the code, so that submissions to one agency do not wait for each other. A code that
// is not used leaves a gap. If two dossiers get one code after a crash, Insert returns ErrCodeTaken for the
// second: draw again.
func NextCode(ctx context.Context, db *pgxpool.Pool, agencyCode string, day workday.Date) (Code, error) {
	prefix := codePrefix(agencyCode, day)
	for range drawTries {
		var number int
		var taken bool
		err := db.QueryRow(ctx, drawSQL, agencyCode, day, prefix).Scan(&number, &taken)
		switch {
		case err == nil && !taken:
			return ParseCode(prefix + padded(number))
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return "", fmt.Errorf("dossier: draw a code of %s: %w", agencyCode, err)
		}
		if _, err := db.Exec(ctx, catchUpSQL, agencyCode, day, prefix); err != nil {
			return "", fmt.Errorf("dossier: catch up the codes of %s: %w", agencyCode, err)
		}
	}
	return "", fmt.Errorf("dossier: no free code of %s on %s", agencyCode, day)
}

func padded(number int) string {
	s := strconv.Itoa(number)
	return strings.Repeat("0", max(0, 4-len(s))) + s
}
