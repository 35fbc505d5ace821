package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"congdvc/services/vault"

	"github.com/caarlos0/env/v11"
)

type keysCommand struct {
	Create keysCreate `cmd:"" help:"Draw the keys, and the key-encryption key unless its file exists. Nothing is ever overwritten."`
	Bind   keysBind   `cmd:"" help:"After the upgrade that brought the marks, when no program of before runs any more: mark what such programs wrote."`
	Rotate keysRotate `cmd:"" help:"Seal with the next key from now on; what is sealed stays readable."`
}

// keyFiles is the part of the configuration that these commands read. They must run when nothing else is
// configured yet.
type keyFiles struct {
	Keyset string `env:"VAULT_KEYSET_FILE,required,notEmpty"`
	KEK    string `env:"VAULT_KEK_FILE,required,notEmpty"`
}

func readKeyFiles() (keyFiles, error) {
	files, err := env.ParseAs[keyFiles]()
	var all env.AggregateError
	if errors.As(err, &all) {
		err = errors.Join(all.Errors...)
	}
	return files, err
}

type keysCreate struct{}

// Run draws the keys.
func (keysCreate) Run() error {
	files, err := readKeyFiles()
	if err != nil {
		return err
	}
	return createKeys(files, os.Stdout)
}

func createKeys(files keyFiles, out io.Writer) error {
	_, err := os.Stat(files.KEK)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	drawn := err != nil
	if err := vault.Create(files.Keyset, files.KEK); err != nil {
		return err
	}
	how := "that was there"
	if drawn {
		how = "drawn now"
	}
	_, err = fmt.Fprintf(out, "sealed keys         %s\nkey-encryption key  %s (%s)\n"+
		"Keep a copy of each, in two different places: without both, nothing that was sealed can be read "+
		"again.\n", files.Keyset, files.KEK, how)
	return err
}

type keysRotate struct{}

// Run rotates the sealing key.
func (keysRotate) Run() error {
	files, err := readKeyFiles()
	if err != nil {
		return err
	}
	return rotateKeys(files, os.Stdout)
}

func rotateKeys(files keyFiles, out io.Writer) error {
	if err := vault.Rotate(files.Keyset, files.KEK); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "rotated %s\nRestart every process of the portal before rotating again, and "+
		"copy the file to where its copies are.\n", files.Keyset)
	return err
}
