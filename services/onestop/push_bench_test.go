package onestop

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// BenchmarkPush pushes events of many dossiers to a receiver that takes its time. Its ratio is the rate
// beside the limit, measured in the same run: eight clients who do nothing but post to that receiver.
func BenchmarkPush(b *testing.B) {
	for name, took := range map[string]time.Duration{"500ms": 500 * time.Millisecond,
		"50ms": 50 * time.Millisecond} {
		b.Run(name, func(b *testing.B) { benchmarkPush(b, took) })
	}
}

func benchmarkPush(b *testing.B, took time.Duration) {
	w := newWorld(b)
	const dossiers, senders = 64, 8
	ids := w.dossiers(b, dossiers)
	r := newReceiver(b)
	r.says(func(_ CloudEvent, response http.ResponseWriter) {
		time.Sleep(took)
		response.WriteHeader(http.StatusNoContent)
	})
	connection, secret := w.connection(b, "one", r.URL)
	r.trusts(secret)
	w.tx(b, func(tx pgx.Tx) error {
		for i := range b.N {
			e := event(connection, ids[i%dossiers], i/dossiers+1)
			if err := Append(b.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	for range b.N/sequencerBatch + 1 {
		if _, err := Sequence(b.Context(), w.db); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	stop := w.deliver(b, func(c *DelivererConfig) { c.Timeout, c.Poll = time.Minute, defaultPoll })
	w.settled(b)
	pushed := b.Elapsed()
	b.StopTimer()
	stop()
	checkOrder(b, r.events())
	limit := bare(b, took, senders, b.N)
	b.ReportMetric(float64(b.N)/pushed.Seconds(), "events/s")
	b.ReportMetric(float64(b.N)/limit.Seconds(), "limit/s")
	b.ReportMetric(limit.Seconds()/pushed.Seconds(), "ratio")
}

// bare is how long the senders take to post n bodies to a receiver that takes its time.
func bare(b *testing.B, took time.Duration, senders, n int) time.Duration {
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(took)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer slow.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	work := make(chan bool, n)
	for range n {
		work <- true
	}
	close(work)
	begun := time.Now()
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range work {
				reply, err := client.Post(slow.URL, "application/json", bytes.NewReader(make([]byte, 700)))
				if err != nil {
					b.Error(err)
					return
				}
				reply.Body.Close()
			}
		})
	}
	all.Wait()
	return time.Since(begun)
}
