package identity

// Kind says what sort of party a party is.
type Kind string

// The kinds of party.
const (
	Person       Kind = "person"
	Organisation Kind = "organisation"
)

// Genders as the identity provider states them; empty when it does not.
const (
	Male   = "male"
	Female = "female"
)

// Profile is what the identity provider says about a person beside name and number. Every field may be empty.
// It is taken over at each login and only ever proposed to the person, who may correct it in a form.
type Profile struct {
	Born    string `json:"born,omitempty"`    // 2006-01-02
	Gender  string `json:"gender,omitempty"`  // Male or Female
	Phone   string `json:"phone,omitempty"`   // in the form of identity/number
	Email   string `json:"email,omitempty"`   // bare address
	Address string `json:"address,omitempty"` // one line as the provider writes it
}

// Claims are what an identity provider asserts at one login, in the portal's own terms.
type Claims struct {
	Issuer, Subject string  // who asserts, and its own stable name for the account
	Account         Kind    // a person's own account, or an organisation's used by a person
	Number          string  // the person's identity number, 12 digits
	Name            string  // the person's full name
	Profile         Profile // the person's
	// identity assurance level, 1 and up; 0 when the provider does not say
	Assurance    int
	Organisation *OrganisationClaims // set exactly when Account is Organisation
}

// OrganisationClaims name the organisation for which a person logs in.
type OrganisationClaims struct {
	TaxCode string // 10 or 13 digits, canonical form of identity/number
	Name    string
}
