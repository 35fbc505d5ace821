package demooffice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Event is one event of the portal, kept once however often it arrived.
type Event struct {
	ID       string    `json:"id"`
	Type     string    `json:"type"`
	Dossier  string    `json:"dossier"`
	Agency   string    `json:"agency"`
	Revision int       `json:"revision"`
	SHA256   string    `json:"sha256"`
	Time     time.Time `json:"time"`
	Own      bool      `json:"own,omitempty"` // it comes of a call of this software
	Arrivals int       `json:"arrivals"`      // by push or pull
	Effects  int       `json:"effects"`       // how often it was carried out: 0 while it waits, then 1
	Problem  string    `json:"problem,omitempty"`
}

// Dossier is a dossier as the software has it.
type Dossier struct {
	Code       string  `json:"code"`        // the portal's
	OfficeCode string  `json:"office_code"` // our own, "NB-2026-000123"
	Agency     string  `json:"agency"`      // code of the receiving agency
	Events     []Event `json:"events"`      // in the order of their first arrival
	// number to the SHA-256 under which its bytes are stored
	Revisions       map[int]string  `json:"revisions"`
	Acknowledged    bool            `json:"acknowledged"`
	WithdrawalAsked bool            `json:"withdrawal_asked"`
	Header          json.RawMessage `json:"header"` // as the portal last told it
}

// Status is the business status that the portal last told; "" when it has not yet.
func (d Dossier) Status() string { return d.header().Status }

// Results says of each result by its code how it stands, as the portal last told.
func (d Dossier) Results() map[string]string {
	states := map[string]string{}
	for _, r := range d.header().Results {
		states[r.Code] = r.State
	}
	return states
}

func (d Dossier) header() (h header) {
	// A header that was stored was read before; an absent one is the zero header.
	_ = json.Unmarshal(d.Header, &h)
	return h
}

// book is everything that survives a restart. Each change is on the disk before it returns.
type book struct {
	mu   sync.Mutex
	dir  string
	data struct {
		Cursor   string              `json:"cursor"` // behind what was pulled
		Last     int                 `json:"last"`   // number of the last code that was given
		Dossiers map[string]*Dossier `json:"dossiers"`
	}
}

func openBook(dir string) (*book, error) {
	b := &book{dir: dir}
	if err := os.MkdirAll(filepath.Join(dir, "revisions"), 0o700); err != nil {
		return nil, fmt.Errorf("demooffice: %w", err)
	}
	raw, err := os.ReadFile(b.path())
	if err == nil {
		err = json.Unmarshal(raw, &b.data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("demooffice: %s: %w", b.path(), err)
	}
	if b.data.Dossiers == nil {
		b.data.Dossiers = map[string]*Dossier{}
	}
	return b, nil
}

func (b *book) path() string { return filepath.Join(b.dir, "state.json") }

// save writes the book; the caller holds mu.
func (b *book) save() error {
	raw, err := json.MarshalIndent(b.data, "", " ")
	if err != nil {
		return fmt.Errorf("demooffice: %w", err)
	}
	return writeFile(b.path(), raw)
}

// writeFile replaces a file as a whole, and returns when it is on the disk.
func writeFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("demooffice: %w", err)
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		var folder *os.File
		if folder, err = os.Open(filepath.Dir(path)); err == nil {
			err = errors.Join(folder.Sync(), folder.Close())
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("demooffice: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// arrive writes events down; cursor is where pulling goes on, "" after a push.
func (b *book) arrive(cursor string, events ...Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range events {
		d := b.data.Dossiers[e.Dossier]
		if e.Type == eventEnded {
			d.end(e.ID)
			continue
		}
		if d == nil {
			d = &Dossier{Code: e.Dossier, Agency: e.Agency, Revisions: map[int]string{}}
			b.data.Dossiers[e.Dossier] = d
		}
		i := slices.IndexFunc(d.Events, func(had Event) bool { return had.ID == e.ID })
		if i < 0 {
			d.Events = append(d.Events, e)
			i = len(d.Events) - 1
		}
		d.Events[i].Arrivals++
	}
	if cursor != "" {
		b.data.Cursor = cursor
	}
	return b.save()
}

// end marks an event that another one-stop system takes as done with.
func (d *Dossier) end(event string) {
	if d == nil {
		return
	}
	for i := range d.Events {
		if d.Events[i].ID == event && d.Events[i].Effects == 0 {
			d.Events[i].Effects, d.Events[i].Problem = 1, ""
		}
	}
}

func (b *book) cursor() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Cursor
}

// forgetCursor makes the next pull read the log from its beginning.
func (b *book) forgetCursor() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data.Cursor = ""
}

// owed lists the events that are not carried out yet, only the first of each dossier.
func (b *book) owed() []Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	var owed []Event
	for _, d := range b.data.Dossiers {
		if i := slices.IndexFunc(d.Events, func(e Event) bool { return e.Effects == 0 }); i >= 0 {
			owed = append(owed, d.Events[i])
		}
	}
	slices.SortFunc(owed, func(a, c Event) int { return a.Time.Compare(c.Time) })
	return owed
}

// change changes a dossier and writes it down.
func (b *book) change(code string, f func(*Dossier)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.data.Dossiers[code]
	if d == nil {
		return fmt.Errorf("demooffice: no dossier %s", code)
	}
	f(d)
	return b.save()
}

// changeEvent changes an event of a dossier and writes it down.
func (b *book) changeEvent(e Event, f func(*Dossier, *Event)) error {
	return b.change(e.Dossier, func(d *Dossier) {
		for i := range d.Events {
			if d.Events[i].ID == e.ID {
				f(d, &d.Events[i])
			}
		}
	})
}

// enter gives a dossier its number in the book, once.
func (b *book) enter(code string, year int) (officeCode string, err error) {
	err = b.change(code, func(d *Dossier) {
		if d.OfficeCode == "" {
			b.data.Last++
			d.OfficeCode = fmt.Sprintf("NB-%d-%06d", year, b.data.Last)
		}
		officeCode = d.OfficeCode
	})
	return officeCode, err
}

func (b *book) all() []Dossier {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Dossier
	for _, code := range slices.Sorted(maps.Keys(b.data.Dossiers)) {
		all = append(all, b.data.Dossiers[code].copy())
	}
	return all
}

// newestAgency is the code of the agency whose dossier arrived last; "" when there is none.
func (b *book) newestAgency() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	agency, last := "", time.Time{}
	for _, d := range b.data.Dossiers {
		if len(d.Events) > 0 && d.Events[0].Time.After(last) {
			agency, last = d.Agency, d.Events[0].Time
		}
	}
	return agency
}

func (b *book) find(code string) (Dossier, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := b.data.Dossiers[code]; d != nil {
		return d.copy(), true
	}
	return Dossier{}, false
}

func (d *Dossier) copy() Dossier {
	c := *d
	c.Events, c.Revisions, c.Header = slices.Clone(d.Events), maps.Clone(d.Revisions), slices.Clone(d.Header)
	return c
}

// keepRevision stores the bytes of a revision under their hash.
func (b *book) keepRevision(sum string, body []byte) error {
	return writeFile(filepath.Join(b.dir, "revisions", sum+".json"), body)
}

// revision reads the newest revision that was stored.
func (b *book) revision(d Dossier) (r revision, number int, err error) {
	for n := range d.Revisions {
		number = max(number, n)
	}
	if number == 0 {
		return r, 0, errors.New("demooffice: no revision yet")
	}
	r, err = b.read(d, number)
	return r, number, err
}

// read reads one revision that was stored.
func (b *book) read(d Dossier, number int) (r revision, err error) {
	name := d.Revisions[number]
	if name == "" || strings.ContainsAny(name, `/\`) {
		return r, errors.New("demooffice: not a hash")
	}
	raw, err := os.ReadFile(filepath.Join(b.dir, "revisions", name+".json"))
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		return r, fmt.Errorf("demooffice: revision %d of %s: %w", number, d.Code, err)
	}
	return r, nil
}
