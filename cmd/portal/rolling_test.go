package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"congdvc/portal/address"
)

// fleet is two replicas of a portal behind the proxy of README.
type fleet struct {
	*site    // whose url is the proxy's
	replicas [2]*site
	stats    string         // socket of haproxy
	up       [2]atomic.Bool // what our own proxy thinks
}

// newFleet starts two replicas, and leaves the address of the portal to the proxy.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	s := newSite(t)
	s.kill()
	f := &fleet{site: s, stats: filepath.Join(t.TempDir(), "stats")}
	for i := range f.replicas {
		r := *s
		r.program = &program{s.T, s.pool, maps.Clone(s.env)}
		r.log, r.child = filepath.Join(t.TempDir(), "portal.log"), nil
		r.env["LISTEN"], r.env["INSIDE_LISTEN"] = freeAddress(t), freeAddress(t)
		r.env["PROXY_HEADER"] = "X-Forwarded-For"
		t.Cleanup(r.end)
		r.start()
		r.ready()
		f.replicas[i] = &r
	}
	return f
}

// address is where the proxy listens.
func (f *fleet) address() string { return strings.TrimPrefix(f.url, "http://") }

// behindHAProxy puts the proxy of README before the replicas. Debian's haproxy may be missing; then the test
// is left out.
func (f *fleet) behindHAProxy() {
	f.Helper()
	proxy, config := haproxy(f.T), proxyOfReadme(f.T)
	replace := func(old, now string, times int) {
		f.Helper()
		if n := strings.Count(config, old); n != times {
			f.Fatalf("README has %q %d times, want %d", old, n, times)
		}
		config = strings.ReplaceAll(config, old, now)
	}
	replace(":443 ssl crt /etc/haproxy/portal.pem", f.address(), 1)
	for i, was := range []string{"10.0.0.11", "10.0.0.12"} {
		_, port, _ := net.SplitHostPort(f.replicas[i].env["INSIDE_LISTEN"])
		replace(was+":8080 check port 9090", f.replicas[i].env["LISTEN"]+" check port "+port, 2)
	}
	path := filepath.Join(f.TempDir(), "haproxy.cfg")
	f.ok(os.WriteFile(path, []byte("global\n    stats socket "+f.stats+"\n"+config), 0o600))
	command := exec.Command(proxy, "-db", "-q", "-f", path)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the death signal comes with the end of the thread that started it
		started <- command.Start()
		_ = command.Wait() // it is killed
	}()
	f.ok(<-started)
	f.Cleanup(func() { _ = command.Process.Kill() })
	f.sees("UP", 0, 1)
}

// behindOwn puts a proxy before the replicas that keeps connections, asks readyz a few times a second, and
// tries nothing twice: what breaks on the way is broken.
func (f *fleet) behindOwn() {
	f.Helper()
	ways := make([]*httputil.ReverseProxy, len(f.replicas))
	for i, r := range f.replicas {
		to, err := url.Parse("http://" + r.env["LISTEN"])
		f.ok(err)
		ways[i] = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		}, Transport: &http.Transport{MaxIdleConnsPerHost: 50}, ErrorLog: log.New(io.Discard, "", 0)}
	}
	var turn atomic.Int64
	listener, err := net.Listen("tcp", f.address())
	f.ok(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first := int(turn.Add(1))
		for n := range ways {
			if i := (first + n) % len(ways); f.up[i].Load() {
				ways[i].ServeHTTP(w, r)
				return
			}
		}
		http.Error(w, "no replica is ready", http.StatusBadGateway)
	})}
	go func() { _ = server.Serve(listener) }()
	f.Cleanup(func() { _ = server.Close() })
	for i, r := range f.replicas {
		go func() {
			for f.Context().Err() == nil {
				status, _ := r.readyz()
				f.up[i].Store(status == http.StatusOK)
				time.Sleep(200 * time.Millisecond)
			}
		}()
	}
	f.sees("UP", 0, 1)
}

func haproxy(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"haproxy", "/usr/sbin/haproxy"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("haproxy is not installed: run  apt-get install -y haproxy")
	return ""
}

// proxyOfReadme is the example of README as it stands there.
func proxyOfReadme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "```haproxy\n")
	example, _, closed := strings.Cut(after, "```")
	if !found || !closed {
		t.Fatal("README has no example of a proxy")
	}
	return example
}

// sees waits until the proxy thinks so of these replicas: "UP" is ready, "DOWN" is not.
func (f *fleet) sees(status string, replicas ...int) {
	f.Helper()
	for _, i := range replicas {
		name := []string{"a", "b"}[i]
		f.until(fmt.Sprintf("the proxy sees replica %s as %s", name, status), func() bool {
			return f.up[i].Load() && status == "UP" || strings.HasPrefix(f.status("ready", name), status)
		})
	}
}

// status is what the proxy thinks of a server, such as "UP" or "DOWN 1/2".
func (f *fleet) status(backend, server string) string {
	conn, err := net.Dial("unix", f.stats)
	if err != nil {
		return ""
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, "show stat"); err != nil {
		return ""
	}
	const column = 17 // of the status, counted from zero
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		cells := strings.Split(lines.Text(), ",")
		if len(cells) > column && cells[0] == backend && cells[1] == server {
			return cells[column]
		}
	}
	return ""
}

// TestProxyLetsPeopleThrough: when every replica is unready, README's proxy still leads to public pages, and
// what cannot be done is refused by the portal's own page.
func TestProxyLetsPeopleThrough(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.behindHAProxy()
	v := f.visit(f.idp.People()[0])
	draft := f.rooms.Copies(f, v.who, 1)
	stranger := f.stranger()
	database := f.pool.Config().ConnConfig.Database
	f.administer(`alter database ` + database + ` set default_transaction_read_only = on`)
	f.sees("DOWN", 0, 1)
	for _, path := range []string{"/", "/tim-kiem", "/thu-tuc/1.001193", "/tro-giup", "/dang-nhap"} {
		if answer, body := stranger.get(f.url + path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, answer.StatusCode, body)
		}
	}
	answer, body := v.post(f.url+address.DraftSubmit("vi", draft), url.Values{"csrf": {v.token}})
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" ||
		!strings.Contains(body, "vẫn an toàn") {
		t.Errorf("submitting: %d %s", answer.StatusCode, body)
	}
	f.administer(`alter database ` + database + ` reset default_transaction_read_only`)
	f.sees("UP", 0, 1)
	e := &entry{visitor: v, draft: draft}
	code, _, err := v.handIn(draft)
	f.ok(err)
	e.code = code
	f.kept([]*entry{e})
}

// rollingDrafts are filed while two replicas are restarted one after the other, twice.
const rollingDrafts = 200

// TestRollingRestart restarts both replicas under load: nobody meets a broken connection or a failure.
func TestRollingRestart(t *testing.T) {
	for name, behind := range map[string]func(*fleet){
		"README's proxy": (*fleet).behindHAProxy, "a proxy that tries nothing twice": (*fleet).behindOwn,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			behind(f)
			f.restartUnderLoad()
		})
	}
}

func (f *fleet) restartUnderLoad() {
	entries := f.entries(rollingDrafts)
	work := make(chan *entry, len(entries))
	for _, e := range entries {
		work <- e
	}
	close(work)
	rolled := make(chan struct{})
	var l load
	var all sync.WaitGroup
	for n := range killAtATime {
		all.Go(func() {
			for turn := 0; goesOn(rolled); turn++ {
				l.post(entries[n].visitor)
				if e, ok := nextOf(work, turn%5 == 0); ok {
					l.file(e)
				}
				time.Sleep(50 * time.Millisecond) // a bounded load, that lasts as long as the restarts
			}
		})
	}
	for range 2 {
		for i, r := range f.replicas {
			f.ok(r.child.process.Signal(syscall.SIGTERM))
			r.ended()
			r.start()
			r.ready()
			f.sees("UP", i)
		}
	}
	close(rolled)
	all.Wait()
	f.Logf("%d filings and %d other posts, %d broken", l.filed.Load(), l.posts.Load(), l.broken.Load())
	for e := range work { // the machine is slow
		l.file(e)
	}
	for _, said := range l.said {
		f.Error(said)
	}
	f.kept(entries)
	f.arrived(entries)
}

// nextOf is the next draft, if it is its turn and there is one.
func nextOf(work <-chan *entry, turn bool) (*entry, bool) {
	if !turn {
		return nil, false
	}
	e, ok := <-work
	return e, ok
}

func goesOn(end <-chan struct{}) bool {
	select {
	case <-end:
		return false
	default:
		return true
	}
}

// load counts what people do, once each and never again: what broke stays broken.
type load struct {
	filed, posts, broken atomic.Int64

	mu   sync.Mutex
	said []string
}

func (l *load) fails(what string) {
	l.broken.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, what)
}

// file submits a draft.
func (l *load) file(e *entry) {
	l.filed.Add(1)
	answer, body, err := e.visitor.tryPost(e.visitor.url+address.DraftSubmit("vi", e.draft),
		url.Values{"csrf": {e.visitor.token}})
	if err == nil {
		e.code, err = acknowledged(answer, body)
	}
	if err != nil {
		l.fails(fmt.Sprintf("draft %s: %v", e.draft, err))
	}
}

// post sends another form: the answer to "are you still there?".
func (l *load) post(v *visitor) {
	l.posts.Add(1)
	answer, body, err := v.tryPost(v.url+address.Session("vi"), url.Values{"csrf": {v.token}})
	if err == nil && answer.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("%s: %s", answer.Status, body)
	}
	if err != nil {
		l.fails(fmt.Sprintf("a form: %v", err))
	}
}
