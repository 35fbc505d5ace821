package procedure

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/dong"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// A Query is what a person typed into the search, and the filters they set. Any text of any length is fine.
// Without a text it lists what the filters leave.
type Query struct {
	Text string
	Filters
	Limit, Offset int
	On            workday.Date // versions in force on this day; the zero Date is the database's today
}

// Filters narrow a list down; an empty one lets everything through.
type Filters struct {
	Field    string // code of a Field
	Level    Level
	Audience string // citizen, business, organisation
	// kind of the agencies that take the dossiers: commune, department; Elsewhere; or the code of an agency
	// that takes or decides them
	Receiver string
}

// Elsewhere stands for what no agency of the province takes.
const Elsewhere = "elsewhere"

// Any reports whether a filter is set.
func (f Filters) Any() bool { return f != Filters{} }

// A Hit is a procedure in a list, with what a person wants to know first.
type Hit struct {
	Code    string
	Name    i18n.Text
	Summary i18n.Text
	Field   i18n.Text
	Agency  i18n.Text // who decides, in words
	Level   Level
	Fee     *dong.Amount // the first fee, 0 when free; nil when no figure can be named
	// who sets the first fee, where Fee is nil because of that; one of the SetBy constants
	SetBy   string
	FeeUnit i18n.Text     // what Fee is for each of, as "bản"; empty for a flat fee
	Term    *workday.Term // the time online, or at the counter; nil when the law sets none
}

// Findings is a page of what was found, how many there are in all, and how many each value of a filter would
// leave while the other filters stay as they are.
type Findings struct {
	Hits   []Hit
	Total  int
	Counts Counts
}

// Counts is by the filter's value. Fields carry their names, because a record from elsewhere may have any
// field. Agencies are the single agencies that have procedures left, by Vietnamese name.
type Counts struct {
	Fields    []FieldCount
	Levels    map[string]int
	Audiences map[string]int
	Receivers map[string]int
	Agencies  []AgencyCount
}

// A FieldCount is how many procedures a field has.
type FieldCount struct {
	Code  string
	Name  i18n.Text
	Count int
}

// Bounds of a search.
const (
	longestQuery = 200 // characters
	mostTokens   = 16
	mostHits     = 100
	mostFields   = 60
	deepest      = 10_000 // rows before the page
)

// Search finds procedures by name, by what people call them, with or without Vietnamese marks, with typing
// errors, in either language, by code, field or agency. It returns the hits of the page, best first, and how
// many there are in all. A query with neither letters and digits nor a filter finds nothing.
func Search(ctx context.Context, db postgres.DB, q Query) ([]Hit, int, error) {
	if len(meaningful(q.Text)) == 0 && !q.Any() {
		return nil, 0, nil
	}
	found, err := look(ctx, db, q, hitsOnly)
	return found.Hits, found.Total, err
}

// Look is Search with the counts of the filters. Without a text and without a filter it lists every
// procedure, with those that can be filed online first.
func Look(ctx context.Context, db postgres.DB, q Query) (Findings, error) {
	return look(ctx, db, q, withCounts)
}

// counting says whether the counts of the filters are wanted beside the hits.
type counting bool

const (
	hitsOnly   counting = false
	withCounts counting = true
)

// look finds what a query asks for. The agencies are read where they are asked for or counted.
func look(ctx context.Context, db postgres.DB, q Query, how counting) (Findings, error) {
	args := q.args(how)
	if how == hitsOnly && !agency.IsCode(q.Receiver) {
		return match(ctx, db, q, args)
	}
	all, err := q.withAgencies(ctx, db, args)
	if err != nil {
		return Findings{}, err
	}
	found, err := match(ctx, db, q, args)
	found.Counts.nameAgencies(all)
	return found, err
}

// match finds by the code and by all the words. Where few procedures have all of the words, it also finds
// those that have some of them or are similar to the text.
func match(ctx context.Context, db postgres.DB, q Query, args pgx.NamedArgs) (Findings, error) {
	terms, digits := meaningful(q.Text), codeDigits(q.Text)
	switch {
	case digits != "":
		args["digits"] = digits
		return ask(ctx, db, lookByCode, args)
	case strings.TrimSpace(q.Text) == "":
		return ask(ctx, db, lookAtAll, args)
	case len(terms) == 0:
		return Findings{}, nil
	}
	tsqueries(args, q.Text, terms)
	found, err := ask(ctx, db, lookByWords, args)
	if err != nil || found.Total >= enough {
		return found, err
	}
	return ask(ctx, db, lookByLikeness, args)
}

// When at least enough procedures have all of the words, those that have only some of them are not looked
// for.
const enough = 3

// Nearest names procedures that partly match a text for which nothing was found, best first.
func Nearest(ctx context.Context, db postgres.DB, text string, limit int) ([]Hit, error) {
	terms := meaningful(text)
	if len(terms) == 0 {
		return nil, nil
	}
	args := Query{Limit: limit}.args(hitsOnly)
	tsqueries(args, text, terms)
	found, err := ask(ctx, db, lookForSome, args)
	if err == nil && len(found.Hits) == 0 {
		found, err = ask(ctx, db, lookNearby, args)
	}
	return found.Hits, err
}

func (q Query) args(how counting) pgx.NamedArgs {
	known := make([]string, 0, len(fields()))
	for _, f := range fields() {
		known = append(known, f.Code)
	}
	return pgx.NamedArgs{
		"on": dayOrNil(q.On), "counted": how == withCounts,
		"field": q.Field, "level": q.Level, "audience": q.Audience, "receiver": q.Receiver,
		"wanted": nil, "body_keys": nil, "body_codes": nil,
		"known": known, "limit": min(max(q.Limit, 1), mostHits), "offset": min(max(q.Offset, 0), deepest),
	}
}

// counted is the counts as the database tells them.
type counted struct {
	Fields []struct {
		Code  string     `json:"code"`
		Name  *i18n.Text `json:"name"`
		Count int        `json:"count"`
	} `json:"fields"`
	Levels    map[string]int `json:"levels"`
	Audiences map[string]int `json:"audiences"`
	Receivers map[string]int `json:"receivers"`
	Bodies    map[string]int `json:"bodies"`
}

// ask runs one of the queries of search_query.go.
func ask(ctx context.Context, db postgres.DB, query string, args pgx.NamedArgs) (Findings, error) {
	var (
		found  Findings
		day    workday.Date
		rows   []json.RawMessage
		counts counted
	)
	if err := db.QueryRow(ctx, query, args).Scan(&found.Total, &day, &rows, &counts); err != nil {
		return Findings{}, fmt.Errorf("procedure: search: %w", err)
	}
	for _, raw := range rows {
		hit, err := hitOf(raw, day)
		if err != nil {
			return Findings{}, err
		}
		found.Hits = append(found.Hits, hit)
	}
	found.Counts = Counts{Levels: counts.Levels, Audiences: counts.Audiences, Receivers: counts.Receivers}
	for code, n := range counts.Bodies {
		found.Counts.Agencies = append(found.Counts.Agencies, AgencyCount{Code: code, Count: n})
	}
	for _, c := range counts.Fields {
		f, _ := knownField(c.Code)
		if c.Name != nil {
			f.Name = *c.Name
		}
		found.Counts.Fields = append(found.Counts.Fields, FieldCount{c.Code, f.Name, c.Count})
	}
	return found, nil
}

// hitOf reads the column listing: a definition without the parts that no list shows.
func hitOf(raw []byte, on workday.Date) (Hit, error) {
	var v Version
	if err := json.Unmarshal(raw, &v.Definition); err != nil {
		return Hit{}, fmt.Errorf("procedure: read listing: %w", err)
	}
	return v.hit(on), nil
}

func dayOrNil(on workday.Date) *workday.Date {
	if on.IsZero() {
		return nil
	}
	return &on
}

// hit tells of a version in a list, with the fee of a day.
func (v *Version) hit(on workday.Date) Hit {
	h := Hit{
		Code: v.Code, Name: v.Name, Summary: v.Summary, Field: v.Field.Name, Agency: v.AgencyText,
		Level: v.Level,
	}
	if r := v.headline(on); r != nil {
		h.Fee, h.FeeUnit, h.SetBy = r.Amount, r.UnitName, r.SetBy
	}
	for _, channel := range []string{Online, Counter} {
		if term, ok := v.Term(v.firstCase(), channel); ok {
			h.Term = &term
			break
		}
	}
	return h
}
