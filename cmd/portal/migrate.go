package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"congdvc/migrations"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5/pgxpool"
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
	before, err := binding.Marked(ctx, p.pool)
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
	fresh := slices.DeleteFunc(slices.Clone(binding.Tables), func(t *binding.Table) bool {
		return slices.Contains(before, t.Name)
	})
	if len(before) > 0 && len(fresh) > 0 {
		if err := p.upgradeMarks(ctx, fresh, out); err != nil {
			return err
		}
	}
	some, err := binding.Unbound(ctx, p.pool, binding.Tables)
	if err != nil || some == 0 {
		return err
	}
	if len(before) > 0 {
		return p.tellUnbound(ctx, some, out)
	}
	// The rows that are there are from before the marks, and programs of before may still be running.
	until := time.Now().Add(afterUpgrade)
	if err := binding.OpenUntil(ctx, p.pool, p.vault, until); err != nil {
		return err
	}
	if err := bindRows(ctx, p, binding.Bind, binding.Tables, out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out,
		"Rows that programs of before write count until %s. When the last of these "+
			"has ended:  "+
			"portal keys bind\n", instant(&until))
	return err
}

// upgradeMarks binds the rows of tables that had no marks before, and makes those marks anew that are over
// more columns than before. Of other tables a row without a mark stays nobody's.
func (p *parts) upgradeMarks(ctx context.Context, fresh []*binding.Table, out io.Writer) error {
	u := binding.Upgrade{Until: time.Now().Add(afterUpgrade)}
	var renewed []*binding.Table
	for _, t := range binding.Tables {
		if t.Versioned() {
			renewed = append(renewed, t)
		}
		if t.Versioned() || slices.Contains(fresh, t) {
			u.Tables = append(u.Tables, t.Name)
		}
	}
	if err := binding.OpenUpgrade(ctx, p.pool, p.vault, u); err != nil {
		return err
	}
	if err := bindRows(ctx, p, binding.Bind, fresh, out); err != nil {
		return err
	}
	if err := bindRows(ctx, p, binding.Renew, renewed, out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out,
		"Rows that programs of before write there count until %s. When the last of these "+
			"has ended:  portal keys bind\n", instant(&u.Until))
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
func bindRows(ctx context.Context, p *parts, bind func(context.Context, *pgxpool.Pool, *vault.Vault,
	[]*binding.Table, func(string, int)) (int, error), in []*binding.Table, out io.Writer) error {
	var writing error
	tell := func(table string, rows int) {
		_, err := fmt.Fprintf(out, "bound %d of %s\n", rows, table)
		writing = errors.Join(writing, err)
	}
	_, err := bind(ctx, p.pool, p.vault, in, tell)
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
	upgrade, err := binding.Upgrading(ctx, p.pool, p.vault)
	if err != nil {
		return err
	}
	// After an upgrade of the marks only rows of its tables count, and are taken for true.
	in := binding.Tables
	if !open && !c.Again {
		in = slices.DeleteFunc(slices.Clone(in), func(t *binding.Table) bool {
			return !time.Now().Before(upgrade.Until) || !slices.Contains(upgrade.Tables, t.Name)
		})
		all, err := binding.Unbound(ctx, p.pool, binding.Tables)
		if err != nil {
			return err
		}
		known, err := binding.Unbound(ctx, p.pool, in)
		if err != nil {
			return err
		}
		if all > known {
			return errBindOver
		}
	}
	if err := bindRows(ctx, p, binding.Bind, in, out); err != nil {
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
