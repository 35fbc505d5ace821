package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// environment is the variables of a child process, by name.
type environment map[string]string

// shell is the same as a script that a shell reads: one exported variable a line.
func (e environment) shell() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(e)) {
		fmt.Fprintf(&text, "export %s=%s\n", name, quoted(e[name]))
	}
	return text.String()
}

// quoted is a word of a shell that stands for exactly this text.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// list is what exec wants: these variables, and of ours only what a program needs to run at all.
func (e environment) list() []string {
	all := environment{}
	maps.Copy(all, e)
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value, ok := os.LookupEnv(name); ok {
			all[name] = value
		}
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+"="+all[name])
	}
	return list
}

// childStop is how long a child may take to end after it was asked.
const childStop = 20 * time.Second

// child is a program of ours that runs as a process of its own.
type child struct {
	name, log string
	process   *os.Process
	ended     chan struct{} // closed when it has ended
	how       error         // how, once ended
}

// startChild starts the program with its output appended to that log file. It gets a process group of its
// own, so that Ctrl-C reaches it through the demo only, and the kernel ends it should the demo be killed.
func startChild(name, log string, env environment, program string, args ...string) (*child, error) {
	if err := os.MkdirAll(filepath.Dir(log), 0o700); err != nil {
		return nil, err
	}
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env.list(), output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	c := &child{name: name, log: log, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the death signal comes with the end of the thread that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			c.how = cmd.Wait()
		}
		close(c.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c.process = cmd.Process
	return c, nil
}

// stop asks the child to end, and makes it end when it does not.
func (c *child) stop() error {
	for _, how := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		select {
		case <-c.ended:
			return nil
		default:
			c.process.Signal(how)
		}
		select {
		case <-c.ended:
			return nil
		case <-time.After(childStop):
		}
	}
	return fmt.Errorf("%s does not end", c.name)
}

// runOnce runs the program to its end; what it wrote is in the error when it failed.
func runOnce(ctx context.Context, env environment, program string, args ...string) error {
	_, err := output(ctx, env, program, args...)
	return err
}

// output is runOnce that returns what the program wrote to its standard output.
func output(ctx context.Context, env environment, program string, args ...string) ([]byte, error) {
	var out, notes bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env.list(), &out, &notes
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %v: %w\n%s%s", filepath.Base(program), args, err, &out, &notes)
	}
	return out.Bytes(), nil
}
