package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
	"congdvc/services/result"
	"congdvc/services/vault"
)

type verifyFiles struct{}

// Run reads every file that the database names. What is not as it was given is named on standard output by
// the dossier's code and the file's id; how far it is, on standard error.
func (verifyFiles) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error {
		if err := p.desk.Installation().Check(ctx); err != nil {
			return err
		}
		return p.verifyFiles(ctx, os.Stdout, os.Stderr)
	})
}

// errFiles says that files are missing or damaged.
var errFiles = errors.New("restore them from a backup of the folder of files, and verify again")

// A fileCheck proves files one after the other, and holds a chunk of one at a time.
type fileCheck struct {
	*parts
	out              io.Writer
	progress         progress
	checked          int
	missing, damaged int
}

func (p *parts) verifyFiles(ctx context.Context, out, notes io.Writer) error {
	given, givenBytes, err := attachment.TotalKept(ctx, p.pool)
	if err != nil {
		return err
	}
	issued, issuedBytes, err := result.TotalKept(ctx, p.pool)
	if err != nil {
		return err
	}
	c := &fileCheck{parts: p, out: out,
		progress: newProgress(notes, given+issued, givenBytes+issuedBytes)}
	if err := errors.Join(c.all(ctx), c.progress.end()); err != nil {
		return err
	}
	if bad := c.missing + c.damaged; bad > 0 {
		return fmt.Errorf("%d of %d files are not as they were given (%d missing, %d damaged): %w", bad,
			c.checked, c.missing, c.damaged, errFiles)
	}
	_, err = fmt.Fprintf(out, "ok %d files\n", c.checked)
	return err
}

// all proves what the tables name, and then that the revisions, which nobody can change unseen, name the
// same.
func (c *fileCheck) all(ctx context.Context) error {
	for after, more := "", true; more; {
		some, next, err := attachment.AllKept(ctx, c.pool, after, verifyStep)
		if err != nil {
			return err
		}
		for _, k := range some {
			of := string(k.Code)
			if of == "" {
				of = "draft " + string(k.Draft)
			}
			if err := c.one(ctx, of, k.File, k.Size, k.SHA256); err != nil {
				return err
			}
		}
		after, more = next, next != ""
	}
	for after, more := "", true; more; {
		some, err := result.AllKept(ctx, c.pool, after, verifyStep)
		if err != nil {
			return err
		}
		for _, k := range some {
			if err := c.one(ctx, string(k.Code), k.File, k.Size, k.SHA256); err != nil {
				return err
			}
			after = k.File
		}
		more = len(some) == verifyStep
	}
	return c.revisions(ctx)
}

// one reads and opens every chunk of a file. of is the code of its dossier.
func (c *fileCheck) one(ctx context.Context, of, file string, size int64, sum string) error {
	c.checked++
	problem, err := c.read(ctx, file, size, sum)
	if err != nil {
		return err
	}
	if err := c.progress.file(size); err != nil || problem == "" {
		return err
	}
	if problem == missing {
		c.missing++
	} else {
		c.damaged++
	}
	return errors.Join(c.progress.clear(), c.say("%s %s file %s\n", problem, of, file))
}

func (c *fileCheck) say(format string, args ...any) error {
	_, err := fmt.Fprintf(c.out, format, args...)
	return err
}

// What a file can be, other than right.
const (
	missing = "MISSING"
	damaged = "DAMAGED"
)

func (c *fileCheck) read(ctx context.Context, file string, size int64, sum string) (problem string,
	err error) {
	reader, err := c.files.Open(ctx, file)
	switch {
	case errors.Is(err, filestore.ErrNotFound):
		return missing, nil
	case errors.Is(err, filestore.ErrDamaged):
		return damaged, nil
	case err != nil:
		return "", err
	}
	hash := sha256.New()
	n, err := io.Copy(hash, stopping{ctx, reader})
	if closed := reader.Close(); err == nil {
		err = closed
	}
	switch {
	case errors.Is(err, filestore.ErrDamaged), errors.Is(err, syscall.EIO):
		return damaged, nil
	case err != nil:
		return "", err
	case n != size || hex.EncodeToString(hash.Sum(nil)) != sum:
		return damaged, nil
	}
	return "", nil
}

// stopping ends a long read when the command is to end.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

func (s stopping) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// revisions compares the files of each revision with the rows by which they were read.
func (c *fileCheck) revisions(ctx context.Context) error {
	for after := dossier.ID(""); ; {
		some, err := dossier.Names(ctx, c.pool, after, verifyStep)
		if err != nil {
			return err
		}
		for _, named := range some {
			if err := c.revisionsOf(ctx, named); err != nil {
				return err
			}
			after = named.ID
		}
		if len(some) < verifyStep {
			return nil
		}
	}
}

func (c *fileCheck) revisionsOf(ctx context.Context, named dossier.Named) error {
	all, err := dossier.Revisions(ctx, c.pool, named.ID)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, info := range all {
		r, err := dossier.OwnRevision(ctx, c.pool, c.vault, named.ID, info.Number)
		if errors.Is(err, vault.ErrCannotOpen) {
			c.damaged++
			err = c.say("%s %s revision %d\n", damaged, named.Code, info.Number)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		for _, f := range r.Files {
			if seen[f.ID] {
				continue
			}
			seen[f.ID] = true
			same, err := attachment.Says(ctx, c.pool, f.ID, f.Size, f.SHA256)
			if err != nil {
				return err
			}
			if !same { // the row is gone or says something else, so the file was not proven by it
				if err := c.one(ctx, string(named.Code), f.ID, f.Size, f.SHA256); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
