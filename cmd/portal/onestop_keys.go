package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"congdvc/services/onestop"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

type onestopKeys struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run lists the keys of a connection. Of the key itself it shows only the beginning.
func (c onestopKeys) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.list(ctx, p, os.Stdout) })
}

func (c onestopKeys) list(ctx context.Context, p *parts, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, c.Code)
	if err != nil {
		return err
	}
	keys, err := onestop.Keys(ctx, p.pool, connection.ID)
	if err != nil {
		return err
	}
	return showKeys(out, c.Code, keys)
}

// showKeys lists keys, and says which of them end soon.
func showKeys(out io.Writer, code string, keys []onestop.Key) error {
	now := time.Now()
	t := newTable(out, "key", "state", "scopes", "created", "last used", "ends", "revoked")
	soon := false
	for _, k := range keys {
		t.row(k.Prefix, keyState(k, now), scopes(k.Scopes), instant(&k.CreatedAt), instant(k.LastUsedAt),
			instant(k.ExpiresAt), instant(k.RevokedAt))
		soon = soon || keyState(k, now) == "ends soon"
	}
	if err := t.end(); err != nil || !soon {
		return err
	}
	_, err := fmt.Fprintf(out, "\nBefore a key ends, make another: portal onestop key-new %s\n", code)
	return err
}

func keyState(k onestop.Key, now time.Time) string {
	switch {
	case k.RevokedAt != nil:
		return "revoked"
	case !k.Live(now):
		return "expired"
	case k.ExpiresAt != nil && k.ExpiresAt.Sub(now) < onestop.KeyNotice:
		return "ends soon"
	}
	return "live"
}

// expiry is when a key ends, as an operator says it: a day, whose end in Vietnam it is; never; or nothing,
// which is in a year.
type expiry string

const never expiry = "never"

func (e expiry) at(now time.Time) (*time.Time, error) {
	switch e {
	case never:
		return nil, nil
	case "":
		end := now.Add(onestop.KeyLife)
		return &end, nil
	}
	day, err := workday.ParseDate(string(e))
	if err != nil {
		return nil, fmt.Errorf("--expires %s: a day such as 2027-11-30, or never", e)
	}
	end := day.AddDays(1).At(0)
	return &end, nil
}

func until(end *time.Time) string {
	if end == nil {
		return "The key does not end by itself."
	}
	return "The key ends on " + instant(end) + "."
}

// createKey makes a key that ends as its operator said.
func (p *parts) createKey(ctx context.Context, tx pgx.Tx, connection *onestop.Connection,
	scopes []onestop.Scope, e expiry) (string, *onestop.Key, error) {
	now := time.Now()
	end, err := e.at(now)
	if err != nil {
		return "", nil, err
	}
	text, k, err := onestop.CreateKey(ctx, tx, p.vault, connection.ID, scopes, now)
	if err != nil || end == nil {
		return text, k, err
	}
	k.ExpiresAt = end
	return text, k, onestop.ExpireKey(ctx, tx, p.vault, connection.ID, k.ID, end, now)
}

type onestopKeyExpire struct {
	Code    string `arg:"" help:"Code of the one-stop system."`
	Key     string `arg:"" help:"The key's first characters, as the list of keys shows them."`
	Expires expiry `arg:"" help:"The last day on which it holds, such as 2027-11-30, or never."`
}

// Run sets the end of a key.
func (c onestopKeyExpire) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.set(ctx, p) })
}

func (c onestopKeyExpire) set(ctx context.Context, p *parts) error {
	end, err := c.Expires.at(time.Now())
	if err != nil {
		return err
	}
	return p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.ExpireKey(ctx, tx, p.vault, connection.ID, c.Key, end, time.Now())
	})
}

func scopes(list []onestop.Scope) string {
	words := make([]string, 0, len(list))
	for _, s := range list {
		words = append(words, string(s))
	}
	return strings.Join(words, ",")
}

type onestopKeyNew struct {
	Code    string          `arg:"" help:"Code of the one-stop system."`
	Scopes  []onestop.Scope `default:"read,write,feed" help:"What the key is for: read, write, feed, manage."`
	Expires expiry          `help:"The last day on which it holds, such as 2027-11-30, or never; without it a year."`
	JSON    bool            `help:"Answer in JSON, for scripts."`
}

// Run makes a key and shows it.
func (c onestopKeyNew) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.create(ctx, p, os.Stdout) })
}

func (c onestopKeyNew) create(ctx context.Context, p *parts, out io.Writer) error {
	var key string
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) (err error) {
		key, _, err = p.createKey(ctx, tx, connection, c.Scopes, c.Expires)
		return err
	})
	if err != nil {
		return err
	}
	return showOnce(out, c.JSON, "key", key)
}

// showOnce writes what the portal cannot show again.
func showOnce(out io.Writer, asJSON bool, name, value string) error {
	if asJSON {
		return json.NewEncoder(out).Encode(map[string]string{name: value})
	}
	_, err := fmt.Fprintf(out, "%s  %s\nIt is not shown again.\n", name, value)
	return err
}

type onestopKeyRevoke struct {
	Code string `arg:"" help:"Code of the one-stop system."`
	Key  string `arg:"" help:"The key's first characters, as the list of keys shows them."`
}

// Run ends a key.
func (c onestopKeyRevoke) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.revoke(ctx, p) })
}

func (c onestopKeyRevoke) revoke(ctx context.Context, p *parts) error {
	return p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.RevokeKey(ctx, tx, p.vault, connection.ID, c.Key, time.Now())
	})
}

type onestopSecretRotate struct {
	Code string `arg:"" help:"Code of the one-stop system."`
	JSON bool   `help:"Answer in JSON, for scripts."`
}

// Run makes a secret and shows it.
func (c onestopSecretRotate) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.rotate(ctx, p, os.Stdout) })
}

func (c onestopSecretRotate) rotate(ctx context.Context, p *parts, out io.Writer) error {
	var secret string
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) (err error) {
		secret, err = onestop.RotateSecret(ctx, tx, p.vault, connection.ID)
		return err
	})
	if err != nil {
		return err
	}
	return showOnce(out, c.JSON, "secret", secret)
}
