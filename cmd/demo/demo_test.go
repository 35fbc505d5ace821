package main

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMailbox(t *testing.T) {
	t.Parallel()
	box, err := startMailbox(filepath.Join(t.TempDir(), "mail"), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.stop(); err != nil {
			t.Error(err)
		}
	})
	if page := fetch(t, box.url+"/", http.StatusOK); !strings.Contains(page, "Chưa có thư nào") {
		t.Errorf("an empty mailbox shows:\n%s", page)
	}
	const subject = "Hồ sơ đã được tiếp nhận"
	mail := "From: khong-tra-loi@example.vn\r\nTo: dan@example.vn\r\nSubject: " +
		mime.BEncoding.Encode("utf-8", subject) +
		"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"K=C3=ADnh g=E1=BB=ADi <script>alert(1)</script>\r\n"
	if err := smtp.SendMail(box.smtp, nil, "khong-tra-loi@example.vn", []string{"dan@example.vn"},
		[]byte(mail)); err != nil {
		t.Fatal(err)
	}
	list := fetch(t, box.url+"/", http.StatusOK)
	link := regexp.MustCompile(`href="(/\d{8}T[^"]+\.eml)"`).FindStringSubmatch(list)
	if link == nil || !strings.Contains(list, subject) || !strings.Contains(list, "dan@example.vn") {
		t.Fatalf("the list does not show the mail:\n%s", list)
	}
	letter := fetch(t, box.url+link[1], http.StatusOK)
	if !strings.Contains(letter, "Kính gửi &lt;script&gt;") || strings.Contains(letter, "<script>") {
		t.Errorf("the letter shows:\n%s", letter)
	}
	for _, path := range []string{"/nothing", "/%2e%2e%2fsecrets", "/20260101T000000.000000-00000000.eml"} {
		fetch(t, box.url+path, http.StatusNotFound)
	}
}

func fetch(t *testing.T, url string, status int) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("%s: %s, %v", url, response.Status, err)
	}
	return string(body)
}

// An address is the same after a restart, another copy gets another, and a taken one is passed over. Not
// beside other tests: a process that one of them is just forking would hold the addresses for a moment
// longer.
func TestPorts(t *testing.T) {
	open := func(dir string) *ports {
		t.Helper()
		p, err := openPorts(filepath.Join(dir, "addresses.json"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.release() })
		return p
	}
	portal := func(p *ports, asked string) (public, listen string) {
		t.Helper()
		public, listen, err := p.portal(asked)
		if err != nil {
			t.Fatal(err)
		}
		return public, listen
	}
	first, second := t.TempDir(), t.TempDir()
	one := open(first)
	public, listen := portal(one, "")
	if public != "http://"+listen || !strings.HasPrefix(listen, "127.0.0.1:") {
		t.Errorf("portal() = %s, %s", public, listen)
	}
	if _, other := portal(open(second), ""); other == listen {
		t.Errorf("two copies both have %s", listen)
	}
	if _, other := portal(open(t.TempDir()), listen); other == listen {
		t.Errorf("a taken DEMO_ADDR %s was given again", listen)
	}
	if err := one.release(); err != nil {
		t.Fatal(err)
	}
	if _, again := portal(open(first), ""); again != listen {
		t.Errorf("after a restart %s, before %s", again, listen)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if _, other := portal(open(t.TempDir()), busy.Addr().String()); other == busy.Addr().String() {
		t.Errorf("another program's address %s was given", other)
	}
	if public, _ := portal(open(t.TempDir()), "0.0.0.0:0"); !strings.HasPrefix(public, "http://127.0.0.1:") {
		t.Errorf("the public address of a portal that listens everywhere is %s", public)
	}
	if _, _, err := open(t.TempDir()).portal("nonsense"); err == nil {
		t.Error("DEMO_ADDR=nonsense was taken")
	}
}

func TestSecretsAreMadeOnce(t *testing.T) {
	t.Parallel()
	kept := secrets(filepath.Join(t.TempDir(), "secrets"))
	first, err := kept.get("redis")
	if err != nil || len(first) != 43 {
		t.Fatalf("get = %d characters, %v", len(first), err)
	}
	again, err := kept.get("redis")
	if err != nil || again != first {
		t.Errorf("the second get differs: %v", err)
	}
	if other, err := kept.get("stripe"); err != nil || other == first {
		t.Errorf("two secrets are the same: %v", err)
	}
	info, err := os.Stat(kept.path("redis"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestEnvironmentForAShell: what a shell reads is what the portal was given, whatever stands in it.
func TestEnvironmentForAShell(t *testing.T) {
	t.Parallel()
	odd := "it's $HOME `id` \\ \"x\" &?#\nxin chào"
	script := environment{"DATABASE_URL": odd, "WORD": "plain"}.shell() + `printf %s "$DATABASE_URL"`
	if got, err := exec.Command("/bin/sh", "-c", script).Output(); err != nil || string(got) != odd {
		t.Errorf("the shell has %q, %v", got, err)
	}
}

// untilSaid waits until a log has the words.
func untilSaid(t *testing.T, log, words string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		switch text, err := os.ReadFile(log); {
		case err != nil:
			t.Fatal(err)
		case strings.Contains(string(text), words):
			return
		case time.Now().After(end):
			t.Fatalf("the log never says %q: %s", words, text)
		}
	}
}

func TestChild(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log", "child.log")
	polite, err := startChild("polite", log, environment{"WORD": "xin chào"}, "/bin/sh", "-c",
		`echo "$WORD"; trap 'echo ended; exit 0' TERM; while :; do sleep 0.05; done`)
	if err != nil {
		t.Fatal(err)
	}
	untilSaid(t, log, "xin chào")
	if err := errors.Join(polite.stop(), polite.stop()); err != nil || polite.how != nil {
		t.Errorf("stop: %v; it ended with %v", err, polite.how)
	}
	if text, err := os.ReadFile(log); err != nil || string(text) != "xin chào\nended\n" {
		t.Errorf("log %q, %v", text, err)
	}
	failing, err := startChild("failing", log, nil, "/bin/sh", "-c", "exit 3")
	if err != nil {
		t.Fatal(err)
	}
	err = failing.answers(context.Background(), "http://127.0.0.1:1/")
	if err == nil || !strings.Contains(err.Error(), "ended while starting (exit status 3)") {
		t.Errorf("waiting for a child that ended: %v", err)
	}
	if _, err := startChild("missing", log, nil, "/nowhere/portal"); err == nil {
		t.Error("a missing program was started")
	}
}
