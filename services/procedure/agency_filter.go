package procedure

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// An AgencyCount is a single agency above the communes, with how many procedures it receives or decides.
type AgencyCount struct {
	Code  string
	Name  i18n.Text
	Count int
}

// agencyKeys are the keys by which the filter of a single agency finds a definition: codes of agencies that
// receive or decide, "*" and a kind where every agency of the kind does, and the names that a record from
// elsewhere has for them.
func (d *Definition) agencyKeys() []string {
	keys := []string{}
	add := func(more ...string) {
		for _, key := range more {
			if key != "" && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	add(d.ReceivedBy.Agencies...)
	add(d.DecidedBy.Agency)
	if d.Source == nil {
		for _, kind := range d.ReceivedBy.Kinds {
			add("*" + string(kind))
		}
		return keys
	}
	// Where the province alone is in charge, an agency is the province's even if the record does not say so.
	provincial := slices.Equal(d.Source.Levels, []string{"Cấp tỉnh"})
	for _, text := range []string{d.Source.Executing, d.Source.Competent} {
		for _, name := range namesIn(text) {
			if stem, certain := agencyStem(name); certain || provincial {
				add(stem)
			}
		}
	}
	return keys
}

// Bounds of what is read of the agencies' names in a record.
const (
	mostNameParts = 24
	longestRun    = 4
)

// namesIn gives the possible names of agencies in a text with several of them. Names are separated by commas
// and may contain commas, so it gives each part, and each run of a few parts.
func namesIn(text string) (names []string) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
	parts = parts[:min(len(parts), mostNameParts)]
	for i := range parts {
		for j := i + 1; j <= min(len(parts), i+longestRun); j++ {
			if name := agencyName(strings.Join(parts[i:j], " ")); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// agencyName folds a name of an agency and spells out what is often abbreviated.
func agencyName(name string) string {
	folded := " " + strings.Join(number.Words(name), " ") + " "
	return strings.TrimSpace(strings.NewReplacer(" ubnd ", " uy ban nhan dan ", " tp ", " thanh pho ").
		Replace(folded))
}

var (
	// provincialName is a name that says that the agency is one of any province: "Công an cấp tỉnh",
	// "Sở Tài chính các tỉnh, thành phố", "Chủ tịch Ủy ban nhân dân tỉnh".
	provincialName = regexp.MustCompile(
		`^(?:chu tich )?(.+?) (?:cac tinh thanh pho|tinh(?: va)? thanh pho truc thuoc trung uong|tinh thanh pho|cap tinh|tinh)$`)
	// provinceName is the province in the name of one of its agencies.
	provinceName = regexp.MustCompile(` (?:tinh|thanh pho) .+$`)
)

// agencyStem cuts off the words that make an agency one of a province. certain is true where the name has
// such words, and for every sở, because only provinces have those; "Công an" alone may be that of a commune.
func agencyStem(name string) (stem string, certain bool) {
	if found := provincialName.FindStringSubmatch(name); found != nil {
		return found[1], true
	}
	return name, strings.HasPrefix(name, "so ") || provinceName.MatchString(name)
}

// agencyKey is a key and the agency that it stands for. A name that two agencies share stands for neither.
type agencyKey struct{ key, code string }

// keysOf are the keys that stand for agencies, in the order of the agencies.
func keysOf(all []agency.Agency) (keys []agencyKey) {
	var provinces []string
	for _, a := range all {
		if found := provinceName.FindString(agencyName(a.Name.Vi)); a.Kind == agency.Province && found != "" {
			provinces = append(provinces, found)
		}
	}
	named := map[string][]string{}
	for _, a := range all {
		name := agencyName(a.Name.Vi)
		stem, _ := agencyStem(name)
		for _, province := range provinces {
			stem = strings.TrimSuffix(stem, province)
		}
		for _, key := range slices.Compact([]string{name, stem}) {
			named[key] = append(named[key], a.Code)
		}
		keys = append(keys, agencyKey{a.Code, a.Code}, agencyKey{"*" + string(a.Kind), a.Code})
	}
	for key, codes := range named {
		if len(codes) == 1 {
			keys = append(keys, agencyKey{key, codes[0]})
		}
	}
	return keys
}

// withAgencies adds to a query what it needs to know of the agencies that hold on its day, and returns them.
func (q Query) withAgencies(ctx context.Context, db postgres.DB,
	args pgx.NamedArgs) ([]agency.Agency, error) {
	all, err := agency.AboveCommunes(ctx, db, dayOrNil(q.On))
	if err != nil {
		return nil, err
	}
	var keys, codes, wanted []string
	for _, k := range keysOf(all) {
		keys, codes = append(keys, k.key), append(codes, k.code)
		if k.code == q.Receiver {
			wanted = append(wanted, k.key)
		}
	}
	args["body_keys"], args["body_codes"], args["wanted"] = keys, codes, wanted
	return all, nil
}

// nameAgencies puts the single agencies into the order of the agencies, with their names.
func (c *Counts) nameAgencies(all []agency.Agency) {
	counted := c.Agencies
	c.Agencies = nil
	for _, a := range all {
		if i := slices.IndexFunc(counted, func(b AgencyCount) bool { return b.Code == a.Code }); i >= 0 {
			c.Agencies = append(c.Agencies, AgencyCount{a.Code, a.Name, counted[i].Count})
		}
	}
}

// FindAgency returns a single agency that the filter of receivers may name. Errors: ErrNotFound.
func FindAgency(ctx context.Context, db postgres.DB, code string, on workday.Date) (AgencyCount, error) {
	if !agency.IsCode(code) {
		return AgencyCount{}, ErrNotFound
	}
	all, err := agency.AboveCommunes(ctx, db, dayOrNil(on))
	if err != nil {
		return AgencyCount{}, err
	}
	for _, a := range all {
		if a.Code == code {
			return AgencyCount{Code: code, Name: a.Name}, nil
		}
	}
	return AgencyCount{}, ErrNotFound
}
