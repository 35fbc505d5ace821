package portal

import (
	"mime"

	"congdvc/portal/address"
	"congdvc/services/result"

	"github.com/gofiber/fiber/v2"
)

// dossierResult leads to the dossier, where its results are.
func (p *Portal) dossierResult(v *visit) error {
	return v.see(address.Dossier(v.lang, v.Params("code")))
}

// dossierResultFile sends a result for saving. From the first time on the dossier counts as returned.
func (p *Portal) dossierResultFile(v *visit) error {
	open := p.Desk.ResultFile
	if v.looks() {
		open = p.Desk.ResultUnopened
	}
	f, err := open(v.ctx(), v.who(), codeOf(v), result.ID(v.Params("result")))
	if err != nil {
		return err
	}
	if err := sendFile(v, f); err != nil {
		return err
	}
	v.Set(fiber.HeaderContentDisposition,
		mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	return nil
}
