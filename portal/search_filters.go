package portal

import (
	"slices"
	"strconv"

	"congdvc/services/procedure"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// The values of the filters, in the order to show; message keys search.level.<value> and so on.
var (
	levels = []string{string(procedure.FullyOnline), string(procedure.PartlyOnline),
		string(procedure.Information)}
	audiences = []string{"citizen", "business", "organisation"}
	receivers = []string{"commune", "department", procedure.Elsewhere}
)

func oneOf(value string, values []string) bool { return slices.Contains(values, value) }

// filters fills in the filters, with the counts where a value leaves anything, and the links that take them
// off.
func (s *searchPage) filters(q procedure.Query, counts procedure.Counts, names filterNames) {
	s.Filters = []filterBox{
		s.filter(paramLevel, "search.filter.level", string(q.Level), s.options("procedure.level.", levels,
			counts.Levels, string(q.Level))),
		s.filter(paramAudience, "search.filter.audience", q.Audience,
			s.options("procedure.audience.", audiences, counts.Audiences, q.Audience)),
		s.filter(paramReceiver, "search.filter.receiver", q.Receiver, s.receiverOptions(counts, q.Receiver,
			names.body)),
		s.filter(paramField, "search.filter.field", q.Field, s.fieldOptions(counts.Fields, q.Field,
			names.field)),
	}
	without := func(set bool, text string, change func(*procedure.Query)) {
		if set {
			rest := q
			rest.Offset = 0
			change(&rest)
			s.Set = append(s.Set, link{searchPath(s.Lang, rest), text})
		}
	}
	without(q.Level != "", s.T("procedure.level."+string(q.Level)), func(r *procedure.Query) { r.Level = "" })
	without(q.Audience != "", s.T("procedure.audience."+q.Audience), func(r *procedure.Query) {
		r.Audience = ""
	})
	receiver := names.body
	if oneOf(q.Receiver, receivers) {
		receiver = s.T("search.receiver." + q.Receiver)
	}
	without(q.Receiver != "", receiver, func(r *procedure.Query) { r.Receiver = "" })
	without(q.Field != "", names.field, func(r *procedure.Query) { r.Field = "" })
}

func (s *searchPage) filter(name, label, value string, options []fieldOption) filterBox {
	all := append([]fieldOption{{Label: s.T("search.filter.all"), Chosen: value == ""}}, options...)
	return filterBox{formField: formField{Name: name, Label: s.T(label), Value: value, Options: all},
		Set: value != ""}
}

// options are the values that leave any procedure, and the one that is set.
func (s *searchPage) options(keys string, values []string, counts map[string]int, set string) []fieldOption {
	var all []fieldOption
	for _, value := range values {
		if counts[value] > 0 || value == set {
			all = append(all, fieldOption{Value: value, Label: withCount(s.T(keys+value), counts[value]),
				Chosen: value == set})
		}
	}
	return all
}

// receiverOptions are the kinds of agencies, then the single ones.
func (s *searchPage) receiverOptions(counts procedure.Counts, set, setName string) []fieldOption {
	kindSet := set
	if setName != "" {
		kindSet = ""
	}
	kinds := s.options("search.receiver.", receivers, counts.Receivers, kindSet)
	single, there := []fieldOption(nil), setName == ""
	for _, b := range counts.Agencies {
		there = there || b.Code == set
		single = append(single, fieldOption{Value: b.Code, Label: withCount(b.Name.In(s.Lang), b.Count),
			Chosen: b.Code == set})
	}
	if !there {
		single = append(single, fieldOption{Value: set, Label: withCount(setName, 0), Chosen: true})
	}
	s.sorted(single)
	return append(kinds, single...)
}

// sorted puts options into the order of their names in the language of the page.
func (s *searchPage) sorted(all []fieldOption) {
	order := collate.New(language.MustParse(string(s.Lang)))
	slices.SortFunc(all, func(a, b fieldOption) int { return order.CompareString(a.Label, b.Label) })
}

// fieldOptions are the fields by name.
func (s *searchPage) fieldOptions(counts []procedure.FieldCount, set, setName string) []fieldOption {
	var all []fieldOption
	there := false
	for _, c := range counts {
		there = there || c.Code == set
		all = append(all, fieldOption{Value: c.Code, Label: withCount(c.Name.In(s.Lang), c.Count),
			Chosen: c.Code == set})
	}
	if set != "" && !there {
		all = append(all, fieldOption{Value: set, Label: withCount(setName, 0), Chosen: true})
	}
	s.sorted(all)
	return all
}

func withCount(label string, n int) string { return label + " (" + strconv.Itoa(n) + ")" }
