package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/jackc/pgx/v5"

	"congdvc/services/procedure"
)

// importTemplates is the command that stores form files to download.
type importTemplates struct {
	Paths  []string `arg:"" name:"path" help:"Files, or folders of files."`
	Code   string   `help:"The procedure that they belong to, as 1.001193."`
	Shared bool     `help:"They are the same for every procedure that names them."`
}

// Help is shown below the command's own line.
func (importTemplates) Help() string {
	return `Each file is stored under its name, by which the requirements of procedures know it; docx, doc, odt, rtf, pdf and xlsx, at most 5 MB,
without macros. A file in a folder named by a code, as 1.001193/Mẫu số 01.docx, belongs to that procedure; any other to the one that
names it. Where several do, perhaps with another file each, it is refused unless --code or --shared tells. The same file again changes
nothing. Every file stands by itself; the exit status is 1 when one was refused.`
}

var codeFolder = regexp.MustCompile(`^[0-9]\.[0-9]{6}(\.[0-9A-Z]+)*$`)

// Run stores the files.
func (c importTemplates) Run(ctx context.Context) error {
	var files []string
	for _, root := range c.Paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(files) == 0 {
		return errors.New("there is no file in what was named")
	}
	return assembled(ctx, func(p *parts) error {
		refused := 0
		for _, file := range files {
			in := procedure.NewTemplate{Code: c.Code, Shared: c.Shared, Name: filepath.Base(file)}
			if folder := filepath.Base(filepath.Dir(file)); in.Code == "" && codeFolder.MatchString(folder) {
				in.Code = folder
			}
			outcome, owner, err := c.store(ctx, p, file, in)
			if err != nil {
				refused++
				fmt.Printf("%s: refused: %v\n", file, err)
				continue
			}
			if owner == "" {
				owner = "shared"
			}
			fmt.Printf("%s: %s (%s)\n", file, outcome, owner)
		}
		if refused > 0 {
			return fmt.Errorf("%d of %d files were refused", refused, len(files))
		}
		return nil
	})
}

func (importTemplates) store(ctx context.Context, p *parts, file string,
	in procedure.NewTemplate) (outcome procedure.Outcome, owner string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return procedure.Refused, "", err
	}
	in.Content, err = io.ReadAll(io.LimitReader(f, procedure.MostTemplate+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return procedure.Refused, "", err
	}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		outcome, owner, err = procedure.PutTemplate(ctx, tx, in)
		return err
	})
	return outcome, owner, err
}
