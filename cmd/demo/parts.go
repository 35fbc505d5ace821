package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"

	"congdvc/services/pgserver"
)

const (
	database = "congdvc"
	// runtimeRole is as whom the portal runs; what it migrates belongs to the server's own role.
	runtimeRole = "congdvc_portal"
)

func (d *demo) startPostgres(ctx context.Context, env environment) error {
	server, err := pgserver.Start(ctx, filepath.Join(d.dir, "postgres"), nil)
	if err != nil {
		return err
	}
	d.undo = append(d.undo, server.Stop)
	if err := server.CreateDatabase(ctx, database); err != nil {
		return err
	}
	if err := server.CreateRole(ctx, runtimeRole); err != nil {
		return err
	}
	d.owner = server.URL(database)
	env["DATABASE_URL"] = server.URLAs(database, runtimeRole)
	d.say("  database       %s", server.URL(database))
	return nil
}

// startRedis runs a Redis in this process. It holds only what may vanish, so nothing of it is kept.
func (d *demo) startRedis(ctx context.Context, env environment) error {
	password, err := d.secrets.get("redis")
	if err != nil {
		return err
	}
	server := miniredis.NewMiniRedis()
	server.RequireAuth(password)
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return err
	}
	// Its keys expire only as far as its clock is moved.
	ended := make(chan struct{})
	go func() {
		const tick = time.Second
		for clock := time.NewTicker(tick); ; {
			select {
			case <-clock.C:
				server.FastForward(tick)
			case <-ended:
				clock.Stop()
				return
			}
		}
	}()
	d.undo = append(d.undo, func() error {
		close(ended)
		server.Close()
		return nil
	})
	env["REDIS_ADDRS"], env["REDIS_PASSWORD"] = server.Addr(), password
	d.say("  redis          %s", server.Addr())
	return nil
}

func (d *demo) startMailbox(ctx context.Context, env environment) error {
	address, err := d.ports.loopback("mailbox")
	if err != nil {
		return err
	}
	box, err := startMailbox(filepath.Join(d.dir, "mail"), address)
	if err != nil {
		return err
	}
	d.undo = append(d.undo, box.stop)
	env["SMTP_ADDR"], env["SMTP_TLS"] = box.smtp, "none"
	env["MAIL_FROM"] = "khong-tra-loi@dichvucong.example.vn"
	d.say("  mailbox        %s", box.url)
	return nil
}

// prepare says where the portal keeps what it keeps, and makes its keys and data.
func (d *demo) prepare(ctx context.Context, env environment) error {
	inside, err := d.ports.loopback("inside")
	if err != nil {
		return err
	}
	env["INSIDE_LISTEN"] = inside
	env["DRAIN"] = "0s" // no proxy stands before it
	env["FILES_DIR"] = filepath.Join(d.dir, "files")
	env["VAULT_KEYSET_FILE"] = d.secrets.path("vault-keyset")
	env["VAULT_KEK_FILE"] = d.secrets.path("vault-kek")
	return d.preparePortal(ctx, env)
}

// envFile is where the demo leaves the portal's variables for a shell, so that every command of the portal
// can be tried on it.
const envFile = "env"

// startPortal runs the portal, and waits until it says that it is ready.
func (d *demo) startPortal(ctx context.Context, env environment) error {
	path := filepath.Join(d.dir, envFile)
	if err := os.WriteFile(path, []byte(env.shell()), 0o600); err != nil {
		return err
	}
	d.say("  commands       . %s && %s --help", quoted(path), quoted(d.portal))
	portal, err := startChild("portal", filepath.Join(d.dir, "log", "portal.log"), env, d.portal, "serve")
	if err != nil {
		return err
	}
	d.undo = append(d.undo, portal.stop)
	d.children = append(d.children, portal)
	for _, url := range []string{"http://" + env["INSIDE_LISTEN"] + "/readyz", env["PUBLIC_URL"] + "/"} {
		if err := portal.answers(ctx, url); err != nil {
			return err
		}
	}
	return nil
}

// answers waits until that page of the child says 200.
func (c *child) answers(ctx context.Context, url string) error {
	client := http.Client{Timeout: 10 * time.Second}
	var last error
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		switch {
		case err != nil:
			last = err
		case response.StatusCode == http.StatusOK:
			return response.Body.Close()
		default:
			last = fmt.Errorf("%s", response.Status)
			response.Body.Close()
		}
		select {
		case <-c.ended:
			return fmt.Errorf("%s ended while starting (%v); its log is %s", c.name, c.how, c.log)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w; its log is %s", url, last, c.log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
