package main

import (
	"bytes"
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
	Key      string `json:"key"`
	Secret   string `json:"secret"`
	Agencies []struct {
		Agency string `json:"agency"`
		Name   string `json:"name"`
	} `json:"agencies"`
}

// A software is one one-stop system of the demo: a server of its own, with its own port, key, secret, seals
// and officer.
type software struct {
	label   string // before its address; also the name of its port
	code    string // of the connection
	name    string
	serves  []string // as the command takes it
	told    string   // whom it serves, for a newcomer
	folder  string   // of what it keeps
	kept    string   // the secret with what it was told once
	officer demooffice.Officer
}

// softwares are the province's common one, and that of a department that chose its own. The officers are
// invented; the demo has one of that name at every agency of a software.
var softwares = []software{
	{label: "office", code: "chung", name: "Một cửa dùng chung", serves: []string{"--all-communes"},
		told: "UBND xã, phường", folder: "office", kept: "connection.json",
		officer: demooffice.Officer{Name: "Đỗ Văn Hùng", Title: "Công chức tư pháp - hộ tịch",
			Phone: "0229 3871 000"}},
	{label: "department", code: "so-tu-phap", name: "Một cửa Sở Tư pháp",
		serves: []string{"--agencies", "H42.STP"}, told: "Sở Tư pháp", folder: "department",
		kept: "connection-so-tu-phap.json", officer: demooffice.Officer{Name: "Phạm Thị Hà",
			Title: "Chuyên viên", Phone: "0229 3872 000"}},
}

// startOffice runs the one-stop software of the agencies. The portal's database is ready, the portal itself
// need not answer yet. Each signs its results by an authority of its own; the portal trusts them all.
func (d *demo) startOffice(ctx context.Context, env environment) error {
	var roots bytes.Buffer
	for _, s := range softwares {
		server, err := d.startSoftware(ctx, env, s)
		if err != nil {
			return err
		}
		root, err := os.ReadFile(server.CAFile())
		if err != nil {
			return err
		}
		roots.Write(append(root, '\n'))
	}
	env["RESULT_ROOTS_FILE"] = filepath.Join(d.dir, "result-roots.pem")
	return os.WriteFile(env["RESULT_ROOTS_FILE"], roots.Bytes(), 0o600)
}

func (d *demo) startSoftware(ctx context.Context, env environment, s software) (*demooffice.Server, error) {
	address, err := d.ports.loopback(s.label)
	if err != nil {
		return nil, err
	}
	c, err := d.connect(ctx, env, s, "http://"+address+demooffice.EndpointPath)
	if err != nil {
		return nil, err
	}
	config := demooffice.Config{Addr: address, PortalURL: env["PUBLIC_URL"], APIKey: c.Key,
		WebhookSecret: c.Secret, Dir: filepath.Join(d.dir, s.folder)}
	for _, a := range c.Agencies {
		config.Agencies = append(config.Agencies, demooffice.Agency{Code: a.Agency, Name: a.Name})
		o := s.officer
		o.Agency = a.Agency
		config.Officers = append(config.Officers, o)
	}
	server, err := demooffice.Start(context.WithoutCancel(ctx), config)
	if err != nil {
		return nil, err
	}
	d.undo = append(d.undo, server.Close)
	if err := d.introduce(ctx, env, s, server.Endpoint()); err != nil {
		return nil, err
	}
	d.say("  %-14s %s", s.label, server.URL())
	d.say("    serves       %s", s.told)
	return server, nil
}

// connect makes the connection the first time, by the command that an operator uses.
func (d *demo) connect(ctx context.Context, env environment, s software,
	endpoint string) (*connection, error) {
	path := d.secrets.path(s.kept)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		args := append([]string{"onestop", "create", s.code, s.name, "--endpoint", endpoint,
			"--allow", loopback, "--json"}, s.serves...)
		text, err = output(ctx, env, d.portal, args...)
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
	return &c, nil
}

// loopback is the network of the software, which is on this machine.
const loopback = "127.0.0.1/32"

// introduce has the portal push to the software, which answers by now, at the address that it has today.
func (d *demo) introduce(ctx context.Context, env environment, s software, endpoint string) error {
	if err := runOnce(ctx, env, d.portal, "onestop", "allow", s.code, loopback); err != nil {
		return err
	}
	return runOnce(ctx, env, d.portal, "onestop", "endpoint", s.code, endpoint)
}
