package portal

import (
	"slices"
	"strings"

	"congdvc/static"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// doors registers handlers, and knows which methods each path takes.
type doors struct {
	app     *fiber.App
	paths   []string // in the order of the table, since the first match answers
	methods map[string][]string
	forms   map[string]pattern // by path: the page that has its form, where that stands elsewhere
}

func newDoors(app *fiber.App) *doors {
	return &doors{app: app, methods: map[string][]string{}, forms: map[string]pattern{}}
}

func (d *doors) add(method, path string, handlers ...fiber.Handler) {
	d.app.Add(method, path, handlers...)
	if d.methods[path] == nil {
		d.paths = append(d.paths, path)
	}
	d.methods[path] = append(d.methods[path], method)
}

// refuseOthers answers every other method on a path that was added, with the header that names the right ones
// (RFC 9110, 15.5.6).
func (d *doors) refuseOthers(handlers ...fiber.Handler) {
	for _, path := range d.paths {
		allowed := slices.Sorted(slices.Values(append(d.methods[path], fiber.MethodOptions)))
		allow := strings.Join(slices.Compact(allowed), ", ")
		d.app.All(path, append([]fiber.Handler{func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderAllow, allow)
			c.Locals(formKey, d.forms[path])
			return c.Next()
		}}, handlers...)...)
	}
}

// otherMethod tells a program by which methods a page is asked, and a person who came so why there is none.
func (p *Portal) otherMethod(c *fiber.Ctx) error {
	if strings.HasPrefix(c.Path(), static.Prefix) {
		if _, ok := static.Find(c.Path()); !ok {
			c.Response().Header.Del(fiber.HeaderAllow)
			return fiber.ErrNotFound
		}
	}
	if c.Method() == fiber.MethodOptions {
		c.Status(fiber.StatusNoContent)
		return nil
	}
	v := p.visitNowhere(c)
	if form, _ := c.Locals(formKey).(pattern); form != nil {
		v.at = func(lang string) string { return v.filled(form(lang)) }
	}
	return fiber.ErrMethodNotAllowed
}

const formKey = "form"

// answerEveryMethod has the routes answer methods that fiber does not know. By itself it answers them with
// bare words, whatever the path. To all routes one of them is as good as TRACE, which none takes. And an
// empty answer to HEAD tells its length, as that to GET does.
func answerEveryMethod(app *fiber.App) {
	server := app.Server()
	routed := server.Handler
	server.Handler = func(c *fasthttp.RequestCtx) {
		if !slices.Contains(fiber.DefaultMethods, string(c.Method())) {
			c.Request.Header.SetMethod(fiber.MethodTrace)
		}
		routed(c)
		if r := &c.Response; c.IsHead() && !r.IsBodyStream() && len(r.Body()) == 0 {
			r.Header.SetContentLength(0)
		}
	}
}
