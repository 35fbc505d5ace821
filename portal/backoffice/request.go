package backoffice

import (
	"math"
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

	"github.com/gofiber/fiber/v2"
)

// call is one request of a one-stop system.
type call struct {
	*fiber.Ctx
	door     *Backoffice
	key      *onestop.Key
	agencies []agency.ID // those that the key's connection serves today
	actor    dossier.Actor
	now      time.Time
	replayed bool // the answer is that of a call that was carried out before
}

// looks reports whether the call asks only what a GET would tell, and leaves no trace but the use of its key.
func (v *call) looks() bool { return v.Method() == fiber.MethodHead }

// office is the caller as the desk knows it.
func (v *call) office() desk.Office {
	return desk.Office{Connection: v.key.Connection, Agencies: v.agencies, Actor: v.actor, Looks: v.looks()}
}

// changing is office for a call that changes something, with its Idempotency-Key and If-Match. The body is
// kept with the key, so that another request under the same key is noticed.
func (v *call) changing(body []byte) (desk.Office, error) {
	o := v.office()
	key := v.Get("Idempotency-Key")
	visible := func(r rune) bool { return r > ' ' && r < 0x7f }
	if key == "" || len(key) > 200 || strings.ContainsFunc(key, func(r rune) bool { return !visible(r) }) {
		return o, errIdempotencyKey.At("Idempotency-Key")
	}
	request := strings.Join([]string{v.Method(), v.Path(), v.Get("Actor"), ""}, "\n")
	o.Call = onestop.Call{Connection: v.key.Connection, Key: key, Request: append([]byte(request), body...),
		Now: v.now, Replayed: &v.replayed}
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

// code is the dossier that the path names. A malformed code is dossier.ErrNotFound.
func (v *call) code() (dossier.Code, error) {
	code, err := dossier.ParseCode(v.Params("code"))
	if err != nil || string(code) != v.Params("code") {
		return "", dossier.ErrNotFound
	}
	return code, nil
}

// number is the revision that the path names, from 1. A malformed one is dossier.ErrNotFound.
func (v *call) number() (int, error) {
	n, err := strconv.Atoi(v.Params("number"))
	if err != nil || n < 1 || n > math.MaxInt32 || strconv.Itoa(n) != v.Params("number") {
		return 0, dossier.ErrNotFound
	}
	return n, nil
}

// query reads the named parameters; an absent one is "". Others, and those given twice, are errParameter, all
// named at once. The names are those of the call's row in the table.
func (v *call) query(names ...string) (map[string]string, error) {
	values, times := map[string]string{}, map[string]int{}
	var faults fault.List
	v.Context().QueryArgs().VisitAll(func(name, value []byte) {
		n := strings.ToValidUTF8(string(name), "?")
		times[n]++
		if known := slices.Contains(names, n); !known && times[n] == 1 || known && times[n] == 2 {
			faults.Add(errParameter.At(n))
		}
		values[n] = string(value)
	})
	return values, faults.Err()
}

// between reads a whole number from low to high, in its one spelling. An absent one is the fallback.
func between(values map[string]string, name string, low, high, fallback int64) (int64, error) {
	text := values[name]
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high || strconv.FormatInt(n, 10) != text {
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
