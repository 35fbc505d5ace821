package onestop

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"congdvc/services/dossier"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// receiver is an endpoint of a one-stop system: it checks every request as one would and answers as it is
// told.
type receiver struct {
	*httptest.Server
	t      testing.TB
	answer func(CloudEvent, http.ResponseWriter) // nil = 204

	mu       sync.Mutex
	secret   string
	seen     []CloudEvent // in the order of arrival, also those that it then refused
	inFlight map[dossier.Code]int
	most     int // at once
	both     int // times that an event came while an earlier one of its dossier was under way
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t, inFlight: map[dossier.Code]int{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the sender broke off
	}
	r.mu.Lock()
	secret, answer := r.secret, r.answer
	r.mu.Unlock()

	check, err := webhooks.NewWebhook(secret)
	if err == nil {
		err = check.Verify(body, request.Header)
	}
	if err != nil {
		r.t.Errorf("signature: %v", err)
	}
	var e CloudEvent
	if err := json.Unmarshal(body, &e); err != nil {
		r.t.Errorf("body: %v", err)
	}
	if request.Header.Get("webhook-id") != e.ID || request.Method != http.MethodPost ||
		request.Header.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" {
		r.t.Errorf("request: %s %v", request.Method, request.Header)
	}
	defer r.begins(e)()
	if answer == nil {
		response.WriteHeader(http.StatusNoContent)
		return
	}
	answer(e, response)
}

// begins notes an event until it has been answered.
func (r *receiver) begins(e CloudEvent) (ends func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, e)
	if r.inFlight[e.Data.Dossier] > 0 {
		r.both++
	}
	r.inFlight[e.Data.Dossier]++
	now := 0
	for _, n := range r.inFlight {
		now += n
	}
	r.most = max(r.most, now)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.inFlight[e.Data.Dossier]--
	}
}

// crowd is how many events were under way at the same time, and how often two of one dossier were.
func (r *receiver) crowd() (most, both int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most, r.both
}

func (r *receiver) trusts(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = secret
}

func (r *receiver) says(answer func(CloudEvent, http.ResponseWriter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) events() []CloudEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]CloudEvent(nil), r.seen...)
}

// first gives each event once, by its first arrival.
func first(events []CloudEvent) (once []CloudEvent) {
	seen := map[string]bool{}
	for _, e := range events {
		if !seen[e.ID] {
			seen[e.ID] = true
			once = append(once, e)
		}
	}
	return once
}

// checkOrder holds first arrivals to the order of revisions within each dossier, counted from 1.
func checkOrder(t testing.TB, events []CloudEvent) {
	t.Helper()
	last := map[dossier.Code]int{}
	for _, e := range first(events) {
		if e.Data.Revision != last[e.Data.Dossier]+1 {
			t.Errorf("dossier %s: %d after %d", e.Data.Dossier, e.Data.Revision, last[e.Data.Dossier])
		}
		last[e.Data.Dossier] = e.Data.Revision
	}
}

// deliver runs a deliverer with short pauses until the test ends or stop is called.
func (w world) deliver(t testing.TB, change func(*DelivererConfig)) (stop func()) {
	t.Helper()
	config := DelivererConfig{DB: w.db, Vault: w.vault, Log: discard(),
		Timeout: 2 * time.Second, Poll: 5 * time.Millisecond,
		EndpointPauses: []time.Duration{5 * time.Millisecond, 10 * time.Millisecond},
		EventPauses:    []time.Duration{5 * time.Millisecond, 10 * time.Millisecond, 10 * time.Millisecond}}
	if change != nil {
		change(&config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { NewDeliverer(config).Run(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return stop
}

// sync reads the sync state of a dossier.
func (w world) sync(t testing.TB, id dossier.ID) (state dossier.Sync) {
	t.Helper()
	if err := w.db.QueryRow(t.Context(), `select sync_status from dossier where id = $1`,
		id).Scan(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

// health reads how the only connection fares.
func (w world) health(t testing.TB) Health {
	t.Helper()
	list, err := HealthOf(t.Context(), w.db)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return list[0]
}

// settled waits until the only connection has pushed everything and nothing is set aside.
func (w world) settled(t testing.TB) {
	t.Helper()
	until(t, "everything is delivered", func() bool {
		h := w.health(t)
		return h.Pushed == h.Head && h.Pending == 0 && h.Unnumbered == 0
	})
}
