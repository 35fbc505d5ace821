package portal

import (
	"slices"
)

// LoginBudget is how many logins an address may begin.
var LoginBudget = loginBudget

// ToldRoute is a row of the table of routes as the tests of the pages see it.
type ToldRoute struct {
	Method, Path  string // as in Vietnamese
	Page          bool   // it answers with a page to read
	Public, Reads bool
}

// ToldRoutes are the routes of a portal.
func ToldRoutes() []ToldRoute {
	var told []ToldRoute
	for _, r := range (&Portal{}).routes() {
		for _, method := range r.manner().methods {
			if method == "HEAD" {
				continue // as GET
			}
			told = append(told, ToldRoute{Method: method, Path: r.path("vi"), Public: r.access == public,
				Reads: method != "POST",
				Page: slices.Contains([]kind{aPage, aSlowPage, aSharedPage, aDraftPage, aHiddenPage},
					r.kind)})
		}
	}
	return told
}
