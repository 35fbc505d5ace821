package portal

import (
	"slices"

	"congdvc/services/throttle"
)

// LoginBudget is how many logins an address may begin.
var LoginBudget = spendings[startLogin].budgets[0].Budget

// ToldRoute is a row of the table of routes as the tests of the pages see it.
type ToldRoute struct {
	Method, Path  string // as in Vietnamese
	Page          bool   // it answers with a page to read
	Public, Reads bool
	// Budgets are those of a person that its kind charges; Free says that it charges nobody.
	Budgets []throttle.Budget
	Free    bool
	JSON    bool
}

// ToldRoutes are the routes of a portal.
func ToldRoutes() []ToldRoute {
	var told []ToldRoute
	for _, r := range (&Portal{}).routes() {
		for _, method := range r.manner().methods {
			if method == "HEAD" {
				continue // as GET
			}
			pays := spendings[r.manner().cost]
			var budgets []throttle.Budget
			for _, b := range pays.budgets {
				if b.of == aPerson && !pays.byHandler {
					budgets = append(budgets, b.Budget)
				}
			}
			told = append(told, ToldRoute{Method: method, Path: r.path("vi"), Public: r.access == public,
				Reads: method != "POST", Budgets: budgets, Free: len(pays.budgets) == 0,
				JSON: r.manner().failing == byJSON,
				Page: slices.Contains([]kind{aPage, aSearchPage, aSlowPage, aSharedPage, aDraftPage,
					aHiddenPage, aCheckPage}, r.kind)})
		}
	}
	return told
}
