package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"congdvc/services/agency"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// importCommunes is the command that brings in communes: all as places of addresses, those of one province as
// agencies.
type importCommunes struct {
	File     string `arg:"" help:"CSV in UTF-8."`
	Province string `required:"" help:"Two digits of the province, as 37, whose communes become agencies."`
	Parent   string `help:"Code of the provincial agency above them; not needed while there is one only."`
	rehearsal
}

// Help is shown below the command's own line.
func (importCommunes) Help() string {
	return `The first row names the columns: code (5 digits), name (Hoa Lư), kind (Xã, Phường or Đặc khu), province_code (2 digits); full_name,
name_en and full_name_en may be there and are not read. The communes of every province in the file can be chosen in addresses from
then on, in the place of those known before. Each commune of --province becomes the agency "UBND phường Hoa Lư" with the code
<parent>.<province>.<code>, as H42.37.14329, valid from 2025-07-01. What the portal knows of it besides stays. All rows go in, or none.`
}

// Run brings the communes into the database.
func (c importCommunes) Run(ctx context.Context) error {
	return c.fromCSV(ctx, c.File, func(file io.Reader, tx pgx.Tx) (counted, error) {
		parent := c.Parent
		if parent == "" {
			provinces, err := agency.List(ctx, tx, agency.Filter{Kind: agency.Province,
				On: workday.Date{Year: 2025, Month: 7, Day: 1}})
			if err != nil {
				return nil, err
			}
			if len(provinces) != 1 {
				return nil, fmt.Errorf("there are %d provincial agencies on 2025-07-01: name one by --parent",
					len(provinces))
			}
			parent = provinces[0].Code
		}
		rows, units, err := agency.ReadCommunes(file, c.Province, parent)
		if err != nil {
			return nil, err
		}
		named, err := agency.LoadUnits(ctx, tx, units)
		if err != nil {
			return nil, err
		}
		agencies, err := agency.Import(ctx, tx, rows)
		return counted{{"agencies of communes", agencies}, {"communes in addresses", named}}, err
	})
}

// importAgencies is the command that reads agencies of every kind.
type importAgencies struct {
	File string `arg:"" help:"CSV in UTF-8."`
	rehearsal
}

// Help is shown below the command's own line.
func (importAgencies) Help() string {
	return `The first row names the columns. Required: code (as H42.STP), kind (province, department or commune), name, name_en, valid_from (as
2025-07-01). Besides: parent (a code; required below the province, and before its children), calendar (hanh-chinh when empty), valid_to
(first day on which it no longer holds), unit_code (5 digits; required of communes), qcvn, address, address_en, phone. A row is known by
code and valid_from; an empty cell leaves what the portal knows. All rows go in, or none.`
}

// Run brings the agencies into the database.
func (c importAgencies) Run(ctx context.Context) error {
	return c.fromCSV(ctx, c.File, func(file io.Reader, tx pgx.Tx) (counted, error) {
		rows, err := agency.ReadAgencies(file)
		if err != nil {
			return nil, err
		}
		changes, err := agency.Import(ctx, tx, rows)
		return counted{{"agencies", changes}}, err
	})
}

// importHolidays is the command that reads days off and make-up days.
type importHolidays struct {
	File    string `arg:"" help:"CSV in UTF-8."`
	Through string `help:"Last day that the calendars know from now on, as 2028-12-31."`
	rehearsal
}

// Help is shown below the command's own line.
func (importHolidays) Help() string {
	return `The first row names the columns: date (as 2028-01-03), kind (off, make_up, or usual to take an earlier entry back), name, name_en;
besides calendar (all when empty), provisional and provisional_en (why the day is not certain). Days that the file does not name stay.
All rows go in, or none.`
}

// Run sets the days in the calendars.
func (c importHolidays) Run(ctx context.Context) error {
	var through workday.Date
	if c.Through != "" {
		var err error
		if through, err = workday.ParseDate(c.Through); err != nil {
			return fmt.Errorf("--through: %w", err)
		}
	}
	return c.fromCSV(ctx, c.File, func(file io.Reader, tx pgx.Tx) (counted, error) {
		days, err := agency.ReadHolidays(file)
		if err != nil {
			return nil, err
		}
		changes, err := agency.ImportHolidays(ctx, tx, days, through)
		return counted{{"calendars", changes}}, err
	})
}

// rehearsal is the choice to write nothing.
type rehearsal struct {
	DryRun bool `help:"Tell what would change, and write nothing."`
}

// errRehearsed undoes a transaction whose changes are told only.
var errRehearsed = errors.New("a dry run")

// counted is what an import did, to one kind of thing a line.
type counted []struct {
	what    string
	changes agency.Changes
}

// fromCSV does all of a file in one transaction and tells what it did.
func (r rehearsal) fromCSV(ctx context.Context, name string,
	load func(io.Reader, pgx.Tx) (counted, error)) error {
	file, _, err := openInput(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return assembled(ctx, func(p *parts) error {
		var done counted
		err := p.catalogue(ctx, func(tx pgx.Tx) (err error) {
			if done, err = load(file, tx); err == nil && r.DryRun {
				return errRehearsed
			}
			return err
		})
		if err != nil && !errors.Is(err, errRehearsed) {
			return fmt.Errorf("%s: nothing was written:\n%w", name, err)
		}
		t := newTable(os.Stdout, "", "added", "changed", "same")
		for _, d := range done {
			t.row(d.what, fmt.Sprint(d.changes.Added), fmt.Sprint(d.changes.Changed),
				fmt.Sprint(d.changes.Same))
		}
		if err := t.end(); err != nil || !r.DryRun {
			return err
		}
		_, err = fmt.Println("This was a dry run: nothing was written.")
		return err
	})
}
