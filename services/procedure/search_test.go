package procedure

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"congdvc/services/dong"
	"congdvc/services/pgtest"
)

const (
	birth      = "1.001193"
	copies     = "2.000635"
	business   = "1.001612"
	marriage   = "1.000894"
	death      = "1.000656"
	single     = "1.004873"
	correction = "1.004859"
	residence  = "1.004194"
	funeral    = "1.001731"
	building   = "1.013225"
	register   = "2.000908"
	certified  = "2.000815"
	signature  = "2.000884"
	criminal   = "3.000333"
	driving    = "3.000347"
	company    = "2.001583"
	land       = "1.013831"
	food       = "2.001827"
	tours      = "2.001628"
	promotion  = "2.000033"
	nothing    = ""
)

func TestSearchAsPeopleType(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	for _, c := range asTyped {
		hits, total, err := Search(ctx, pool, Query{Text: c.Typed, Limit: 20, On: day(t, "2026-11-23")})
		got := nothing
		if len(hits) > 0 {
			got = hits[0].Code
		}
		if err != nil || got != c.First || total < len(hits) {
			t.Errorf("%q finds %q (%d of %d), %v; want %q", c.Typed, got, len(hits), total, err, c.First)
		}
	}
}

// TestSearchWithSeveralAnswers: where a query fits more than one procedure, the one that most people mean is
// among the first three.
func TestSearchWithSeveralAnswers(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	for _, c := range []struct{ typed, want string }{
		{"giấy phép kinh doanh", business},
		{"công chứng", certified},
		{"giấy tờ nhà đất", land},
		{"bản sao", copies},
		{"cư trú", residence},
		{"kinh doanh du lịch", tours},
		{"giấy phép", driving},
	} {
		hits, _, err := Search(ctx, pool, Query{Text: c.typed, Limit: 3, On: day(t, "2026-11-23")})
		if err != nil || !slices.ContainsFunc(hits, func(h Hit) bool { return h.Code == c.want }) {
			t.Errorf("%q finds %v, %v; want %s", c.typed, hits, err, c.want)
		}
	}
}

func TestSearchTakesAnything(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	for _, typed := range []string{
		"", " ", "?!", "'", "''':*", `\`, "a & b | !c", "<->", "(", ":*", "%", "_", "\x00", "a\x00b",
		"\xff\xfe", "ŉ", "½ ﬁ ß Æ ʼ", "お問い合わせ", "出生登记", "регистрация рождения", "تسجيل", "👶",
		"\u202ekhai\u202c", "đ̣̂", strings.Repeat("khai ", 5000), strings.Repeat("k", 100_000),
		strings.Repeat("ế", 9999), "'; drop table procedure; --", "1.1.1.1.1.1", strings.Repeat("1", 39),
	} {
		if _, _, err := Search(ctx, pool, Query{Text: typed, Limit: 5}); err != nil {
			t.Errorf("%.40q: %v", typed, err)
		}
	}
	cut := strings.Repeat("?", longestQuery) + " khai sinh"
	if hits, _, err := Search(ctx, pool, Query{Text: cut, Limit: 5}); err != nil || len(hits) != 0 {
		t.Errorf("words behind the %dth character are read: %v, %v", longestQuery, hits, err)
	}
}

// FuzzQuery reads what a person may type: words that a tsquery takes as they are, digits of a code, a length
// that is bounded.
func FuzzQuery(f *testing.F) {
	for _, typed := range []string{"Đăng ký khai sinh", "ŉ':*", "1.001193", "出生", "a\x00b", "\xff",
		"👶 :* & |", "''"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if digits := codeDigits(typed); strings.Trim(digits, "0123456789") != "" || len(digits) > 40 {
			t.Fatalf("digits %q of %q", digits, typed)
		}
		terms := meaningful(typed)
		if len(terms) > mostTokens {
			t.Fatalf("%d terms", len(terms))
		}
		for _, term := range terms {
			if term == "" || strings.ContainsAny(term, "'\\:&|!()<>* \x00") || !utf8.ValidString(term) {
				t.Fatalf("term %q of %q", term, typed)
			}
		}
		if len(terms) == 0 {
			return
		}
		args := Query{Text: typed}.args(true)
		tsqueries(args, typed, terms)
		for _, name := range []string{"any", "all", "near", "whole", "phrase", "typed", "said"} {
			text, _ := args[name].(string)
			if text == "" || !utf8.ValidString(text) || strings.Contains(text, "\x00") ||
				utf8.RuneCountInString(text) > 20*longestQuery {
				t.Fatalf("%s is %q of %q", name, text, typed)
			}
		}
	})
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	seen, want := map[string]bool{}, []string{birth, copies, marriage, death, single, correction}
	for offset, of := 0, 1; offset < of; offset++ {
		hits, total, err := Search(ctx, pool, Query{Text: "hộ tịch", Limit: 1, Offset: offset,
			On: day(t, "2026-11-23")})
		if err != nil || total < len(want) || total > starterSize || len(hits) != 1 || seen[hits[0].Code] {
			t.Fatalf("page %d: %v of %d, %v", offset, hits, total, err)
		}
		seen[hits[0].Code], of = true, total
	}
	for _, code := range want {
		if !seen[code] {
			t.Errorf("%s is on no page: %v", code, seen)
		}
	}
	if hits, _, err := Search(ctx, pool, Query{Text: "khai sinh", Limit: 5, On: day(t, "2026-01-01")}); err !=
		nil || len(hits) != 0 {
		t.Errorf("found before it is in force: %v, %v", hits, err)
	}
}

func TestListsSayWhatMattersFirst(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	on := day(t, "2026-11-23")
	hits, err := listed(ctx, pool, &on, popular(), 6)
	if err != nil || len(hits) != 6 {
		t.Fatalf("popular: %v, %v", hits, err)
	}
	const unset = dong.Amount(-1)
	for i, want := range []struct {
		code string
		fee  dong.Amount
		unit string
		days int
	}{{birth, 0, "", 0}, {copies, 8_000, "bản", 0}, {business, 150_000, "", 3}, {marriage, 0, "", 1},
		{residence, 7_000, "lần", 3}, {single, unset, "", 3}} {
		h := hits[i]
		fee := unset
		if h.Fee != nil {
			fee = *h.Fee
		}
		if h.Code != want.code || fee != want.fee || (h.SetBy == SetByCouncil) != (fee == unset) ||
			h.FeeUnit.Vi != want.unit || h.Term == nil || h.Term.Amount != want.days {
			t.Errorf("row %d: %+v", i, h)
		}
	}
	codes := starterCodes()
	for _, e := range LifeEvents() {
		if e.Name.Vi == "" || e.Name.En == "" || e.Note.Vi == "" || e.Note.En == "" || e.Slug == "" {
			t.Errorf("event %+v", e)
		}
		event, hits, err := byLifeEvent(ctx, pool, e.Slug, &on)
		if err != nil || event.Slug != e.Slug || len(hits) == 0 {
			t.Errorf("event %s of %v: %v, %v", e.Slug, codes, hits, err)
		}
	}
	if len(LifeEvents()) != 14 {
		t.Errorf("events without a procedure are shown: %v", LifeEvents())
	}
}

func named(hits []Hit) (names []string) {
	for _, h := range hits {
		names = append(names, h.Code+" "+h.Name.Vi)
	}
	return names
}
