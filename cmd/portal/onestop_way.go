package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// trust names the files by which the two ends of a connection prove who they are.
type trust struct {
	CA          string `name:"ca" placeholder:"FILE" help:"PEM of the authorities that vouch for the endpoint, in place of the machine's own."`
	Certificate string `placeholder:"FILE" help:"PEM of the certificate that the portal shows to the endpoint."`
	Key         string `placeholder:"FILE" help:"PEM of that certificate's private key. It is kept sealed."`
}

func (t trust) read() (read onestop.Trust, err error) {
	for _, one := range []struct {
		path string
		into *string
	}{{t.CA, &read.CA}, {t.Certificate, &read.Certificate}, {t.Key, &read.Key}} {
		if one.path == "" {
			continue
		}
		text, err := os.ReadFile(one.path)
		if err != nil {
			return read, err
		}
		*one.into = string(text)
	}
	return read, nil
}

func (p *parts) prover() onestop.Prover {
	return onestop.Prover{DB: p.pool, Vault: p.vault}
}

// prove challenges a connection's endpoint and says what came of it.
func (p *parts) prove(ctx context.Context, code string, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, code)
	if err != nil {
		return err
	}
	proof, err := p.prover().Prove(ctx, connection.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s answered the challenge and is live\n", proof.Endpoint)
	return err
}

type onestopProve struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run challenges an endpoint.
func (c onestopProve) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return p.prove(ctx, c.Code, os.Stdout) })
}

type onestopEndpoint struct {
	Code string `arg:"" help:"Code of the one-stop system."`
	URL  string `arg:"" help:"Where events are pushed to; '' ends pushing."`
}

// Run changes an endpoint.
func (c onestopEndpoint) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.set(ctx, p, os.Stdout) })
}

func (c onestopEndpoint) set(ctx context.Context, p *parts, out io.Writer) error {
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.SetEndpoint(ctx, tx, p.vault, connection.ID, c.URL)
	})
	if err != nil || c.URL == "" {
		return err
	}
	if err := p.prove(ctx, c.Code, out); err != nil {
		return fmt.Errorf("%w\nIt waits for its proof: portal onestop prove %s", err, c.Code)
	}
	return nil
}

type onestopAllow struct {
	Code     string   `arg:"" help:"Code of the one-stop system."`
	Networks []string `arg:"" optional:"" help:"Networks such as 10.20.0.0/16, or addresses; none: public addresses only."`
}

// Run changes the private networks of a connection.
func (c onestopAllow) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.set(ctx, p, os.Stdout) })
}

func (c onestopAllow) set(ctx context.Context, p *parts, out io.Writer) error {
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.SetNetworks(ctx, tx, p.vault, connection.ID, c.Networks)
	})
	if err != nil {
		return err
	}
	return p.tryWay(ctx, c.Code, out)
}

// tryWay says whether the live endpoint can still be reached after its way was changed. That it cannot undoes
// nothing: a network is taken out because nothing shall go there.
func (p *parts) tryWay(ctx context.Context, code string, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, code)
	if err != nil || connection.Endpoint == "" {
		return err
	}
	said := "answers on this way"
	if _, err := p.prover().Challenge(ctx, connection.ID, connection.Endpoint); err != nil {
		said = "does not pass the challenge now: " + err.Error()
	}
	_, err = fmt.Fprintf(out, "the live endpoint %s %s\n", connection.Endpoint, said)
	return err
}

type onestopTLS struct {
	Code string `arg:"" help:"Code of the one-stop system."`
	trust
}

// Run changes by what the ends of a connection prove who they are.
func (c onestopTLS) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.set(ctx, p, os.Stdout) })
}

func (c onestopTLS) set(ctx context.Context, p *parts, out io.Writer) error {
	t, err := c.trust.read()
	if err != nil {
		return err
	}
	err = p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		return onestop.SetTrust(ctx, tx, p.vault, connection.ID, t, time.Now())
	})
	if err != nil {
		return err
	}
	return p.tryWay(ctx, c.Code, out)
}

type onestopPause struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run ends pushing for a while.
func (c onestopPause) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error {
		return p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
			return onestop.Pause(ctx, tx, connection.ID, time.Now())
		})
	})
}

type onestopResume struct {
	Code  string  `arg:"" help:"Code of the one-stop system."`
	After *string `placeholder:"CURSOR" help:"Push once more what was pushed behind this cursor; '' is all of the log."`
}

// Run begins to push again.
func (c onestopResume) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.resume(ctx, p, os.Stdout) })
}

func (c onestopResume) resume(ctx context.Context, p *parts, out io.Writer) error {
	after, err := onestop.Resumption{After: c.After}.Cursor()
	if err != nil {
		return err
	}
	var events int
	err = p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) error {
		events, err = onestop.Resume(ctx, tx, connection.ID, after, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d events will be pushed again\n", events)
	return err
}

type onestopShow struct {
	Code string `arg:"" help:"Code of the one-stop system."`
}

// Run shows a connection.
func (c onestopShow) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.show(ctx, p, os.Stdout) })
}

func (c onestopShow) show(ctx context.Context, p *parts, out io.Writer) error {
	connection, err := onestop.FindConnection(ctx, p.pool, c.Code)
	if err != nil {
		return err
	}
	s, err := onestop.StandingOf(ctx, p.pool, p.vault, connection.ID)
	if err != nil {
		return err
	}
	keys, err := onestop.Keys(ctx, p.pool, connection.ID)
	if err != nil {
		return err
	}
	w := s.Wire(keys, time.Now())
	t := newTable(out, "connection", s.Code)
	for _, row := range [][2]string{
		{"name", s.Name}, {"state", s.State()}, {"endpoint", s.Endpoint}, {"waits for its proof", s.Pending},
		{"proved", instant(s.ProvedAt)}, {"paused", instant(s.HeldAt)},
		{"private networks", strings.Join(s.Networks, " ")},
		{"own authorities end", instant(s.AuthoritiesEnd)}, {"certificate ends", instant(s.CertificateEnd)},
		{"head of the log", w.Head}, {"pushed", w.Pushed},
		{"backlog", fmt.Sprint(w.Backlog)}, {"oldest waits since", instant(s.Oldest)},
		{"parked dossiers", fmt.Sprint(s.Parked)}, {"failures in a row", fmt.Sprint(s.Failures)},
		{"next try", instant(s.PausedUntil)}, {"last success", instant(s.LastSuccess)},
	} {
		if row[1] != "" && row[1] != "-" {
			t.row(row[0], row[1])
		}
	}
	if err := t.end(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out); err != nil {
		return err
	}
	return showKeys(out, s.Code, keys)
}
