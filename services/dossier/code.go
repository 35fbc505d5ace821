package dossier

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/identity/number"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

// Code is the number of a dossier that people read aloud: `<agency code>-YYMMDD-NNNN`, where the counter has
// at least four digits and starts anew each day (Circular 01/2018/TT-VPCP, art. 19). Where a nationwide
// system serves the procedure, two digits of the body that owns it come before the number: `AANNNN` (Circular
// 04/2025/TT-VPCP, art. 23). The portal draws the first shape, and reads both.
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

// drawSQL gives the code that was drawn for a draft, or draws the next number of the agency and day, in one
// round trip: null where there is no counter yet. It tells whether another dossier has that code already,
// which happens when a crash lost the last numbers. The lock on the draft comes first and reads its newest
// row, so that of several who file one draft only the first draws; a counter read without it would be drawn
// by each. The commit does not wait for the disk: that is what makes codes cheap.
const drawSQL = `
with fast as (select set_config('synchronous_commit', 'off', true)),
mine as (
    select drawn_code as code from draft, fast where id = $4 for update of draft
),
stale as (
    select from mine where code is null or not starts_with(code, $3)
        or exists (select from dossier d where d.code = mine.code and d.draft_id <> $4)
),
drawn as (
    update code_counter set next = next + 1 from stale
    where agency_code = $1 and day = $2
    returning $3 || case when next <= 10000 then lpad((next - 1)::text, 4, '0') else (next - 1)::text end as code
),
kept as (
    update draft set drawn_code = drawn.code from drawn where draft.id = $4
),
given as (
    select case when exists (select from stale) then (select code from drawn) else mine.code end as code from mine
)
select code, exists (select from dossier d where d.code = given.code and d.draft_id <> $4) from given`

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

// NextCode gives the code under which a draft is filed to an agency on a day: the one that was drawn for it
// before, or the next. It commits by itself, before and outside of the transaction that uses the code, so
// that submissions to one agency do not wait for each other. A code that is not used in the end leaves a gap,
// so it is drawn for a draft that is about to be filed and for no other. If two dossiers get one code after a
// crash, Insert returns ErrCodeTaken for the second: draw again. Errors: ErrNotFound for a draft that is not
// there.
func NextCode(ctx context.Context, db *pgxpool.Pool, draft DraftID, agencyCode string,
	day workday.Date) (Code, error) {
	prefix := codePrefix(agencyCode, day)
	for range drawTries {
		var code *string
		var taken bool
		err := db.QueryRow(ctx, drawSQL, agencyCode, day, prefix, draft).Scan(&code, &taken)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return "", ErrNotFound
		case err != nil:
			return "", fmt.Errorf("dossier: draw a code of %s: %w", agencyCode, err)
		case code != nil && !taken:
			return ParseCode(*code)
		}
		if _, err := db.Exec(ctx, catchUpSQL, agencyCode, day, prefix); err != nil {
			return "", fmt.Errorf("dossier: catch up the codes of %s: %w", agencyCode, err)
		}
	}
	return "", fmt.Errorf("dossier: no free code of %s on %s", agencyCode, day)
}
