package portal

import (
	"maps"
	"net/url"

	"congdvc/portal/address"
	"congdvc/services/agency"
)

// placeFormID is the id of the form that asks for the place. The switch of the language posts it, so that
// what is chosen there comes along.
const placeFormID = "place"

// inOther is the page of the place in the other language. Its query has what is chosen here and not saved
// yet.
func (c *choosing) inOther(v *visit, page string) string {
	query := url.Values{}
	maps.Copy(query, c.carried)
	if id := v.FormValue("case"); id != "" {
		query.Set(address.AskCase, id)
	}
	query.Set(address.AskAgency, "") // none may be chosen
	for i := range c.takers {
		if c.takers[i].ID == agency.ID(v.FormValue("agency")) {
			query.Set(address.AskAgency, c.takers[i].Code)
		}
	}
	for name, input := range map[string]string{askCapacity: capacityInput, askFrom: fromInput} {
		if value := v.FormValue(input); value != "" {
			query.Set(name, value)
		}
	}
	return page + "?" + query.Encode()
}
