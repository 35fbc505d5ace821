package main

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime"
)

// largestMail bounds what the mailbox takes, in bytes.
const largestMail = 10 << 20

// mailbox takes every mail that the portal sends, to whomever, keeps it as a file and shows it on a page:
// nothing leaves the machine.
type mailbox struct {
	dir       string
	smtp, url string // host:port for mails, http address of the page
	stop      func() error
}

// startMailbox keeps mails in dir and shows them at that address; mails are taken at a free one.
func startMailbox(dir, address string) (*mailbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	mails, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	pages, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errors.Join(err, mails.Close())
	}
	box := &mailbox{dir: dir, smtp: mails.Addr().String(), url: "http://" + pages.Addr().String()}

	taker := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &delivery{dir: dir}, nil
	}))
	taker.Domain, taker.MaxMessageBytes, taker.MaxRecipients = "localhost", largestMail, 100
	taker.ReadTimeout, taker.WriteTimeout = time.Minute, time.Minute
	routes := http.NewServeMux()
	routes.HandleFunc("GET /{$}", box.showAll)
	routes.HandleFunc("GET /{name}", box.showOne)
	routes.HandleFunc("GET /style.css", showStyle)
	shower := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute}

	var running sync.WaitGroup
	running.Go(func() { taker.Serve(mails) })
	running.Go(func() { shower.Serve(pages) })
	box.stop = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := errors.Join(taker.Close(), shower.Shutdown(ctx))
		running.Wait()
		return err
	}
	return box, nil
}

// delivery is one mail on its way in.
type delivery struct {
	dir  string
	from string
	to   []string
}

func (d *delivery) Reset()                                      { d.from, d.to = "", nil }
func (d *delivery) Logout() error                               { return nil }
func (d *delivery) Mail(from string, _ *smtp.MailOptions) error { d.from = from; return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error   { d.to = append(d.to, to); return nil }

// Data keeps the mail under a name that sorts by its time, complete or not at all.
func (d *delivery) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	random := make([]byte, 4)
	rand.Read(random) // never fails
	name := time.Now().UTC().Format("20060102T150405.000000") + "-" + hex.EncodeToString(random) + ".eml"
	envelope := fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\n", d.from, strings.Join(d.to, ", "))
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path+".new", append([]byte(envelope), text...), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

var mailName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{6}-[0-9a-f]{8}\.eml$`)

// letter is a mail as the page shows it.
type letter struct {
	Name, To, From, Subject, Date, Text string
}

// read decodes the mail: its headers in any charset, and its text, be it one part of many.
func (m *mailbox) read(name string) (letter, error) {
	raw, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		return letter{}, err
	}
	mail, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return letter{Name: name, Subject: name, Text: string(raw)}, nil // shown as it came
	}
	return letter{
		Name: name, Text: mail.Text, To: mail.GetHeader("To"), From: mail.GetHeader("From"),
		Subject: mail.GetHeader("Subject"), Date: mail.GetHeader("Date"),
	}, nil
}

func (m *mailbox) showAll(w http.ResponseWriter, r *http.Request) {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		http.Error(w, "the mail folder cannot be read", http.StatusInternalServerError)
		return
	}
	const shown = 200
	var letters []letter
	for _, entry := range slices.Backward(entries) {
		if !mailName.MatchString(entry.Name()) || len(letters) == shown {
			continue
		}
		if one, err := m.read(entry.Name()); err == nil { // one that was removed meanwhile is not listed
			letters = append(letters, one)
		}
	}
	show(w, "list", letters)
}

func (m *mailbox) showOne(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !mailName.MatchString(name) {
		http.NotFound(w, r)
		return
	}
	one, err := m.read(name)
	if errors.Is(err, os.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "the mail cannot be read", http.StatusInternalServerError)
		return
	}
	show(w, "letter", one)
}

//go:embed mailbox.html
var mailboxHTML string

//go:embed mailbox.css
var mailboxCSS []byte

var mailboxPages = template.Must(template.New("").Parse(mailboxHTML))

func show(w http.ResponseWriter, page string, data any) {
	var buffer bytes.Buffer
	if err := mailboxPages.ExecuteTemplate(&buffer, page, data); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(buffer.Bytes())
}

func showStyle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(mailboxCSS)
}
