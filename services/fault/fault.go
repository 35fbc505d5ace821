// Package fault holds the failures that a person can be told about. Each is a value with a kind, which
// decides how a front door answers; a key, under which the message catalogues hold its text in every
// language; and the field that it is about, if any. Everything else that goes wrong is a plain wrapped error,
// whose text is never shown outside.
package fault

import (
	"errors"
	"maps"
	"strings"
)

// Kind says what sort of failure a fault is. Front doors turn it into a status.
type Kind string

// The kinds of failure.
const (
	Invalid         Kind = "invalid"         // what was given is not acceptable; it can be corrected
	NotFound        Kind = "not_found"       // it does not exist, or not for this person
	Conflict        Kind = "conflict"        // it changed meanwhile, or its state does not allow this
	Forbidden       Kind = "forbidden"       // known person, no right
	Unauthenticated Kind = "unauthenticated" // nobody is logged in
	TooLarge        Kind = "too_large"       // more bytes than this place takes
	TooMany         Kind = "too_many"        // more often than is allowed; later it will do
	Unavailable     Kind = "unavailable"     // something that is needed does not answer now
	Gone            Kind = "gone"            // it was here and will not come back
)

// A Fault is one failure. Package variables of this type are templates: At, With and From give copies and
// never change the receiver, so that a variable is safe to use from many goroutines.
type Fault struct {
	Kind  Kind
	Key   string         // key of its message in the catalogues, as "dossier.locked"
	Field string         // name of the form field or JSON member that it is about; may be empty
	Args  map[string]any // values for the placeholders of the message; may be nil
	Cause error          // what lies beneath, for the log only; may be nil
}

// New returns a fault of a kind whose message has the given key.
func New(kind Kind, key string) *Fault { return &Fault{Kind: kind, Key: key} }

// Error gives the key, field and cause for a log. It is never shown to a person, and it leaves Args out
// because they may hold personal data.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Key)
	if f.Field != "" {
		b.WriteString(" at " + f.Field)
	}
	if f.Cause != nil {
		b.WriteString(": " + f.Cause.Error())
	}
	return b.String()
}

// Is reports whether target is a fault with the same key, whatever the field, arguments and cause of either.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t != nil && t.Key == f.Key
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// At returns a copy that is about a field.
func (f *Fault) At(field string) *Fault {
	c := *f
	c.Field = field
	return &c
}

// With returns a copy that carries one more argument of its message.
func (f *Fault) With(name string, value any) *Fault {
	c := *f
	c.Args = maps.Clone(f.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	c.Args[name] = value
	return &c
}

// From returns a copy with a cause.
func (f *Fault) From(cause error) *Fault {
	c := *f
	c.Cause = cause
	return &c
}

// A List collects the faults of one check, so that a person sees all of them at once.
type List []*Fault

// Add appends a fault; nil is ignored, so that the result of a check can be added as it is.
func (l *List) Add(f *Fault) {
	if f != nil {
		*l = append(*l, f)
	}
}

// Err returns the list as an error, or nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Error joins the faults for a log.
func (l List) Error() string {
	texts := make([]string, len(l))
	for i, f := range l {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns each fault, so that errors.Is and errors.As look into the list.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, f := range l {
		errs[i] = f
	}
	return errs
}

// All returns every fault inside err, in order, through wrapping, joins and lists. A fault's own cause is not
// searched: the fault speaks for it. The result is nil when there is none.
func All(err error) []*Fault {
	switch e := err.(type) {
	case nil:
		return nil
	case *Fault:
		if e == nil {
			return nil
		}
		return []*Fault{e}
	case interface{ Unwrap() []error }:
		var all []*Fault
		for _, inner := range e.Unwrap() {
			all = append(all, All(inner)...)
		}
		return all
	}
	return All(errors.Unwrap(err))
}
