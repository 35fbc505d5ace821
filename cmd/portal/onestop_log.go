package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

type onestopEndpoint struct {
	Code string `arg:"" help:"Code of the one-stop system."`
	URL  string `arg:"" help:"Where events are pushed to; '' ends pushing."`
}

// Run changes an endpoint.
func (c onestopEndpoint) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.set(ctx, p) })
}

func (c onestopEndpoint) set(ctx context.Context, p *parts) error {
	return p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.SetEndpoint(ctx, tx, p.vault, connection.ID, c.URL, p.config.PushPrivate)
	})
}

type onestopShut struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run shuts a connection out.
func (c onestopShut) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return p.setActive(ctx, c.Code, shutOut) })
}

type onestopOpen struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run lets a connection in.
func (c onestopOpen) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return p.setActive(ctx, c.Code, letIn) })
}

// What setActive does with a connection.
const (
	shutOut = false
	letIn   = true
)

func (p *parts) setActive(ctx context.Context, code string, active bool) error {
	return p.change(ctx, code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.SetActive(ctx, tx, p.vault, connection.ID, active)
	})
}

type onestopReincarnate struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run begins a new incarnation of a log.
func (c onestopReincarnate) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error {
		return p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
			return onestop.Reincarnate(ctx, tx, connection.ID)
		})
	})
}

type onestopTerm struct {
	Code   string        `arg:"" help:"Code of the one-stop system."`
	Within time.Duration `arg:"" help:"Such as 30m or 4h: from one minute to thirty days."`
}

// Run sets the time of acknowledging.
func (c onestopTerm) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.set(ctx, p) })
}

func (c onestopTerm) set(ctx context.Context, p *parts) error {
	return p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.SetTerm(ctx, tx, connection.ID, c.Within)
	})
}

type onestopAttempts struct {
	Code  string `arg:"" help:"Code of the one-stop system."`
	Limit int    `default:"50" help:"How many, from the newest."`
}

// Run lists tries to push.
func (c onestopAttempts) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.list(ctx, p, os.Stdout) })
}

func (c onestopAttempts) list(ctx context.Context, p *parts, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, c.Code)
	if err != nil {
		return err
	}
	attempts, err := onestop.Attempts(ctx, p.pool, connection.ID, 0, c.Limit)
	if err != nil {
		return err
	}
	t := newTable(out, "at", "position", "event", "dossier", "status", "ms", "error")
	for _, a := range attempts {
		t.row(instant(&a.At), fmt.Sprint(a.Position), string(a.Type), string(a.Dossier), fmt.Sprint(a.Status),
			fmt.Sprint(a.TookMS), a.Error)
	}
	return t.end()
}

type onestopParked struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run lists events that were given up.
func (c onestopParked) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.list(ctx, p, os.Stdout) })
}

func (c onestopParked) list(ctx context.Context, p *parts, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, c.Code)
	if err != nil {
		return err
	}
	parked, err := onestop.Parked(ctx, p.pool, connection.ID)
	if err != nil {
		return err
	}
	t := newTable(out, "position", "event", "dossier", "attempts", "since")
	for _, e := range parked {
		t.row(fmt.Sprint(e.Position), string(e.Type), string(e.Dossier), fmt.Sprint(e.Attempts),
			instant(&e.Since))
	}
	return t.end()
}

type onestopReplay struct {
	Code string `arg:"" help:"Code of the one-stop system."`
	From int64  `required:"" help:"First position."`
	To   int64  `required:"" help:"Last position, included."`
}

// Validate refuses a stretch that ends before it begins.
func (c onestopReplay) Validate() error {
	if c.From < 1 || c.To < c.From {
		return fmt.Errorf("from %d to %d is not a stretch of a log, which begins at 1", c.From, c.To)
	}
	return nil
}

// Run has events pushed again.
func (c onestopReplay) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.replay(ctx, p, os.Stdout) })
}

func (c onestopReplay) replay(ctx context.Context, p *parts, out io.Writer) error {
	var events int
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) (err error) {
		events, err = onestop.Replay(ctx, tx, connection.ID, c.From, c.To, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d events will be pushed again\n", events)
	return err
}
