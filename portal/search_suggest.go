package portal

import (
	"strings"
	"unicode/utf8"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/procedure"

	"github.com/gofiber/fiber/v2"
)

const (
	// suggestRows is how many procedures are suggested.
	suggestRows = 6
	// Texts of suggestFrom to suggestTo characters get suggestions: shorter ones say too little, longer ones
	// are no name.
	suggestFrom, suggestTo = 2, 100
)

// searchBox is the input of the search, with what the script needs to suggest while typing.
type searchBox struct{ Value, Label, Placeholder, Button, Suggest, Some, None string }

func newSearchBox(l i18n.Lang, value string) searchBox {
	return searchBox{
		Value: value, Label: i18n.T(l, "search.label"), Placeholder: i18n.T(l, "search.placeholder"),
		Button: i18n.T(l, "search.button"),
		// The script puts the number in the place of "#".
		Suggest: address.Suggest(l), Some: i18n.T(l, "search.suggest.count", "Count", "#"),
		None: i18n.T(l, "search.suggest.none"),
	}
}

// suggestion is a procedure that a text may mean.
type suggestion struct {
	Name string `json:"name"`
	Note string `json:"note"`
	Path string `json:"path"`
}

// suggest answers with a JSON list, empty when there is nothing to suggest. It depends on the address alone,
// so browsers may keep it for a while.
func (p *Portal) suggest(v *visit) error {
	q := strings.TrimSpace(v.Query(paramText))
	list := []suggestion{}
	if n := utf8.RuneCountInString(q); n >= suggestFrom && n <= suggestTo {
		hits, _, err := procedure.Search(v.ctx(), p.Pool, procedure.Query{Text: q, Limit: suggestRows})
		if err != nil {
			return err
		}
		for _, h := range hits {
			row := p.rowOf(v, h)
			list = append(list, suggestion{short(row.Name, nameShort), row.Note, row.Path})
		}
	}
	v.Set(fiber.HeaderCacheControl, "public, max-age=30")
	return v.JSON(list)
}
