package inspection

import (
	"fmt"
	"strings"

	"congdvc/i18n"
	"congdvc/services/workday"
)

// State says how something stands.
type State string

// The states.
const (
	OK   State = "ok"
	Warn State = "warn" // it will go wrong later, or is good to know
	Fail State = "fail" // it is wrong today
)

// A Finding is one thing that was looked at, and how it stands.
type Finding struct {
	Kind    string // name of the kind of inspection; "" where something else than this package looked
	State   State
	Subject Subject
	Says    Message
	Advice  Message      // what to do about it; nothing for OK
	Day     workday.Date // first day on which it is wrong: today for Fail, zero for OK
}

// A Subject is what a finding is about. Code is that of a procedure, an agency or a calendar; "" when it is
// about all of them.
type Subject struct {
	Name Message
	Code string
}

// A Message is a text of the catalogues with its named arguments, or the plain English words of a program.
type Message struct {
	Key   string
	Args  map[string]any // also days, errors and other messages
	Words string         // where Key is ""
}

// Plain makes a finding in plain words, for checks outside this package: those of a program's outside
// parties.
func Plain(state State, subject, says, advice string) Finding {
	return Finding{
		State: state, Subject: Subject{Name: Message{Words: subject}}, Says: Message{Words: says},
		Advice: Message{Words: advice},
	}
}

// verdicts are what the states look like at the beginning of a line.
var verdicts = map[State]string{OK: "ok  ", Warn: "warn", Fail: "FAIL"}

// Line writes a finding as a command prints it, without an end of line. Days are written as 2026-11-23.
func (f Finding) Line(l i18n.Lang) string {
	subject := f.Subject.Name.text(l)
	if f.Subject.Code != "" {
		subject += " " + f.Subject.Code
	}
	text := f.Says.text(l)
	if advice := f.Advice.text(l); advice != "" {
		text = i18n.T(l, "inspection.line", "What", text, "Advice", advice)
	}
	return fmt.Sprintf("%s  %-20s %s", verdicts[f.State], subject, strings.ReplaceAll(text, "\n", "; "))
}

func (m Message) text(l i18n.Lang) string {
	if m.Key == "" {
		return m.Words
	}
	args := make([]any, 0, 2*len(m.Args))
	for name, value := range m.Args {
		switch v := value.(type) {
		case workday.Date:
			value = v.String()
		case Message:
			value = v.text(l)
		case error:
			value = explained(l, v)
		}
		args = append(args, name, value)
	}
	return i18n.T(l, m.Key, args...)
}

// explained turns an error into text for the operator: what its faults say, and in brackets the cause.
func explained(l i18n.Lang, err error) string {
	if words := i18n.Faults(l, err); words != "" {
		return fmt.Sprintf("%s (%v)", words, err)
	}
	return err.Error()
}

// say makes a message of the catalogues; args are pairs of a name and a value.
func say(key string, args ...any) Message {
	m := Message{Key: key, Args: map[string]any{}}
	for n := 0; n < len(args); n += 2 {
		m.Args[args[n].(string)] = args[n+1]
	}
	return m
}
