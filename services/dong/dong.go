// Package dong holds sums of money in whole đồng: Vietnamese money has no smaller unit in use, so that an
// integer is exact and rounding never arises.
package dong

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Amount is a sum in đồng.
type Amount int64

// Errors of arithmetic. A fee can neither be negative nor pass 2^63-1 đồng; either is a mistake in data or
// code.
var (
	ErrOverflow = errors.New("dong: sum too large")
	ErrNegative = errors.New("dong: negative sum or count")
)

// String gives the sum as printed in Vietnamese, as "150.000 đ", with a NO-BREAK SPACE before the đ.
func (a Amount) String() string { return a.Grouped(".") + "\u00a0đ" }

// Grouped gives the digits in groups of three with a separator between, as "150.000" for ".".
func (a Amount) Grouped(separator string) string {
	digits, sign := strconv.FormatInt(int64(a), 10), ""
	if a < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Times multiplies by a count. Errors: ErrNegative when either is below zero, ErrOverflow.
func (a Amount) Times(n int64) (Amount, error) {
	if a < 0 || n < 0 {
		return 0, ErrNegative
	}
	if n != 0 && int64(a) > math.MaxInt64/n {
		return 0, ErrOverflow
	}
	return a * Amount(n), nil
}

// Sum adds. Errors: ErrNegative when one is below zero, ErrOverflow.
func Sum(amounts ...Amount) (Amount, error) {
	var total Amount
	for _, a := range amounts {
		if a < 0 {
			return 0, ErrNegative
		}
		if a > math.MaxInt64-total {
			return 0, ErrOverflow
		}
		total += a
	}
	return total, nil
}
