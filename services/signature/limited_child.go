package signature

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What a child process may use up. The address space of a Go program is many times its memory, so that both
// are bounded.
const (
	childWall    = 20 * time.Second
	childCPU     = 10 // seconds
	childMemory  = 1 << 30
	childAddress = 4 << 30
	childOutput  = 64 << 10
	childSoft    = "GOMEMLIMIT=256MiB" // from where on the child collects its garbage eagerly
)

// exitAsked is the status of a child that could not do its work, which says nothing about the file.
const exitAsked = 1

// InChild returns a function that has a file checked by another process: program with args, which gets the
// file on its input and writes a Report as JSON to its output. The child has an empty environment, and limits
// on time, memory, files and output, all of which apply before it reads the first byte. A child that dies or
// exceeds a limit makes a Report with Malformed.
//
// Errors: a program that cannot be started, or that ends with status 1 because it cannot do its work (for
// example, its roots cannot be read); a file that cannot be read; and the end of the context.
func InChild(program string, args ...string) func(ctx context.Context, file io.Reader) (Report, error) {
	return func(ctx context.Context, file io.Reader) (Report, error) {
		source := &reader{from: io.LimitReader(file, MaxSize+1)}
		output, err := run(ctx, source, program, args)
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return Report{}, fmt.Errorf("signature: look at a file: %w", context.Cause(ctx))
		case source.err != nil:
			return Report{}, fmt.Errorf("signature: read the file: %w", source.err)
		case errors.Is(err, errStart):
			return Report{}, err
		case errors.As(err, &exit) && exit.ExitCode() == exitAsked:
			return Report{}, fmt.Errorf("signature: %s could not look at a file: %w", program, err)
		case err != nil:
			return Report{Problem: Malformed}, nil
		}
		var r Report
		if json.Unmarshal(output, &r) != nil {
			return Report{Problem: Malformed}, nil
		}
		return r, nil
	}
}

var errStart = errors.New("signature: start the child")

// run starts the child, gives it the file and returns its output. Errors: errStart; an *exec.ExitError; any
// other means that a limit was exceeded.
func run(ctx context.Context, source io.Reader, program string, args []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, childWall)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{childSoft, "GOMAXPROCS=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a group, so that what it starts ends with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	output := &bounded{cancel: cancel}
	cmd.Stdout = output
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStart, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", errStart, err)
	}
	if err := limit(cmd.Process.Pid); err != nil {
		cancel()
		_ = cmd.Wait()
		return nil, fmt.Errorf("%w: %w", errStart, err)
	}
	_, copyErr := io.Copy(input, source) // a child that stops reading is judged by how it ends
	closeErr := input.Close()
	err = cmd.Wait()
	if err == nil && output.over {
		err = io.ErrShortBuffer
	}
	return output.text.Bytes(), errors.Join(err, broken(copyErr), broken(closeErr))
}

// broken ignores the error that the other end of a pipe was closed.
func broken(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

// limit bounds what a process may use.
func limit(pid int) error {
	for resource, most := range map[int]uint64{
		unix.RLIMIT_CPU: childCPU, unix.RLIMIT_DATA: childMemory, unix.RLIMIT_AS: childAddress,
		unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_NOFILE: 64,
	} {
		if err := unix.Prlimit(pid, resource, &unix.Rlimit{Cur: most, Max: most}, nil); err != nil {
			return fmt.Errorf("limit %d: %w", resource, err)
		}
	}
	return nil
}

// A reader remembers what went wrong on the reading side of a copy.
type reader struct {
	from io.Reader
	err  error
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// A bounded writer keeps the child's output, and ends a child that writes too much.
type bounded struct {
	text   bytes.Buffer
	over   bool
	cancel context.CancelFunc
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > childOutput {
		b.over = true
		b.cancel()
		return 0, io.ErrShortWrite
	}
	return b.text.Write(p)
}
