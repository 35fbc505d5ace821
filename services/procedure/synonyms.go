package procedure

import (
	"strings"
	"sync"

	"congdvc/identity/number"
)

// vocabulary is data/synonyms.json: groups of ways to say the same, and words that carry no meaning in a
// query.
type vocabulary struct {
	// the first phrase as names of procedures have it, then other ways to say it
	Groups [][]string `json:"groups"`
	Noise  []string   `json:"noise"` // left out of a query that has other words
}

// synonyms returns the vocabulary. It is part of the program, which stops if it cannot be read.
var synonyms = sync.OnceValue(func() vocabulary {
	var v vocabulary
	mustRead("synonyms.json", &v)
	for i, word := range v.Noise {
		v.Noise[i] = number.Fold(word)
	}
	return v
})

// synonymsOf returns the other ways to say what a procedure's name says: the rest of each group whose first
// phrase stands in the name.
func synonymsOf(name string) []string {
	name = " " + strings.Join(number.Words(name), " ") + " "
	var more []string
	for _, group := range synonyms().Groups {
		if strings.Contains(name, " "+strings.Join(number.Words(group[0]), " ")+" ") {
			more = append(more, group[1:]...)
		}
	}
	return more
}
