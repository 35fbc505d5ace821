package portal

import (
	"slices"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/static"

	"github.com/gofiber/fiber/v2"
)

// found reports whether search engines may list a route: what is the same for everybody, and of nobody.
func (r route) found() bool {
	return r.access == public && slices.Contains([]kind{aPage, aSearchPage, aSharedPage, aHandout,
		aMachineFile}, r.kind)
}

// leaveOut tells search engines to leave out a page of one person, paper or visit. A page with a query is one
// answer among any number, such as a search, or names a dossier.
func leaveOut(v *visit) {
	if !v.route.found() || v.Context().QueryArgs().Len() > 0 {
		v.Set("X-Robots-Tag", "noindex")
	}
}

// robots tells search engines where the list of pages is, and where they need not ask: everything that wants
// a login, and what is for programs. Pages that must not be listed say so themselves (leaveOut): an engine
// that may not ask for them could list their addresses all the same.
func (p *Portal) robots(v *visit) error {
	var text strings.Builder
	text.WriteString("User-agent: *\n")
	for _, path := range closedPaths(p.routes()) {
		text.WriteString("Disallow: " + path + "\n")
	}
	text.WriteString("\nSitemap: " + p.Site.URL(address.Sitemap()) + "\n")
	return sendText(v, text.String())
}

// closedPaths are patterns of all paths that want a login (RFC 9309, 2.2.3), none of them a part of another.
func closedPaths(table []route) []string {
	closed := []string{"/api/", "/webhook/"}
	for _, r := range table {
		if r.access == public {
			continue
		}
		for _, lang := range r.langs() {
			steps := strings.Split(r.path(string(lang)), "/")
			for i, step := range steps {
				if strings.HasPrefix(step, ":") {
					steps[i] = "*"
				}
			}
			closed = append(closed, strings.Join(steps, "/"))
		}
	}
	slices.Sort(closed)
	var out []string
	for _, path := range closed {
		if len(out) == 0 || !strings.HasPrefix(path, out[len(out)-1]) {
			out = append(out, path)
		}
	}
	return out
}

// securityLife is for how long the contact for security holds; RFC 9116 asks for less than a year.
const securityLife = 180 * 24 * time.Hour

// securityText says whom to tell of a security hole (RFC 9116). Without a contact there is none.
func (p *Portal) securityText(v *visit) error {
	if len(p.SecurityContacts) == 0 {
		return fiber.ErrNotFound
	}
	var text strings.Builder
	for _, contact := range p.SecurityContacts {
		text.WriteString("Contact: " + contact + "\n")
	}
	expires := p.Now().UTC().Truncate(24 * time.Hour).Add(securityLife)
	text.WriteString("Expires: " + expires.Format(time.RFC3339) + "\n")
	text.WriteString("Preferred-Languages: " + string(i18n.Vi) + ", " + string(i18n.En) + "\n")
	if own := p.Site.URL(address.SecurityText()); strings.HasPrefix(own, "https://") {
		text.WriteString("Canonical: " + own + "\n")
	}
	return sendText(v, text.String())
}

func sendText(v *visit, text string) error {
	v.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	v.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	return v.SendString(text)
}

// favicon is for programs that ask for the icon without reading a page.
func (p *Portal) favicon(v *visit) error {
	icon, ok := static.Find(static.URL("favicon.ico"))
	if !ok {
		return fiber.ErrNotFound
	}
	v.Set(fiber.HeaderContentType, icon.Type)
	v.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return v.Send(icon.Body)
}
