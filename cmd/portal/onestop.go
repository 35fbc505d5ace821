package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

type onestopCommand struct {
	Create       onestopCreate       `cmd:"" help:"Add a one-stop system and let it in. Its key and secret are shown once."`
	Serve        onestopServe        `cmd:"" help:"Have a one-stop system serve more agencies from today, in place of those that did."`
	List         onestopList         `cmd:"" help:"How every one-stop system fares."`
	Keys         onestopKeys         `cmd:"" help:"The keys of a one-stop system."`
	KeyNew       onestopKeyNew       `cmd:"" help:"Give a one-stop system another key, shown once. Two may be live, to change over."`
	KeyExpire    onestopKeyExpire    `cmd:"" help:"Say when a key ends by itself."`
	KeyRevoke    onestopKeyRevoke    `cmd:"" help:"End a key at once."`
	SecretRotate onestopSecretRotate `cmd:"" help:"Give a one-stop system a new secret for signatures, shown once; the one before holds until the next rotation."`
	Show         onestopShow         `cmd:"" help:"All about a one-stop system: its way, its log, its keys."`
	Endpoint     onestopEndpoint     `cmd:"" help:"Change where events are pushed to. It is challenged first; the one of before stays live until it answers."`
	Prove        onestopProve        `cmd:"" help:"Challenge the endpoint that waits for its proof, or else the live one."`
	Allow        onestopAllow        `cmd:"" help:"Say in which private networks its endpoint may lie, in place of those of before."`
	TLS          onestopTLS          `cmd:"" name:"tls" help:"Say which authorities vouch for its endpoint, and what certificate the portal shows it."`
	Pause        onestopPause        `cmd:"" help:"Push nothing until it is resumed. Its log goes on, and it may pull."`
	Resume       onestopResume       `cmd:"" help:"Push again, also after failures; with --after once more what was pushed behind a cursor."`
	Shut         onestopShut         `cmd:"" help:"Shut a one-stop system out: its keys stop working and nothing is pushed. Its log goes on."`
	Open         onestopOpen         `cmd:"" help:"Let it in again."`
	Deliveries   onestopDeliveries   `cmd:"" help:"The events of its log, and what became of pushing each."`
	Term         onestopTerm         `cmd:"" help:"Set the agreed time within which a one-stop system acknowledges what it was told."`
	Attempts     onestopAttempts     `cmd:"" help:"The newest tries to push to a one-stop system."`
	Parked       onestopParked       `cmd:"" help:"The dossiers that were given up until a replay, with the event that failed."`
	Replay       onestopReplay       `cmd:"" help:"Push events again, those that were given up and those that were delivered."`
	Reincarnate  onestopReincarnate  `cmd:"" help:"Only after restoring a backup: make every cursor invalid, so that the log is read anew."`
}

// whom names agencies.
type whom struct {
	Agencies    []string `xor:"whom" required:"" placeholder:"CODE" help:"Codes of the agencies that it serves."`
	AllCommunes bool     `xor:"whom" required:"" help:"It serves every commune that exists today."`
}

func (w whom) find(ctx context.Context, tx pgx.Tx) ([]agency.Agency, error) {
	if w.AllCommunes {
		all, err := agency.List(ctx, tx, agency.Filter{Kind: agency.Commune, On: today()})
		if err == nil && len(all) == 0 {
			err = errors.New("there is no commune: run  portal import starter")
		}
		return all, err
	}
	found := make([]agency.Agency, 0, len(w.Agencies))
	for _, code := range w.Agencies {
		a, err := agency.ByCode(ctx, tx, strings.TrimSpace(code), today())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", code, err)
		}
		found = append(found, *a)
	}
	return found, nil
}

// served is one agency whose connection changed. Before is the code of the former connection, "" for none.
type served struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
	Before string `json:"before,omitempty"`
	// Transferred are open dossiers that the connection takes over, Ended events that the former one had not
	// taken.
	Transferred int `json:"transferred"`
	Ended       int `json:"ended"`
}

// serve has a connection serve agencies from today, with their open dossiers.
func (w whom) serve(ctx context.Context, tx pgx.Tx, d *desk.Desk, c *onestop.Connection) ([]served, error) {
	all, err := w.find(ctx, tx)
	if err != nil {
		return nil, err
	}
	moves, err := d.MoveAgencies(ctx, tx, c.ID, all...)
	if err != nil {
		return nil, err
	}
	list := make([]served, 0, len(moves))
	for _, move := range moves {
		one := served{Agency: move.Agency.Code, Name: move.Agency.Name.Vi,
			Transferred: move.Transferred, Ended: move.Ended}
		if move.Before != "" {
			former, err := onestop.ConnectionByID(ctx, tx, move.Before)
			if err != nil {
				return nil, err
			}
			one.Before = former.Code
		}
		list = append(list, one)
	}
	return list, nil
}

func showServed(out io.Writer, list []served) error {
	t := newTable(out, "serves", "name", "in place of", "dossiers taken over", "events ended")
	for _, s := range list {
		if s.Before == "" {
			t.row(s.Agency, s.Name, "", "", "")
			continue
		}
		t.row(s.Agency, s.Name, s.Before, fmt.Sprint(s.Transferred), fmt.Sprint(s.Ended))
	}
	return t.end()
}

type onestopCreate struct {
	Code     string `arg:"" help:"Lower-case letters, digits and hyphens; stands in every event's source."`
	Name     string `arg:"" help:"What people call it."`
	Endpoint string `placeholder:"URL" help:"Where events are pushed to, once it is proved; until then, and without it, the system pulls."`
	whom
	Allow   []string `placeholder:"NETWORK" help:"Private networks in which the endpoint may lie, such as 10.20.0.0/16."`
	Expires expiry   `help:"When its first key ends: a day such as 2027-11-30, or never; without it in a year."`
	trust
	JSON bool `help:"Answer in JSON, for scripts."`
}

// created is what a new connection is told, once.
type created struct {
	Connection string     `json:"connection"`
	Name       string     `json:"name"`
	Endpoint   string     `json:"endpoint"` // not proved yet
	Key        string     `json:"key"`
	Expires    *time.Time `json:"key_expires,omitempty"`
	Secret     string     `json:"secret"`
	Agencies   []served   `json:"agencies"`
}

// Run adds a connection, whom it serves and its first key, all or nothing.
func (c onestopCreate) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.create(ctx, p, os.Stdout) })
}

func (c onestopCreate) create(ctx context.Context, p *parts, out io.Writer) error {
	var told created
	t, err := c.trust.read()
	if err != nil {
		return err
	}
	err = p.desk.Tx(ctx, func(tx pgx.Tx) error {
		connection, secret, err := onestop.CreateConnection(ctx, tx, p.vault, onestop.NewConnection{
			Code: c.Code, Name: c.Name, Endpoint: c.Endpoint, Networks: c.Allow, Trust: t, Now: time.Now(),
		})
		if err != nil {
			return err
		}
		list, err := c.serve(ctx, tx, p.desk, connection)
		if err != nil {
			return err
		}
		key, k, err := p.createKey(ctx, tx, connection, onestop.Scopes, c.Expires)
		if err != nil {
			return err
		}
		told = created{connection.Code, connection.Name, connection.Pending, key, k.ExpiresAt, secret, list}
		return nil
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(out).Encode(told)
	}
	if _, err := fmt.Fprintf(out, "key     %s\nsecret  %s\nThey are not shown again. %s\n\n", told.Key,
		told.Secret, until(told.Expires)); err != nil {
		return err
	}
	if told.Endpoint != "" {
		if _, err := fmt.Fprintf(out, "Nothing is pushed yet. Give the system its key and secret, start it, "+
			"then: portal onestop prove %s\n\n", told.Connection); err != nil {
			return err
		}
	}
	return showServed(out, told.Agencies)
}

type onestopServe struct {
	Code string `arg:"" help:"Code of the one-stop system."`
	whom
	DryRun bool `help:"Only say what would become of each agency and its open dossiers."`
}

var errDryRun = errors.New("nothing was changed")

// Run changes whom a connection serves.
func (c onestopServe) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.serveMore(ctx, p, os.Stdout) })
}

func (c onestopServe) serveMore(ctx context.Context, p *parts, out io.Writer) error {
	var list []served
	err := p.change(ctx, c.Code, func(tx pgx.Tx, connection *onestop.Connection) (err error) {
		list, err = c.serve(ctx, tx, p.desk, connection)
		if err == nil && c.DryRun {
			return errDryRun
		}
		return err
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	if err := showServed(out, list); err != nil || !c.DryRun {
		return err
	}
	_, err = fmt.Fprintln(out, "\nNothing was changed. The same without --dry-run does it.")
	return err
}

// change finds a connection by its code and changes it in one transaction.
func (p *parts) change(ctx context.Context, code string, act func(pgx.Tx, *onestop.Connection) error) error {
	return p.desk.Tx(ctx, func(tx pgx.Tx) error {
		connection, err := onestop.FindConnection(ctx, tx, code)
		if err != nil {
			return err
		}
		return act(tx, connection)
	})
}

type onestopList struct{}

// Run lists the connections.
func (onestopList) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return listConnections(ctx, p, os.Stdout) })
}

func listConnections(ctx context.Context, p *parts, out io.Writer) error {
	all, err := onestop.HealthOf(ctx, p.pool)
	if err != nil {
		return err
	}
	list, err := onestop.UntakenAt(ctx, p.pool, time.Now())
	if err != nil {
		return err
	}
	untaken := map[string]onestop.Untaken{} // of those that are let in
	for _, u := range list {
		untaken[u.Connection] = u
	}
	t := newTable(out, "connection", "state", "position", "pushed", "waiting", "retried", "parked",
		"failures", "paused until", "last success", "not acknowledged", "since", "agreed", "first key ends")
	for _, h := range all {
		u := untaken[h.Connection]
		pushed := fmt.Sprint(h.Pushed)
		if !h.Pushes {
			pushed = "-"
		}
		t.row(h.Connection, state(h, u), fmt.Sprint(h.Head), pushed,
			fmt.Sprint(h.Unnumbered+h.Pending-h.Failing), fmt.Sprint(h.Failing), fmt.Sprint(h.Parked),
			fmt.Sprint(h.Failures), instant(h.PausedUntil), instant(h.LastSuccess),
			fmt.Sprint(u.Dossiers), instant(u.Oldest), u.Within.String(), instant(h.KeyEnds))
	}
	if err := t.end(); err != nil {
		return err
	}
	return advise(out, all)
}

// advise says what an operator should do soon.
func advise(out io.Writer, all []onestop.Health) error {
	var lines []string
	for _, h := range all {
		if h.Unproved {
			lines = append(lines, fmt.Sprintf("%s: an endpoint waits for its proof: portal onestop prove %s",
				h.Connection, h.Connection))
		}
		if h.KeyEnds != nil && time.Until(*h.KeyEnds) < onestop.KeyNotice {
			lines = append(lines, fmt.Sprintf("%s: a key ends on %s: portal onestop key-new %s", h.Connection,
				instant(h.KeyEnds), h.Connection))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "\n%s\n", strings.Join(lines, "\n"))
	return err
}

// state is one word for a connection, the worst that is true of it.
func state(h onestop.Health, u onestop.Untaken) string {
	switch {
	case !h.Active:
		return "shut"
	case h.Held:
		return "paused"
	case h.Parked > 0:
		return "parked"
	case h.Failures > 0 || h.Failing > 0:
		return "failing"
	case u.Late > 0:
		return "takes nothing"
	case h.Unproved:
		return "unproved"
	case !h.Pushes:
		return "pulls"
	}
	return "ok"
}
