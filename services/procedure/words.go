package procedure

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vocabulary is data/synonyms.json: groups of ways to say the same, and words that carry no meaning in a query.
type vocabulary struct {
	Groups [][]string `json:"groups"` // the first phrase as names of procedures have it, then other ways to say it
	Noise  []string   `json:"noise"`  // left out of a query that has other words
}

// words returns the vocabulary. It is part of the program, so that one that cannot be read stops it.
var words = sync.OnceValue(func() vocabulary {
	var v vocabulary
	mustRead("synonyms.json", &v)
	for i, word := range v.Noise {
		v.Noise[i] = fold(word)
	}
	return v
})

// mustRead reads an embedded data file.
func mustRead(name string, into any) {
	raw, err := data.ReadFile("data/" + name)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		panic(fmt.Sprintf("procedure: %s: %v", name, err))
	}
}

// synonymsOf returns the other ways to say what a procedure's name says: the rest of each group whose first phrase
// stands in the name.
func synonymsOf(name string) []string {
	name = " " + strings.Join(tokens(name), " ") + " "
	var more []string
	for _, group := range words().Groups {
		if strings.Contains(name, " "+strings.Join(tokens(group[0]), " ")+" ") {
			more = append(more, group[1:]...)
		}
	}
	return more
}

// fold gives lower case without Vietnamese marks, as the database's unaccented does: "Đường Láng" becomes "duong lang".
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// tokens takes a text apart into folded words of letters and digits.
func tokens(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
