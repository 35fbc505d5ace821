package notice

import (
	"bufio"
	"bytes"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"

	"congdvc/services/pgtest"
)

// cut ends the connection instead of an answer.
const cut = ""

// newScripted is a mail server that takes everything, but for the commands that have another answer. "hello"
// is its greeting, "." the end of a mail.
func newScripted(t testing.TB, answers map[string]string) (addr string) {
	t.Helper()
	said := map[string]string{"hello": "220 localhost", "EHLO": "250-localhost\r\n250 AUTH CRAM-MD5",
		"AUTH": "235 in", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 taken",
		"RSET": "250 ok",
		"NOOP": "250 ok", "QUIT": "221 bye"}
	for command, answer := range answers {
		said[command] = answer
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go script(connection, said)
		}
	}()
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

func script(c net.Conn, said map[string]string) {
	defer c.Close()
	lines, command, mail := bufio.NewScanner(c), "hello", false
	for {
		if !mail || command == "." {
			answer, known := said[command]
			if known && answer == cut {
				return
			}
			if !known {
				answer = "500 what?"
			}
			if _, err := c.Write([]byte(answer + "\r\n")); err != nil {
				return
			}
			mail = command == "DATA" && strings.HasPrefix(answer, "3")
		}
		if !lines.Scan() {
			return
		}
		command, _, _ = strings.Cut(lines.Text(), " ")
	}
}

// fates are the ways in which a mail server may not take a mail, and what follows from each.
var fates = map[string]struct {
	answers map[string]string
	config  func(*MailConfig)
	err     error // nil = it is tried again, and nobody is told at once
	taken   bool
}{
	"taken":              {taken: true},
	"taken, then silent": {answers: map[string]string{"QUIT": cut}, taken: true},
	"no such person": {answers: map[string]string{"RCPT": "550 5.1.1 lan@example.vn is not here"},
		err: ErrRefused},
	"moved":                {answers: map[string]string{"RCPT": "551 try lan@example.org"}, err: ErrRefused},
	"full":                 {answers: map[string]string{"RCPT": "452 4.2.2 lan@example.vn is full"}},
	"grey list":            {answers: map[string]string{"RCPT": "450 later"}},
	"cut at the recipient": {answers: map[string]string{"RCPT": cut}},
	"the text is refused": {answers: map[string]string{".": "554 5.7.1 spam for lan@example.vn"},
		err: ErrRefused},
	"no text from us": {answers: map[string]string{"DATA": "554 no"}, err: ErrRefused},
	"the text, later": {answers: map[string]string{".": "451 lan@example.vn: later"}},
	"cut at the end":  {answers: map[string]string{".": cut}},
	"no mail from us": {answers: map[string]string{"MAIL": "550 not from no-reply@example.vn"},
		err: ErrUnusable},
	"too many from us": {answers: map[string]string{"MAIL": "421 too many"}},
	"no welcome":       {answers: map[string]string{"hello": "554 no"}, err: ErrUnusable},
	"closed for now":   {answers: map[string]string{"hello": "421 closed"}},
	"cut at once":      {answers: map[string]string{"hello": cut}},
	"the login is refused": {answers: map[string]string{"AUTH": "535 5.7.8 lan@example.vn"},
		config: withLogin,
		err:    ErrUnusable},
	"the login, later": {answers: map[string]string{"AUTH": "454 later"}, config: withLogin},
	"no login": {answers: map[string]string{"EHLO": "250 localhost"}, config: withLogin,
		err: ErrUnusable},
	"no TLS":                {config: func(c *MailConfig) { c.TLS = startTLS }, err: ErrUnusable},
	"no TLS from the start": {config: func(c *MailConfig) { c.TLS = implicitTLS }, err: ErrUnusable},
	"TLS that is refused": {answers: map[string]string{"EHLO": "250-localhost\r\n250 STARTTLS",
		"STARTTLS": "454 later"},
		config: func(c *MailConfig) { c.TLS = startTLS }},
	"TLS that is none after": {answers: map[string]string{"EHLO": "250-localhost\r\n250 STARTTLS",
		"STARTTLS": "220 go"},
		config: func(c *MailConfig) { c.TLS = startTLS },
		err:    ErrUnusable},
}

func withLogin(c *MailConfig) { c.User, c.Password = "no-reply@example.vn", "secret" }

// TestFatesOfAMail: what the server will never take ends at once, what is wrong with us is told at once, and
// all else is tried again; each is written and logged without the address.
func TestFatesOfAMail(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for name, fate := range fates {
		t.Run(name, func(t *testing.T) {
			c := MailConfig{Addr: newScripted(t, fate.answers), From: "no-reply@example.vn", TLS: noTLS}
			if fate.config != nil {
				fate.config(&c)
			}
			channel, err := NewMail(c)
			if err != nil {
				t.Fatal(err)
			}
			o := newOffice(t, db, c.Addr)
			var log bytes.Buffer
			var ends []State
			o.Lines, o.Log = []Line{{Channel: channel}}, slog.New(slog.NewTextHandler(&log, nil))
			o.Ended = func(_ string, s State) { ends = append(ends, s) }
			id := o.add(t, "lan@example.vn")
			o.pass(t, 1)
			l := o.ledger(t, id)
			want, level := Queued, "WARN"
			switch {
			case fate.taken:
				want, level = Sent, ""
			case errors.Is(fate.err, ErrRefused):
				want, level = Refused, "WARN"
			case errors.Is(fate.err, ErrUnusable):
				level = "ERROR"
			}
			if l.State != string(want) || l.Attempts != 1 || (l.Problem == "") != fate.taken {
				t.Errorf("the ledger says %+v, want %s", l, want)
			}
			for _, told := range []string{l.Problem, log.String()} {
				if strings.Contains(told, "@") || strings.Contains(told, "secret") {
					t.Errorf("an address is told: %s", told)
				}
			}
			if (level == "") != (log.Len() == 0) ||
				level != "" && !strings.Contains(log.String(), "level="+level) {
				t.Errorf("the log says %q, want a line of level %q", log.String(), level)
			}
			if final := want != Queued; final != (len(ends) == 1) || final && ends[0] != want {
				t.Errorf("counted as %v, want %s", ends, want)
			}
			if want == Queued { // of another test's turn no more
				o.now = o.now.Add(1000 * 24 * 60 * 60 * 1e9)
				o.pass(t, 1)
				if l := o.ledger(t, id); l.State != string(Expired) || l.Problem == "" {
					t.Errorf("long afterwards: %+v", l)
				}
			}
		})
	}
}
