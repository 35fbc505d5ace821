package backoffice

import (
	"context"
	"errors"
	"slices"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/throttle"

	"github.com/jackc/pgx/v5"
)

// challenges is how often a connection may have endpoints asked: nobody searches networks by it.
var challenges = throttle.Budget{Name: "challenge", Limit: 10, Per: time.Minute}

const (
	usualDeliveries = 50
	mostDeliveries  = 200
)

// codeParameter reads the parameter "dossier", "" when it is absent.
func codeParameter(values map[string]string) (dossier.Code, error) {
	text := values["dossier"]
	if text == "" {
		return "", nil
	}
	code, err := dossier.ParseCode(text)
	if err != nil || string(code) != text {
		return "", errParameter.At("dossier")
	}
	return code, nil
}

// oneOf reads a parameter that has a word of a list, "" when it is absent.
func oneOf[T ~string](values map[string]string, name string, words []T) (T, error) {
	word := T(values[name])
	if word != "" && !slices.Contains(words, word) {
		return "", errParameter.At(name)
	}
	return word, nil
}

func (b *Backoffice) standing(ctx context.Context, db postgres.DB, v *call) (any, error) {
	s, err := onestop.StandingOf(ctx, db, b.Desk.Vault, v.key.Connection)
	if err != nil {
		return nil, err
	}
	keys, err := onestop.Keys(ctx, db, v.key.Connection)
	if err != nil {
		return nil, err
	}
	return s.Wire(keys, v.now), nil
}

func (b *Backoffice) getConnection(v *call) error {
	if _, err := v.query(); err != nil {
		return err
	}
	s, err := b.standing(v.UserContext(), b.Pool, v)
	if err != nil {
		return err
	}
	return v.answer(s)
}

// page reads the parameters "after" and "limit".
func page(values map[string]string) (after onestop.Cursor, limit int, err error) {
	if after, err = onestop.ParseCursor(values["after"]); err != nil {
		return after, 0, onestop.ErrCursor.At("after")
	}
	n, err := between(values, "limit", 1, mostDeliveries, usualDeliveries)
	return after, int(n), err
}

func (b *Backoffice) getDeliveries(v *call) error {
	values, err := v.query("after", "limit", "dossier", "state")
	if err != nil {
		return err
	}
	var f onestop.DeliveryFilter
	var limit int
	if f.After, limit, err = page(values); err != nil {
		return err
	}
	if f.Dossier, err = codeParameter(values); err != nil {
		return err
	}
	if f.State, err = oneOf(values, "state", onestop.DeliveryStates); err != nil {
		return err
	}
	list, next, more, err := onestop.Deliveries(v.UserContext(), b.Pool, v.key.Connection, f, limit)
	if err != nil {
		return err
	}
	out := onestop.DeliveryPage{Deliveries: []onestop.DeliveryRow{}, Next: next.String(), More: more}
	for _, d := range list {
		out.Deliveries = append(out.Deliveries, d.Wire())
	}
	return v.answer(out)
}

func (b *Backoffice) getParked(v *call) error {
	values, err := v.query("after", "limit")
	if err != nil {
		return err
	}
	after, limit, err := page(values)
	if err != nil {
		return err
	}
	list, next, more, err := onestop.Parked(v.UserContext(), b.Pool, v.key.Connection, after, limit)
	if err != nil {
		return err
	}
	out := onestop.ParkedPage{Dossiers: []onestop.ParkedRow{}, Next: next.String(), More: more}
	for _, d := range list {
		out.Dossiers = append(out.Dossiers, d.Wire())
	}
	return v.answer(out)
}

func (b *Backoffice) postEndpoint(v *call) error {
	in, err := body[onestop.NewEndpoint](v)
	if err != nil {
		return err
	}
	if err := in.Check().Err(); err != nil {
		return err
	}
	if *in.Endpoint == "" {
		return b.told(v, "an endpoint was taken out", b.once(v, b.withoutEndpoint(v)))
	}
	return b.prove(v, *in.Endpoint)
}

func (b *Backoffice) withoutEndpoint(v *call) func(context.Context, pgx.Tx) (any, error) {
	return func(ctx context.Context, tx pgx.Tx) (any, error) {
		if err := onestop.SetEndpoint(ctx, tx, b.Desk.Vault, v.key.Connection, ""); err != nil {
			return nil, err
		}
		return b.standing(ctx, tx, v)
	}
}

func (b *Backoffice) postChallenge(v *call) error {
	if _, err := body[onestop.Nothing](v); err != nil {
		return err
	}
	return b.prove(v, "")
}

// prove challenges an endpoint outside of any transaction, and makes it live in one.
func (b *Backoffice) prove(v *call, endpoint string) error {
	o, err := v.changing(v.Body())
	if err != nil {
		return err
	}
	ctx := v.UserContext()
	prior, err := onestop.Answered(ctx, b.Pool, o.Call)
	if err != nil {
		return err
	}
	if prior != nil {
		return v.bytes(prior)
	}
	charge := throttle.Charge{Budget: challenges, Key: v.key.Connection}
	if err := b.Limiter.Spend(ctx, charge); errors.Is(err, throttle.ErrAway) {
		return errAway.From(err)
	} else if err != nil {
		return err
	}
	prover := onestop.Prover{DB: b.Pool, Vault: b.Desk.Vault}
	proof, err := prover.Challenge(ctx, v.key.Connection, endpoint)
	if err != nil {
		return err
	}
	return b.told(v, "an endpoint was proved", b.once(v, func(ctx context.Context, tx pgx.Tx) (any, error) {
		if err := onestop.SetProved(ctx, tx, b.Desk.Vault, proof); err != nil {
			return nil, err
		}
		return b.standing(ctx, tx, v)
	}))
}

func (b *Backoffice) postSecret(v *call) error {
	if _, err := body[onestop.Nothing](v); err != nil {
		return err
	}
	err := b.onceSealed(v, func(ctx context.Context, tx pgx.Tx) (any, error) {
		secret, err := onestop.RotateSecret(ctx, tx, b.Desk.Vault, v.key.Connection)
		return onestop.NewSecret{Secret: secret}, err
	})
	return b.told(v, "a secret was exchanged", err)
}

func (b *Backoffice) postPause(v *call) error {
	if _, err := body[onestop.Nothing](v); err != nil {
		return err
	}
	return b.told(v, "a connection was paused", b.once(v, func(ctx context.Context, tx pgx.Tx) (any, error) {
		if err := onestop.Pause(ctx, tx, v.key.Connection, v.now); err != nil {
			return nil, err
		}
		return b.standing(ctx, tx, v)
	}))
}

func (b *Backoffice) postResume(v *call) error {
	in, err := body[onestop.Resumption](v)
	if err != nil {
		return err
	}
	after, err := in.Cursor()
	if err != nil {
		return err
	}
	return b.told(v, "a connection was resumed", b.once(v, func(ctx context.Context, tx pgx.Tx) (any, error) {
		events, err := onestop.Resume(ctx, tx, v.key.Connection, after, v.now)
		return onestop.Replayed{Events: events}, err
	}))
}

// told writes down which key managed its connection, when it did.
func (b *Backoffice) told(v *call, what string, err error) error {
	if err == nil {
		b.Log.InfoContext(v.UserContext(), what, "connection", v.key.Connection, "key", v.key.Prefix,
			"request", requestID(v.Ctx))
	}
	return err
}
