package portal

import (
	"net/url"
	"slices"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/fault"
	"congdvc/services/postgres"

	"github.com/gofiber/fiber/v2"
)

var errNoText = fault.New(fault.Invalid, "error.no_text")

// textOnly refuses a path or a query that no text can be read from, before any handler: a page of such a name
// is not there, and such a value is none. The database could not even compare it.
func textOnly(c *fiber.Ctx) error {
	path, err := url.PathUnescape(c.Path())
	if err != nil || !postgres.IsText(path) {
		c.Locals(visitKey, &visit{Ctx: c, at: address.Home[string]})
		return fiber.ErrNotFound
	}
	isText := true
	c.Context().QueryArgs().VisitAll(func(name, value []byte) {
		isText = isText && postgres.IsText(string(name)) && postgres.IsText(string(value))
	})
	if !isText {
		lang, _ := address.Split(c.Path())
		at := func(lang string) string { return address.In(lang, c.Path()) }
		c.Locals(visitKey, &visit{Ctx: c, lang: i18n.Lang(lang), at: at})
		return errNoText
	}
	return c.Next()
}

// formIsText reports whether every name and value of a form that was read can be stored, in whichever of the
// two encodings it came.
func formIsText(c *fiber.Ctx) bool {
	isText := true
	c.Request().PostArgs().VisitAll(func(name, value []byte) {
		isText = isText && postgres.IsText(string(name)) && postgres.IsText(string(value))
	})
	form, err := c.MultipartForm()
	if err != nil {
		return isText // it is no multipart form
	}
	for name, values := range form.Value {
		isText = isText && postgres.IsText(name) && !slices.ContainsFunc(values, func(value string) bool {
			return !postgres.IsText(value)
		})
	}
	for name, files := range form.File {
		for _, file := range files {
			isText = isText && postgres.IsText(name) && postgres.IsText(file.Filename)
		}
	}
	return isText
}
