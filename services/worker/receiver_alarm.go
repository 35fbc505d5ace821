package worker

import (
	"context"
	"time"

	"congdvc/services/onestop"
)

// alarmAgain is how often an alarm that goes on is said again.
const alarmAgain = time.Hour

// watchReceivers looks for one-stop systems that do not take what they were told.
type watchReceivers struct{}

// Kind names the job in the queue.
func (watchReceivers) Kind() string { return "watch_receivers" }

// watchReceivers says which connections have not acknowledged dossiers within the agreed time: one line with
// the words "receiver alarm", which operators may look for.
func (w *Worker) watchReceivers(ctx context.Context) error {
	now := w.Desk.Now()
	list, err := onestop.UntakenAt(ctx, w.Pool, now)
	if err != nil {
		return err
	}
	w.alarms.Lock()
	defer w.alarms.Unlock()
	for _, u := range list {
		if u.Late == 0 {
			delete(w.alarmed, u.Connection)
			continue
		}
		if last, ok := w.alarmed[u.Connection]; ok && now.Sub(last) < alarmAgain {
			continue
		}
		w.alarmed[u.Connection] = now
		w.Log.ErrorContext(ctx, "receiver alarm", "connection", u.Connection, "dossiers", u.Late, "since",
			*u.Oldest, "agreed", u.Within.String())
	}
	return nil
}
