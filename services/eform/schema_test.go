package eform

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"
)

// TestOrderPatterns compares every pair of some texts both ways.
func TestOrderPatterns(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	numbers := []string{"0", "1", "-1", "9", "10", "99", "100", "-100", "0.01", "0.5", "-0.5", "99.99",
		"12.3", "999999999999999", "-999999999999999", "19", "20", "21", "190.09"}
	for range 60 {
		numbers = append(numbers, figure(r.Int64N(4_000_000)-2_000_000).String(),
			strconv.FormatInt(r.Int64N(1e12), 10))
	}
	dates := []string{"1800", "2000", "2000-01", "2000-01-01", "1999-12-31", "1999-12", "2009-10-10",
		"2010-09-30", "2200-12-31", "2000-02-29", "2001"}
	for _, c := range []struct {
		field Field
		texts []string
	}{{Field{Type: Number, Decimals: 2}, numbers}, {Field{Type: PartialDate}, dates}} {
		for _, op := range []string{opLt, opLe, opGt, opGe} {
			for _, right := range c.texts {
				pattern := regexp.MustCompile(c.field.orderPattern(op, right))
				for _, left := range c.texts {
					if got, want := pattern.MatchString(left),
						relation(op, compareTexts(left, right)); got != want {
						t.Errorf("%s %s %s: the pattern %s says %v", left, op, right, pattern, got)
					}
				}
			}
		}
	}
}

// TestDatePatterns compares the patterns of dates with the calendar, day by day.
func TestDatePatterns(t *testing.T) {
	t.Parallel()
	day := regexp.MustCompile("^" + someDay + "$")
	for year := 1790; year <= 2210; year++ {
		for month := 0; month <= 13; month++ {
			for d := 0; d <= 32; d++ {
				text := strconv.Itoa(year) + "-" + ("0" + strconv.Itoa(month))[len(strconv.Itoa(month))-1:] +
					"-" + ("0" + strconv.Itoa(d))[len(strconv.Itoa(d))-1:]
				if _, ok := parseDay(text); ok != day.MatchString(text) {
					t.Fatalf("%s: in the calendar %v", text, ok)
				}
			}
		}
	}
}
