package portal

import (
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/static"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// access says who may use a route.
type access int

const (
	// public routes are for everybody.
	public access = iota
	// signedIn routes ask a visitor to log in, and bring them back.
	signedIn
	// maySave routes also take a form from someone whose session has ended softly:
	// what they typed is saved to their draft, and then they are asked to log in.
	maySave
)

// route is one row of the portal's table of routes.
type route struct {
	method string
	// path gives the pattern in a language.
	path   func(lang string) string
	access access
	handle func(*visit) error
	// form is the page on which the form of a POST stands, where that is not its own path.
	form func(lang string) string
	// maxBody is the largest body in bytes; 64 KiB when zero.
	maxBody int64
	// multipart bodies are streamed by the handler, which checks the token itself.
	multipart bool
	// external posts come from outside parties and carry their own proof.
	external bool
	// oneLanguage routes are registered once, without a language in the path.
	oneLanguage bool
	// script routes are asked by a page's script: they answer in JSON.
	script bool
	// keeps marks pages on which the script of drafts works, and which say when the session ends.
	keeps bool
	// resumes marks forms that are shown again as they were sent, should their session be gone.
	resumes bool
	// kept pages are the same for every visitor without a session, and are kept for seconds.
	kept bool
	// timeout bounds the work; ten seconds when zero.
	timeout time.Duration
}

const (
	smallBody = 64 << 10
	stepBody  = 1 << 20
)

// routes is every page of the portal, on one screen.
func (p *Portal) routes() []route {
	var all []route
	all = append(all, p.publicRoutes()...)
	all = append(all, p.accountRoutes()...)
	all = append(all, p.draftRoutes()...)
	all = append(all, p.dossierRoutes()...)
	all = append(all, p.outsideRoutes()...)
	return all
}

func (p *Portal) register(app *fiber.App) {
	app.Get(static.Prefix+"*", compressed(), p.asset)
	for _, r := range p.routes() {
		for _, lang := range i18n.Langs {
			app.Add(r.method, r.path(string(lang)), p.chain(r, p.page(r, lang))...)
			if r.oneLanguage {
				break
			}
		}
	}
	app.Use(func(c *fiber.Ctx) error {
		lang, _ := address.Split(c.Path())
		v := &visit{Ctx: c, lang: i18n.Lang(lang)}
		c.Locals(visitKey, v)
		_ = p.findSession(v, public)
		return fiber.ErrNotFound
	})
}

func (p *Portal) chain(r route, last fiber.Handler) []fiber.Handler {
	max, timeout := r.maxBody, r.timeout
	if max == 0 {
		max = smallBody
	}
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	chain := []fiber.Handler{bounded(timeout), limitBody(max, r.multipart), compressed(), last}
	if r.kept {
		chain = append([]fiber.Handler{p.fromKept}, chain...)
	}
	return chain
}

// compressed sends text in the smallest encoding that the browser takes. Files and
// papers are sent as they are: most are compressed already, and with their length
// a telephone can tell how far it is.
func compressed() fiber.Handler {
	pack := fasthttp.CompressHandlerBrotliLevel(func(*fasthttp.RequestCtx) {}, fasthttp.CompressBrotliDefaultCompression, fasthttp.CompressDefaultCompression)
	return func(c *fiber.Ctx) error {
		if err := c.Next(); err != nil {
			return err
		}
		kind := string(c.Response().Header.ContentType())
		if strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "image/svg") {
			pack(c.Context())
		}
		return nil
	}
}

func (p *Portal) asset(c *fiber.Ctx) error {
	a, ok := static.Find(c.Path())
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, a.Type)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	return c.Send(a.Body)
}
