package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"

	"congdvc/identity/demoidp"
	"congdvc/payments/demostripe"
)

// startIdentityProvider runs the OIDC provider, where a newcomer chooses whom to be.
func (d *demo) startIdentityProvider(ctx context.Context, env environment) error {
	address, err := d.ports.loopback("identity provider")
	if err != nil {
		return err
	}
	const client = "congdvc"
	secret, err := d.secrets.get("oidc-client")
	if err != nil {
		return err
	}
	public := env["PUBLIC_URL"]
	// It runs until it is closed, not only as long as everything may take to start.
	server, err := demoidp.Start(context.WithoutCancel(ctx), demoidp.Config{
		Addr: address, ClientID: client, ClientSecret: secret,
		RedirectURIs:   []string{public + "/dang-nhap/ve", public + "/en/dang-nhap/ve"},
		PostLogoutURIs: []string{public + "/", public + "/en", public + "/en/"},
		KeyFile:        d.secrets.path("oidc-signing-key.pem"),
		Log:            slog.New(slog.NewTextHandler(d.notes, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	d.undo = append(d.undo, server.Close)
	env["OIDC_ISSUER"], env["OIDC_CLIENT_ID"], env["OIDC_CLIENT_SECRET"] = server.URL(), client, secret
	d.say("  identity       %s", server.URL())
	for _, person := range server.People() {
		name := person.Name
		if person.OrganisationName != "" {
			name += ", " + person.OrganisationName
		}
		d.say("    log in as    %s: %s", name, person.Role["vi"])
	}
	return nil
}

// startPaymentProvider runs the stand-in for Stripe, which keeps its sessions over a restart as the real one
// does.
func (d *demo) startPaymentProvider(ctx context.Context, env environment) error {
	address, err := d.ports.loopback("payment provider")
	if err != nil {
		return err
	}
	key, err := d.secrets.get("stripe-key")
	if err != nil {
		return err
	}
	webhook, err := d.secrets.get("stripe-webhook")
	if err != nil {
		return err
	}
	key, webhook = "sk_test_"+key, "whsec_"+webhook
	dir := filepath.Join(d.dir, "payments")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	server, err := demostripe.Start(context.WithoutCancel(ctx), demostripe.Config{
		Addr: address, SecretKey: key, WebhookURL: env["PUBLIC_URL"] + "/webhook/stripe",
		WebhookSecret: webhook, Dir: dir,
	})
	if err != nil {
		return err
	}
	d.undo = append(d.undo, server.Close)
	env["STRIPE_SECRET_KEY"], env["STRIPE_WEBHOOK_SECRET"] = key, webhook
	env["STRIPE_API_BASE"] = server.URL()
	d.say("  payments       %s", server.URL())
	return nil
}

// preparePortal makes the portal's keys the first time, brings its database to the program's schema and loads
// the starter catalogue, all by the commands that an operator uses.
func (d *demo) preparePortal(ctx context.Context, env environment) error {
	commands := [][]string{{"migrate"}, {"import", "starter"}}
	if _, err := os.Stat(env["VAULT_KEYSET_FILE"]); errors.Is(err, fs.ErrNotExist) {
		commands = append([][]string{{"keys", "create"}}, commands...)
	}
	for _, args := range commands {
		as := env
		if args[0] == "migrate" {
			as = maps.Clone(env)
			as["DATABASE_URL"], as["RUNTIME_ROLE"] = d.owner, runtimeRole
		}
		if err := runOnce(ctx, as, d.portal, args...); err != nil {
			return err
		}
	}
	return nil
}
