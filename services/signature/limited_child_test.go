package signature_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"congdvc/services/signature"
)

// TestMain lets this test's own program play the child: its first argument says how it behaves.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		child(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

func child(behaviour string) {
	switch behaviour {
	case "eat":
		var eaten [][]byte
		for {
			more := make([]byte, 16<<20)
			for i := range more {
				more[i] = 1
			}
			eaten = append(eaten, more)
			if len(eaten) > 256 {
				os.Exit(0) // 4 GB and still alive: the limit does not hold
			}
		}
	case "talk":
		for {
			if _, err := os.Stdout.WriteString(strings.Repeat(" ", 4096)); err != nil {
				os.Exit(2)
			}
		}
	case "panic":
		panic("a hostile file")
	case "refuse":
		os.Exit(1)
	case "chatter":
		_, _ = os.Stdout.WriteString("hello")
	case "environment":
		_ = json.NewEncoder(os.Stdout).Encode(signature.Report{Problem: strings.Join(os.Environ(), " ")})
	case "write":
		// The limits hold before the first byte comes, not before the process begins.
		_, _ = io.ReadFull(os.Stdin, make([]byte, 1))
		if os.WriteFile(os.Args[3], []byte("x"), 0o600) == nil {
			_ = json.NewEncoder(os.Stdout).Encode(signature.Report{Problem: "written"})
		}
	case "deaf": // answers without reading what it is given
		_ = json.NewEncoder(os.Stdout).Encode(signature.Report{Problem: signature.NoSignature})
	default:
		file, err := signature.ReadAll(os.Stdin)
		if err != nil {
			os.Exit(1)
		}
		_ = json.NewEncoder(os.Stdout).Encode(signature.Verify(file, x509.NewCertPool(), now))
	}
}

func inChild(t *testing.T, args ...string) func(context.Context, io.Reader) (signature.Report, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return signature.InChild(self, append([]string{"child"}, args...)...)
}

func TestInChild(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := signed(t, page(t), h.officer, how{})
	large := append(bytes.Clone(one), make([]byte, signature.MaxSize)...)
	written := t.TempDir() + "/written"
	tests := []struct {
		behaviour string
		file      []byte
		problem   string
	}{
		{"look", one, signature.Untrusted},
		{"look", nil, signature.Malformed},
		{"look", large, signature.TooLarge},
		{"eat", one, signature.Malformed},
		{"talk", one, signature.Malformed},
		{"panic", large, signature.Malformed},
		{"chatter", one, signature.Malformed},
		{"environment", one, "GOMEMLIMIT=256MiB GOMAXPROCS=1"},
		{"write", one, signature.Malformed},
		{"deaf", large, signature.NoSignature},
	}
	for _, test := range tests {
		t.Run(test.behaviour, func(t *testing.T) {
			t.Parallel()
			r, err := inChild(t, test.behaviour, written)(t.Context(), bytes.NewReader(test.file))
			if err != nil || r.Problem != test.problem {
				t.Errorf("got %+v, %v; want %q", r, err, test.problem)
			}
		})
	}
}

// A broken reader stands for a store that fails halfway.
type brokenReader struct{}

var errBroken = errors.New("broken")

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

func TestInChildErrors(t *testing.T) {
	t.Parallel()
	if _, err := signature.InChild("/nonexistent")(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("a program that is not there: no error")
	}
	if _, err := inChild(t, "refuse")(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("a program that cannot work: no error")
	}
	if _, err := inChild(t, "look")(t.Context(), io.MultiReader(strings.NewReader("%PDF-"),
		brokenReader{})); !errors.Is(err, errBroken) {
		t.Errorf("a file that cannot be read: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	open, keep := io.Pipe() // a file that never ends
	defer func() { _ = keep.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = open.CloseWithError(context.DeadlineExceeded) })
	defer stop()
	if _, err := inChild(t, "look")(ctx, open); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the end of the context: %v", err)
	}
}
