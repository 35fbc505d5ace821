package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// TestOnestopEndpoint connects a receiver by the commands of README, from nothing to a proved endpoint.
func TestOnestopEndpoint(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	var wrong atomic.Bool
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Data struct{ Challenge string } }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || wrong.Load() {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"challenge":%q}`, in.Data.Challenge)
	}))
	t.Cleanup(receiver.Close)
	create := []string{"onestop", "create", "chung", "Một cửa chung", "--all-communes", "--endpoint",
		receiver.URL}
	p.refused("onestop.endpoint", create...)
	p.refused("onestop.network", append(create, "--allow", "0.0.0.0/0")...)
	paper := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(paper, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.refused("onestop.authorities", append(create, "--allow", "127.0.0.0/8", "--ca", paper)...)
	p.has(p.must(append(create, "--allow", "127.0.0.0/8")...), "The key ends on",
		"Nothing is pushed yet", "portal onestop prove chung")
	p.has(p.must("onestop", "show", "chung"), "unproved", receiver.URL, "127.0.0.0/8", "live")
	wrong.Store(true)
	p.refused("redirects elsewhere", "onestop", "prove", "chung")
	p.has(p.must("onestop", "list"), "unproved")
	wrong.Store(false)
	p.has(p.must("onestop", "prove", "chung"), "is live")
	p.has(p.must("onestop", "list"), "chung", "ok")
	wrong.Store(true)
	p.refused("portal onestop prove chung", "onestop", "endpoint", "chung", receiver.URL+"/new")
	shown := p.must("onestop", "show", "chung")
	p.has(shown, "waits for its proof", receiver.URL+"/new")
	if !strings.Contains(shown, "endpoint             "+receiver.URL+"\n") {
		t.Errorf("the endpoint of before is not live:\n%s", shown)
	}
	p.has(p.must("onestop", "allow", "chung", "10.20.0.0/16"), "does not pass the challenge now")
	p.refused("onestop.identity", "onestop", "tls", "chung", "--certificate", paper)
	p.must("onestop", "tls", "chung")
	p.must("onestop", "endpoint", "chung", "")
	p.has(p.must("onestop", "list"), "chung", "pulls")
}

// TestOnestopKeyEnds: keys end in a year, or when their operator says, who is warned.
func TestOnestopKeyEnds(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	create := []string{"onestop", "create", "chung", "Một cửa chung", "--all-communes", "--json"}
	p.refused("--expires", append(create, "--expires", "soon")...)
	p.refused("onestop.key_expiry", append(create, "--expires", "2025-01-01")...)
	p.refused("onestop.key_expiry", append(create, "--expires", "2125-01-01")...)
	var told created
	if err := json.Unmarshal([]byte(p.must(create...)), &told); err != nil || told.Expires == nil ||
		time.Until(*told.Expires) < 364*24*time.Hour || time.Until(*told.Expires) > 366*24*time.Hour {
		t.Fatalf("%+v %v", told, err)
	}
	soon := workday.DateOf(time.Now()).AddDays(10).String()
	p.must("onestop", "key-expire", "chung", told.Key[:11], soon)
	p.has(p.must("onestop", "keys", "chung"), "ends soon", "portal onestop key-new chung")
	p.has(p.must("onestop", "list"), "a key ends on", "portal onestop key-new chung")
	out, _ := p.run("check")
	p.has(out, "warn", "chung", "portal onestop key-new chung")
	p.must("onestop", "key-new", "chung", "--expires", "never")
	p.refused("onestop.keys", "onestop", "key-new", "chung")
	p.must("onestop", "key-expire", "chung", told.Key[:11], "never")
	if k, err := onestop.KeyOf(t.Context(), p.pool, p.keys(), told.Key, time.Now()); err != nil ||
		k.ExpiresAt != nil {
		t.Errorf("%+v %v", k, err)
	}
	p.refused("onestop.key_not_found", "onestop", "key-expire", "chung", "cdvc_xxxxxx", "never")
}

// TestGone: a variable that is read no more stops the program while it asks for something.
func TestGone(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env["PUSH_ALLOW_PRIVATE"] = "true"
	p.refused("portal onestop allow", "onestop", "list")
	p.env["PUSH_ALLOW_PRIVATE"] = "false"
	p.must("onestop", "list")
}
