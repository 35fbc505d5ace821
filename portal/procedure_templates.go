package portal

import (
	"net/url"
	"path"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/portal/transfer"
	"congdvc/services/procedure"

	"github.com/gofiber/fiber/v2"
)

// template sends a form file to fill in by hand. It is the same for everybody, so browsers and proxies keep
// it.
func (p *Portal) template(v *visit) error {
	name, err := url.PathUnescape(v.Params("name"))
	if err != nil {
		return procedure.ErrNoTemplate.From(err)
	}
	t, content, err := procedure.OpenTemplate(v.ctx(), p.Pool, v.Params("procedure"), name)
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	v.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	return transfer.Send(v.Ctx, transfer.File{Name: t.Name, MediaType: t.MediaType, Size: t.Bytes,
		SHA256: t.SHA256, Content: content})
}

// offerTemplates names the form files of every paper on the page: to download where they are stored, by their
// names otherwise.
func (p *Portal) offerTemplates(v *visit, page *procedurePage, ver *procedure.Version) error {
	stored, err := procedure.Templates(v.ctx(), p.Pool, ver.Code, formFiles(ver))
	if err != nil {
		return err
	}
	for i := range page.Papers.Groups {
		offer(v.lang, ver.Code, page.Papers.Groups[i].Lines, stored)
	}
	for i := range page.EveryCase {
		offer(v.lang, ver.Code, page.EveryCase[i].Lines, stored)
	}
	return nil
}

func offer(l i18n.Lang, code string, lines []requirementLine, stored map[string]procedure.Template) {
	for i := range lines {
		var absent []string
		lines[i].Templates, absent = templateLinks(l, code, lines[i].files, stored)
		if len(absent) > 0 {
			lines[i].Forms = i18n.T(l, "procedure.source.forms", "Names", strings.Join(absent, "; "))
		}
	}
}

// formFiles are the names of all form files that a version's papers have.
func formFiles(ver *procedure.Version) []string {
	var names []string
	for _, r := range ver.Requirements {
		names = append(names, r.Forms...)
	}
	return names
}

// templateLinks are the links to those form files that are stored, and the names of the others.
func templateLinks(
	l i18n.Lang, code string, names []string, stored map[string]procedure.Template,
) (links []link, absent []string) {
	for _, name := range names {
		t, ok := stored[name]
		if !ok {
			absent = append(absent, name)
			continue
		}
		title := strings.TrimSuffix(name, path.Ext(name))
		links = append(links, link{address.Template(code, name), i18n.T(l, "procedure.template", "Name",
			title, "Kind", t.Kind(), "Size", i18n.Size(l, t.Bytes))})
	}
	return links, absent
}
