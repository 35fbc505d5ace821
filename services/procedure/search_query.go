package procedure

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"congdvc/identity/number"
)

// The search queries are one frame around different ways to match. Each answers one row: the total, the day,
// the page's listings in order, and the counts.
const (
	frameBegin = `with today as (select coalesce(@on::date, (now() at time zone 'Asia/Ho_Chi_Minh')::date) as day),
v as (
    select procedure_version.*, day from procedure_version, today
    where state <> 'draft' and effective_from <= day and (effective_to is null or effective_to > day)),
matched as materialized (
`
	keys = `id, code, field, level, audience, receivers, bodies, name_folded`

	// The first rows by share and rank, more than anybody pages through, are then sorted by the full score.
	frameEnd = `),
held as materialized (
    select *, @field = '' or field = @field as in_field, @level = '' or level = @level as in_level,
        @audience = '' or @audience = any(audience) as in_audience,
        @receiver = '' or @receiver = any(receivers) or @receiver = 'elsewhere' and cardinality(receivers) = 0
            or bodies && @wanted::text[] as in_receiver
    from matched),
best as (
    select id, share, rank, sort, code from held where in_field and in_level and in_audience and in_receiver
    order by share desc, rank desc, sort, code limit greatest(60, @limit::int + @offset::int)),
page as (
    select best.*, row_number() over (order by best.share desc, best.rank + {score} desc, best.sort, best.code) as place
    from best join procedure_version v using (id)
    order by place limit @limit offset @offset)
select (select count(*) from held where in_field and in_level and in_audience and in_receiver) as total,
    (select day from today) as day,
    coalesce((select jsonb_agg(v.listing order by page.place) from page join procedure_version v using (id)), '[]') as hits,
    case when @counted then jsonb_build_object(
        'fields', (select jsonb_agg(jsonb_build_object('code', f.field, 'count', f.n, 'name', name) order by f.n desc, f.field) from (
                select field, count(*) as n from held where in_level and in_audience and in_receiver and field <> ''
                group by field order by n desc, field limit 60) f
            left join lateral (select listing->'field'->'name' as name from procedure_version
                where field = f.field and not f.field = any(@known::text[]) limit 1) named on true),
        'levels', (select jsonb_object_agg(level, n) from (
            select level, count(*) as n from held where in_field and in_audience and in_receiver group by level) l),
        'audiences', (select jsonb_object_agg(name, n) from (
            select name, count(*) as n from held, unnest(audience) name where in_field and in_level and in_receiver group by name) a),
        'receivers', (select jsonb_object_agg(kind, n) from (
            select kind, count(*) as n from held, unnest(case cardinality(receivers) when 0 then '{elsewhere}' else receivers end) kind
            where in_field and in_level and in_audience group by kind) r),
        'bodies', (select jsonb_object_agg(code, n) from (
            select b.code, count(distinct held.id) as n from held, unnest(bodies) named
            join unnest(@body_keys::text[], @body_codes::text[]) b(key, code) on b.key = named
            where in_field and in_level and in_audience group by b.code) b)
    ) else '{}' end as counts`

	// First what the portal takes, then what it only describes, last what nobody in the province takes.
	here = `(case level when 'toan_trinh' then 0.3 when 'mot_phan' then 0.25 else 0 end - case cardinality(receivers) when 0 then 0.2 else 0 end)`

	matchAll = `select ` + keys + `, 1::float as share, ` + here +
		`::float as rank, name_folded as sort from v`

	matchCode = `select ` + keys + `, 1::float as share, 0::float as rank, code as sort from v
where code in (select code from procedure where replace(code, '.', '') like '%' || @digits || '%')`

	// The share of a query's words that a procedure has, some as the beginning of one of its own.
	share = `(select count(*) from unnest(@terms::text[]::tsquery[]) term where v.search @@ term)::float / cardinality(@terms::text[])`

	// Where the words stand, how many of them are whole, and whether they follow each other there as they
	// were typed.
	wordsStand = `ts_rank(search, @any::text::tsquery) + ` + here +
		` + (search @@ @whole::text::tsquery)::int + (search @@ @phrase::text::tsquery)::int`

	// A procedure is found by all of the words,
	matchWords = `select ` + keys + `, 1::float as share, ` + wordsStand + ` as rank, ''::text as sort
from v where search @@ @all::text::tsquery`

	// or by at least half of them, or by likeness, for typing errors.
	matchLikeness = `select * from (
    select ` + keys + `, ` + share + ` as share, ` + wordsStand +
		` as rank, ''::text as sort, @typed::text <% search_text as alike
    from v where search @@ @any::text::tsquery or @typed::text <% search_text offset 0) w
where share >= 0.5 or alike`

	// What has nearly half of the words; or their first letters and a name that is somewhat like them.
	matchSome = `select * from (
    select ` + keys + `, ` + share + ` as share, ` + wordsStand + ` as rank, ''::text as sort
    from v where search @@ @any::text::tsquery offset 0) w
where share >= 0.4`

	matchNearby = `select ` + keys +
		`, 0::float as share, word_similarity(@typed::text, name_folded) as rank, ''::text as sort
from v where search @@ @near::text::tsquery and word_similarity(@typed::text, name_folded) >= 0.4`

	// The share of words found ranks first, then how much of the name they make up, where they stand, and
	// likeness. One is added where the query stands as it was typed, and another where it is a whole name
	// that people use. "Giấy chứng tử" is a death certificate, but the name of a certified copy contains each
	// of its words too.
	score = `2 * greatest(similarity(@typed::text, v.name_folded), similarity(@typed::text, v.english_folded))
        + word_similarity(@typed::text, v.search_text)
        + (strpos(v.search_text, @said::text) > 0)::int + (strpos(' ; ' || v.search_text || ' ; ', ' ; ' || @said::text || ' ; ') > 0)::int`
)

var (
	lookAtAll      = frame(matchAll, "0")
	lookByCode     = frame(matchCode, "0")
	lookByWords    = frame(matchWords, score)
	lookByLikeness = frame(matchLikeness, score)
	lookForSome    = frame(matchSome, score)
	lookNearby     = frame(matchNearby, "0")
)

func frame(match, score string) string {
	return frameBegin + match + strings.Replace(frameEnd, "{score}", score, 1)
}

// wholeCode is a procedure's code wherever it stands.
var wholeCode = regexp.MustCompile(`\b[0-9]\.[0-9]{6}\b`)

// CodeIn returns the procedure's code that a query contains as a whole, with its dot or without; "" when it
// contains none.
func CodeIn(text string) string {
	digits := codeDigits(text)
	if len(digits) != 7 {
		return ""
	}
	return digits[:1] + "." + digits[1:]
}

// tsqueries adds what the queries by words need: each term as PostgreSQL's tsquery has it. Long terms, and
// the last one, which may still be typed, match as the beginning of a word. Then it adds the terms as they
// are, in their order.
func tsqueries(args pgx.NamedArgs, text string, terms []string) {
	begins, whole, near := make([]string, len(terms)), make([]string, len(terms)), make([]string, len(terms))
	for i, term := range terms {
		whole[i] = "'" + term + "'"
		letters := []rune(term)
		begins[i], near[i] = whole[i], "'"+string(letters[:min(len(letters), firstLetters)])+"':*"
		if len(term) >= surelyLong || i == len(terms)-1 && len(term) > 1 {
			begins[i] += ":*"
		}
	}
	args["terms"], args["any"], args["all"] = begins, strings.Join(begins, " | "), strings.Join(begins, " & ")
	args["near"] = strings.Join(near, " | ")
	args["whole"], args["phrase"] = strings.Join(whole, " & "),
		strings.Join(append(whole[:len(whole)-1:len(whole)-1], begins[len(begins)-1]), " <-> ")
	args["typed"], args["said"] = strings.Join(terms, " "), strings.Join(number.Words(readable(text)), " ")
}

// surelyLong is the number of letters, without marks, from which a syllable is the beginning of few others.
const surelyLong = 4

// firstLetters is how many letters at the beginning of a word people seldom mistype.
const firstLetters = 3

// readable cuts a text to the part of a query that is read.
func readable(text string) string {
	runes := []rune(text[:min(len(text), 4*longestQuery)])
	return string(runes[:min(len(runes), longestQuery)])
}

// meaningful splits a query into its words, up to a limit. Words that carry no meaning are left out, unless
// the query has no others.
func meaningful(text string) []string {
	all := number.Words(readable(text))
	said := slices.DeleteFunc(slices.Clone(all), func(word string) bool {
		return slices.Contains(synonyms().Noise, word)
	})
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

// codeDigits returns the digits of a query that looks like a procedure's code or a part of it, or that
// contains a whole code among other words; else "".
func codeDigits(text string) string {
	if len(text) <= 4*longestQuery {
		text = number.Plain(text)
		if code := wholeCode.FindString(text); code != "" {
			return strings.Replace(code, ".", "", 1)
		}
	}
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
