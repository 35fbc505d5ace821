package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"congdvc/services/fault"
)

var (
	errLocked = fault.New(fault.Conflict, "dossier.locked")
	errPhone  = fault.New(fault.Invalid, "number.phone")
)

func TestCopiesLeaveTheVariableAlone(t *testing.T) {
	t.Parallel()
	first := errPhone.At("phone").With("Count", 1)
	second := first.With("Count", 2).From(io.EOF)
	if errPhone.Field != "" || errPhone.Args != nil || errPhone.Cause != nil {
		t.Errorf("the variable changed: %+v", errPhone)
	}
	if first.Args["Count"] != 1 || second.Args["Count"] != 2 {
		t.Errorf("copies share arguments: %v, %v", first.Args, second.Args)
	}
	if second.Field != "phone" || !errors.Is(second, io.EOF) {
		t.Errorf("a copy lost its field or cause: %+v", second)
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	wrapped := fmt.Errorf("desk: submit: %w", errLocked.At("code").From(io.ErrUnexpectedEOF))
	for _, c := range []struct {
		name   string
		err    error
		target error
		want   bool
	}{
		{"a copy, wrapped", wrapped, errLocked, true},
		{"its cause", wrapped, io.ErrUnexpectedEOF, true},
		{"another key", wrapped, errPhone, false},
		{"the same key of another variable", fault.New(fault.Invalid, "dossier.locked"), errLocked, true},
		{"in a list", fault.List{errPhone, errLocked.At("x")}, errLocked, true},
		{"not in a list", fault.List{errPhone}, errLocked, false},
		{"no fault", io.EOF, errLocked, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := errors.Is(c.err, c.target); got != c.want {
				t.Errorf("errors.Is(%v, %v) = %t", c.err, c.target, got)
			}
		})
	}
}

func TestErrorHoldsNoArguments(t *testing.T) {
	t.Parallel()
	f := errPhone.At("phone").With("Given", "0912345678").From(io.EOF)
	if got, want := f.Error(), "number.phone at phone: EOF"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	var l fault.List
	l.Add(nil)
	if l.Err() != nil {
		t.Fatal("an empty list is an error")
	}
	l.Add(errPhone.At("a"))
	l.Add(errLocked)
	if got, want := l.Err().Error(), "number.phone at a; dossier.locked"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	a, b, c := errPhone.At("a"), errPhone.At("b"), errLocked.From(errPhone.At("hidden"))
	var none *fault.Fault
	for _, test := range []struct {
		name string
		err  error
		want []*fault.Fault
	}{
		{"nil", nil, nil},
		{"no fault", io.EOF, nil},
		{"a nil fault", none, nil},
		{"one", a, []*fault.Fault{a}},
		{"wrapped twice", fmt.Errorf("x: %w", fmt.Errorf("y: %w", a)), []*fault.Fault{a}},
		{"a list in a join in order", errors.Join(fault.List{a, b}, io.EOF, fmt.Errorf("x: %w", c)),
			[]*fault.Fault{a, b, c}},
		{"two wrapped by one", fmt.Errorf("%w, %w", b, a), []*fault.Fault{b, a}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := fault.All(test.err)
			if len(got) != len(test.want) {
				t.Fatalf("All = %v, want %v", got, test.want)
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Errorf("All[%d] = %v, want %v", i, got[i], test.want[i])
				}
			}
		})
	}
}
