package portal

import (
	"congdvc/portal/address"
	"congdvc/portal/transfer"
	"congdvc/services/result"
)

// dossierResult leads to the dossier, where its results are.
func (p *Portal) dossierResult(v *visit) error {
	return v.see(address.Dossier(v.lang, v.Params("code")))
}

// dossierResultFile sends a result for saving. From the first time on that bytes of it are sent the dossier
// counts as returned.
func (p *Portal) dossierResultFile(v *visit) error {
	code, id := codeOf(v), result.ID(v.Params("result"))
	f, err := p.Desk.LookAtResult(v.ctx(), v.who(), code, id)
	if err != nil {
		return err
	}
	answer, err := transfer.Prepare(v.Ctx, storedFile(f, false))
	if err != nil {
		return err
	}
	if answer.HasContent() {
		if err := p.Desk.ResultOpened(v.ctx(), v.who(), code, id); err != nil {
			answer.Close()
			return err
		}
	}
	return sendPrivately(v, answer)
}
