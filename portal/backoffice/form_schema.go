package backoffice

import (
	"congdvc/services/eform"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// schemaMediaType is that of a JSON Schema.
const schemaMediaType = "application/schema+json"

// getFormSchema tells anybody what the answers to a procedure's form look like. It needs no key: like the
// page of the procedure it says nothing about a person.
func (b *Backoffice) getFormSchema(v *call) error {
	version, err := procedure.InForce(v.UserContext(), b.Pool, v.Params("code"), workday.DateOf(v.now))
	if err != nil {
		return err
	}
	if version.Form() == nil {
		return errNoForm
	}
	l := lang(v.Ctx)
	raw, err := eform.JSONSchema(version.Form(), l)
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderContentLanguage, string(l))
	v.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	return v.public(schemaMediaType, raw)
}
