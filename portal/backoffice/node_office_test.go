//go:build contract

package backoffice

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"congdvc/services/dossier"
)

// nodeOffice is the one-stop software of .ci/contract, compiled.
type nodeOffice struct {
	url  string
	env  []string
	dir  string
	kill func() // ends it without warning; the test does so in the end
}

// startNode starts the software with a book that is kept in a file.
func startNode(t *testing.T, s *scene, dir, book string) *nodeOffice {
	t.Helper()
	o := &nodeOffice{dir: dir, env: append(os.Environ(), "API="+s.url+prefix, "KEY="+s.Key,
		"SECRET="+s.Secret, "ACTOR="+officer, "BOOK="+book)}
	c := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "out", "office.js"))
	c.Env, c.Stderr = o.env, os.Stderr
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	o.kill = sync.OnceFunc(func() { _ = c.Process.Kill(); _ = c.Wait() })
	t.Cleanup(o.kill)
	first, err := bufio.NewReader(out).ReadString('\n')
	url, listens := strings.CutPrefix(strings.TrimSpace(first), "listening ")
	if err != nil || !listens {
		t.Fatalf("the software says %q: %v", first, err)
	}
	o.url = url
	return o
}

// does has an officer of the software act, and gives what it answers.
func (o *nodeOffice) does(t testing.TB, act string, code dossier.Code, told map[string]string) []byte {
	t.Helper()
	all := map[string]string{"act": act, "code": string(code)}
	for name, value := range told {
		all[name] = value
	}
	body, err := json.Marshal(all)
	must(t, err)
	answer, err := http.Post(o.url+"/officer", "application/json", bytes.NewReader(body))
	must(t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s %v", act, code, answer.Status, raw, err)
	}
	return raw
}

// nodeBook is what the software keeps of each dossier.
type nodeBook struct {
	Seen     []string
	Dossiers map[string]struct {
		OfficeCode string `json:"office_code"`
		Revisions  map[string]nodeRevision
		Events     []string
	}
}

type nodeRevision struct {
	SHA256, Owner string
	Files         map[string]string // SHA-256 of what was fetched, by id
}

func (o *nodeOffice) book(t testing.TB) (b nodeBook) {
	t.Helper()
	must(t, json.Unmarshal(o.does(t, "book", "", nil), &b))
	return b
}

// heard waits until the software has taken an event of a type.
func (o *nodeOffice) heard(t testing.TB, code dossier.Code, event dossier.EventType) {
	t.Helper()
	until(t, fmt.Sprintf("%s of %s is taken", event, code), func() bool {
		return slices.Contains(o.book(t).Dossiers[string(code)].Events, string(event))
	})
}

// TestNodeOffice has software in another language, written from the contract alone, take dossiers by push and
// by pull, ask for a supplement, deliver results, and make its lost book anew from lists. make contract
// compiles it and runs this test, which is built with the tag contract only, since it needs Node.
func TestNodeOffice(t *testing.T) {
	dir := os.Getenv("CONTRACT_CLIENT")
	if dir == "" {
		t.Fatal("make contract compiles the client and says by CONTRACT_CLIENT where it is")
	}
	s := newScene(t)
	signed := filepath.Join(t.TempDir(), "ket-qua.pdf")
	must(t, os.WriteFile(signed, []byte(s.signedPaper(t)), 0o600))
	book := filepath.Join(t.TempDir(), "book.json")
	o := startNode(t, s, dir, book)
	s.pushedTo(t, o.url+"/events")
	lan := s.Citizen(t, 1)
	code, second := s.Submitted(t, lan), s.Submitted(t, s.Citizen(t, 2))
	o.heard(t, code, dossier.EventSubmitted)
	if view := s.view(t, lan, code); view.Sync != dossier.Acknowledged {
		t.Errorf("the dossier is %s", view.Sync)
	}
	o.does(t, "receive", code, nil)
	o.does(t, "supplement", code, map[string]string{"field": "sk.so", "reason": "Cần số đăng ký",
		"deadline": "2026-12-03"})
	s.supplement(t, lan, code)
	o.heard(t, code, dossier.EventSupplemented)
	o.does(t, "process", code, nil)
	o.does(t, "deliver", code, map[string]string{"pdf": signed, "day": "2026-11-23"})
	if view := s.view(t, lan, code); view.Status != dossier.Completed {
		t.Errorf("the dossier is %s", view.Status)
	}

	before := o.book(t)
	o.does(t, "pull", "", nil) // the same events, and the log from its beginning
	after := o.book(t)
	for name, kept := range before.Dossiers {
		if !slices.Equal(kept.Events, after.Dossiers[name].Events) {
			t.Errorf("%s was told %v by push, then %v", name, kept.Events, after.Dossiers[name].Events)
		}
	}
	forged, err := http.Post(o.url+"/events", "application/cloudevents+json", strings.NewReader("{}"))
	must(t, err)
	forged.Body.Close()
	if forged.StatusCode != http.StatusUnauthorized {
		t.Errorf("an unsigned event: %s", forged.Status)
	}

	o.heard(t, second, dossier.EventSubmitted)
	o.does(t, "receive", second, nil)
	o.does(t, "process", second, nil)
	deliver := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "out", "deliver.js"))
	deliver.Env = append(o.env, "DOSSIER="+string(second), "FILE="+signed, "DAY=2026-11-23")
	deliver.Stderr = os.Stderr
	result, err := deliver.Output()
	must(t, err)
	if _, err := s.Desk.VerifyResult(t.Context(), strings.TrimSpace(string(result))); err != nil {
		t.Errorf("the result %s: %v", result, err)
	}
	before = o.book(t)
	o.kill()
	must(t, os.Remove(book))
	s.rebuilds(t, startNode(t, s, dir, book), before, code, second)
}

// rebuilds has software that lost its book make it anew from lists, read the log from its beginning and go on
// with the next number.
func (s *scene) rebuilds(t *testing.T, o *nodeOffice, before nodeBook, known ...dossier.Code) {
	t.Helper()
	if n := len(o.book(t).Dossiers); n != 0 {
		t.Fatalf("without a book it knows %d dossiers", n)
	}
	untold := s.Submitted(t, s.Citizen(t, 3)) // its events come to an endpoint that is gone
	var compared struct{ Portal, Book int }
	must(t, json.Unmarshal(o.does(t, "rebuild", "", nil), &compared))
	want := len(before.Dossiers) + 1
	if compared.Portal != want || compared.Book != want {
		t.Errorf("compared: %+v", compared)
	}
	rebuilt := o.book(t)
	for _, code := range known {
		was, is := before.Dossiers[string(code)], rebuilt.Dossiers[string(code)]
		if is.OfficeCode != was.OfficeCode || !reflect.DeepEqual(is.Revisions, was.Revisions) ||
			len(is.Revisions) == 0 {
			t.Errorf("%s is %+v, was %+v", code, is, was)
		}
	}
	until(t, "the log is read from its beginning", func() bool {
		o.does(t, "pull", "", nil)
		return len(o.book(t).Dossiers[string(untold)].Events) > 0
	})
	number := fmt.Sprintf("TS-%d", want)
	if kept := o.book(t).Dossiers[string(untold)]; kept.OfficeCode != number || len(kept.Events) != 1 {
		t.Errorf("what came while it was away: %+v", kept)
	}
	if view := s.view(t, s.Citizen(t, 3), untold); view.Sync != dossier.Acknowledged {
		t.Errorf("the dossier is %s", view.Sync)
	}
}
