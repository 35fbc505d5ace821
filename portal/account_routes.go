package portal

import "congdvc/portal/address"

// accountRoutes are the login and the pages about the person.
func (p *Portal) accountRoutes() []route {
	return []route{
		{method: "GET", path: address.Login, handle: p.login},
		{method: "POST", path: address.Login, handle: p.beginLogin},
		{method: "GET", path: func(string) string { return address.OIDCReturn() }, handle: p.finishLogin, oneLanguage: true},
		{method: "GET", path: address.Session, access: signedIn, handle: p.tellSession, script: true},
		{method: "POST", path: address.Session, form: address.Dossiers, handle: p.extendSession},
		{method: "POST", path: address.Device, access: signedIn, handle: p.deviceKeys, script: true},
		{method: "POST", path: address.Logout, form: address.Home, handle: p.logout},
		{method: "GET", path: address.Account, access: signedIn, handle: p.account},
		{method: "POST", path: address.Account, access: signedIn, handle: p.switchParty},
		{method: "GET", path: address.Notices, access: signedIn, handle: p.notices},
		{method: "POST", path: address.Notices, access: signedIn, handle: p.readNotice},
	}
}
