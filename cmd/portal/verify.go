package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/signature"

	"github.com/jackc/pgx/v5"
)

type verifyCommand struct {
	Chain    verifyChain    `cmd:"" help:"Check that the history and the revisions of dossiers are as they were written."`
	Bindings verifyBindings `cmd:"" help:"Check that no row was given to somebody else by who can write to the database only."`
	Files    verifyFiles    `cmd:"" help:"Read every file that the database names, and prove its SHA-256."`
	PDF      verifyPDF      `cmd:"" name:"pdf" help:"Check the signatures of a PDF on standard input; writes a report as JSON. It reads no configuration."`
}

type verifyChain struct {
	Code string `arg:"" optional:"" help:"Code of one dossier."`
	All  bool   `help:"Every dossier."`
}

// Validate refuses neither or both.
func (c verifyChain) Validate() error {
	if (c.Code == "") == !c.All {
		return errors.New("give the code of a dossier, or --all")
	}
	return nil
}

// Run checks one dossier or all.
func (c verifyChain) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.check(ctx, p, os.Stdout) })
}

func (c verifyChain) check(ctx context.Context, p *parts, out io.Writer) error {
	if c.All {
		return p.verifyAll(ctx, out)
	}
	code, err := dossier.ParseCode(c.Code)
	if err != nil {
		return err
	}
	named, err := dossier.NameOf(ctx, p.pool, code)
	if err != nil {
		return err
	}
	if err := p.verifyOne(ctx, named.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "ok", named.Code)
	return err
}

// verifyOne reads the whole history as of one instant, since the dossier may be moving.
func (p *parts) verifyOne(ctx context.Context, id dossier.ID) error {
	still := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, p.pool, still, func(tx pgx.Tx) error {
		return dossier.VerifyChain(ctx, tx, p.vault, id)
	})
}

// verifyStep is how many dossiers are listed at a time.
const verifyStep = 500

// verifyAll checks all dossiers and names each broken one.
func (p *parts) verifyAll(ctx context.Context, out io.Writer) error {
	checked, broken := 0, 0
	for after := dossier.ID(""); ; {
		some, err := dossier.Names(ctx, p.pool, after, verifyStep)
		if err != nil {
			return err
		}
		for _, named := range some {
			err := p.verifyOne(ctx, named.ID)
			if err != nil && !errors.Is(err, dossier.ErrChain) {
				return err
			}
			if err != nil {
				broken++
				if _, err := fmt.Fprintf(out, "BROKEN %s: %v\n", named.Code, err); err != nil {
					return err
				}
			}
			checked, after = checked+1, named.ID
		}
		if len(some) < verifyStep {
			break
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d dossiers are not as they were written: %w", broken, checked,
			dossier.ErrChain)
	}
	_, err := fmt.Fprintf(out, "ok %d dossiers\n", checked)
	return err
}

// The portal starts this command itself, in a process with limits and without environment: see
// signature.InChild.
type verifyPDF struct {
	Roots string `placeholder:"FILE" help:"PEM file of the certificate authorities to trust; empty trusts nobody."`
}

// Run checks the file on standard input.
func (c verifyPDF) Run() error { return c.report(os.Stdin, os.Stdout, time.Now()) }

func (c verifyPDF) report(in io.Reader, out io.Writer, now time.Time) error {
	var roots *x509.CertPool
	if c.Roots != "" {
		var err error
		if roots, err = readRoots(c.Roots); err != nil {
			return err
		}
	}
	file, err := signature.ReadAll(in)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(signature.Verify(file, roots, now))
}

// readRoots reads the certificates of a PEM file, of which there must be one at least.
func readRoots(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", path)
	}
	return roots, nil
}
