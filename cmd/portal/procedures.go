package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

type proceduresCommand struct {
	List            proceduresList       `cmd:"" help:"Versions of procedures, one a line."`
	Show            proceduresShow       `cmd:"" help:"Everything there is to know of the versions of one procedure."`
	Publish         proceduresPublish    `cmd:"" help:"Put a draft in force from a day on; the version before it ends on that day."`
	Close           proceduresClose      `cmd:"" help:"End a procedure, with the one that takes its place."`
	AllowGeneral    proceduresAllow      `cmd:"" help:"Let people file imported procedures through the general form."`
	DisallowGeneral proceduresDisallowed `cmd:"" help:"Take allow-general back."`
}

type proceduresList struct {
	Code  string `help:"Only this procedure, as 1.001193."`
	State string `enum:"draft,published,closed," default:"" help:"Only versions in this state: draft, published or closed."`
}

// Run lists versions.
func (c proceduresList) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error {
		entries, err := procedure.Entries(ctx, p.pool, c.Code, procedure.State(c.State))
		if err != nil {
			return err
		}
		return listEntries(os.Stdout, entries)
	})
}

func listEntries(out io.Writer, entries []procedure.Entry) error {
	t := newTable(out, "code", "version", "state", "from", "until", "successor", "level", "form", "by",
		"name")
	for _, e := range entries {
		form := "-"
		switch {
		case e.General:
			form = "general"
		case e.Form:
			form = "own"
		}
		t.row(e.Code, fmt.Sprint(e.Number), string(e.State), e.EffectiveFrom.String(), dayOr(e.EffectiveTo),
			textOr(e.Successor), string(e.Level), form, e.Origin, shortened(e.Name.Vi))
	}
	return t.end()
}

// listedName is how many characters of a name a list shows.
const listedName = 60

func shortened(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > listedName {
		return string(runes[:listedName-1]) + "…"
	}
	return name
}

func dayOr(d *workday.Date) string {
	if d == nil {
		return "-"
	}
	return d.String()
}

func textOr(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

type proceduresShow struct {
	Code string `arg:"" help:"Code of the procedure, as 1.001193."`
}

// Run shows the versions of a procedure, and what the newest says.
func (c proceduresShow) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error {
		entries, err := procedure.Entries(ctx, p.pool, c.Code, "")
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return fmt.Errorf("%s: %w", c.Code, procedure.ErrNotFound)
		}
		if err := listEntries(os.Stdout, entries); err != nil {
			return err
		}
		v, err := procedure.ByID(ctx, p.pool, entries[len(entries)-1].ID)
		if err != nil {
			return err
		}
		return showVersion(os.Stdout, v)
	})
}

func showVersion(out io.Writer, v *procedure.Version) error {
	kinds := make([]string, 0, len(v.ReceivedBy.Kinds))
	for _, k := range v.ReceivedBy.Kinds {
		kinds = append(kinds, "every "+string(k))
	}
	receivers := strings.Join(append(kinds, v.ReceivedBy.Agencies...), ", ")
	if receivers == "" {
		receivers = "none"
	}
	templates := 0
	for _, r := range v.Requirements {
		templates += len(r.Forms)
	}
	_, err := fmt.Fprintf(out, "\nversion %d: %s\nreceived by: %s\ncases: %d, requirements: %d (form files "+
		"named: %d), fees: %d, channels: %d\n",
		v.Number, v.Name.Vi, receivers, len(v.Cases), len(v.Requirements), templates, len(v.Fees),
		len(v.Channels))
	return err
}

type proceduresPublish struct {
	Code    string `arg:"" help:"Code of the procedure, as 1.001193."`
	Version int    `help:"Number of the draft; not needed while there is one only."`
	From    string `help:"First day, as 2027-01-01; that of the draft when not given, or today when it has passed."`
}

// Run publishes a draft.
func (c proceduresPublish) Run(ctx context.Context) error {
	from, err := dayOf("--from", c.From)
	if err != nil {
		return err
	}
	return inTransaction(ctx, func(tx pgx.Tx) error {
		on, err := procedure.Publish(ctx, tx, procedure.PublishIn{Code: c.Code, Number: c.Version, From: from,
			Today: today()})
		if err != nil {
			return err
		}
		_, err = fmt.Printf("%s: published, in force from %s\n", c.Code, on)
		return err
	})
}

type proceduresClose struct {
	Code      string `arg:"" help:"Code of the procedure, as 1.001193."`
	On        string `required:"" help:"First day on which it no longer applies, as 2027-01-01."`
	Successor string `help:"Code of the procedure that takes its place; its page leads there."`
}

// Run closes a procedure.
func (c proceduresClose) Run(ctx context.Context) error {
	on, err := dayOf("--on", c.On)
	if err != nil {
		return err
	}
	return inTransaction(ctx, func(tx pgx.Tx) error {
		if err := procedure.Close(ctx, tx, procedure.CloseIn{Code: c.Code, On: *on, Successor: c.Successor,
			Today: today()}); err != nil {
			return err
		}
		_, err := fmt.Printf("%s: closed from %s on\n", c.Code, on)
		return err
	})
}

type proceduresAllow struct {
	Codes  []string `arg:"" name:"code" help:"Codes of imported procedures, as 1.000123."`
	Agency []string `help:"Code of an agency that receives, as H42.STP; repeat it or part them by commas."`
	Kind   []string `help:"A kind of agency that receives: commune, department or province; repeat it or part them by commas."`
	From   string   `help:"First day, as 2027-01-01; today when not given."`
}

// Help is shown below the command's own line.
func (proceduresAllow) Help() string {
	return `An imported procedure has no form of its own. The general form asks what it is about, who files and how to reach them, and takes a
file for each paper of the record that is handed in; at least one file, or an explanation. It becomes "một phần". A fee that the record
names with certainty is due at the counter; of any other the page says that the agency tells it. Who receives is what the record says,
unless --agency or --kind do; of a department it never says which, so name it. A changed record that is imported later keeps all this.`
}

// Run allows the general form.
func (c proceduresAllow) Run(ctx context.Context) error {
	from, err := dayOf("--from", c.From)
	if err != nil {
		return err
	}
	kinds := make([]agency.Kind, 0, len(c.Kind))
	for _, k := range c.Kind {
		kinds = append(kinds, agency.Kind(k))
	}
	return eachCode(ctx, c.Codes, func(tx pgx.Tx, code string) (procedure.Outcome, error) {
		return procedure.AllowGeneral(ctx, tx, procedure.AllowIn{Code: code, Kinds: kinds, Agencies: c.Agency,
			On: orToday(from)})
	}, "can be filed through the general form")
}

type proceduresDisallowed struct {
	Codes []string `arg:"" name:"code" help:"Codes of imported procedures, as 1.000123."`
	From  string   `help:"First day, as 2027-01-01; today when not given."`
}

// Run takes the general form back.
func (c proceduresDisallowed) Run(ctx context.Context) error {
	from, err := dayOf("--from", c.From)
	if err != nil {
		return err
	}
	return eachCode(ctx, c.Codes, func(tx pgx.Tx, code string) (procedure.Outcome, error) {
		return procedure.DisallowGeneral(ctx, tx, code, orToday(from))
	}, "is for information only")
}

// eachCode does the same to each procedure, in a transaction of its own: if one is refused, the others are
// done all the same.
func eachCode(
	ctx context.Context, codes []string, do func(pgx.Tx, string) (procedure.Outcome, error), done string,
) error {
	return assembled(ctx, func(p *parts) error {
		var refused []error
		for _, code := range codes {
			err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
				outcome, err := do(tx, code)
				if err != nil {
					return err
				}
				if outcome == procedure.Same {
					_, err = fmt.Printf("%s: %s already\n", code, done)
				} else {
					_, err = fmt.Printf("%s: %s\n", code, done)
				}
				return err
			})
			if err != nil {
				refused = append(refused, fmt.Errorf("%s: %w", code, told(err)))
			}
		}
		return errors.Join(refused...)
	})
}

// inTransaction runs a change on the assembled parts, all of it or nothing.
func inTransaction(ctx context.Context, do func(pgx.Tx) error) error {
	return assembled(ctx, func(p *parts) error { return p.catalogue(ctx, do) })
}

// catalogue runs what changes procedures and agencies, and marks them as this portal's.
func (p *parts) catalogue(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		return binding.Change(ctx, tx, p.vault, binding.Catalogue, func() error { return do(tx) }, "true")
	})
}

// dayOf reads the day of a flag; nil when it is empty.
func dayOf(flag, text string) (*workday.Date, error) {
	if text == "" {
		return nil, nil
	}
	on, err := workday.ParseDate(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return &on, nil
}

func orToday(on *workday.Date) workday.Date {
	if on == nil {
		return today()
	}
	return *on
}
