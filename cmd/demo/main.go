// Command demo runs the whole portal on one machine for a newcomer: a private PostgreSQL and Redis, the
// portal itself, and the parties outside it (identity provider, payment provider, an agency's one-stop
// software, a mailbox).
//
// Everything it keeps lies in DEMO_DIR (default .demo), so the next start finds what was done before;
// DEMO_ADDR is where the portal shall listen (default a free port from 127.0.0.1:8080 on). It listens on
// loopback addresses only, unless DEMO_ADDR says otherwise, and it is no way to run a real portal: the
// identity provider asks nobody for a proof.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	program, err := os.Executable()
	if err == nil {
		err = run(ctx, settings{
			dir:     envOr("DEMO_DIR", ".demo"),
			address: os.Getenv("DEMO_ADDR"),
			portal:  filepath.Join(filepath.Dir(program), "portal"),
			out:     os.Stdout,
			notes:   os.Stderr,
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// settings is what a newcomer may choose, and where the demo speaks.
type settings struct {
	dir     string    // all that is kept
	address string    // the portal's; empty is a free port from 127.0.0.1:8080 on
	portal  string    // the portal's program
	out     io.Writer // the line that starts with "ready " and what follows
	notes   io.Writer // what goes on before
}

// demo is what runs.
type demo struct {
	settings
	secrets  secrets
	ports    *ports
	owner    string // URL of the database for what migrates it
	children []*child
	undo     []func() error // in the order of starting
	lines    []string       // what a newcomer is told after the first line
}

// startTimeout bounds the time until the portal answers, a first start on a slow machine included.
const startTimeout = 4 * time.Minute

// run starts everything, says so, and ends everything when ctx ends, or when a part has ended by itself,
// which is an error.
func run(ctx context.Context, s settings) (err error) {
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	s.dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	d := &demo{settings: s, secrets: secrets(filepath.Join(dir, "secrets"))}
	defer func() { err = errors.Join(err, d.stop()) }()
	if d.ports, err = openPorts(filepath.Join(dir, "addresses.json")); err != nil {
		return err
	}
	d.undo = append(d.undo, d.ports.release)

	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	url, err := d.start(starting)
	if ctx.Err() != nil {
		return nil // asked to end while starting
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "ready %s\n", url)
	for _, line := range d.lines {
		fmt.Fprintln(s.out, line)
	}
	return d.wait(ctx)
}

// start brings up the parts in the order in which they need each other, and returns the portal's address.
func (d *demo) start(ctx context.Context) (string, error) {
	public, listen, err := d.ports.portal(d.address)
	if err != nil {
		return "", err
	}
	env := environment{"PUBLIC_URL": public, "LISTEN": listen,
		"SECURITY_CONTACT": "mailto:an-ninh@example.vn"}
	for _, part := range []struct {
		name  string
		start func(context.Context, environment) error
	}{
		{"PostgreSQL", d.startPostgres},
		{"Redis", d.startRedis},
		{"mailbox", d.startMailbox},
		{"identity provider", d.startIdentityProvider},
		{"payment provider", d.startPaymentProvider},
		{"portal's keys and data", d.prepare},
		{"one-stop software", d.startOffice},
		{"portal", d.startPortal},
	} {
		fmt.Fprintf(d.notes, "starting: %s\n", part.name)
		if err := part.start(ctx, env); err != nil {
			return "", fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return public + "/", nil
}

// wait returns when ctx ends, or with an error when a child has ended by itself.
func (d *demo) wait(ctx context.Context) error {
	ended := make(chan *child, len(d.children))
	for _, c := range d.children {
		go func() {
			<-c.ended
			ended <- c
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case c := <-ended:
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("%s ended by itself (%v); its log is %s", c.name, c.how, c.log)
	}
}

// stop ends what was started, the last first, and tells every fault.
func (d *demo) stop() error {
	var faults []error
	for _, undo := range slices.Backward(d.undo) {
		faults = append(faults, undo())
	}
	d.undo = nil
	return errors.Join(faults...)
}

// say adds a line to what a newcomer is told when everything runs.
func (d *demo) say(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func envOr(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// lockFolder keeps a second copy out of the same folder, for as long as this process lives.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("another copy runs in %s: end it, or choose another folder by DEMO_DIR", dir)
	}
	return file, nil
}
