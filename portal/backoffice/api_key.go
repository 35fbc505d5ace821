package backoffice

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/throttle"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// perMinute is how many calls a key may make in a minute.
const perMinute = 1200

// callBudget is the budget of a key.
var callBudget = throttle.Budget{Name: "api", Limit: perMinute, Per: time.Minute}

// admit finds out who calls: first the key, then whether the key allows this call, then the officer.
func (b *Backoffice) admit(v *call, r route) error {
	ctx := v.UserContext()
	scheme, token, _ := strings.Cut(v.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return onestop.ErrKey
	}
	key, err := onestop.KeyOf(ctx, b.Pool, b.Desk.Vault, strings.TrimSpace(token), v.now)
	if err != nil {
		return err
	}
	v.Locals(knownKey, true)
	// A key cannot be guessed, so nothing is lost by staying open while Redis is away.
	rest, err := b.Limiter.Take(ctx, throttle.Charge{Budget: callBudget, Key: key.ID})
	tellBudget(v.Ctx, rest, err)
	if err != nil && !errors.Is(err, throttle.ErrAway) {
		return err
	}
	if err := key.Allows(r.scope); err != nil {
		return err
	}
	v.key = key
	actor, err := parseActor(v.Get("Actor"), r.act())
	if err != nil {
		return err
	}
	v.actor = dossier.Actor{Kind: dossier.Officer, Name: actor.Name, Title: actor.Title, Unit: actor.Unit,
		Phone: actor.Phone, System: key.Connection}
	v.agencies, err = agency.ServedBy(ctx, b.Pool, b.Desk.Vault, key.Connection, workday.DateOf(v.now))
	return err
}

// tellBudget tells a caller what is left of its budget, by the draft of RateLimit header fields
// (draft-ietf-httpapi-ratelimit-headers). While Redis is away nothing is counted, and nothing is told of it.
func tellBudget(c *fiber.Ctx, rest throttle.Rest, err error) {
	c.Set("RateLimit-Policy", fmt.Sprintf(`"calls";q=%d;w=%d`, callBudget.Limit, int(callBudget.Per.Seconds())))
	if !errors.Is(err, throttle.ErrAway) {
		c.Set("RateLimit", fmt.Sprintf(`"calls";r=%d;t=%d`, rest.Left, rest.Seconds()))
	}
}

// act says what an officer does by a call: to read asks for less about them than to change.
type act int

const (
	toRead act = iota
	toChange
)

func (r route) act() act {
	if r.method == fiber.MethodGet {
		return toRead
	}
	return toChange
}

// parseActor reads the header that says for which officer a call is made.
func parseActor(header string, by act) (onestop.Actor, error) {
	var a onestop.Actor
	if header == "" {
		return a, errActor.At("Actor")
	}
	values, err := url.ParseQuery(header)
	if err != nil {
		return a, errActor.At("Actor")
	}
	members := map[string]*string{"name": &a.Name, "title": &a.Title, "unit": &a.Unit, "phone": &a.Phone}
	for name, all := range values {
		if members[name] == nil || len(all) != 1 {
			return a, errActor.At("Actor")
		}
		*members[name] = all[0]
	}
	if by == toRead {
		return a, a.CheckReader("Actor").Err()
	}
	return a, a.Check("Actor").Err()
}
