package portal

import (
	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/portal/transfer"
	"congdvc/static"

	"github.com/gofiber/fiber/v2"
)

// register adds every route, the files of package static, and the answer to unknown paths.
func (p *Portal) register(app *fiber.App) error {
	table := p.routes()
	if err := checkRoutes(table); err != nil {
		return err
	}
	app.Use(textOnly)
	doors := newDoors(app)
	for _, method := range reads {
		doors.add(method, static.Prefix+"*", compressed(), p.asset)
	}
	for _, r := range table {
		for _, lang := range r.langs() {
			path := r.path(string(lang))
			for _, method := range r.manner().methods {
				doors.add(method, path, p.chain(r, lang)...)
			}
			if r.form != nil {
				doors.forms[path] = r.form
			}
		}
	}
	doors.refuseOthers(compressed(), p.otherMethod)
	app.Use(func(c *fiber.Ctx) error {
		p.visitNowhere(c)
		return fiber.ErrNotFound
	})
	return nil
}

// visitNowhere makes the visit of a page that says why there is none.
func (p *Portal) visitNowhere(c *fiber.Ctx) *visit {
	lang, _ := address.Split(c.Path())
	v := &visit{Ctx: c, lang: i18n.Lang(lang)}
	c.Locals(visitKey, v)
	_ = p.findSession(v, public)
	return v
}

func (p *Portal) chain(r route, lang i18n.Lang) []fiber.Handler {
	m := r.manner()
	chain := []fiber.Handler{bounded(m.time), compressed(), p.page(r, lang)}
	if m.caching == keptBriefly {
		chain = append([]fiber.Handler{p.fromKept}, chain...)
	}
	return chain
}

func (p *Portal) asset(c *fiber.Ctx) error {
	a, ok := static.Find(c.Path())
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	return transfer.Send(c, transfer.File{MediaType: a.Type, Size: int64(len(a.Body)), SHA256: a.SHA256,
		Bytes: a.Body})
}
