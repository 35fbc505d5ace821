package portal

import "congdvc/portal/address"

// publicRoutes are the pages for everybody.
func (p *Portal) publicRoutes() []route {
	one := func(f func(lang, s string) string, name string) func(string) string {
		return func(lang string) string { return f(lang, name) }
	}
	template := func(string) string { return address.Template(":procedure", ":name") }
	return []route{
		{method: "GET", path: address.Home, handle: p.home, kept: true},
		{method: "GET", path: address.Search, handle: p.search},
		{method: "GET", path: address.Suggest, handle: p.suggest},
		{method: "GET", path: address.Communes, handle: p.communes},
		{method: "GET", path: one(address.LifeEvent, ":event"), handle: p.event, kept: true},
		{method: "GET", path: one(address.Procedure, ":procedure"), handle: p.procedure, kept: true},
		{method: "GET", path: template, handle: p.template, oneLanguage: true},
		{method: "HEAD", path: template, handle: p.template, oneLanguage: true},
		{method: "GET", path: address.Track, handle: p.track},
		{method: "POST", path: address.Track, handle: p.findTracked},
		{method: "GET", path: address.Verify, handle: p.verify},
		{method: "GET", path: one(address.VerifyCode, ":code"), handle: p.verifyCode},
		{method: "GET", path: address.Help, handle: p.help, kept: true},
		{method: "GET", path: address.Accessibility, handle: p.accessibility, kept: true},
	}
}
