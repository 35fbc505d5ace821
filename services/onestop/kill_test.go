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

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const (
	childEnv   = "ONESTOP_TEST_CHILD" // database URL, then the folder of the keys
	childLease = 9 * time.Second      // a third of it bounds a push, also on a busy machine
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
	NewDeliverer(DelivererConfig{DB: db, Vault: v, Log: discard(), AllowPrivate: true,
		Timeout: childLease / 3, Lease: childLease, Poll: 5 * time.Millisecond}).Run(context.Background())
}

// TestResumeAfterKill kills a pushing process while a request is under way: another one goes on where it was,
// and what it cannot know to be delivered comes again under the same id.
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
	ids := w.dossiers(t, 3)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	for revision := range 2 {
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
	third, killed := make(chan struct{}), make(chan struct{})
	var arrivals atomic.Int64
	r.says(func(CloudEvent, http.ResponseWriter) {
		if arrivals.Add(1) == 3 {
			close(third)
			<-killed
		}
	})
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	<-third
	child.Process.Kill()
	child.Wait()
	close(killed)
	w.deliver(t, func(c *DelivererConfig) { c.Timeout, c.Lease = childLease/3, childLease })
	w.settled(t)
	seen := r.events()
	if len(seen) != 7 || seen[2].ID != seen[3].ID || len(first(seen)) != 6 {
		t.Errorf("%d arrivals: %+v", len(seen), seen)
	}
	checkOrder(t, seen)
}
