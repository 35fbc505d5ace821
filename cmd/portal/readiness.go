package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"congdvc/services/desk"
	"congdvc/services/postgres"

	"github.com/redis/go-redis/v9"
)

const (
	// proofEvery is how old an answer of readyz may be: whoever asks how often, no part is proved more often.
	proofEvery = 3 * time.Second
	// proofTime is how long a part may take.
	proofTime = 2 * time.Second
)

// errNoAnswer says that a part did not answer in time.
var errNoAnswer = errors.New("no answer in time")

// A proof shows whether one part of what the program stands on works, by using it.
type proof struct {
	name string
	// needed parts are those without which nobody can be served; the others are only named.
	needed bool
	// An error of this part names what is the matter and no secret, so that readyz may tell it.
	tells bool
	prove func(context.Context) error

	underway chan error // of a try that has not ended yet; there is one at most
	failing  bool
}

// try gives a part some time. One that hangs is not tried again before it lets go.
func (p *proof) try(limit time.Duration) error {
	if p.underway == nil {
		answer := make(chan error, 1)
		p.underway = answer
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			defer cancel()
			answer <- p.prove(ctx)
		}()
	}
	patience := time.NewTimer(limit)
	defer patience.Stop()
	select {
	case err := <-p.underway:
		p.underway = nil
		return err
	case <-patience.C:
		return errNoAnswer
	}
}

// readiness says whether people should be sent to this process.
type readiness struct {
	proofs []*proof
	log    *slog.Logger
	// draining is set when the program was told to end, while it still answers.
	draining atomic.Bool

	mu    sync.Mutex
	at    time.Time       // of the last look
	works map[string]bool // what it found
	why   []string        // what parts tell of themselves
}

// readiness proves PostgreSQL and the folder of files by writing. Redis is only named: without it the public
// pages go on.
func (p *parts) readiness(rdb redis.UniversalClient) *readiness {
	return &readiness{log: p.log, proofs: []*proof{
		{name: "postgresql", needed: true, prove: func(ctx context.Context) error {
			return postgres.ProveWriting(ctx, p.pool)
		}},
		{name: "keys", needed: true, tells: true, prove: p.proveBinding},
		{name: "files", needed: true, prove: func(context.Context) error { return p.files.ProveWriting() }},
		{name: "redis", prove: func(ctx context.Context) error { return writable(ctx, rdb) }},
	}}
}

// proveBinding proves that the keys are those of the database. While the database does not answer, nothing
// speaks against them; of the folder of files another proof speaks.
func (p *parts) proveBinding(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, proofTime/2)
	defer cancel()
	err := p.desk.Installation().Check(ctx)
	if errors.Is(err, desk.ErrOtherKeys) || errors.Is(err, desk.ErrUnbound) {
		return err
	}
	return nil
}

// look says which parts work, and why some do not. All who ask at once get one answer, and those who ask soon
// afterwards the same.
func (r *readiness) look() (works map[string]bool, why []string, ready bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.works == nil || time.Since(r.at) >= proofEvery {
		r.prove()
	}
	ready = true
	for _, p := range r.proofs {
		ready = ready && (r.works[p.name] || !p.needed)
	}
	return r.works, r.why, ready
}

func (r *readiness) prove() {
	errs := make([]error, len(r.proofs))
	var all sync.WaitGroup
	for i, p := range r.proofs {
		all.Go(func() { errs[i] = p.try(proofTime) })
	}
	all.Wait()
	r.works, r.why = map[string]bool{}, nil
	for i, p := range r.proofs {
		r.works[p.name] = errs[i] == nil
		if p.tells && errs[i] != nil {
			r.why = append(r.why, errs[i].Error())
		}
		r.note(p, errs[i])
	}
	r.at = time.Now()
}

// note tells the log, once, when a part begins to fail and when it works again.
func (r *readiness) note(p *proof, err error) {
	working := 1.0
	switch {
	case err != nil && !p.failing:
		r.log.Error("a part does not work", "part", p.name, "needed", p.needed, "error", err.Error())
	case err == nil && p.failing:
		r.log.Info("a part works again", "part", p.name)
	}
	if p.failing = err != nil; p.failing {
		working = 0
	}
	partWorks.WithLabelValues(p.name).Set(working)
}

// ServeHTTP answers readyz: 200, or 503 when this process drains or a needed part does not work. It names the
// parts, and which keys are there and which should be.
func (r *readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	answer, status := map[string]any{"status": "ready"}, http.StatusOK
	if r.draining.Load() {
		answer["status"], status = "draining", http.StatusServiceUnavailable
	} else {
		works, why, ready := r.look()
		for name, does := range works {
			answer[name] = does
		}
		if len(why) > 0 {
			answer["why"] = why
		}
		if !ready {
			answer["status"], status = "unready", http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status != http.StatusOK {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		r.log.WarnContext(request.Context(), "answer of readyz", "error", err.Error())
	}
}
