package dong

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// InWords gives the sum in Vietnamese words as on a receipt: "Một trăm năm mươi nghìn đồng". It uses the
// northern forms "linh" and "nghìn", "mốt" and "lăm" after tens, and "bốn" everywhere.
func (a Amount) InWords() string {
	return sentence(a, "âm", "không", "đồng", vietnamese)
}

// InWordsEnglish gives the sum in English words: "One hundred fifty thousand dong".
func (a Amount) InWordsEnglish() string {
	return sentence(a, "minus", "zero", "dong", english)
}

func sentence(a Amount, minus, zero, unit string, spell func(n uint64) []string) string {
	var words []string
	n := uint64(a)
	if a < 0 {
		words = append(words, minus)
		n = -n
	}
	if n == 0 {
		words = append(words, zero)
	}
	words = append(words, spell(n)...)
	words = append(words, unit)
	text := strings.Join(words, " ")
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

var vietnameseDigits = [10]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// vietnamese spells n, nothing for zero. Above a thousand million the name "tỷ" is used again: 10^18 is "một
// tỷ tỷ".
func vietnamese(n uint64) []string {
	var words []string
	if n >= 1e9 {
		words = append(vietnamese(n/1e9), "tỷ")
		n %= 1e9
	}
	for _, scale := range []struct {
		size uint64
		name string
	}{{1e6, "triệu"}, {1e3, "nghìn"}, {1, ""}} {
		group := n / scale.size % 1000
		if group == 0 {
			continue
		}
		words = append(words, vietnameseGroup(group, len(words) > 0)...)
		if scale.name != "" {
			words = append(words, scale.name)
		}
	}
	return words
}

// vietnameseGroup spells 1..999. After a higher group the hundreds are said even when they are zero.
func vietnameseGroup(n uint64, follows bool) []string {
	hundreds, tens, ones := n/100, n/10%10, n%10
	var words []string
	if hundreds > 0 || follows {
		words = append(words, vietnameseDigits[hundreds], "trăm")
	}
	switch {
	case tens > 1:
		words = append(words, vietnameseDigits[tens], "mươi")
	case tens == 1:
		words = append(words, "mười")
	case ones > 0 && len(words) > 0:
		words = append(words, "linh")
	}
	switch {
	case ones == 0:
	case ones == 1 && tens > 1:
		words = append(words, "mốt")
	case ones == 5 && tens > 0:
		words = append(words, "lăm")
	default:
		words = append(words, vietnameseDigits[ones])
	}
	return words
}

var (
	englishSmall = [20]string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
		"ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
		"nineteen"}
	englishTens = [10]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty",
		"ninety"}
)

// english spells n, nothing for zero.
func english(n uint64) []string {
	for _, scale := range []struct {
		size uint64
		name string
	}{{1e18, "quintillion"}, {1e15, "quadrillion"}, {1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"},
		{1e3, "thousand"}, {100, "hundred"}} {
		if n >= scale.size {
			return append(append(english(n/scale.size), scale.name), english(n%scale.size)...)
		}
	}
	if n == 0 {
		return nil
	}
	if n < 20 {
		return []string{englishSmall[n]}
	}
	word := englishTens[n/10]
	if n%10 > 0 {
		word += "-" + englishSmall[n%10]
	}
	return []string{word}
}
