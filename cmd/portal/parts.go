package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"congdvc/identity/oidc"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dong"
	"congdvc/services/filestore"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/signature"
	"congdvc/services/vault"
	"congdvc/services/worker"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// parts are the things that the commands are put together from.
type parts struct {
	config    *Config
	log       *slog.Logger
	pool      *pgxpool.Pool
	watch     *postgres.Watch // over the pool, for commands that live for long
	vault     *vault.Vault
	files     *filestore.Store
	checkout  *checkout.Checkout
	site      address.Site
	desk      *desk.Desk
	sequencer *onestop.Sequencer
	deliverer *onestop.Deliverer
	waiters   *onestop.Waiters
	channels  []notice.Line // by which notices leave
}

// assemble reads the configuration and opens what every command needs.
func assemble(ctx context.Context) (*parts, error) {
	c, err := readConfig()
	if err != nil {
		return nil, err
	}
	log, err := logger(c.LogLevel)
	if err != nil {
		return nil, err
	}
	slog.SetDefault(log) // where rooms tell of what nobody is told
	p := &parts{config: c, log: log, site: address.Site{Base: c.PublicURL}}
	if p.vault, err = vault.Open(c.Keyset, c.KEK); err != nil {
		return nil, err
	}
	p.files = filestore.At(c.Files, p.vault)
	if c.StripeKey != "" {
		p.checkout = p.paymentProvider()
	}
	if p.channels, err = p.openChannels(); err != nil {
		return nil, err
	}
	if p.pool, p.watch, err = postgres.OpenWatched(ctx, c.Database, log); err != nil {
		return nil, err
	}
	p.deliverer = onestop.NewDeliverer(onestop.DelivererConfig{DB: p.pool, Vault: p.vault, Log: log,
		Now: time.Now})
	p.waiters = onestop.NewWaiters(p.pool, log)
	p.sequencer = onestop.NewSequencer(p.pool, log, func() { p.deliverer.Ping(); p.waiters.Ping() })
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	p.desk, err = desk.New(desk.Config{
		Pool: p.pool, Vault: p.vault, Files: p.files, Checkout: p.checkout,
		SmallestOnline: dong.Amount(c.SmallestOnline), Site: p.site, Now: time.Now,
		Appended: p.sequencer.Ping, Channels: notice.Names(p.channels), DraftDays: c.DraftDays,
		DraftNotice: c.DraftNotice, PaymentAlarm: alarmOf(log),
		VerifyPDF: signature.InChild(self, "verify", "pdf", "--roots", c.ResultRoots),
	})
	return p, err
}

func (p *parts) close() { p.pool.Close() }

func (p *parts) redis() redis.UniversalClient {
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: p.config.Redis, MasterName: p.config.RedisPrimary, Password: p.config.RedisPassword,
		DialTimeout: time.Second, ReadTimeout: time.Second, WriteTimeout: time.Second, MaxRetries: 1,
		DialerRetries: 1,
	})
}

func (p *parts) paymentProvider() *checkout.Checkout {
	return checkout.New(checkout.Config{SecretKey: p.config.StripeKey, WebhookSecret: p.config.StripeWebhook,
		APIBase: p.config.StripeAPI})
}

func (p *parts) oidc() (*oidc.Client, error) {
	claims, err := claimMap(p.config.Claims)
	if err != nil {
		return nil, err
	}
	return oidc.New(oidc.Config{
		Issuer: p.config.Issuer, ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret,
		RedirectURL: p.site.URL(address.OIDCReturn()), ClaimMap: claims, MinAssurance: p.config.MinAssurance,
	}), nil
}

func claimMap(name string) (oidc.ClaimMap, error) {
	switch name {
	case "vneid":
		return oidc.VNeIDClaims(), nil
	case "plain":
		return oidc.StandardClaims(), nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return oidc.ClaimMap{}, fmt.Errorf("OIDC_CLAIMS: %w", err)
	}
	m, err := oidc.ParseClaimMap(raw)
	if err != nil {
		return oidc.ClaimMap{}, fmt.Errorf("OIDC_CLAIMS: %s: %w", name, err)
	}
	return m, nil
}

// worker puts the background work together.
func (p *parts) worker() (*worker.Worker, error) {
	sender := &notice.Sender{DB: p.pool, Vault: p.vault, Lines: p.channels, Log: p.log, Now: time.Now,
		ContactOf: p.desk.ContactOf, Ended: countNotices(p.channels), Works: channelStands}
	return worker.New(worker.Config{Desk: p.desk, Pool: p.pool, Sequencer: p.sequencer,
		Deliverer: p.deliverer, Sender: sender, Log: p.log})
}

var (
	errBehind = errors.New("the database is behind this program: run  portal migrate")
	errPooler = errors.New("portal migrate cannot go through a pooler such as pgbouncer, since it locks " +
		"the schema for a whole session: run it with a DATABASE_URL of the PostgreSQL server itself")
)
