package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells how far a long command is: a bar on a terminal, elsewhere a line now and then.
type progress struct {
	bar          *progressbar.ProgressBar // nil where there is no terminal
	notes        io.Writer
	files, bytes int64 // of all
	done, read   int64
	said         time.Time
}

const saidEvery = 10 * time.Second

func newProgress(notes io.Writer, files, bytes int64) progress {
	p := progress{notes: notes, files: files, bytes: bytes, said: time.Now()}
	if file, ok := notes.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions64(max(bytes, 1), progressbar.OptionSetWriter(notes),
			progressbar.OptionShowBytes(true), progressbar.OptionFullWidth(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetDescription(fmt.Sprintf("%d files", files)))
	}
	return p
}

// file counts a file that was read.
func (p *progress) file(bytes int64) error {
	p.done, p.read = p.done+1, p.read+bytes
	if p.bar != nil {
		return p.bar.Set64(min(p.read, max(p.bytes, 1)))
	}
	if time.Since(p.said) < saidEvery {
		return nil
	}
	p.said = time.Now()
	_, err := fmt.Fprintf(p.notes, "%d of %d files, %d of %d MiB\n", p.done, p.files, p.read/mebi,
		p.bytes/mebi)
	return err
}

// clear makes room for a line.
func (p *progress) clear() error {
	if p.bar == nil {
		return nil
	}
	return p.bar.Clear()
}

func (p *progress) end() error {
	if p.bar == nil {
		return nil
	}
	_, err := fmt.Fprintln(p.notes)
	return err
}
