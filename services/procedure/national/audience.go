package national

import "slices"

// audiences maps the thirteen audiences of the national list to the portal's three.
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

// audienceOf gives the audiences in their usual order. With a name that is not in the list it is not known
// who may file: then it gives none, which refuses nobody, and the names stand in the Origin only.
func audienceOf(names []string) []string {
	var found []string
	for _, name := range names {
		if audiences[name] == "" {
			return nil
		}
	}
	for _, audience := range []string{"citizen", "business", "organisation"} {
		if slices.ContainsFunc(names, func(name string) bool { return audiences[name] == audience }) {
			found = append(found, audience)
		}
	}
	return found
}
