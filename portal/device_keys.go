package portal

import (
	"encoding/base64"

	"congdvc/identity"

	"github.com/gofiber/fiber/v2"
)

// deviceKeys are the keys under which a browser keeps what it cannot save, in base64.
type deviceKeys struct {
	Device  string `json:"device"`
	Public  string `json:"public"`
	Private string `json:"private"` // of a device that the browser has already; PKCS #8
}

// deviceKeys gives a new browser the public key. A browser that has kept something gets the private key to
// read it.
func (p *Portal) deviceKeys(v *visit) error {
	v.Set(fiber.HeaderCacheControl, "no-store")
	encode := base64.StdEncoding.EncodeToString
	if id := v.FormValue("device"); id != "" {
		d, err := identity.FindDevice(v.ctx(), p.Pool, p.Vault, id, v.who().Person)
		if err != nil {
			return err
		}
		return v.JSON(deviceKeys{d.ID, encode(d.Public), encode(d.Private)})
	}
	d, err := identity.NewDevice(v.ctx(), p.Pool, p.Vault, v.who().Person, p.Now())
	if err != nil {
		return err
	}
	return v.JSON(deviceKeys{Device: d.ID, Public: encode(d.Public)})
}
