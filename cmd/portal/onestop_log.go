package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

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
	Code    string       `arg:"" help:"Code of the one-stop system."`
	Dossier dossier.Code `help:"Only those about this dossier."`
	Failed  bool         `help:"Only those that failed."`
	Limit   int          `default:"50" help:"How many, from the newest."`
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
	f := onestop.AttemptFilter{Dossier: c.Dossier}
	if c.Failed {
		f.Outcome = onestop.Failed
	}
	attempts, err := onestop.Attempts(ctx, p.pool, connection.ID, f, c.Limit)
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

type onestopDeliveries struct {
	Code    string                `arg:"" help:"Code of the one-stop system."`
	Dossier dossier.Code          `help:"Only those about this dossier."`
	State   onestop.DeliveryState `enum:",waiting,retrying,parked,delivered,ended" default:"" help:"Only those that are waiting, retrying, parked, delivered or ended."`
	After   string                `placeholder:"CURSOR" help:"Only those behind this cursor."`
	Limit   int                   `default:"50" help:"How many, from the oldest."`
}

// Run lists events and what became of pushing them.
func (c onestopDeliveries) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.list(ctx, p, os.Stdout) })
}

func (c onestopDeliveries) list(ctx context.Context, p *parts, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, c.Code)
	if err != nil {
		return err
	}
	after, err := onestop.ParseCursor(c.After)
	if err != nil {
		return err
	}
	f := onestop.DeliveryFilter{After: after, Dossier: c.Dossier, State: c.State}
	list, next, more, err := onestop.Deliveries(ctx, p.pool, connection.ID, f, c.Limit)
	if err != nil {
		return err
	}
	t := newTable(out, "position", "event", "dossier", "state", "failures", "next try", "last try", "status",
		"error")
	for _, d := range list {
		status, problem := "", ""
		if d.LastAt != nil {
			status, problem = fmt.Sprint(*d.LastStatus), *d.LastError
		}
		t.row(fmt.Sprint(d.Position), string(d.Type), string(d.Dossier), string(d.State),
			fmt.Sprint(d.Attempts), instant(d.NextAt), instant(d.LastAt), status, problem)
	}
	if err := t.end(); err != nil || !more {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThere are more: --after %s\n", next)
	return err
}

type onestopParked struct {
	Code  string `arg:"" help:"Code of the one-stop system."`
	After string `placeholder:"CURSOR" help:"Only those behind this cursor."`
	Limit int    `default:"200" help:"How many, from the oldest."`
}

// Run lists what was given up.
func (c onestopParked) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.list(ctx, p, os.Stdout) })
}

func (c onestopParked) list(ctx context.Context, p *parts, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, c.Code)
	if err != nil {
		return err
	}
	after, err := onestop.ParseCursor(c.After)
	if err != nil {
		return err
	}
	parked, next, more, err := onestop.Parked(ctx, p.pool, connection.ID, after, c.Limit)
	if err != nil {
		return err
	}
	t := newTable(out, "position", "event", "dossier", "attempts", "since", "behind it", "error")
	for _, d := range parked {
		problem := ""
		if d.Error != nil {
			problem = *d.Error
		}
		t.row(fmt.Sprint(d.Position), string(d.Type), string(d.Dossier), fmt.Sprint(d.Attempts),
			instant(&d.Since), fmt.Sprint(d.Waiting), problem)
	}
	if err := t.end(); err != nil || !more {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThere are more: --after %s\n", next)
	return err
}

type onestopReplay struct {
	Code    string       `arg:"" help:"Code of the one-stop system."`
	From    int64        `help:"First position."`
	To      int64        `help:"Last position, included."`
	Dossier dossier.Code `help:"The events of this dossier, in place of positions."`
}

// Validate refuses a stretch that ends before it begins.
func (c onestopReplay) Validate() error {
	stretch := c.From != 0 || c.To != 0
	switch {
	case c.Dossier != "" && stretch || c.Dossier == "" && !stretch:
		return errors.New("either --from and --to, or --dossier")
	case stretch && (c.From < 1 || c.To < c.From):
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
	of := onestop.Stretch{From: c.From, To: c.To, Dossier: c.Dossier}
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) (err error) {
		events, err = onestop.Replay(ctx, tx, connection.ID, of, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d events will be pushed again\n", events)
	return err
}
