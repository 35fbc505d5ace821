package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"congdvc/services/agency"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

type importCommand struct {
	Starter importStarter `cmd:"" default:"1" help:"The agencies, calendars, procedures and form files that come with the program. Repeating it changes nothing."`

	Procedures importProcedures `cmd:"" help:"Procedures, one JSON object a line: records of the national database, and definitions as portal export writes them."`
	Templates  importTemplates  `cmd:"" help:"Form files to download, by the names under which requirements know them."`
	Communes   importCommunes   `cmd:"" help:"Communes for addresses, those of a province as agencies too, from a CSV."`
	Agencies   importAgencies   `cmd:"" help:"Agencies, from a CSV."`
	Holidays   importHolidays   `cmd:"" help:"Days off and make-up days of the office calendars, from a CSV."`
}

type importStarter struct{}

// Run brings the starter data into the database.
func (importStarter) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return loadStarter(ctx, p, os.Stdout) })
}

// loadStarter loads everything in one transaction. Procedures name kinds of agencies, so half of it would be
// useless.
func loadStarter(ctx context.Context, p *parts, out io.Writer) error {
	registry, err := agency.Starter()
	if err != nil {
		return err
	}
	sources, err := procedure.Starter()
	if err != nil {
		return err
	}
	var agencies agency.Changes
	var kept []string
	var procedures procedure.Changes
	var newForms, forms int
	err = p.catalogue(ctx, func(tx pgx.Tx) error {
		if agencies, kept, err = agency.LoadStarter(ctx, tx, registry); err != nil {
			return err
		}
		if procedures, err = procedure.Load(ctx, tx, sources); err != nil {
			return err
		}
		newForms, forms, err = procedure.LoadTemplates(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	t := newTable(out, "", "added", "changed", "same", "kept")
	t.row("agencies and calendars", fmt.Sprint(agencies.Added), fmt.Sprint(agencies.Changed),
		fmt.Sprint(agencies.Same), fmt.Sprint(len(kept)))
	t.row("procedures", fmt.Sprint(procedures.Added), fmt.Sprint(procedures.Changed),
		fmt.Sprint(procedures.Same), fmt.Sprint(len(procedures.Kept)))
	t.row("form files", fmt.Sprint(newForms), "0", fmt.Sprint(forms-newForms), "0")
	err = t.end()
	if kept = append(kept, procedures.Kept...); len(kept) > 0 {
		_, note := fmt.Fprintln(out, "Left as they are, because they were changed or closed here:",
			strings.Join(kept, ", "))
		err = errors.Join(err, note)
	}
	return err
}
