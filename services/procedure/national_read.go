package procedure

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
)

// audiences sorts the national list of thirteen into the portal's three.
var audiences = map[string]string{
	"Công dân Việt Nam":                         "citizen",
	"Người Việt Nam định cư ở nước ngoài":       "citizen",
	"Người nước ngoài":                          "citizen",
	"Người nước ngoài cư trú tại Việt Nam":      "citizen",
	"Cán bộ, công chức, viên chức":              "citizen",
	"Đảng viên":                                 "citizen",
	"Doanh nghiệp":                              "business",
	"Doanh nghiệp Việt Nam":                     "business",
	"Doanh nghiệp có vốn đầu tư nước ngoài":     "business",
	"Hợp tác xã":                                "business",
	"Tổ chức (không bao gồm doanh nghiệp, HTX)": "organisation",
	"Tổ chức nước ngoài":                        "organisation",
	"Tổ chức Đảng":                              "organisation",
}

// audienceOf gives the audiences in their usual order. A name that is not in the list stands in the Origin only.
func audienceOf(names []string) []string {
	var found []string
	for _, audience := range []string{"citizen", "business", "organisation"} {
		if slices.ContainsFunc(names, func(name string) bool { return audiences[name] == audience }) {
			found = append(found, audience)
		}
	}
	return found
}

var stepMark = regexp.MustCompile(`(?m)^[ \t]*[-+*•]?[ \t]*[Bb]ước[ \t]+([0-9]{1,2})[ \t]*[:.)/–-]?[ \t]*`)

// nationalSteps takes the text apart where it counts its own steps, from the first and without a gap. Any other text
// is one step, as it is.
func nationalSteps(text string) []i18n.Text {
	text = tidy(text)
	if text == "" {
		return nil
	}
	marks := stepMark.FindAllStringSubmatchIndex(text, -1)
	if len(marks) < 2 || marks[0][0] != 0 {
		return []i18n.Text{{Vi: text}}
	}
	var steps []i18n.Text
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		step := vi(text[m[1]:end])
		if n, err := strconv.Atoi(text[m[2]:m[3]]); err != nil || n != i+1 || step.Vi == "" {
			return []i18n.Text{{Vi: text}}
		}
		steps = append(steps, step)
	}
	return steps
}

var resultCode = regexp.MustCompile(`^KQ\.G[0-9]{2}\.[0-9]{6}$`)

// nationalResults reads results and legal basis. A code that is not one of the national catalogue is left out: some
// records have test input there.
func (d *Definition) nationalResults(r *nationalRecord) (left []string) {
	for _, k := range r.KETQUATHUCHIEN {
		code, name := tidy(k.MAKETQUA), vi(k.TENKETQUA)
		if code != "" && !resultCode.MatchString(code) {
			left = append(left, fmt.Sprintf("the result's code %.40q", code))
			code = ""
		}
		result := ResultKind{Code: code, Name: name}
		if name.Vi != "" && !slices.Contains(d.Results, result) {
			d.Results = append(d.Results, result)
		}
	}
	for _, b := range r.CANCUPHAPLY {
		basis := LegalBasis{Number: tidy(b.SOVANBAN), Name: vi(b.TENVANBAN)}
		if (basis.Number != "" || basis.Name.Vi != "") && !slices.Contains(d.Basis, basis) {
			d.Basis = append(d.Basis, basis)
		}
	}
	return left
}

// beginsWith reports whether a folded text begins with one of the phrases, each a whole number of words.
func beginsWith(folded string, phrases ...string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.HasPrefix(folded+" ", p+" ") })
}
