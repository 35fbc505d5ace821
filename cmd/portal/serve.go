package main

import (
	"context"
	"net"
	"net/url"
	"time"

	"congdvc/i18n"
	"congdvc/identity/oidc"
	"congdvc/identity/session"
	"congdvc/migrations"
	"congdvc/portal"
	"congdvc/portal/backoffice"
	"congdvc/portal/intake"
	"congdvc/portal/transfer"
	"congdvc/services/throttle"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

type serveCommand struct{}

// Run answers until the context ends. Then it drains, and lets running requests finish.
func (serveCommand) Run(ctx context.Context) error {
	p, err := assemble(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	if err := ownAll(ctx, p); err != nil {
		return err
	}
	rdb := p.redis()
	defer rdb.Close()
	login, err := p.oidc()
	if err != nil {
		return err
	}
	limit, err := limitMemory(ctx, p.log)
	if err != nil {
		return err
	}
	may := boundsOf(p.config, limit)
	ready := p.readiness(rdb)
	app, err := p.app(rdb, login, may, ready.draining.Load)
	if err != nil {
		return err
	}
	listener, err := p.listen(ctx, app, may)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	end, stop := newEnding(ctx, p.config.Drain)
	defer stop()
	group.Go(func() error { return app.Listener(listener) })
	group.Go(func() error {
		all, err := end.shutdown(app.ShutdownWithContext)
		if !all {
			p.log.Warn("requests that took too long were cut off")
		}
		return err
	})
	group.Go(func() error { return p.inside(end.answered, ready) })
	group.Go(func() error { p.drain(end, ready); return nil })
	group.Go(func() error { login.Run(end.closing, p.log); return nil })
	group.Go(func() error { p.watch.Run(ctx); return nil })
	group.Go(func() error { p.waiters.Run(end.closing); return nil })
	if p.config.Work {
		w, err := p.worker()
		if err != nil {
			return err
		}
		group.Go(func() error { return w.Run(ctx) })
	} else {
		group.Go(func() error { p.sequencer.Run(end.closing); return nil })
	}
	p.log.InfoContext(ctx, "portal ready", "listen", listener.Addr().String(), "public", p.config.PublicURL,
		"connections", may.connections, "bodies_mib", may.bodies/mebi)
	return group.Wait()
}

// drain says, once the program is told to end, that nobody should be sent here any more.
func (p *parts) drain(end *ending, ready *readiness) {
	<-end.told.Done()
	ready.draining.Store(true)
	p.log.Info("portal draining", "for", p.config.Drain.String())
	<-end.closing.Done()
	p.log.Info("portal closing")
}

// listen opens the address of the pages. Behind a proxy all connections come from one address.
func (p *parts) listen(ctx context.Context, app *fiber.App, may bounds) (net.Listener, error) {
	listener, err := transfer.Listen(ctx, p.config.Listen)
	if err != nil {
		return nil, err
	}
	c := portal.Connections{Total: may.connections, Log: p.log}
	if p.config.ProxyHeader == "" {
		c.PerAddress = p.config.PerAddress
	}
	return portal.Guard(app, listener, c)
}

// app is the server of pages and of the REST interface.
func (p *parts) app(
	rdb redis.UniversalClient, login *oidc.Client, may bounds, draining func() bool,
) (*fiber.App, error) {
	limiter := throttle.New(rdb)
	public, err := url.Parse(p.config.PublicURL)
	if err != nil {
		return nil, err
	}
	budget := intake.NewBudget(may.bodies)
	measureBodies(budget)
	prometheus.MustRegister(receivers{p.pool})
	office := backoffice.New(backoffice.Config{Desk: p.desk, Pool: p.pool, Limiter: limiter, Budget: budget,
		Site: p.site, Waiters: p.waiters, Now: time.Now, Log: p.log})
	c := portal.Config{
		Desk: p.desk, Pool: p.pool, Vault: p.vault, Checkout: p.checkout,
		Sessions: session.New(session.Config{Redis: rdb, Vault: p.vault, Soft: p.config.SoftLogout,
			Hard: p.config.HardLogout, Now: time.Now}),
		SessionLife: p.config.HardLogout, OIDC: login, Limiter: limiter, Site: p.site,
		Province: i18n.Text{Vi: p.config.ProvinceVi, En: p.config.ProvinceEn}, Hotline: p.config.Hotline,
		Secure:           public.Scheme == "https",
		SecurityContacts: p.config.SecurityContact,
		ProxyHeader:      p.config.ProxyHeader, ProxyHops: p.config.ProxyHops, Budget: budget,
		Draining: draining, Now: time.Now, Log: p.log,
	}
	return portal.New(c, office.Mount)
}

// upToDate refuses to start on a schema that lacks something, and on a database that belongs to other keys.
func upToDate(ctx context.Context, p *parts) error {
	has, newest, err := migrations.Version(ctx, p.pool)
	if err != nil {
		return err
	}
	if has < newest {
		return errBehind
	}
	return p.desk.Installation().BindKeys(ctx)
}

// ownAll is upToDate that also refuses a folder of files which is not the database's.
func ownAll(ctx context.Context, p *parts) error {
	if err := upToDate(ctx, p); err != nil {
		return err
	}
	return p.desk.Installation().Bind(ctx)
}

type workCommand struct{}

// Run does the background work until the context ends.
func (workCommand) Run(ctx context.Context) error {
	p, err := assemble(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	if err := ownAll(ctx, p); err != nil {
		return err
	}
	if _, err := limitMemory(ctx, p.log); err != nil {
		return err
	}
	w, err := p.worker()
	if err != nil {
		return err
	}
	p.log.InfoContext(ctx, "worker ready")
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.Run(ctx) })
	group.Go(func() error { p.watch.Run(ctx); return nil })
	return group.Wait()
}
