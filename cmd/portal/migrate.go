package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"congdvc/migrations"
	"congdvc/services/binding"
	"congdvc/services/postgres"
)

type migrateCommand struct{}

// Run applies the migrations that the database lacks, grants to the running role, and binds a new database to
// its keys and files.
func (migrateCommand) Run(ctx context.Context) error {
	p, err := assemble(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	if postgres.Pooled(p.pool) {
		return errPooler
	}
	return p.migrate(ctx, os.Stdout)
}

// afterUpgrade is how long programs of before may go on writing rows without a mark.
const afterUpgrade = 72 * time.Hour

func (p *parts) migrate(ctx context.Context, out io.Writer) error {
	bound, err := binding.Known(ctx, p.pool)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, p.pool); err != nil {
		return err
	}
	if p.config.RuntimeRole != "" {
		if err := migrations.Grant(ctx, p.pool, p.config.RuntimeRole); err != nil {
			return err
		}
	}
	// Before a row gets a mark: these must be the keys that the database belongs to.
	if err := p.desk.Installation().Bind(ctx); err != nil {
		return err
	}
	some, err := binding.Unbound(ctx, p.pool)
	if err != nil || some == 0 {
		return err
	}
	if bound {
		return p.tellUnbound(ctx, some, out)
	}
	// The rows that are there are from before the marks, and programs of before may still be running.
	until := time.Now().Add(afterUpgrade)
	if err := binding.OpenUntil(ctx, p.pool, p.vault, until); err != nil {
		return err
	}
	if err := p.bindRows(ctx, out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out,
		"Rows that programs of before write count until %s. When the last of these "+
			"has ended:  "+
			"portal keys bind\n", instant(&until))
	return err
}

// tellUnbound says what rows without a mark are worth. They are not bound here, since nobody knows who wrote
// them: a program of before, perhaps when this command was broken off, or somebody who has the database only.
func (p *parts) tellUnbound(ctx context.Context, some int, out io.Writer) error {
	until, err := binding.Until(ctx, p.pool, p.vault)
	if err != nil {
		return err
	}
	if time.Now().Before(until) {
		_, err = fmt.Fprintf(out, "%d rows without a mark count until %s. When the last of the programs of "+
			"before has ended:  portal keys bind\n", some, instant(&until))
		return err
	}
	_, err = fmt.Fprintf(out, "%d rows without a mark are nobody's.  portal verify bindings  names them; if "+
		"the upgrade that brought the marks was broken off, and they are of before it:  "+
		"portal keys bind --again\n", some)
	return err
}

// bindRows says of every row without a mark that it is right, and tells of each table how many there were.
func (p *parts) bindRows(ctx context.Context, out io.Writer) error {
	var writing error
	tell := func(table string, rows int) {
		_, err := fmt.Fprintf(out, "bound %d of %s\n", rows, table)
		writing = errors.Join(writing, err)
	}
	_, err := binding.Bind(ctx, p.pool, p.vault, tell)
	return errors.Join(err, writing)
}

type keysBind struct {
	Again bool `help:"Also when the time for it is over. Whoever wrote these rows, what they say counts from then on: look at  portal verify bindings  before."`
}

var errBindOver = errors.New("rows without a mark are nobody's now: if programs of before the upgrade " +
	"wrote them, and not somebody else, say --again;  portal verify bindings  names them")

// Run binds what programs of before the marks wrote, and ends the time for it.
func (c keysBind) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.bind(ctx, p, os.Stdout) })
}

func (c keysBind) bind(ctx context.Context, p *parts, out io.Writer) error {
	if err := binding.MayBind(ctx, p.pool); err != nil {
		return err
	}
	open, err := binding.Open(ctx, p.pool, p.vault)
	if err != nil {
		return err
	}
	some, err := binding.Unbound(ctx, p.pool)
	if err != nil {
		return err
	}
	if !open && !c.Again && some > 0 {
		return errBindOver
	}
	if err := p.bindRows(ctx, out); err != nil {
		return err
	}
	if err := binding.Close(ctx, p.pool); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "From now on a row without a mark is nobody's.")
	return err
}

type verifyBindings struct{}

// Run looks at every row that decides who may see or act.
func (c verifyBindings) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.check(ctx, p, os.Stdout) })
}

func (verifyBindings) check(ctx context.Context, p *parts, out io.Writer) error {
	broken := 0
	seen, err := binding.Verify(ctx, p.pool, p.vault, func(f binding.Fault) error {
		broken++
		_, err := fmt.Fprintln(out, "BROKEN", f)
		return err
	})
	if err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d rows are not as this portal wrote them", broken, seen)
	}
	_, err = fmt.Fprintf(out, "ok %d rows\n", seen)
	return err
}
