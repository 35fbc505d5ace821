package oidc

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"time"
)

const (
	holdOff   = 1 * time.Second  // after a failed search: whoever waited does not try again at once
	freshFor  = 15 * time.Minute // a provider that was found is looked at again after this
	doubtful  = 30 * time.Second // and, when it seems to have changed, after this
	longPause = 30 * time.Second // the most between two searches for a provider that is away
)

// search is how the provider is looked for: one call at a time, in the background, for all who wait.
type search struct {
	running chan struct{} // closed when the call under way has ended; nil without one
	endedAt time.Time     // of the newest call
}

// Run finds the provider before the first visitor needs it, keeps trying while it is away, and then looks
// again every so often whether its endpoints or keys have moved. It returns when ctx ends.
func (c *Client) Run(ctx context.Context, log *slog.Logger) {
	pause, away := time.Second, false
	for ctx.Err() == nil {
		err := c.await(ctx, c.start())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !away:
			log.WarnContext(ctx, "identity provider is away", "issuer", c.cfg.Issuer, "error", err.Error())
		case err == nil && away:
			log.InfoContext(ctx, "identity provider is back", "issuer", c.cfg.Issuer)
		}
		wait := freshFor
		if away = err != nil; away {
			wait, pause = pause, min(2*pause, longPause)
		} else {
			pause = time.Second
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// discover gives the provider as it was found last, at once. Only while it was never found does it wait, as
// long as a visitor is patient. Failures are ErrAway.
func (c *Client) discover(ctx context.Context) (*discovered, error) {
	if d := c.known(); d != nil {
		return d, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Patience)
	defer cancel()
	if err := c.await(ctx, c.start()); err != nil {
		return nil, err
	}
	return c.known(), nil
}

// known gives the provider as it was found last, or nil. It never waits: what is due for another look is
// looked at meanwhile.
func (c *Client) known() *discovered {
	c.mu.Lock()
	found, due := c.found, time.Since(c.search.endedAt) >= freshFor
	c.mu.Unlock()
	if found == nil || due {
		c.start()
	}
	return found
}

// doubt has the provider looked at anew, since it did not answer as the one that was found.
func (c *Client) doubt() {
	c.mu.Lock()
	due := time.Since(c.search.endedAt) >= doubtful
	c.mu.Unlock()
	if due {
		c.start()
	}
}

// start looks for the provider in the background, unless somebody does already or did just now in vain. What
// it gives is closed when that look has ended.
func (c *Client) start() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.search.running != nil {
		return c.search.running
	}
	ended := make(chan struct{})
	if c.failure != nil && time.Since(c.search.endedAt) < holdOff {
		close(ended)
		return ended
	}
	c.search.running = ended
	go c.look(ended)
	return ended
}

func (c *Client) look(ended chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.Timeout)
	defer cancel()
	d, err := c.fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = nil
	switch {
	case err != nil:
		c.failure = ErrAway.From(err)
	case c.found == nil || !bytes.Equal(c.found.document, d.document):
		c.found = d // else the one that was found has the keys at hand
	}
	c.search.running, c.search.endedAt = nil, time.Now()
	close(ended)
}

// await gives how a look ended: nil when the provider is there.
func (c *Client) await(ctx context.Context, ended <-chan struct{}) error {
	select {
	case <-ended:
	case <-ctx.Done():
		return ErrAway.From(errors.New("oidc: the provider was not found in time"))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}
