package static

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"congdvc/identity/number"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
)

// searched are the dictionaries whose entries are searched for by typing.
var searched = []string{"dan_toc", "quoc_tich", "quan_he", "vsic"}

// listOf is a dictionary as a Vietnamese page offers it.
func listOf(dictionary string) string {
	var list strings.Builder
	fmt.Fprintf(&list, `<datalist id="tra-%s">`, dictionary)
	for _, o := range eform.Dictionary(dictionary) {
		fmt.Fprintf(&list, `<option data-v="%s"`, o.Value)
		if number.Fold(o.Label.En) != number.Fold(o.Label.Vi) {
			fmt.Fprintf(&list, ` data-o="%s"`, html.EscapeString(o.Label.En))
		}
		fmt.Fprintf(&list, `>%s</option>`, html.EscapeString(o.Label.Vi))
	}
	return list.String() + "</datalist>"
}

// ofTypedNames asks whether the browser reads what is typed as the entry that the decoder reads.
func ofTypedNames(t *testing.T) (rows []asked) {
	t.Helper()
	for _, dictionary := range searched {
		f, err := eform.Load(
			[]byte(`{"id":"f","steps":[{"id":"s","title":{"vi":"x","en":"x"},"sections":[{"id":"c","fields":[
			{"id":"a","type":"choice","dictionary":"` + dictionary +
				`","display":"search","label":{"vi":"x","en":"x"}}]}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		typed := []string{"", " ", "khong co", "Vi", "a", "01", "-"}
		for _, o := range eform.Dictionary(dictionary) {
			bare := strings.TrimSuffix(o.Label.Vi, " ("+o.Value+")")
			typed = append(typed, o.Value, o.Label.Vi, "  "+strings.ToUpper(o.Label.Vi),
				number.Fold(o.Label.Vi), o.Label.En, strings.ToLower(o.Label.En), bare, number.Fold(bare),
				strings.ReplaceAll(bare, " ", "  "), bare+" x", strings.Fields(bare)[0],
				o.Value+".", "“"+bare+"”", "mã ngành "+o.Value, o.Value+" - "+bare, "Dân tộc "+bare,
				strings.NewReplacer(" ", "", "-", " ").Replace(bare))
		}
		for _, text := range append(typed, eformtest.Nasty...) {
			if strings.ContainsAny(text, "\x00\n") {
				continue // an input holds none
			}
			a, err := f.DecodeStep(f.Step(1), func(string) []string { return []string{text} })
			if err != nil {
				t.Fatal(err)
			}
			input := `<input name=a data-search="tra-` + dictionary + `" value="` + html.EscapeString(text) +
				`">`
			for _, value := range []string{a["a"].Text, eform.Dictionary(dictionary)[0].Value} {
				if c := (&eform.Condition{Field: "a", Op: "eq", Value: value}); value != "" {
					rows = append(rows,
						asked{dictionary + " " + text, c, map[string]eform.Editor{"a": "chosen"}, nil, input,
							c.Holds(a)})
				}
			}
		}
	}
	return rows
}
