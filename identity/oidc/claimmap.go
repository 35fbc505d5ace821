package oidc

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity"
	"congdvc/identity/number"
)

// ClaimMap says under which claim names an issuer sends each value. The names of a list are tried in order,
// and the first claim with a value counts. A dot leads into an object, as in "address.formatted".
type ClaimMap struct {
	Account []string `json:"account"` // whose account it is
	// values of it that mean an organisation; all others mean a person
	OrganisationAccounts []string `json:"organisation_accounts"`
	Number               []string `json:"number"` // the person's identity number: needed
	Name                 []string `json:"name"`   // the person's full name: needed
	Born                 []string `json:"born"`   // yyyyMMdd, or with hyphens or slashes, year first
	Gender               []string `json:"gender"`
	Male                 []string `json:"male"`   // values of gender that mean male
	Female               []string `json:"female"` // values of gender that mean female
	Phone                []string `json:"phone"`
	Email                []string `json:"email"`
	Address              []string `json:"address"`
	// level of identity assurance, a number or a word of AssuranceLevels
	Assurance        []string       `json:"assurance"`
	AssuranceLevels  map[string]int `json:"assurance_levels"`  // what words mean
	TaxCode          []string       `json:"tax_code"`          // the organisation's: needed for its account
	OrganisationName []string       `json:"organisation_name"` // needed for an organisation's account
}

//go:embed maps/*.json
var mapFiles embed.FS

// VNeIDClaims is the map of VNeID's claims, as seen in code of portals that use it; levels 1 and 2 are those
// of electronic identification accounts (Decree 69/2024/ND-CP). What the service really sends is agreed with
// it, so the map is configuration.
func VNeIDClaims() ClaimMap { return mustMap("maps/vneid.json") }

// StandardClaims is the map of OpenID Connect's standard claims, with the likeliest names for what the
// standard has none for.
func StandardClaims() ClaimMap { return mustMap("maps/standard.json") }

func mustMap(name string) ClaimMap {
	raw, err := mapFiles.ReadFile(name)
	if err != nil {
		panic(err)
	}
	m, err := ParseClaimMap(raw)
	if err != nil {
		panic(err)
	}
	return m
}

// ParseClaimMap reads a map from JSON. Unknown members are refused, and so is a map without the needed
// claims.
func ParseClaimMap(raw []byte) (ClaimMap, error) {
	var m ClaimMap
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return ClaimMap{}, fmt.Errorf("oidc: claim map: %w", err)
	}
	if len(m.Number) == 0 || len(m.Name) == 0 {
		return ClaimMap{}, fmt.Errorf("oidc: claim map: number and name are needed")
	}
	return m, nil
}

func (m ClaimMap) empty() bool { return len(m.Number) == 0 && len(m.Name) == 0 }

// Map reads what an issuer asserted. Needed claims that are missing or malformed are ErrClaims, which names
// all of them; optional ones that are malformed are left out, because a person can type them. Issuer stays
// empty.
func (m ClaimMap) Map(raw map[string]any) (identity.Claims, error) {
	c := identity.Claims{
		Account:   identity.Person,
		Subject:   text(raw["sub"]),
		Name:      name(m.line(raw, m.Name)),
		Assurance: m.level(raw),
		Profile: identity.Profile{
			Born:    day(m.line(raw, m.Born)),
			Gender:  m.gender(raw),
			Address: m.line(raw, m.Address),
		},
	}
	var missing []string
	need := func(ok bool, names []string) {
		if !ok {
			missing = append(missing, strings.Join(names, "/"))
		}
	}
	id, err := number.ParseCitizenID(m.line(raw, m.Number))
	c.Number = string(id)
	need(c.Subject != "", []string{"sub"})
	need(err == nil, m.Number)
	need(c.Name != "", m.Name)
	// A malformed phone or address stays empty: both parsers give "" with their error.
	c.Profile.Phone, _ = number.ParsePhone(m.line(raw, m.Phone))
	c.Profile.Email, _ = number.ParseEmail(m.line(raw, m.Email))

	if slices.Contains(m.OrganisationAccounts, m.line(raw, m.Account)) {
		code, err := number.ParseTaxCode(m.line(raw, m.TaxCode))
		c.Account = identity.Organisation
		c.Organisation = &identity.OrganisationClaims{
			TaxCode: string(code), Name: m.line(raw, m.OrganisationName),
		}
		need(err == nil, m.TaxCode)
		need(c.Organisation.Name != "", m.OrganisationName)
	}
	if missing != nil {
		names := strings.Join(missing, ", ")
		return identity.Claims{}, ErrClaims.With("Claims", names).
			From(fmt.Errorf("oidc: missing or malformed: %s", names))
	}
	return c, nil
}

// namesSomebody tells whether claims hold anything by which a person can be known.
func (m ClaimMap) namesSomebody(raw map[string]any) bool {
	personal := slices.Concat(m.Number, m.Name, m.Born, m.Phone, m.Email, m.Address, m.TaxCode,
		m.OrganisationName)
	return m.line(raw, personal) != ""
}

func (m ClaimMap) gender(raw map[string]any) string {
	switch said := m.line(raw, m.Gender); {
	case said == "":
		return ""
	case slices.Contains(m.Male, said):
		return identity.Male
	case slices.Contains(m.Female, said):
		return identity.Female
	}
	return ""
}

// level is 0 for what is neither a known word nor a number from 0 to 9.
func (m ClaimMap) level(raw map[string]any) int {
	said := m.line(raw, m.Assurance)
	if level, ok := m.AssuranceLevels[said]; ok {
		return level
	}
	level, err := strconv.Atoi(said)
	if err != nil || level < 0 || level > 9 {
		return 0
	}
	return level
}

// line is the first of the named claims that has a value, as one clean line.
func (m ClaimMap) line(raw map[string]any, names []string) string {
	for _, name := range names {
		if value := clean(text(find(raw, name))); value != "" {
			return value
		}
	}
	return ""
}

// find follows a name through objects. A claim that really has dots in its name, as some issuers' URLs do,
// wins.
func find(raw map[string]any, name string) any {
	if value, ok := raw[name]; ok {
		return value
	}
	outer, inner, dotted := strings.Cut(name, ".")
	if !dotted {
		return nil
	}
	object, ok := raw[outer].(map[string]any)
	if !ok {
		return nil
	}
	return find(object, inner)
}

// text is a claim that is a string or a number; lists and objects have no text.
func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}

const longestLine = 500 // characters of one claim; longer ones are cut

// clean makes one line in NFC: what is invisible is dropped, controls become spaces, spaces are single.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case number.Invisible(r):
			return -1
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return ' '
		}
		return r
	}, s)
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	if characters := []rune(s); len(characters) > longestLine {
		s = strings.TrimSpace(string(characters[:longestLine]))
	}
	return s
}

// name reads a person's name as forms do, so that an answer filled in from it is right there. One that the
// provider knows and forms would not take stays as it is.
func name(s string) string {
	if read, err := number.ParseName(s); err == nil {
		return read
	}
	return s
}

// day reads a date, year first, into 2006-01-02; empty when it is not a whole date.
func day(s string) string {
	s = number.Plain(s)
	for _, layout := range []string{"20060102", time.DateOnly, "2006/01/02"} {
		if date, err := time.Parse(layout, s); err == nil && date.Year() >= 1800 {
			return date.Format(time.DateOnly)
		}
	}
	return ""
}
