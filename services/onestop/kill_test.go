package onestop

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const (
	childEnv   = "ONESTOP_TEST_CHILD" // database URL, then the folder of the keys
	childLease = 30 * time.Second     // a third of it bounds a push, also on a busy machine
)

// TestMain lets the test program be the process that TestResumeAfterKill kills.
func TestMain(m *testing.M) {
	if given := os.Getenv(childEnv); given != "" {
		url, folder, _ := strings.Cut(given, "\n")
		pushUntilKilled(url, folder)
	}
	os.Exit(m.Run())
}

func pushUntilKilled(url, folder string) {
	db, err := postgres.Open(context.Background(), url)
	if err != nil {
		panic(err)
	}
	v, err := vault.Open(filepath.Join(folder, "keys"), filepath.Join(folder, "kek"))
	if err != nil {
		panic(err)
	}
	NewDeliverer(DelivererConfig{DB: db, Vault: v, Log: discard(),
		Timeout: childLease / 3, Lease: childLease, Poll: 5 * time.Millisecond}).Run(context.Background())
}

// TestResumeAfterKill kills a pushing process while one request hangs and later ones are done and recorded:
// another process goes on where it was. What hung comes again under the same id, and nothing else.
func TestResumeAfterKill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	keys, kek := filepath.Join(folder, "keys"), filepath.Join(folder, "kek")
	if err := vault.Create(keys, kek); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.vault, err = vault.Open(keys, kek); err != nil {
		t.Fatal(err)
	}
	ids := w.dossiers(t, 4)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	for revision := range 3 {
		for _, id := range ids {
			w.append(t, connection, id, revision+1)
		}
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), childEnv+"="+w.db.Config().ConnString()+"\n"+folder)
	child.Stderr = os.Stderr
	killed := make(chan struct{})
	var hangs atomic.Bool
	hangs.Store(true)
	r.says(func(e CloudEvent, _ http.ResponseWriter) { // the second event: the first widens the line
		if e.Data.Dossier == dossier.Code(ids[1]) && hangs.Load() {
			<-killed
		}
	})
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	recorded := func() int {
		attempts, err := Attempts(t.Context(), w.db, connection, AttemptFilter{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(attempts)
	}
	until(t, "all that does not hang is delivered and recorded", func() bool { return recorded() == 9 })
	child.Process.Kill()
	child.Wait()
	hangs.Store(false)
	close(killed)
	w.passLease(t)
	if h := w.health(t); h.Pushed < 3 {
		t.Errorf("with the second event under way, the log is pushed to %d", h.Pushed)
	}
	w.deliver(t, func(c *DelivererConfig) { c.Timeout, c.Lease = childLease/3, childLease })
	w.settled(t)
	times := map[string]int{}
	for _, e := range r.events() {
		times[e.ID]++
	}
	for i, e := range w.all(t, connection) {
		if want := 1 + btoi(i == 1); times[e.ID] != want {
			t.Errorf("event %d came %d times, not %d", i+1, times[e.ID], want)
		}
	}
	checkOrder(t, r.events())
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
