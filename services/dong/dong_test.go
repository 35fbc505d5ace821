package dong_test

import (
	"errors"
	"math"
	"testing"

	"congdvc/services/dong"
)

func TestString(t *testing.T) {
	t.Parallel()
	for amount, want := range map[dong.Amount]string{
		0: "0\u00a0đ", 999: "999\u00a0đ", 1000: "1.000\u00a0đ", 150_000: "150.000\u00a0đ",
		12_345_678: "12.345.678\u00a0đ", -8_000: "-8.000\u00a0đ",
		math.MaxInt64: "9.223.372.036.854.775.807\u00a0đ", math.MinInt64: "-9.223.372.036.854.775.808\u00a0đ",
	} {
		if got := amount.String(); got != want {
			t.Errorf("Amount(%d).String() = %q, want %q", int64(amount), got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount dong.Amount
		n      int64
		want   dong.Amount
		err    error
	}{
		{8_000, 3, 24_000, nil},
		{8_000, 0, 0, nil},
		{0, math.MaxInt64, 0, nil},
		{math.MaxInt64, 1, math.MaxInt64, nil},
		{math.MaxInt64/2 + 1, 2, 0, dong.ErrOverflow},
		{math.MaxInt64, math.MaxInt64, 0, dong.ErrOverflow},
		{-1, 2, 0, dong.ErrNegative},
		{1, -2, 0, dong.ErrNegative},
		{math.MinInt64, -1, 0, dong.ErrNegative},
	} {
		if got, err := c.amount.Times(c.n); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%d.Times(%d) = %d, %v; want %d, %v", int64(c.amount), c.n, int64(got), err,
				int64(c.want), c.err)
		}
	}
}

func TestSum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amounts []dong.Amount
		want    dong.Amount
		err     error
	}{
		{nil, 0, nil},
		{[]dong.Amount{2_000, 1_000, 1_000}, 4_000, nil},
		{[]dong.Amount{math.MaxInt64, 0}, math.MaxInt64, nil},
		{[]dong.Amount{math.MaxInt64, 1}, 0, dong.ErrOverflow},
		{[]dong.Amount{5, -1}, 0, dong.ErrNegative},
	} {
		if got, err := dong.Sum(c.amounts...); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("Sum(%v) = %d, %v; want %d, %v", c.amounts, int64(got), err, int64(c.want), c.err)
		}
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount dong.Amount
		vi, en string
	}{
		{0, "Không đồng", "Zero dong"},
		{1, "Một đồng", "One dong"},
		{5, "Năm đồng", "Five dong"},
		{10, "Mười đồng", "Ten dong"},
		{11, "Mười một đồng", "Eleven dong"},
		{14, "Mười bốn đồng", "Fourteen dong"},
		{15, "Mười lăm đồng", "Fifteen dong"},
		{20, "Hai mươi đồng", "Twenty dong"},
		{21, "Hai mươi mốt đồng", "Twenty-one dong"},
		{24, "Hai mươi bốn đồng", "Twenty-four dong"},
		{55, "Năm mươi lăm đồng", "Fifty-five dong"},
		{100, "Một trăm đồng", "One hundred dong"},
		{101, "Một trăm linh một đồng", "One hundred one dong"},
		{105, "Một trăm linh năm đồng", "One hundred five dong"},
		{110, "Một trăm mười đồng", "One hundred ten dong"},
		{115, "Một trăm mười lăm đồng", "One hundred fifteen dong"},
		{121, "Một trăm hai mươi mốt đồng", "One hundred twenty-one dong"},
		{1_000, "Một nghìn đồng", "One thousand dong"},
		{2_005, "Hai nghìn không trăm linh năm đồng", "Two thousand five dong"},
		{8_000, "Tám nghìn đồng", "Eight thousand dong"},
		{10_500, "Mười nghìn năm trăm đồng", "Ten thousand five hundred dong"},
		{150_000, "Một trăm năm mươi nghìn đồng", "One hundred fifty thousand dong"},
		{1_001_000, "Một triệu không trăm linh một nghìn đồng", "One million one thousand dong"},
		{1_000_001, "Một triệu không trăm linh một đồng", "One million one dong"},
		{1_234_567, "Một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy đồng",
			"One million two hundred thirty-four thousand five hundred sixty-seven dong"},
		{21_000_000, "Hai mươi mốt triệu đồng", "Twenty-one million dong"},
		{1_000_000_000, "Một tỷ đồng", "One billion dong"},
		{10_000_000_005, "Mười tỷ không trăm linh năm đồng", "Ten billion five dong"},
		{1_500_000_000_000, "Một nghìn năm trăm tỷ đồng", "One trillion five hundred billion dong"},
		{1_000_000_000_000_000_000, "Một tỷ tỷ đồng", "One quintillion dong"},
		{-8_000, "Âm tám nghìn đồng", "Minus eight thousand dong"},
		{math.MinInt64, "Âm chín tỷ hai trăm hai mươi ba triệu ba trăm bảy mươi hai nghìn không trăm ba " +
			"mươi sáu tỷ tám trăm năm mươi bốn triệu bảy trăm bảy mươi lăm nghìn tám trăm linh tám đồng",
			"Minus nine quintillion two hundred twenty-three quadrillion three hundred seventy-two " +
				"trillion thirty-six billion eight hundred fifty-four million seven hundred seventy-five " +
				"thousand eight hundred eight dong"},
	} {
		if got := c.amount.InWords(); got != c.vi {
			t.Errorf("%d in words = %q, want %q", int64(c.amount), got, c.vi)
		}
		if got := c.amount.InWordsEnglish(); got != c.en {
			t.Errorf("%d in English words = %q, want %q", int64(c.amount), got, c.en)
		}
	}
}
