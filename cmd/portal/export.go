package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"congdvc/services/procedure"
	"congdvc/services/workday"
)

type exportCommand struct {
	Procedures exportProcedures `cmd:"" help:"The published versions of procedures, to standard output."`
}

// exportProcedures is the command that writes definitions.
type exportProcedures struct {
	Code []string `help:"Only these procedures, as 1.001193; repeat it or part them by commas."`
	On   string   `help:"The versions in force on this day, as 2026-11-23; today when not given."`
}

// Help is shown below the command's own line.
func (exportProcedures) Help() string {
	return `One JSON object a line, by code: definition is the procedure as in the program's own files (procedure.schema.json), form the exact text of
its electronic form, which its hash is over; a procedure without one has no such member.`
}

// Run writes the versions.
func (c exportProcedures) Run(ctx context.Context) error {
	on := workday.DateOf(time.Now())
	if c.On != "" {
		var err error
		if on, err = workday.ParseDate(c.On); err != nil {
			return fmt.Errorf("--on: %w", err)
		}
	}
	return assembled(ctx, func(p *parts) error {
		out := bufio.NewWriter(os.Stdout)
		_, err := procedure.Export(ctx, p.pool, out, on, c.Code...)
		return errors.Join(err, out.Flush())
	})
}
