package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// shutdownTime is how long requests under way may take once nobody is let in any more, and hurriedTime
	// how long when the program was told twice to end.
	shutdownTime = 20 * time.Second
	hurriedTime  = 3 * time.Second
)

// An ending has three steps. When the program is told to end, it takes no more work and says so, but still
// answers whoever comes: proxies need a moment until they send people elsewhere. Then it lets nobody in any
// more. At last it has answered everybody, or could wait no longer.
type ending struct {
	told     context.Context
	closing  context.Context
	hurried  <-chan struct{} // closed by a second signal
	answered context.Context
	done     context.CancelFunc // ends answered
}

// newEnding begins to wait for the end of told, which lasts for the time of draining. stop releases what it
// holds.
func newEnding(told context.Context, draining time.Duration) (e *ending, stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	base := context.WithoutCancel(told)
	closing, closeDoor := context.WithCancel(base)
	answered, done := context.WithCancel(base)
	hurried := make(chan struct{})
	go func() {
		for range 2 { // the first of them is what told ends by
			select {
			case <-signals:
			case <-answered.Done():
				return
			}
		}
		close(hurried)
	}()
	go func() {
		defer closeDoor()
		select {
		case <-told.Done():
		case <-answered.Done():
			return
		}
		patience := time.NewTimer(draining)
		defer patience.Stop()
		select {
		case <-patience.C:
		case <-hurried:
		case <-answered.Done():
		}
	}()
	return &ending{told: told, closing: closing, hurried: hurried, answered: answered, done: done},
		func() { signal.Stop(signals); done() }
}

// shutdown lets nobody in any more, and gives those who are inside their time. It reports whether all of them
// had their answer.
func (e *ending) shutdown(down func(context.Context) error) (all bool, err error) {
	defer e.done()
	<-e.closing.Done()
	ctx, cancel := context.WithTimeout(e.answered, shutdownTime)
	defer cancel()
	go func() {
		select {
		case <-e.hurried:
			last := time.NewTimer(hurriedTime)
			defer last.Stop()
			select {
			case <-last.C:
				cancel()
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}()
	err = down(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false, nil
	}
	return true, err
}
