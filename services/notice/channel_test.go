package notice

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/pgtest"

	"github.com/jackc/pgx/v5"
)

// recorder is a second channel, which keeps what it gets and goes by the telephone number.
type recorder struct {
	mu      sync.Mutex
	got     []string // titles
	to      []string
	failure error
	silent  bool // answers nothing until ctx ends
}

func (*recorder) Name() string { return "recorder" }

func (r *recorder) Send(ctx context.Context, _ string, to Contact, c Content) error {
	if to.Phone == "" {
		return ErrNoAddress
	}
	if r.silent {
		<-ctx.Done()
		return errors.New("no answer")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return r.failure
	}
	r.got, r.to = append(r.got, c.Title), append(r.to, to.Phone)
	return nil
}

func (r *recorder) calls() []string { r.mu.Lock(); defer r.mu.Unlock(); return slices.Clone(r.to) }

// counter is an office with mail and a recorder.
type counter struct {
	*office
	box      *postbox
	recorder *recorder
	phones   map[identity.PartyID]string
}

func newCounter(t testing.TB) *counter {
	t.Helper()
	box := newPostbox(t)
	c := &counter{office: newOffice(t, pgtest.New(t), box.addr), box: box,
		recorder: &recorder{}, phones: map[identity.PartyID]string{}}
	c.Lines = append(c.Lines, Line{Channel: c.recorder})
	byMail := c.ContactOf
	c.ContactOf = func(ctx context.Context, n Notice) (Contact, error) {
		to, err := byMail(ctx, n)
		to.Phone = c.phones[n.Person]
		return to, err
	}
	return c
}

// tell queues a notice on every channel of the counter.
func (c *counter) tell(t testing.TB, kind dossier.NoticeKind, email, phone string) (id string) {
	t.Helper()
	person := party()
	c.addresses[person], c.phones[person] = email, phone
	err := pgx.BeginFunc(t.Context(), c.DB, func(tx pgx.Tx) (err error) {
		id, err = Queue(t.Context(), tx, keys, Names(c.Lines),
			Notice{Party: person, Person: person, Dossier: code, Kind: kind, CreatedAt: c.now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// take is one pass of a line.
func (c *counter) take(t testing.TB, line Line, want int) {
	t.Helper()
	n, err := c.Sender.pass(t.Context(), line, &way{Sender: c.Sender, channel: line.Name()})
	if n != want || err != nil {
		t.Errorf("%s: a pass took %d, %v; want %d", line.Name(), n, err, want)
	}
}

// states gives the ledger of a notice by channel.
func (c *counter) states(t testing.TB, notice string) map[string]ledger {
	t.Helper()
	const find = `select channel, state, attempts, last_error from notice_delivery where notice_id = $1`
	rows, err := c.DB.Query(t.Context(), find, notice)
	if err != nil {
		t.Fatal(err)
	}
	all, name, l := map[string]ledger{}, "", ledger{}
	_, err = pgx.ForEachRow(rows, []any{&name, &l.State, &l.Attempts, &l.Problem}, func() error {
		all[name] = l
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// reached counts what left by each channel.
func (c *counter) reached() map[string]int {
	return map[string]int{MailName: len(c.box.got()), c.recorder.Name(): len(c.recorder.calls())}
}

// TestChannelTakesItsOwn: a program that has one channel sends what is queued for it, and leaves the rest
// untouched for the program that has the other.
func TestChannelTakesItsOwn(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, line := range c.Lines {
		id := c.tell(t, dossier.NoticeReceived, "lan@example.vn", "0912345678")
		before := c.reached()
		c.take(t, line, 1)
		c.take(t, line, 0)
		after := c.reached()
		for name, l := range c.states(t, id) {
			want, sent := ledger{"queued", 0, ""}, 0
			if name == line.Name() {
				want, sent = ledger{"sent", 1, ""}, 1
			}
			if l != want || after[name]-before[name] != sent {
				t.Errorf("by %s: %s has %+v, want %+v, and sent %d",
					line.Name(), name, l, want, after[name]-before[name])
			}
		}
		for _, other := range c.Lines { // whoever has the other sends the rest
			if other.Name() != line.Name() {
				c.take(t, other, 1)
			}
		}
		if now := c.reached(); now[MailName] != now[c.recorder.Name()] {
			t.Errorf("reached %v", now)
		}
	}
}

// TestQueueForOpenChannels: the ledger has a row for each channel that is open, and none where none is.
func TestQueueForOpenChannels(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	all := c.Lines
	for open := range len(all) + 1 {
		c.Lines = all[:open]
		states := c.states(t, c.tell(t, dossier.NoticeReceived, "lan@example.vn", "0912345678"))
		if len(states) != open {
			t.Errorf("%d channels are open, %d rows: %v", open, len(states), states)
		}
		for _, line := range c.Lines {
			if states[line.Name()] != (ledger{"queued", 0, ""}) {
				t.Errorf("%s: %+v", line.Name(), states[line.Name()])
			}
		}
	}
}

// TestNoAddress: who gave no address for a channel is not told by it, and not by another in its place.
func TestNoAddress(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for missing, to := range map[string]Contact{
		MailName: {Phone: "0912345678"}, c.recorder.Name(): {Email: "lan@example.vn"},
	} {
		before := c.reached()
		id := c.tell(t, dossier.NoticeReceived, to.Email, to.Phone)
		for _, line := range c.Lines {
			c.take(t, line, 1)
			c.take(t, line, 0)
		}
		after := c.reached()
		for name, l := range c.states(t, id) {
			want, sent := "sent", 1
			if name == missing {
				want, sent = "no_address", 0
			}
			left := after[name] - before[name]
			if l.State != want || l.Attempts != 1 || (l.Problem == "") != (want == "sent") || left != sent {
				t.Errorf("without an address for %s: %s has %+v, sent %d", missing, name, l, left)
			}
		}
	}
}

// TestPausesOfALine: a channel is tried as its line says, the last pause again and again, in the order of the
// queue, until the notice makes no sense any more.
func TestPausesOfALine(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.recorder.failure = errors.New("the gateway is away")
	c.Lines[1].Pauses = []time.Duration{time.Second, time.Minute}
	line := c.Lines[1]
	kinds := []dossier.NoticeKind{dossier.NoticeReceived, dossier.NoticeProcessing, dossier.NoticeCompleted}
	var ids []string
	for i, kind := range kinds {
		ids = append(ids, c.tell(t, kind, "lan@example.vn", string(rune('1'+i))))
	}
	for _, pause := range line.Pauses {
		c.take(t, line, len(ids))
		c.now = c.now.Add(pause - time.Millisecond)
		c.take(t, line, 0)
		c.now = c.now.Add(time.Millisecond)
		if l := c.states(t, ids[0])[line.Name()]; l.State != "queued" || l.Problem != "the gateway is away" {
			t.Errorf("after a failure: %+v", l)
		}
	}
	late := c.tell(t, dossier.NoticeSubmitted, "lan@example.vn", "9")
	c.take(t, line, len(ids)+1)
	for i, id := range ids {
		if l := c.states(t, id)[line.Name()]; l.State != "queued" || l.Attempts != len(line.Pauses)+1 {
			t.Errorf("%s after the last pause: %+v", kinds[i], l)
		}
		_, err := c.DB.Exec(t.Context(), `update notice_delivery set next_at = $2 where notice_id = $1`, id,
			c.now.Add(24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
	}
	c.recorder.failure = nil
	c.now = c.now.Add(line.Pauses[0])
	for i := range 3 {
		c.tell(t, dossier.NoticeReceived, "lan@example.vn", string(rune('5'+i)))
		c.now = c.now.Add(time.Millisecond)
	}
	c.take(t, line, 4)
	got, state := c.recorder.calls(), c.states(t, late)[line.Name()].State
	if !slices.Equal(got, []string{"9", "5", "6", "7"}) || state != "sent" {
		t.Errorf("sent to %v, the late one is %s", got, state)
	}
}

// TestTimeoutOfALine: an attempt ends with the time of its line, and is followed by another one.
func TestTimeoutOfALine(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.recorder.silent = true
	c.Lines[1].Timeout = 50 * time.Millisecond
	id := c.tell(t, dossier.NoticeReceived, "", "0912345678")
	c.take(t, c.Lines[1], 1)
	if l := c.states(t, id)[c.recorder.Name()]; l != (ledger{"queued", 1, "no answer"}) {
		t.Errorf("ledger: %+v", l)
	}
}

// TestCrashBeforeSending: what a process took before it died is sent by the next one, once, when the line's
// time is over.
func TestCrashBeforeSending(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.Lines[1].Timeout = time.Second
	id := c.tell(t, dossier.NoticeReceived, "lan@example.vn", "0912345678")
	taken := c.now
	for _, line := range c.Lines {
		c.now = taken
		if due, _, err := c.claim(t.Context(), line); err != nil || len(due) != 1 {
			t.Fatalf("%s: claimed %+v, %v", line.Name(), due, err)
		}
		c.now = taken.Add(line.claimed() - time.Millisecond)
		c.take(t, line, 0)
		c.now = taken.Add(line.claimed())
		c.take(t, line, 1)
		if l := c.states(t, id)[line.Name()]; l != (ledger{"sent", 2, ""}) || c.reached()[line.Name()] != 1 {
			t.Errorf("%s: %+v, sent %d", line.Name(), l, c.reached()[line.Name()])
		}
	}
	if mail, own := c.Lines[0].claimed(), c.Lines[1].claimed(); own >= mail {
		t.Errorf("a line with a shorter time holds what it took for %s, mail for %s", own, mail)
	}
}

// TestSlowChannelKeepsNoOtherWaiting: mail goes out while the other side of a channel says nothing.
func TestSlowChannelKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.recorder.silent = true
	c.Lines[1].Timeout = time.Hour
	slices.Reverse(c.Lines)
	id := c.tell(t, dossier.NoticeReceived, "lan@example.vn", "0912345678")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { c.Run(ctx); close(ended) }()
	slow := c.recorder.Name()
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if now := c.states(t, id); now[MailName].State == "sent" && now[slow].Attempts == 1 {
			break
		}
		if time.Since(begun) > 2*time.Minute {
			t.Fatal("no mail while the other channel is silent")
		}
	}
	cancel()
	<-ended
	if l := c.states(t, id)[slow]; l.State != "queued" || l.Attempts != 1 {
		t.Errorf("the slow channel: %+v", l)
	}
}
