package browser

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write testdata/phone.png anew")

// startTime bounds the building and the first start of the demonstration.
const startTime = 4 * time.Minute

// system is what the journeys run on, shared by all of them: one demonstration and one browser.
type system struct {
	portal string // address without a slash at the end
	// identity, payments, mailbox, office and department (the one-stop software of Sở Tư pháp) are the
	// addresses of the outside parties.
	identity, payments, mailbox, office, department string
	redis, redisPassword                            string
	browser                                         context.Context
}

var (
	undo   []func() // what ends the parts, in the order of their start
	shared = sync.OnceValues(startSystem)
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	for i := len(undo) - 1; i >= 0; i-- {
		undo[i]()
	}
	os.Exit(code)
}

func theSystem(t *testing.T) *system {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func startSystem() (*system, error) {
	chromium, err := findChromium()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "congdvc-browser-")
	if err != nil {
		return nil, err
	}
	undo = append(undo, func() { os.RemoveAll(dir) })
	s := &system{}
	build := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "congdvc/cmd/portal",
		"congdvc/cmd/demo")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	if err := s.startDemo(dir); err != nil {
		return nil, err
	}
	return s, s.startBrowser(chromium)
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("these tests need a browser: apt-get install chromium")
}

// startDemo runs the demonstration as a newcomer does, and reads the addresses that it prints.
func (s *system) startDemo(dir string) error {
	cmd := exec.Command(filepath.Join(dir, "demo"))
	cmd.Env = append(os.Environ(), "DEMO_DIR="+filepath.Join(dir, "data"), "DEMO_ADDR=127.0.0.1:0")
	// A signal from the terminal reaches it through this process, and it ends should this process be killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var notes strings.Builder
	cmd.Stderr = &notes
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the death signal comes with the end of the thread that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	undo = append(undo, func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
	})
	lines := make(chan string)
	go readLines(out, lines)
	deadline := time.After(startTime)
	for !s.complete() {
		select {
		case line, more := <-lines:
			if !more {
				return fmt.Errorf("the demonstration did not start, or did not name every address:\n%s",
					notes.String())
			}
			s.note(line)
		case <-deadline:
			return fmt.Errorf("the demonstration is not ready after %v; so far %+v", startTime, *s)
		}
	}
	go func() {
		for range lines { // nobody shall wait for a reader
		}
	}()
	password, err := os.ReadFile(filepath.Join(dir, "data", "secrets", "redis"))
	s.redisPassword = strings.TrimSpace(string(password))
	return err
}

func readLines(r io.Reader, lines chan<- string) {
	defer close(lines)
	for scanner := bufio.NewScanner(r); scanner.Scan(); {
		lines <- scanner.Text()
	}
}

var addressLine = regexp.MustCompile(`^\s*(ready|identity|payments|mailbox|office|department|redis) +(\S+)$`)

// note keeps an address that a line names.
func (s *system) note(line string) {
	found := addressLine.FindStringSubmatch(line)
	if found == nil {
		return
	}
	address := strings.TrimSuffix(found[2], "/")
	switch found[1] {
	case "ready":
		s.portal = address
	case "identity":
		s.identity = address
	case "payments":
		s.payments = address
	case "mailbox":
		s.mailbox = address
	case "office":
		s.office = address
	case "department":
		s.department = address
	case "redis":
		s.redis = address
	}
}

func (s *system) complete() bool {
	for _, address := range []string{s.portal, s.identity, s.payments, s.mailbox, s.office, s.department,
		s.redis} {
		if address == "" {
			return false
		}
	}
	return true
}

func (s *system) startBrowser(path string) (err error) {
	var end func()
	s.browser, end, err = openBrowser(path)
	undo = append(undo, end)
	return err
}

// openBrowser starts a browser of its own; end closes it.
func openBrowser(path string, more ...chromedp.ExecAllocatorOption) (browser context.Context, end func(),
	err error) {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun,
		chromedp.DisableGPU, chromedp.NoDefaultBrowserCheck,
	}
	for _, name := range []string{"disable-quic", "disable-background-networking", "disable-component-update",
		"disable-sync", "disable-default-apps", "disable-extensions", "mute-audio", "hide-scrollbars",
		"disable-dev-shm-usage", "disable-background-timer-throttling", "disable-renderer-backgrounding",
		"disable-backgrounding-occluded-windows"} {
		options = append(options, chromedp.Flag(name, true))
	}
	options = append(options, chromedp.Flag("lang", "vi"), chromedp.Flag("accept-lang", "vi"))
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	browser, closeBrowser := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {
		// Events that are newer than the library cannot be read by it; the tests do not use them.
	}))
	return browser, func() { closeBrowser(); endAllocator() }, chromedp.Run(browser)
}
