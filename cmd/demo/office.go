package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"congdvc/services/demooffice"
)

// connection is what `portal onestop create` tells once, kept for the next start.
type connection struct {
	Endpoint string `json:"endpoint"`
	Key      string `json:"key"`
	Secret   string `json:"secret"`
	Agencies []struct {
		Agency string `json:"agency"`
		Name   string `json:"name"`
	} `json:"agencies"`
}

// officer is invented; the demo has one of that name at every agency.
var officer = demooffice.Officer{Name: "Đỗ Văn Hùng", Title: "Công chức tư pháp - hộ tịch", Phone: "0229 3871 000"}

// startOffice runs one-stop software that serves every commune over one connection. The portal's database is ready, the
// portal itself need not answer yet.
func (d *demo) startOffice(ctx context.Context, env environment) error {
	address, err := d.ports.loopback("office")
	if err != nil {
		return err
	}
	c, err := d.connect(ctx, env, "http://"+address+demooffice.EndpointPath)
	if err != nil {
		return err
	}
	config := demooffice.Config{Addr: address, PortalURL: env["PUBLIC_URL"], APIKey: c.Key, WebhookSecret: c.Secret,
		Dir: filepath.Join(d.dir, "office")}
	for _, a := range c.Agencies {
		config.Agencies = append(config.Agencies, demooffice.Agency{Code: a.Agency, Name: a.Name})
		o := officer
		o.Agency = a.Agency
		config.Officers = append(config.Officers, o)
	}
	server, err := demooffice.Start(context.WithoutCancel(ctx), config)
	if err != nil {
		return err
	}
	d.undo = append(d.undo, server.Close)
	env["RESULT_ROOTS_FILE"] = server.CAFile()
	d.say("  office         %s", server.URL())
	return nil
}

// connect makes the connection the first time, by the command that an operator uses, and tells the portal when the
// office's address has changed since.
func (d *demo) connect(ctx context.Context, env environment, endpoint string) (*connection, error) {
	const code = "chung"
	path := d.secrets.path("connection.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = output(ctx, env, d.portal, "onestop", "create", code, "Một cửa dùng chung", "--endpoint", endpoint, "--all-communes", "--json")
		if err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
	}
	if err != nil {
		return nil, err
	}
	var c connection
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if c.Endpoint == endpoint {
		return &c, nil
	}
	return &c, runOnce(ctx, env, d.portal, "onestop", "endpoint", code, endpoint)
}
