package portal

import (
	"net/url"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/fault"
	"congdvc/services/result"

	"github.com/gofiber/fiber/v2"
)

type verifyPage struct {
	shell
	Faults []faultLink
	Code   formField
	Result *verifiedResult
}

// verifiedResult is the least that lets anybody trust a paper in their hand.
type verifiedResult struct {
	State, Kind          string
	Explained            string
	Name, Number, Agency string
	NameLang             string // of the name, where it is not the page's own
	IssuedOn, SHA256     string
	Code                 result.Code
	Signer, SignedAt     string
	Replaced             string
}

func (p *Portal) verify(v *visit) error {
	if code := v.Query("ma"); code != "" {
		if read, ok := result.ParseCode(code); ok {
			code = string(read)
		}
		return v.see(address.VerifyCode(v.lang, code))
	}
	return p.render(v, "verify", p.verifyForm(v, ""))
}

func (p *Portal) verifyForm(v *visit, code string) verifyPage {
	return verifyPage{
		shell: p.shell(v, i18n.T(v.lang, "verify.title")),
		Code: formField{Name: "ma", Label: i18n.T(v.lang, "verify.code"),
			Hint: i18n.T(v.lang, "verify.code_hint"), Value: code, Autocomplete: "off",
			MaxLength: longestCopied},
	}
}

func (p *Portal) verifyCode(v *visit) error {
	code, err := url.PathUnescape(v.Params("code"))
	if err != nil {
		code = v.Params("code")
	}
	charges := p.chargesOf(v, verifying, nil)
	// A code that cannot be guessed may be asked for while Redis is away.
	if err := p.spend(v, verifying, charges); spent(err) {
		return err
	}
	page := p.verifyForm(v, code)
	found, err := p.Desk.VerifyResult(v.ctx(), code)
	if faults := fault.All(err); len(faults) > 0 && faults[0].Kind == fault.NotFound {
		page.Code.Error = i18n.T(v.lang, "verify.none")
		page.HasErrors = true
		page.Faults = []faultLink{{page.Code.Name, page.Code.Error}}
		return p.renderStatus(v, fiber.StatusNotFound, "verify", page)
	}
	p.giveBack(v, charges)
	if err != nil {
		return err
	}
	page.Result = verified(v, found)
	return p.render(v, "verify", page)
}

func verified(v *visit, f *desk.VerifyView) *verifiedResult {
	r := f.Result
	out := &verifiedResult{
		State:     i18n.T(v.lang, "verify.state."+string(r.State)),
		Explained: i18n.T(v.lang, "verify.explained."+string(r.State)), Name: r.Name.In(v.lang),
		NameLang: foreign(v.lang, r.Name), Number: r.Number, Agency: f.Agency.In(v.lang), Code: r.Code,
		SHA256: r.SHA256,
	}
	if r.State != "issued" {
		out.Kind = "wait"
	}
	out.IssuedOn = i18n.Date(v.lang, r.IssuedOn)
	if s := f.Signer; s != nil {
		out.Signer = s.Name
		if !s.At.IsZero() {
			out.SignedAt = i18n.DateTime(v.lang, s.At)
		}
	}
	if f.Replacement != "" {
		out.Replaced = address.VerifyCode(v.lang, f.Replacement)
	}
	return out
}
