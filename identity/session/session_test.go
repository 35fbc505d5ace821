package session_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"congdvc/identity"
	"congdvc/identity/session"
	"congdvc/services/vault"
)

const hint = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"

var lan = identity.Who{Person: "0198c0de-0000-7000-8000-000000000001",
	Party: "0198c0de-0000-7000-8000-000000000001", Assurance: 2}

const company = identity.PartyID("0198c0de-0000-7000-8000-000000000002")

// room is Sessions on a Redis and a clock of its own.
type room struct {
	*session.Sessions
	redis *miniredis.Miniredis

	mu  sync.Mutex
	now time.Time
}

func newRoom(t *testing.T) *room {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	r := &room{redis: miniredis.RunT(t), now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{r.redis.Addr()},
		MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { client.Close() })
	r.Sessions = session.New(session.Config{Redis: client, Vault: v, Now: func() time.Time {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.now
	}})
	return r
}

// pass lets time go by, here and in Redis.
func (r *room) pass(d time.Duration) {
	r.mu.Lock()
	r.now = r.now.Add(d)
	r.mu.Unlock()
	r.redis.FastForward(d)
}

func (r *room) begin(t *testing.T) session.Session {
	t.Helper()
	sess, err := r.Begin(t.Context(), lan, hint)
	if err != nil {
		t.Fatal(err)
	}
	return sess
}

func (r *room) find(t *testing.T, id string) session.Session {
	t.Helper()
	sess, err := r.Find(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return sess
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBeginFindEnd(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	began := r.begin(t)
	if began.Expired || began.Who != lan || len(began.ID) != 43 || len(began.CSRF) != 43 ||
		began.CSRF == began.ID {
		t.Errorf("began %+v", began)
	}
	if found := r.find(t, began.ID); found != began {
		t.Errorf("found %+v\nbegan %+v", found, began)
	}
	if other := r.begin(t); other.ID == began.ID || other.CSRF == began.CSRF {
		t.Error("two logins share an id or a token")
	}
	if err := r.End(t.Context(), began.ID); err != nil {
		t.Fatal(err)
	}
	_, err := r.Find(t.Context(), began.ID)
	wantErr(t, err, session.ErrNone)
	wantErr(t, r.Extend(t.Context(), began.ID), session.ErrNone)
	wantErr(t, r.SwitchParty(t.Context(), began.ID, company), session.ErrNone)
	if err := r.End(t.Context(), began.ID); err != nil {
		t.Errorf("ended twice: %v", err)
	}
}

func TestUnknownIDs(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	for _, id := range []string{"", "x", sess.CSRF, sess.ID + "A", strings.Repeat("A", 43),
		strings.Repeat("A", 1<<16)} {
		_, err := r.Find(t.Context(), id)
		wantErr(t, err, session.ErrNone)
	}
}

func TestIdleSessionExpiresSoftly(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	for range 3 { // visits keep it alive
		r.pass(29 * time.Minute)
		if r.find(t, sess.ID).Expired {
			t.Fatal("expired while visited")
		}
	}
	r.pass(30 * time.Minute)
	for range 2 { // and an expired one does not wake up by being looked at
		found := r.find(t, sess.ID)
		if !found.Expired || found.Who != lan || found.CSRF != sess.CSRF {
			t.Fatalf("found %+v", found)
		}
	}
	wantErr(t, r.Extend(t.Context(), sess.ID), session.ErrNone)
	wantErr(t, r.SwitchParty(t.Context(), sess.ID, company), session.ErrNone)
}

func TestSeenIsExactToAMinute(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	r.pass(59 * time.Second)
	if found := r.find(t, sess.ID); !found.SeenAt.Equal(sess.SeenAt) {
		t.Error("touched within the minute")
	}
	r.pass(time.Second)
	r.find(t, sess.ID)
	if found := r.find(t, sess.ID); !found.SeenAt.Equal(sess.SeenAt.Add(time.Minute)) {
		t.Errorf("seen at %v", found.SeenAt)
	}
	r.pass(30 * time.Second)
	if err := r.Extend(t.Context(), sess.ID); err != nil {
		t.Fatal(err)
	}
	if found := r.find(t, sess.ID); !found.SeenAt.Equal(sess.SeenAt.Add(90 * time.Second)) {
		t.Errorf("extended to %v", found.SeenAt)
	}
}

func TestEndsAreKnown(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	ends := func(name string, got session.Session, soft time.Duration) {
		t.Helper()
		if !got.EndsAt.Equal(sess.StartedAt.Add(soft)) ||
			!got.LastAt.Equal(sess.StartedAt.Add(12*time.Hour)) {
			t.Errorf("%s: it ends at %v, at %v in any case", name, got.EndsAt, got.LastAt)
		}
	}
	ends("begun", sess, 30*time.Minute)
	r.pass(20 * time.Minute)
	ends("visited", r.find(t, sess.ID), 50*time.Minute)
	r.pass(30 * time.Second)
	if err := r.Extend(t.Context(), sess.ID); err != nil {
		t.Fatal(err)
	}
	ends("extended", r.find(t, sess.ID), 50*time.Minute+30*time.Second)
	for range 45 {
		r.pass(15 * time.Minute)
		r.find(t, sess.ID)
	}
	ends("near its last hour", r.find(t, sess.ID), 12*time.Hour)
}

func TestHardEnd(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	for range 12*60/20 - 1 {
		r.pass(20 * time.Minute)
		r.find(t, sess.ID)
	}
	r.pass(20 * time.Minute)
	_, err := r.Find(t.Context(), sess.ID)
	wantErr(t, err, session.ErrNone)
	if keys := r.redis.Keys(); len(keys) != 0 {
		t.Errorf("Redis still keeps %v", keys)
	}
}

func TestSwitchParty(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	if err := r.SwitchParty(t.Context(), sess.ID, company); err != nil {
		t.Fatal(err)
	}
	want := identity.Who{Person: lan.Person, Party: company, Assurance: 2}
	if found := r.find(t, sess.ID); found.Who != want || found.CSRF != sess.CSRF {
		t.Errorf("found %+v", found.Who)
	}
	for key := range keysOf(r) {
		if r.redis.TTL(key) == 0 {
			t.Errorf("%s lost its end", key)
		}
	}
}

func keysOf(r *room) map[string]bool {
	keys := map[string]bool{}
	for _, key := range r.redis.Keys() {
		keys[key] = true
	}
	return keys
}

func TestRedisKnowsNobody(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	if err := r.PutPending(t.Context(), "browser-secret", []byte("nonce-and-verifier"),
		time.Minute); err != nil {
		t.Fatal(err)
	}
	dump := r.redis.Dump()
	for _, secret := range []string{sess.ID, sess.CSRF, hint, string(lan.Person), "browser-secret",
		"nonce-and-verifier"} {
		if strings.Contains(dump, secret) {
			t.Errorf("Redis shows %q", secret)
		}
	}

	// Writing Redis does not help either: a party moved over from another session does not open.
	thief, err := r.Begin(t.Context(), identity.Who{Person: company, Party: company}, "")
	if err != nil {
		t.Fatal(err)
	}
	var own, stolen string
	for _, key := range r.redis.Keys() {
		switch {
		case strings.HasPrefix(key, "pending:"):
		case strings.Contains(dump, key):
			stolen = key
		default:
			own = key
		}
	}
	r.redis.HSet(own, "party", r.redis.HGet(stolen, "party"))
	_, err = r.Find(t.Context(), thief.ID)
	wantErr(t, err, session.ErrNone)
}

func TestCheckCSRF(t *testing.T) {
	t.Parallel()
	sess := session.Session{CSRF: "token"}
	for _, tc := range []struct {
		sess  session.Session
		token string
		want  bool
	}{
		{sess, "token", true}, {sess, "Token", false}, {sess, "token ", false}, {sess, "", false},
		{session.Session{}, "", false},
	} {
		if session.CheckCSRF(tc.sess, tc.token) != tc.want {
			t.Errorf("%q against %q is not %t", tc.token, tc.sess.CSRF, tc.want)
		}
	}
}

// TestAnUndecidedSession stays so until its person answers for whom they work, whoever that is, and a session
// that has ended is not brought back by the question.
func TestAnUndecidedSession(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, party := range []identity.PartyID{lan.Party, company} {
		sess := r.begin(t)
		if sess.Undecided || r.find(t, sess.ID).Undecided {
			t.Fatal("undecided unasked")
		}
		if err := r.Ask(t.Context(), sess.ID); err != nil {
			t.Fatal(err)
		}
		if err := r.Extend(t.Context(), sess.ID); err != nil {
			t.Fatal(err)
		}
		if found := r.find(t, sess.ID); !found.Undecided || found.Who.Party != lan.Person {
			t.Errorf("asked: %+v", found)
		}
		if err := r.SwitchParty(t.Context(), sess.ID, party); err != nil {
			t.Fatal(err)
		}
		if found := r.find(t, sess.ID); found.Undecided || found.Who.Party != party {
			t.Errorf("answered: %+v", found)
		}
		if err := r.End(t.Context(), sess.ID); err != nil {
			t.Fatal(err)
		}
		wantErr(t, r.Ask(t.Context(), sess.ID), session.ErrNone)
	}
}
