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
	t := newTable(out, "key", "scopes", "created", "last used", "revoked")
	for _, k := range keys {
		t.row(k.Prefix, scopes(k.Scopes), instant(&k.CreatedAt), instant(k.LastUsedAt), instant(k.RevokedAt))
	}
	return t.end()
}

func scopes(list []onestop.Scope) string {
	words := make([]string, 0, len(list))
	for _, s := range list {
		words = append(words, string(s))
	}
	return strings.Join(words, ",")
}

type onestopKeyNew struct {
	Code   string          `arg:"" help:"Code of the one-stop system."`
	Scopes []onestop.Scope `default:"read,write,feed" help:"What the key is for."`
	JSON   bool            `help:"Answer in JSON, for scripts."`
}

// Run makes a key and shows it.
func (c onestopKeyNew) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.create(ctx, p, os.Stdout) })
}

func (c onestopKeyNew) create(ctx context.Context, p *parts, out io.Writer) error {
	var key string
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) (err error) {
		key, _, err = onestop.CreateKey(ctx, tx, p.vault, connection.ID, c.Scopes, time.Now())
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
