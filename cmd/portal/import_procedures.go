package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"congdvc/services/procedure"
	"congdvc/services/procedure/national"
	"congdvc/services/workday"
)

// importProcedures is the command that reads the national database's records, and definitions as the export
// writes them.
type importProcedures struct {
	File   string `arg:"" help:"File of newline-delimited JSON; - is standard input."`
	DryRun bool   `help:"Tell what would change, and write nothing."`
	From   string `help:"First day of new versions, as 2026-11-23; when not given, today for a record, and for a definition its own."`
	Draft  bool   `help:"Keep definitions as drafts, which nobody sees until portal procedures publish."`
}

// Help is shown below the command's own line.
func (importProcedures) Help() string {
	return `Each line is one record of the national portal's procedure service (LayThuTuc: MATTHC, TENTTHC, CACHTHUCTHUCHIEN and so on), or one
definition as portal export procedures writes it, which may have been edited since. Of a record, what can be read with certainty becomes
structure, the rest stays as text; nothing is added. Every line stands by itself: one that cannot be used is told with line, code and
reason, and the others go in. The same again changes nothing, another makes a new version. A record of a procedure that this portal has
a definition of its own for changes nothing; in what it differs is told. The exit status is 1 when a line was refused.`
}

// Run brings the records into the database.
func (c importProcedures) Run(ctx context.Context) error {
	from, err := dayOf("--from", c.From)
	if err != nil {
		return err
	}
	file, size, err := openInput(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	return assembled(ctx, func(p *parts) error { return c.load(ctx, p, file, size, from) })
}

func (c importProcedures) load(ctx context.Context, p *parts, file io.Reader, size int64,
	from *workday.Date) error {
	began := time.Now()
	out := bufio.NewWriter(os.Stdout)
	bar := newBar(os.Stderr, size)
	counts := map[procedure.Outcome]int{}
	err := national.Import(ctx, p.pool, file, national.ImportIn{
		On: orToday(from), From: from, Drafts: c.Draft, DryRun: c.DryRun, Vault: p.vault, Read: bar.show,
		Tell: func(i national.Imported) error {
			counts[i.Outcome]++
			return tell(out, i)
		},
	})
	bar.end()
	t := newTable(out, "", "added", "changed", "same", "kept out", "refused")
	t.row("procedures", fmt.Sprint(counts[procedure.Added]), fmt.Sprint(counts[procedure.Changed]),
		fmt.Sprint(counts[procedure.Same]), fmt.Sprint(counts[procedure.KeptOut]),
		fmt.Sprint(counts[procedure.Refused]))
	err = errors.Join(err, t.end())
	_, spent := fmt.Fprintf(out, "%s, at most %d MB of memory\n", time.Since(began).Round(time.Millisecond),
		peakMemory()>>20)
	err = errors.Join(err, spent)
	if c.DryRun {
		_, note := fmt.Fprintln(out, "This was a dry run: nothing was written.")
		err = errors.Join(err, note)
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted: what was told above is done; the same command goes on from there")
	}
	switch n := counts[procedure.Refused]; {
	case err != nil || n == 0:
	case n == 1:
		err = errors.New("1 line was refused")
	default:
		err = fmt.Errorf("%d lines were refused", n)
	}
	return errors.Join(err, out.Flush())
}

// tell writes what happened to a line. Nothing is written for a line that changed and lost nothing.
func tell(out io.Writer, i national.Imported) error {
	var what []string
	switch {
	case i.Reason != nil:
		what = append(what, i.Reason.Error())
	case len(i.Differs) > 0:
		what = append(what, "differs in "+strings.Join(i.Differs, ", "))
	}
	if len(i.Left) > 0 && i.Outcome != procedure.Same {
		what = append(what, "left out "+strings.Join(i.Left, ", "))
	}
	if len(what) == 0 && i.Outcome == procedure.Same {
		return nil
	}
	code := i.Code
	if code == "" {
		code = "no code"
	}
	text := fmt.Sprintf("line %d, %s: %s", i.Line, code, i.Outcome)
	if len(what) > 0 {
		text += ": " + strings.ReplaceAll(strings.Join(what, "; "), "\n", "; ")
	}
	for _, v := range i.Values {
		text += fmt.Sprintf("\n    %s: %s -> %s", v.Member, orNothing(v.Was), orNothing(v.Is))
	}
	_, err := fmt.Fprintln(out, text)
	return err
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// peakMemory is the most that this process has held at one time, in bytes.
func peakMemory() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss << 10 // Linux counts in KiB
}

// openInput opens a file and tells its size, 0 when that is not known.
func openInput(name string) (*os.File, int64, error) {
	if name == "-" {
		return os.Stdin, 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", name)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// A bar shows on a terminal how much of a file is read; anywhere else it shows nothing.
type bar struct {
	out   *os.File
	size  int64
	shown int64 // the share last shown, in hundredths
}

func newBar(out *os.File, size int64) *bar {
	info, err := out.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || size <= 0 {
		return &bar{}
	}
	return &bar{out: out, size: size, shown: -1}
}

// barWidth is how many characters the whole of a bar has.
const barWidth = 40

func (b *bar) show(read int64) {
	if b.out == nil {
		return
	}
	if share := min(100*read/b.size, 100); share != b.shown {
		b.shown = share
		full := int(share) * barWidth / 100
		fmt.Fprintf(b.out, "\r[%s%s] %3d%%", strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
			share)
	}
}

// end leaves the terminal's line clean for what is written next.
func (b *bar) end() {
	if b.out != nil {
		fmt.Fprintf(b.out, "\r%*s\r", barWidth+7, "")
	}
}
