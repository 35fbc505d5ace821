package eform

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"congdvc/identity/number"
)

// maxDecimals is the most digits after the decimal sign that a number field may take. With three, "1.500"
// could not be told from fifteen hundred.
const maxDecimals = 2

// figure is a number in hundredths, which holds every canonical number exactly.
type figure int64

// parseNumber reads canonical text: an optional minus, digits without leading zeros, at most two decimals
// after a point and no trailing zero among them. At most fifteen digits before the point.
func parseNumber(s string) (figure, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, decimals, pointed := strings.Cut(digits, ".")
	if len(whole) == 0 || len(whole) > 15 || len(whole) > 1 && whole[0] == '0' || !onlyDigits(whole) {
		return 0, false
	}
	if pointed && (len(decimals) == 0 || len(decimals) > maxDecimals || !onlyDigits(decimals) ||
		strings.HasSuffix(decimals, "0")) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(decimals + "00")[:maxDecimals], 10, 64)
	if err != nil || negative && n == 0 {
		return 0, false
	}
	if negative {
		n = -n
	}
	return figure(n), true
}

// String gives the canonical text.
func (n figure) String() string {
	sign, abs := "", uint64(n)
	if n < 0 {
		sign, abs = "-", -abs
	}
	text := sign + strconv.FormatUint(abs/100, 10)
	if rest := abs % 100; rest > 0 {
		text += "." + strings.TrimSuffix(strconv.FormatUint(100+rest, 10)[1:], "0")
	}
	return text
}

func (n figure) compare(m figure) int { return cmp.Compare(n, m) }

// whole reports whether there is nothing after the point.
func (n figure) whole() bool { return n%100 == 0 }

// plus adds; false when the sum is too large.
func (n figure) plus(m figure) (figure, bool) {
	if m > 0 && n > math.MaxInt64-m || m < 0 && n < math.MinInt64-m {
		return 0, false
	}
	return n + m, true
}

// readNumber turns what a person types into canonical text, in either language's habit: "1.500.000",
// "1,500,000", "1 500 000", "85,5", "85.50", "-3". A sign before exactly three digits parts groups, before
// one or two it is the decimal sign. What cannot be read is returned as it came.
func readNumber(typed string) string {
	s := strings.NewReplacer(" ", "", "'", "").Replace(number.Plain(typed))
	digits, negative := strings.CutPrefix(s, "-")
	whole, decimals := digits, ""
	if i := strings.LastIndexAny(digits, ".,"); i >= 0 && len(digits)-i-1 <= maxDecimals {
		whole, decimals = digits[:i], digits[i+1:]
		if decimals == "" || strings.IndexByte(whole, digits[i]) >= 0 {
			return typed // one sign cannot both part groups and begin the decimals
		}
	}
	whole, ok := ungroup(whole)
	if !ok {
		return typed
	}
	whole = cmp.Or(strings.TrimLeft(whole, "0"), "0")
	text := whole
	if decimals = strings.TrimRight(decimals, "0"); decimals != "" {
		text += "." + decimals
	}
	if negative && text != "0" {
		text = "-" + text
	}
	if _, ok := parseNumber(text); !ok {
		return typed
	}
	return text
}

// ungroup removes one kind of separator from between groups of three digits.
func ungroup(s string) (string, bool) {
	i := strings.IndexAny(s, ".,")
	if i < 0 {
		return s, onlyDigits(s)
	}
	groups := strings.Split(s, s[i:i+1])
	for k, g := range groups {
		if !onlyDigits(g) || k > 0 && len(g) != 3 || len(g) > 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
