package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
)

// filed is a program in whose database a dossier was handed in with a file and got a result, beside a draft
// with a file.
type filed struct {
	*program
	rooms                 *desktest.Province
	code                  dossier.Code
	draft                 dossier.DraftID
	given, issued, inMind string // ids of the files
}

const issueSQL = `
insert into result (id, dossier_id, code, name, number, issued_on, file_id, file_name_sealed, size, sha256, signer, created_at)
select gen_random_uuid(), id, '0000-0000-0000-0000', '{}', '', '2026-11-23', $2, '', $3, $4, '{}', now()
from dossier where code = $1`

func newFiled(t *testing.T) filed {
	t.Helper()
	f := filed{program: newProgram(t)}
	f.must("import", "starter")
	f.must("onestop", "create", "chung", "Một cửa chung", "--all-communes")
	f.rooms = f.openRooms("http://portal.test", "")
	lan := f.rooms.Citizen(t, 1)
	f.code = f.rooms.Submitted(t, lan)
	f.draft = f.rooms.Copies(t, lan, 1)
	content := bytes.Repeat([]byte("kết quả"), 500_000) // several chunks
	f.issued = postgres.NewID()
	kept, err := f.rooms.Files.Put(t.Context(), f.issued, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	f.exec(issueSQL, f.code, f.issued, kept.Size, kept.SHA256)
	one := func(id any, sql string) (file string) {
		if err := f.pool.QueryRow(t.Context(), sql, id).Scan(&file); err != nil {
			t.Fatal(err)
		}
		return file
	}
	f.inMind = one(f.draft, `select file_id from attachment where draft_id = $1`)
	f.given = one(f.code, `select a.file_id from attachment a join dossier d on d.draft_id = a.draft_id
where d.code = $1`)
	return f
}

func (f filed) place(file string) string {
	return filepath.Join(f.env["FILES_DIR"], file[len(file)-2:], file)
}

// TestVerifyFiles: every file is read; what is missing or damaged is named by its dossier and its id, and by
// nothing that a person wrote.
func TestVerifyFiles(t *testing.T) {
	t.Parallel()
	f := newFiled(t)
	f.has(f.must("verify", "files"), "ok 3 files\n")

	for what, c := range map[string]struct {
		spoil func() error
		says  string
	}{
		"a bit of a result, in its first chunk": {flip(f.place(f.issued), 5000),
			"DAMAGED " + string(f.code) + " file " + f.issued + "\n"},
		"a file of a dossier": {func() error { return os.Remove(f.place(f.given)) },
			"MISSING " + string(f.code) + " file " + f.given + "\n"},
		"the end of a file of a draft": {func() error { return os.Truncate(f.place(f.inMind), 60) },
			"DAMAGED draft " + string(f.draft) + " file " + f.inMind + "\n"},
	} {
		if err := c.spoil(); err != nil {
			t.Fatal(what, err)
		}
		out, err := f.run("verify", "files")
		if err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s, want %s", what, err, out, c.says)
		}
		if strings.Contains(out, ".png") || strings.Contains(out, "Lan") {
			t.Errorf("personal data: %s", out)
		}
	}
	f.refused("3 of 3 files are not as they were given (1 missing, 2 damaged)", "verify", "files")
	if err := os.Rename(f.env["FILES_DIR"], f.env["FILES_DIR"]+"-away"); err != nil {
		t.Fatal(err)
	}
	f.refused("bears no marker", "verify", "files")
}

// flip changes one bit of a file.
func flip(path string, at int64) func() error {
	return func() error {
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		b := make([]byte, 1)
		_, err = file.ReadAt(b, at)
		if err == nil {
			b[0] ^= 1
			_, err = file.WriteAt(b, at)
		}
		return errors.Join(err, file.Close())
	}
}

// TestVerifyFilesByTheRevision: a row that was changed together with the bytes does not deceive; what was
// handed in stands in the revision.
func TestVerifyFilesByTheRevision(t *testing.T) {
	t.Parallel()
	f := newFiled(t)
	kept, err := f.rooms.Files.Put(t.Context(), f.given, strings.NewReader("something else"), 100)
	if err != nil {
		t.Fatal(err)
	}
	f.exec(`update attachment set size = $2, sha256 = $3 where file_id = $1`, f.given, kept.Size, kept.SHA256)
	out, err := f.run("verify", "files")
	if err == nil {
		t.Error("passes")
	}
	f.has(out, "DAMAGED "+string(f.code)+" file "+f.given)
}

// TestFilesStatus: what no row names is counted and stays where it is; what lies aside is listed.
func TestFilesStatus(t *testing.T) {
	t.Parallel()
	f := newFiled(t)
	nobodys := postgres.NewID()
	if _, err := f.rooms.Files.Put(t.Context(), nobodys, strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-30 * 24 * time.Hour)
	for _, file := range []string{nobodys, f.given, f.issued} {
		if err := os.Chtimes(f.place(file), old, old); err != nil {
			t.Fatal(err)
		}
	}
	store := f.rooms.Files.ID()
	f.has(f.must("files", "status"), "no row names it, older than 168 hours", " 1 ", "aside", " 0 ",
		f.env["FILES_DIR"]+" is store "+store)
	if _, err := os.Stat(f.place(nobodys)); err != nil {
		t.Error(err)
	}
	if _, err := f.rooms.Desk.SetAside(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.has(f.must("files", "status"), "no row names it", " 0 ", nobodys, " 46 ")
	f.has(f.must("verify", "files"), "ok 3 files\n")

	// A lost marker keeps everything away, until the folder is bound again.
	if err := os.Remove(filepath.Join(f.env["FILES_DIR"], "store.json")); err != nil {
		t.Fatal(err)
	}
	f.refused("bears no marker", "files", "status")
	f.has(f.must("files", "adopt"), "is store "+store, "0 of 3 files are missing")
	f.has(f.must("files", "status"), "is store "+store)
}
