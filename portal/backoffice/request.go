package backoffice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/throttle"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// call is one request of a one-stop system.
type call struct {
	*fiber.Ctx
	key      *onestop.Key
	agencies []agency.ID // those that the key's connection serves today
	actor    dossier.Actor
	now      time.Time
}

// serve bounds, reads and admits a request, and lets its handler answer.
func (b *Backoffice) serve(r route) fiber.Handler {
	timeout := r.timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), timeout)
		defer cancel()
		c.SetUserContext(ctx)
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
		v := &call{Ctx: c, now: b.Now()}
		if err := b.enter(v, r); err != nil {
			return err
		}
		return r.handle(b, v)
	}
}

// enter bounds the body and admits the caller. A small body is read first, so that
// the connection stays in step; for a large one the caller has to be known.
func (b *Backoffice) enter(v *call, r route) error {
	if r.scope == "" {
		return bound(v.Ctx, r)
	}
	if r.multipart {
		if err := b.admit(v, r); err != nil {
			return err
		}
		return bound(v.Ctx, r)
	}
	if err := bound(v.Ctx, r); err != nil {
		return err
	}
	return b.admit(v, r)
}

// admit finds out who calls: the key, then whether it may, then the officer.
func (b *Backoffice) admit(v *call, r route) error {
	ctx := v.UserContext()
	scheme, token, _ := strings.Cut(v.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return onestop.ErrKey
	}
	key, err := onestop.KeyOf(ctx, b.Pool, strings.TrimSpace(token), v.now)
	if err != nil {
		return err
	}
	v.Locals(knownKey, true)
	// A key cannot be guessed, so nothing is lost by staying open while Redis is away.
	budget := throttle.Budget{Name: "api", Limit: perMinute, Per: time.Minute}
	if err := b.Limiter.Spend(ctx, throttle.Charge{Budget: budget, Key: key.ID}); err != nil &&
		!errors.Is(err, throttle.ErrAway) {
		return err
	}
	if err := key.Allows(r.scope); err != nil {
		return err
	}
	v.key = key
	actor, err := parseActor(v.Get("Actor"), r.method == fiber.MethodGet)
	if err != nil {
		return err
	}
	v.actor = dossier.Actor{Kind: dossier.Officer, Name: actor.Name, Title: actor.Title, Unit: actor.Unit,
		Phone: actor.Phone}
	v.agencies, err = agency.ServedBy(ctx, b.Pool, key.Connection, workday.DateOf(v.now))
	return err
}

// parseActor reads the header that says for which officer a call is made.
func parseActor(header string, reads bool) (onestop.Actor, error) {
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
	if reads {
		return a, a.CheckReader("Actor").Err()
	}
	return a, a.Check("Actor").Err()
}

// office is the caller as the desk knows it.
func (v *call) office() desk.Office {
	return desk.Office{Connection: v.key.Connection, Agencies: v.agencies, Actor: v.actor}
}

// changing is office for a call that changes something, with its Idempotency-Key
// and If-Match. The body tells the request from another with the same key.
func (v *call) changing(body []byte) (desk.Office, error) {
	o := v.office()
	key := v.Get("Idempotency-Key")
	visible := func(r rune) bool { return r > ' ' && r < 0x7f }
	if key == "" || len(key) > 200 || strings.ContainsFunc(key, func(r rune) bool { return !visible(r) }) {
		return o, errIdempotencyKey.At("Idempotency-Key")
	}
	request := strings.Join([]string{v.Method(), v.Path(), v.Get("Actor"), ""}, "\n")
	o.Call = onestop.Call{Connection: v.key.Connection, Key: key, Request: append([]byte(request), body...),
		Now: v.now}
	match := v.Get(fiber.HeaderIfMatch)
	if match == "" || match == "*" {
		return o, nil
	}
	version, err := strconv.ParseInt(strings.Trim(match, `"`), 10, 64)
	if err != nil || etagOf(version) != match {
		return o, errIfMatch.At(fiber.HeaderIfMatch)
	}
	o.IfMatch = &version
	return o, nil
}

func etagOf(rowVersion int64) string { return `"` + strconv.FormatInt(rowVersion, 10) + `"` }

// code is the dossier that the path names. What is no code is not found.
func (v *call) code() (dossier.Code, error) {
	code, err := dossier.ParseCode(v.Params("code"))
	if err != nil || string(code) != v.Params("code") {
		return "", dossier.ErrNotFound
	}
	return code, nil
}

// number is the revision that the path names.
func (v *call) number() (int, error) {
	n, err := strconv.ParseInt(v.Params("number"), 10, 32)
	if err != nil || n < 1 {
		return 0, dossier.ErrNotFound
	}
	return int(n), nil
}

// query reads the parameters of the query: each at most once, and no others than
// those named. An absent one is "".
func (v *call) query(names ...string) (map[string]string, error) {
	values := map[string]string{}
	var faults fault.List
	v.Context().QueryArgs().VisitAll(func(name, value []byte) {
		n := strings.ToValidUTF8(string(name), "?")
		if _, twice := values[n]; twice || !slices.Contains(names, n) {
			faults.Add(errParameter.At(n))
		}
		values[n] = string(value)
	})
	return values, faults.Err()
}

// between reads a whole number of the query; absent is the fallback.
func between(values map[string]string, name string, low, high, fallback int64) (int64, error) {
	text := values[name]
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return 0, errParameter.At(name)
	}
	return n, nil
}

// lang is the language of texts for people: Vietnamese unless English is preferred.
func lang(c *fiber.Ctx) i18n.Lang {
	if strings.HasPrefix(strings.ToLower(c.Get(fiber.HeaderAcceptLanguage)), string(i18n.En)) {
		return i18n.En
	}
	return i18n.Vi
}

// answer sends a value as JSON.
func (v *call) answer(value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("backoffice: answer: %w", err)
	}
	return v.bytes(body)
}

func (v *call) bytes(body []byte) error {
	v.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return v.Send(body)
}

// recovered turns a panic of a handler into an error.
func (b *Backoffice) recovered(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("backoffice: panic: %v\n%s", r, debug.Stack())
		}
	}()
	return c.Next()
}
