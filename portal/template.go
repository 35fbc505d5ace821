package portal

import (
	"mime"
	"net/url"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/procedure"

	"github.com/gofiber/fiber/v2"
)

// template sends a form file to fill in by hand. It is the same for everybody, so browsers and proxies keep it.
func (p *Portal) template(v *visit) error {
	name, err := url.PathUnescape(v.Params("name"))
	if err != nil {
		return procedure.ErrNoTemplate.From(err)
	}
	t, content, err := procedure.TemplateContent(v.ctx(), p.Pool, v.Params("procedure"), name)
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderContentType, t.MediaType)
	v.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	v.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": t.Name}))
	v.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	v.Set(fiber.HeaderETag, `"`+t.SHA256+`"`)
	if strings.Contains(v.Get(fiber.HeaderIfNoneMatch), t.SHA256) {
		return v.SendStatus(fiber.StatusNotModified)
	}
	return v.Send(content)
}

// formsOf names the form files of a requirement: to download where they are stored, by their names otherwise.
func formsOf(l i18n.Lang, code string, forms []string, stored map[string]procedure.Template) (links []link, names []string) {
	for _, name := range forms {
		t, ok := stored[name]
		if !ok {
			names = append(names, name)
			continue
		}
		links = append(links, link{address.Template(code, name), i18n.T(l, "procedure.template", "Name", strings.TrimSuffix(name, name[strings.LastIndex(name, "."):]), "Kind", t.Kind(), "Size", i18n.Size(l, t.Bytes))})
	}
	return links, names
}

// templatesOf reads which of the form files that a version names are stored.
func (p *Portal) templatesOf(v *visit, ver *procedure.Version) (map[string]procedure.Template, error) {
	var names []string
	for _, r := range ver.Requirements {
		names = append(names, r.Forms...)
	}
	return procedure.Templates(v.ctx(), p.Pool, ver.Code, names)
}
