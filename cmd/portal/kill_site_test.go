package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/identity/demoidp"
	"congdvc/identity/oidc"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/demooffice"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/filestore"
	"congdvc/services/vault"

	"github.com/alicebob/miniredis/v2"
)

// site is the portal as a process of its own, which may be killed, beside the outside world, which may not.
type site struct {
	*program
	url    string
	idp    *demoidp.Server
	stripe *demostripe.Server
	office *demooffice.Server
	key    string // of the office's connection
	redis  *miniredis.Miniredis
	// the portal's database, keys and files in this process, to prepare drafts and to look
	rooms *desktest.Province
	log   string
	child *child
}

// newSite starts everything: the portal answers when it returns.
func newSite(t *testing.T) *site {
	t.Helper()
	s := prepareSite(t)
	s.start()
	s.ready()
	return s
}

// prepareSite starts everything but the portal.
func prepareSite(t *testing.T) *site {
	t.Helper()
	s := &site{program: newProgram(t)}
	s.must("import", "starter")
	own, inside := freeAddress(t), freeAddress(t)
	s.url, s.log = "http://"+own, filepath.Join(t.TempDir(), "portal.log")
	quiet := slog.New(slog.DiscardHandler)
	var err error
	s.idp, err = demoidp.Start(t.Context(), demoidp.Config{ClientID: "portal", ClientSecret: "secret",
		Log: quiet, People: people(t), RedirectURIs: []string{s.url + address.OIDCReturn()},
		PostLogoutURIs: []string{s.url + "/"}})
	s.ok(err)
	t.Cleanup(func() { _ = s.idp.Close() })
	s.stripe, err = demostripe.Start(t.Context(), demostripe.Config{SecretKey: "sk_test_kill",
		WebhookSecret: "whsec_kill", Log: quiet, WebhookURL: s.url + address.StripeWebhook(),
		Pauses: evenPauses()})
	s.ok(err)
	t.Cleanup(func() { _ = s.stripe.Close() })
	s.redis = miniredis.RunT(t)
	for name, value := range map[string]string{
		"PUBLIC_URL": s.url, "LISTEN": own, "INSIDE_LISTEN": inside, "REDIS_ADDRS": s.redis.Addr(),
		"LOG_LEVEL": "info", "OIDC_ISSUER": s.idp.URL(), "OIDC_CLIENT_SECRET": "secret",
		"STRIPE_SECRET_KEY":     "sk_test_kill",
		"STRIPE_WEBHOOK_SECRET": "whsec_kill", "STRIPE_API_BASE": s.stripe.URL(),
	} {
		s.env[name] = value
	}
	s.open()
	s.startOffice()
	t.Cleanup(s.end)
	return s
}

// evenPauses has demostripe say everything again ten times a second, for a minute.
func evenPauses() []time.Duration {
	pauses := make([]time.Duration, 600)
	for i := range pauses {
		pauses[i] = 100 * time.Millisecond
	}
	return pauses
}

// freeAddress is one outside the range from which the kernel serves those who do not choose: nobody gets it
// by chance while the portal is dead.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000)))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return l.Addr().String()
	}
	t.Fatal("no free address")
	return ""
}

// open opens the portal's rooms in this process.
func (s *site) open() { s.rooms = s.openRooms(s.url, s.stripe.URL()) }

func (p *program) openRooms(url, stripe string) *desktest.Province {
	p.Helper()
	ok := func(err error) {
		p.Helper()
		if err != nil {
			p.Fatal(err)
		}
	}
	v, err := vault.Open(p.env["VAULT_KEYSET_FILE"], p.env["VAULT_KEK_FILE"])
	ok(err)
	files := filestore.At(p.env["FILES_DIR"], v)
	d, err := desk.New(desk.Config{Pool: p.pool, Vault: v, Files: files, SmallestOnline: 13000,
		Site: address.Site{Base: url}, Now: time.Now,
		Checkout: checkout.New(checkout.Config{SecretKey: "sk_test_kill", WebhookSecret: "whsec_kill",
			APIBase: stripe})})
	ok(err)
	ok(d.Installation().Bind(p.Context()))
	communes, err := agency.List(p.Context(), p.pool, agency.Filter{Kind: agency.Commune, On: today()})
	ok(err)
	return &desktest.Province{Pool: p.pool, Vault: v, Files: files, Folder: p.env["FILES_DIR"], Desk: d,
		Commune: communes[0]}
}

// startOffice connects one-stop software to every commune, by the commands that an operator uses.
func (s *site) startOffice() { s.office, s.key = s.officeOf("chung", "--all-communes") }

// officeOf connects one-stop software to agencies; key is that of its connection.
func (s *site) officeOf(code string, whom ...string) (o *demooffice.Server, key string) {
	at := freeAddress(s)
	out := s.must(append([]string{"onestop", "create", code, "Một cửa " + code, "--endpoint",
		"http://" + at + demooffice.EndpointPath, "--allow", "127.0.0.0/8", "--json"}, whom...)...)
	var told created
	s.ok(json.Unmarshal([]byte(out), &told))
	c := demooffice.Config{Addr: at, PortalURL: s.url, APIKey: told.Key, WebhookSecret: told.Secret,
		Dir: s.TempDir()}
	here := s.rooms.Commune // software that does not serve it yet may do so later
	for _, a := range append(told.Agencies, served{Agency: here.Code, Name: here.Name.Vi}) {
		c.Agencies = append(c.Agencies, demooffice.Agency{Code: a.Agency, Name: a.Name})
		c.Officers = append(c.Officers, demooffice.Officer{Agency: a.Agency, Name: "Đỗ Văn Hùng",
			Title: "Công chức tư pháp - hộ tịch", Phone: "0229 3871 000"})
	}
	o, err := demooffice.Start(s.Context(), c)
	s.ok(err)
	s.Cleanup(func() { _ = o.Close() })
	s.must("onestop", "prove", code)
	return o, told.Key
}

// child is one life of the portal.
type child struct {
	process *os.Process
	ended   chan struct{}
}

// start begins a life of the portal, without waiting until it answers. It ends with the test, even when that
// is killed.
func (s *site) start() {
	s.Helper()
	self, err := os.Executable()
	s.ok(err)
	out, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	s.ok(err)
	defer out.Close()
	command := exec.Command(self, "serve")
	for name, value := range s.env {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stdout, command.Stderr = out, out
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the death signal comes with the end of the thread that started it
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait() // it was killed
		}
		close(ended)
	}()
	s.ok(<-started)
	s.child = &child{command.Process, ended}
}

// ready waits until the portal answers.
func (s *site) ready() {
	s.Helper()
	client := http.Client{Timeout: time.Second}
	s.until("the portal answers", func() bool {
		answer, err := client.Get("http://" + s.env["INSIDE_LISTEN"] + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// passLease ends the lease of the dead process on the feed. By the database's clock it would last for a
// minute.
const passLease = `update connection_push set lease_until = now() where lease_until > now()`

// kill ends the portal without warning.
func (s *site) kill() {
	s.Helper()
	s.ok(s.child.process.Kill())
	<-s.child.ended
	_, err := s.pool.Exec(s.Context(), passLease)
	s.ok(err)
}

func (s *site) end() {
	if s.child != nil {
		_ = s.child.process.Kill() // it may have ended by itself
		<-s.child.ended
	}
	if !s.Failed() {
		return
	}
	text, err := os.ReadFile(s.log)
	if err != nil {
		s.Log(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"level":"INFO"`) {
			s.Log(strings.TrimSpace(line))
		}
	}
}

// ok ends the test on an error.
func (s *site) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// patience bounds every wait for something that must come by itself.
const patience = 3 * time.Minute

// until waits for something that must come by itself.
func (s *site) until(what string, true func() bool) {
	s.Helper()
	for end := time.Now().Add(patience); !true(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("it does not come that %s", what)
		}
	}
}

// people are five neighbours.
func people(t testing.TB) []demoidp.Person {
	t.Helper()
	invented, err := demoidp.DefaultPeople()
	if err != nil {
		t.Fatal(err)
	}
	people := make([]demoidp.Person, 5)
	for i := range people {
		people[i] = invented[0]
		people[i].Subject, people[i].Number = fmt.Sprintf("lan%d", i), fmt.Sprintf("0371910048%02d", 30+i)
	}
	return people
}

// known has the desk meet somebody with the claims that the identity provider will make.
func (s *site) known(p demoidp.Person) identity.Who {
	s.Helper()
	raw, err := json.Marshal(p)
	s.ok(err)
	var claims map[string]any
	s.ok(json.Unmarshal(raw, &claims))
	c, err := oidc.VNeIDClaims().Map(claims)
	s.ok(err)
	c.Issuer = cmp.Or(c.Issuer, s.idp.URL())
	who, err := s.rooms.Desk.SignIn(s.Context(), c)
	s.ok(err)
	return who
}
