package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// In a temporary folder of its own: a test process that is killed while it uses the server harms nobody who
// comes later, and when nobody is left the server ends and its data goes.
func TestKeeperLeavesNothing(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	process := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestNewIsMigratedAndSeparate$", "-test.count=1")
		cmd.Env = append(os.Environ(), "TMPDIR="+temporary, serverEnv+"=")
		return cmd
	}
	killed := process()
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	var base string
	waitFor(t, "the server's URL", func() bool {
		found, err := filepath.Glob(filepath.Join(temporary, "congdvc-pgtest-*", urlFile))
		if err != nil || len(found) == 0 {
			return false
		}
		base = filepath.Dir(found[0])
		return true
	})
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.Wait()
	if out, err := process().CombinedOutput(); err != nil {
		t.Fatalf("after a killed process: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(base, doneFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the server to go", func() bool {
		left, err := filepath.Glob(filepath.Join(base, "server-*"))
		return err == nil && len(left) == 0
	})
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("waited a minute for %s", what)
}
