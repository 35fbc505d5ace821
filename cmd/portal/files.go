package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"congdvc/services/desk"
)

type filesCommand struct {
	Status filesStatus `cmd:"" help:"Which store FILES_DIR is, and what lies in it that no row names. Changes nothing."`
	Adopt  filesAdopt  `cmd:"" help:"Make FILES_DIR the store of this database, after one of them was moved or restored."`
}

type filesStatus struct{}

// Run tells what the background work would set aside, and what lies aside.
func (filesStatus) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return p.filesStatus(ctx, os.Stdout) })
}

func (p *parts) filesStatus(ctx context.Context, out io.Writer) error {
	found, err := p.desk.Strayed(ctx)
	if err != nil {
		return err
	}
	asides, err := p.files.Asides(ctx)
	if err != nil {
		return err
	}
	const hours = "%d hours"
	t := newTable(out, "what", "files", "what becomes of it")
	after := fmt.Sprintf(hours, int(desk.AsideAfter.Hours()))
	parts := fmt.Sprintf(hours, int(desk.AsidePartAfter.Hours()))
	end := fmt.Sprintf("deleted after %d days there", int(desk.AsideFor.Hours())/24)
	t.row("no row names it, older than "+after, fmt.Sprint(found.Files), "set aside by the background work")
	t.row("written in part, older than "+parts, fmt.Sprint(found.Parts), "set aside by the background work")
	t.row("aside", fmt.Sprint(found.Aside), end)
	t.row("aside, and a row names it", fmt.Sprint(found.Restored), "brought back")
	t.row("aside for long", fmt.Sprint(found.Forgotten), "deleted by the background work")
	if err := t.end(); err != nil {
		return err
	}
	if len(asides) > 0 {
		t = newTable(out, "\naside", "bytes", "since")
		for _, a := range asides {
			t.row(a.Name, fmt.Sprint(a.Size), instant(&a.Since))
		}
		if err := t.end(); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "\n%s is store %s of keyset %s\n", p.config.Files, p.files.ID(), p.vault.ID())
	return err
}

type filesAdopt struct {
	Missing bool   `help:"Files that the database names and the folder has not are lost."`
	From    string `placeholder:"STORE" help:"The store that the folder's marker names, where that is another one."`
}

// Run binds the folder.
func (c filesAdopt) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.adopt(ctx, p, os.Stdout) })
}

func (c filesAdopt) adopt(ctx context.Context, p *parts, out io.Writer) error {
	store, found, err := p.desk.Installation().Adopt(ctx, desk.Adoption{Missing: c.Missing, From: c.From})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is store %s now; %d of %d files are missing\nRestart every process of the "+
		"portal, and run  portal verify files\n", p.config.Files, store, found.Missing, found.Files)
	return err
}
