package intake_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"congdvc/portal/intake"
)

func TestRead(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a body of some length, ", 10_000)
	size := int64(len(text))
	for name, test := range map[string]struct {
		reader          io.Reader
		declared, limit int64
		want            error
	}{
		"as declared":            {strings.NewReader(text), size, size, nil},
		"byte by byte":           {iotest.OneByteReader(strings.NewReader(text)), size, size, nil},
		"of no declared length":  {strings.NewReader(text), -1, size, nil},
		"an end with the last":   {iotest.DataErrReader(strings.NewReader(text)), -1, size, nil},
		"declared too large":     {strings.NewReader(text), size, size - 1, intake.ErrTooLarge},
		"too large, undeclared":  {strings.NewReader(text), -1, size - 1, intake.ErrTooLarge},
		"shorter than declared":  {strings.NewReader(text), size + 1, size + 1, intake.ErrCutOff},
		"a failure in the midst": {iotest.TimeoutReader(strings.NewReader(text)), -1, size, intake.ErrCutOff},
		"more than the budget":   {strings.NewReader(text), size, 1 << 30, intake.ErrFull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			budget := intake.NewBudget(2 * size)
			if errors.Is(test.want, intake.ErrFull) {
				budget = intake.NewBudget(size / 2)
			}
			body, err := budget.Read(test.reader, test.declared, test.limit, intake.Known("a"))
			if !errors.Is(err, test.want) || err == nil && string(body.Bytes) != text {
				t.Fatalf("%v", err)
			}
			if err == nil && budget.InFlight() < size {
				t.Errorf("%d bytes count as %d", size, budget.InFlight())
			}
			body.Free()
			body.Free()
			if budget.InFlight() != 0 {
				t.Errorf("%d bytes are never given back", budget.InFlight())
			}
		})
	}
}

func TestEmptyBody(t *testing.T) {
	t.Parallel()
	for _, declared := range []int64{0, -1} {
		body, err := intake.NewBudget(8<<10).Read(strings.NewReader(""), declared, 8, intake.Known("a"))
		if err != nil || len(body.Bytes) != 0 {
			t.Errorf("declared %d: %v", declared, err)
		}
	}
}

// TestTrickle has a sender declare much and send little: what is set aside follows what has come.
func TestTrickle(t *testing.T) {
	t.Parallel()
	budget := intake.NewBudget(1 << 30)
	sent, most := 0, int64(0)
	trickle := readerFunc(func(p []byte) (int, error) {
		if at := budget.InFlight(); at > int64(max(16*sent, 8<<10)) {
			t.Fatalf("%d bytes are set aside for %d", at, sent)
		}
		most = max(most, budget.InFlight())
		if sent >= 200<<10 {
			return 0, io.ErrUnexpectedEOF
		}
		n := copy(p, bytes.Repeat([]byte("x"), 100))
		sent += n
		return n, nil
	})
	_, err := budget.Read(trickle, 100<<20, 100<<20, intake.Known("a"))
	if !errors.Is(err, intake.ErrCutOff) || most < 200<<10 || budget.InFlight() != 0 {
		t.Errorf("%v, at most %d, now %d", err, most, budget.InFlight())
	}
}

// TestStrangersHaveAPart leaves room for people who are known, however much strangers send.
func TestStrangersHaveAPart(t *testing.T) {
	t.Parallel()
	budget := intake.NewBudget(1 << 20)
	text := strings.Repeat("x", 32<<10)
	var held []*intake.Body
	for {
		body, err := budget.Read(strings.NewReader(text), 32<<10, 32<<10, intake.Stranger)
		if errors.Is(err, intake.ErrFull) {
			break
		}
		if held = append(held, body); err != nil || len(held) > 4 {
			t.Fatalf("%d bodies of strangers are held, %v", len(held), err)
		}
	}
	large := strings.Repeat("x", 256<<10)
	known, err := budget.Read(strings.NewReader(large), -1, 256<<10, intake.Known("a"))
	if err != nil {
		t.Fatal(err)
	}
	known.Free()
	for _, body := range held {
		body.Free()
	}
	if body, err := budget.Read(strings.NewReader(text), -1, 32<<10, intake.Stranger); err != nil {
		t.Errorf("no room again: %v", err)
	} else if body.Free(); budget.InFlight() != 0 {
		t.Errorf("%d bytes are never given back", budget.InFlight())
	}
}

// TestOneHasAShare: a person who sends on many sockets makes nobody else wait, and a program leaves half.
func TestOneHasAShare(t *testing.T) {
	t.Parallel()
	const limit = 64 << 20
	for name, c := range map[string]struct {
		limit    int64
		from     intake.Sender
		most     int64
		leastFit int
	}{
		"a person":              {limit, intake.Known("a"), limit / 8, 6},
		"a person, little room": {16 << 20, intake.Known("a"), 3 * intake.Streaming, 3},
		"a person, least room":  {2 << 20, intake.Known("a"), intake.Streaming, 1},
		"a program":             {limit, intake.Program("a"), limit / 2, 25},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			budget := intake.NewBudget(c.limit)
			var held []*intake.Body
			for {
				body, err := budget.Hold(intake.Streaming, c.from)
				if errors.Is(err, intake.ErrShare) {
					break
				}
				if held = append(held, body); err != nil || len(held) > 100 {
					t.Fatalf("%d are held, %v", len(held), err)
				}
			}
			if budget.InFlight() > c.most || len(held) < c.leastFit {
				t.Errorf("%d bytes in %d files are of one sender", budget.InFlight(), len(held))
			}
			if c.limit == limit {
				if body, err := budget.Hold(intake.Streaming, intake.Known("b")); err != nil {
					t.Errorf("somebody else: %v", err)
				} else {
					body.Free()
				}
			}
			held[0].Free()
			again, err := budget.Hold(intake.Streaming, c.from)
			if err != nil {
				t.Fatalf("when one has come: %v", err)
			}
			held[0] = again
			for _, body := range held {
				body.Free()
			}
			if budget.InFlight() != 0 {
				t.Errorf("%d bytes are never given back", budget.InFlight())
			}
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
