package procedure

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// A Query is what a person typed into the search. Any text of any length is fine.
type Query struct {
	Text          string
	Lang          i18n.Lang
	Limit, Offset int
	On            workday.Date // versions in force on this day; the zero Date is the database's today
}

// A Hit is a procedure in a list, with what a person wants to know first.
type Hit struct {
	Code    string
	Name    i18n.Text
	Summary i18n.Text
	Field   i18n.Text
	Level   Level
	Fee     *dong.Amount  // the first fee, 0 when free; nil when no figure can be named
	FeeUnit i18n.Text     // what Fee is for each of, as "bản"; empty for a flat fee
	Term    *workday.Term // the time online, or at the counter; nil when the law sets none
}

// Bounds of a search.
const (
	longestQuery = 200 // characters
	mostTokens   = 16
	mostHits     = 100
)

const (
	// inForceNow lists the versions in force on a day, $1 or the database's today: the newest number of each procedure.
	inForceNow = `select distinct on (code) v.*, day from procedure_version v,
    (select coalesce($1::date, (now() at time zone 'Asia/Ho_Chi_Minh')::date) as day) d
where state <> 'draft' and effective_from <= day and (effective_to is null or effective_to > day)
order by code, effective_from desc, number desc`

	// A procedure is found by its code; by at least half of the words, each as the beginning of one of its own; or by
	// likeness, for typing errors. The share of words found ranks first, then how much of the name they make up, where
	// they stand, and likeness, with one more for a query that stands there as it was typed: "giấy chứng tử" is a death
	// certificate, although a certified copy has each of the words in its name.
	search = `with v as (` + inForceNow + `), found as (
    select v.*,
        $2 <> '' and replace(v.code, '.', '') like '%' || $2 || '%' as by_code,
        (select count(*) from unnest($3::text[]) term where v.search @@ to_tsquery('simple', term))::float
            / greatest(cardinality($3::text[]), 1) as share,
        case when $4 = '' then 0 else ts_rank(v.search, to_tsquery('simple', $4)) end as rank,
        greatest(similarity($5, unaccented(lower(v.definition->'name'->>'vi'))), similarity($5, unaccented(lower(v.definition->'name'->>'en')))) as named,
        word_similarity($5, v.search_text) as likeness
    from v)
select id, state, effective_to, day, count(*) over () as total from found
where by_code or share >= 0.5 or likeness >= 0.55
order by by_code desc, share desc, 2 * named + rank + likeness + (likeness >= 1)::int desc, code
limit $6 offset $7`

	byCodes = `with v as (` + inForceNow + `)
select id, state, effective_to, day, count(*) over () as total from v
where code = any($2::text[]) order by array_position($2::text[], code) limit $3`
)

// listed is a row of a list.
type listed struct {
	row
	Day   workday.Date `db:"day"`
	Total int64        `db:"total"`
}

// Search finds procedures by name, by what people call them, with or without Vietnamese marks, with typing errors, in
// either language, or by code. It returns the hits of the page, best first, and how many there are in all. A query
// without letters or digits finds nothing.
func Search(ctx context.Context, db postgres.DB, q Query) ([]Hit, int, error) {
	terms := meaningful(q.Text)
	digits := codeDigits(q.Text)
	if len(terms) == 0 && digits == "" {
		return nil, 0, nil
	}
	limit := min(max(q.Limit, 1), mostHits)
	lexemes := make([]string, len(terms))
	for i, term := range terms {
		lexemes[i] = "'" + term + "'"
		if len(term) > 1 {
			lexemes[i] += ":*"
		}
	}
	return list(ctx, db, search, dayOrNil(q.On), digits, lexemes, strings.Join(lexemes, " | "), strings.Join(terms, " "), limit, max(q.Offset, 0))
}

// list runs one of the queries for lists.
func list(ctx context.Context, db postgres.DB, query string, args ...any) ([]Hit, int, error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("procedure: list: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[listed])
	if err != nil {
		return nil, 0, fmt.Errorf("procedure: list: %w", err)
	}
	hits := make([]Hit, 0, len(found))
	total := int64(0)
	for _, r := range found {
		v, err := version(ctx, db, r.row)
		if err != nil {
			return nil, 0, err
		}
		hits, total = append(hits, v.hit(r.Day)), r.Total
	}
	return hits, int(total), nil
}

// meaningful takes a query apart into its words, at most so many, without those that say nothing unless all do.
func meaningful(text string) []string {
	runes := []rune(text[:min(len(text), 4*longestQuery)])
	all := tokens(string(runes[:min(len(runes), longestQuery)]))
	said := slices.DeleteFunc(slices.Clone(all), func(word string) bool { return slices.Contains(words().Noise, word) })
	if len(said) == 0 {
		said = all
	}
	var once []string
	for _, word := range said {
		if !slices.Contains(once, word) && len(once) < mostTokens {
			once = append(once, word)
		}
	}
	return once
}

// codeDigits returns the digits of a query that looks like a procedure's code or a part of it, else "".
func codeDigits(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 40 {
		return ""
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r != '.' && r != ',' && r != '-' && !unicode.IsSpace(r):
			return ""
		}
	}
	if b.Len() < 4 {
		return ""
	}
	return b.String()
}

func dayOrNil(on workday.Date) *workday.Date {
	if on.IsZero() {
		return nil
	}
	return &on
}

// hit tells of a version in a list, with the fee of a day.
func (v *Version) hit(on workday.Date) Hit {
	h := Hit{Code: v.Code, Name: v.Name, Summary: v.Summary, Field: v.Field.Name, Level: v.Level}
	if r := v.headline(on); r != nil {
		h.Fee, h.FeeUnit = new(r.Amount), r.UnitName
	}
	for _, channel := range []string{Online, Counter} {
		if term, ok := v.Term(v.firstCase(), channel); ok {
			h.Term = &term
			break
		}
	}
	return h
}
