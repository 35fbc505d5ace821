package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"congdvc/i18n"
	"congdvc/services/workday"
)

// assembled runs one command on an up-to-date database and with the parts that the configuration names.
func assembled(ctx context.Context, run func(*parts) error) error {
	p, err := assemble(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	if err := upToDate(ctx, p); err != nil {
		return err
	}
	return told(run(p))
}

// told puts the texts of the faults inside an error before it. Operators also need the technical error, so it
// stays.
func told(err error) error {
	words := i18n.Faults(i18n.En, err)
	if words == "" {
		return err
	}
	return fmt.Errorf("%s (%w)", words, err)
}

func today() workday.Date { return workday.DateOf(time.Now()) }

// A table lines up cells on standard output.
type table struct {
	w   *tabwriter.Writer
	err error
}

func newTable(out io.Writer, head ...string) *table {
	t := &table{w: tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	t.row(head...)
	return t
}

func (t *table) row(cells ...string) {
	_, err := fmt.Fprintln(t.w, strings.Join(cells, "\t"))
	t.err = errors.Join(t.err, err)
}

func (t *table) end() error { return errors.Join(t.err, t.w.Flush()) }

// instant is how the commands write an instant; "-" for none.
func instant(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return at.In(workday.Zone).Format(time.RFC3339)
}
