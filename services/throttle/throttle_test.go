package throttle_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"congdvc/services/fault"
	"congdvc/services/throttle"
)

func start(t *testing.T) (*miniredis.Miniredis, *throttle.Limiter) {
	t.Helper()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { client.Close() })
	return server, throttle.New(client)
}

var look = throttle.Budget{Name: "tracking", Limit: 3, Per: 10 * time.Minute}

func TestSpend(t *testing.T) {
	t.Parallel()
	server, limiter := start(t)
	mine, other := throttle.Charge{Budget: look, Key: "192.0.2.1"},
		throttle.Charge{Budget: look, Key: "192.0.2.2"}
	for i := range 3 {
		if err := limiter.Spend(t.Context(), mine); err != nil {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
	server.FastForward(time.Minute + 30*time.Second)
	err := limiter.Spend(t.Context(), mine)
	if !errors.Is(err, throttle.ErrTooMany) {
		t.Fatalf("attempt 4: %v", err)
	}
	f := fault.All(err)[0]
	if f.Kind != fault.TooMany || f.Args["Minutes"] != int64(9) || f.Args["Count"] != int64(9) ||
		f.Args["Seconds"] != int64(510) {
		t.Errorf("told to wait %v", f.Args)
	}
	if err := limiter.Spend(t.Context(), other); err != nil {
		t.Errorf("another key: %v", err)
	}
	server.FastForward(8*time.Minute + 31*time.Second)
	if err := limiter.Spend(t.Context(), mine); err != nil {
		t.Errorf("in the next window: %v", err)
	}
}

func TestSpendCountsEveryChargeAndNamesTheLongestWait(t *testing.T) {
	t.Parallel()
	_, limiter := start(t)
	short := throttle.Charge{Budget: throttle.Budget{Name: "a", Limit: 1, Per: time.Minute}, Key: "x"}
	long := throttle.Charge{Budget: throttle.Budget{Name: "b", Limit: 1, Per: time.Hour}, Key: "x"}
	if err := limiter.Spend(t.Context(), short); err != nil {
		t.Fatal(err)
	}
	err := limiter.Spend(t.Context(), short, long)
	if !errors.Is(err, throttle.ErrTooMany) || fault.All(err)[0].Args["Minutes"] != int64(1) {
		t.Errorf("one without budget: %v", err)
	}
	err = limiter.Spend(t.Context(), long, short)
	if !errors.Is(err, throttle.ErrTooMany) || fault.All(err)[0].Args["Minutes"] != int64(60) {
		t.Errorf("the second was not counted before, or the wait is the shorter: %v", err)
	}
	if err := limiter.Spend(t.Context()); err != nil {
		t.Errorf("nothing to spend: %v", err)
	}
}

// TestWeight: bytes are counted as such, and what does not fit leaves room for what does.
func TestWeight(t *testing.T) {
	t.Parallel()
	server, limiter := start(t)
	budget := throttle.Budget{Name: "bytes", Limit: 60 << 30, Per: 30 * 24 * time.Hour}
	for i, c := range []struct {
		weight int64
		fits   bool
	}{{40 << 30, true}, {30 << 30, false}, {20 << 30, true}, {0, false}, {2, false}} {
		err := limiter.Spend(t.Context(), throttle.Charge{Budget: budget, Key: "x", Weight: c.weight})
		if c.fits && err != nil || !c.fits && !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("charge %d of %d: %v", i, c.weight, err)
		}
	}
	half := throttle.Charge{Budget: budget, Key: "x", Weight: 30 << 30}
	if err := limiter.GiveBack(t.Context(), half); err != nil {
		t.Fatal(err)
	}
	half.Weight--
	if err := limiter.Spend(t.Context(), half); err != nil {
		t.Errorf("after half was given back: %v", err)
	}
	if left := server.TTL(server.Keys()[0]); left != budget.Per {
		t.Errorf("ends in %s", left)
	}
}

// TestGiveBack: what succeeded is not counted, whatever was counted before or beside it.
func TestGiveBack(t *testing.T) {
	t.Parallel()
	server, limiter := start(t)
	code := throttle.Charge{Budget: throttle.Budget{Name: "code", Limit: 2, Per: time.Hour}, Key: "x"}
	address := throttle.Charge{Budget: look, Key: "192.0.2.1"}
	for i := range 10 {
		if err := limiter.Spend(t.Context(), code, address); err != nil {
			t.Fatalf("attempt %d, after others that were given back: %v", i+1, err)
		}
		if err := limiter.GiveBack(t.Context(), code, address); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if err := limiter.GiveBack(t.Context(), code); err != nil { // more than was counted
			t.Fatal(err)
		}
	}
	for i := range 2 {
		if err := limiter.Spend(t.Context(), code, address); err != nil {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
	err := limiter.Spend(t.Context(), code, address)
	if !errors.Is(err, throttle.ErrTooMany) || fault.All(err)[0].Args["Budget"] != "code" {
		t.Errorf("attempt 3: %v", err)
	}
	server.FastForward(look.Per) // the window of the address ended; giving back opens none without an end
	if err := limiter.GiveBack(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if keys := server.Keys(); len(keys) != 1 {
		t.Errorf("keys %q", keys)
	}
	server.Close()
	if err := limiter.GiveBack(t.Context(), code); !errors.Is(err, throttle.ErrAway) {
		t.Errorf("closed: %v", err)
	}
}

func TestSpendAtOnce(t *testing.T) {
	t.Parallel()
	_, limiter := start(t)
	limiter.Patience = time.Minute // sixty at once on a busy machine
	budget := throttle.Budget{Name: "many", Limit: 20, Per: time.Hour}
	var allowed atomic.Int32
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			err := limiter.Spend(t.Context(), throttle.Charge{Budget: budget, Key: "x"})
			if err == nil {
				allowed.Add(1)
			} else if !errors.Is(err, throttle.ErrTooMany) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if allowed.Load() != 20 {
		t.Errorf("%d of 20 were allowed", allowed.Load())
	}
}

func TestRedisHoldsNoKeyInClearAndForgets(t *testing.T) {
	t.Parallel()
	server, limiter := start(t)
	if err := limiter.Spend(t.Context(), throttle.Charge{Budget: look, Key: "0912345678"}); err != nil {
		t.Fatal(err)
	}
	keys := server.Keys()
	if len(keys) != 1 || strings.Contains(keys[0], "0912345678") {
		t.Fatalf("keys %q", keys)
	}
	if left := server.TTL(keys[0]); left != look.Per {
		t.Errorf("kept for %s", left)
	}
}

// TestWindowWithoutEnd: a count that lost its end, whatever did that, does not lock anybody out for ever.
func TestWindowWithoutEnd(t *testing.T) {
	t.Parallel()
	server, limiter := start(t)
	charge := throttle.Charge{Budget: look, Key: "x"}
	if err := limiter.Spend(t.Context(), charge); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	if ended, err := client.Persist(t.Context(), server.Keys()[0]).Result(); !ended || err != nil {
		t.Fatal(ended, err)
	}
	if err := limiter.Spend(t.Context(), charge); err != nil {
		t.Fatal(err)
	}
	if left := server.TTL(server.Keys()[0]); left != look.Per {
		t.Errorf("ends in %s", left)
	}
}

func TestRedisGone(t *testing.T) {
	t.Parallel()
	server, limiter := start(t)
	charge := throttle.Charge{Budget: look, Key: "x"}
	server.SetError("LOADING")
	if err := limiter.Spend(t.Context(), charge); !errors.Is(err, throttle.ErrAway) {
		t.Errorf("answering nonsense: %v", err)
	}
	server.SetError("")
	server.Close()
	if err := limiter.Spend(t.Context(), charge); !errors.Is(err, throttle.ErrAway) ||
		fault.All(err)[0].Kind != fault.Unavailable {
		t.Errorf("closed: %v", err)
	}
}

// TestRedisSilent: a server that takes the connection and says nothing costs half a second, not the client's
// own time limits.
func TestRedisSilent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client := redis.NewClient(&redis.Options{Addr: listener.Addr().String(), ReadTimeout: time.Hour})
	defer client.Close()
	err = throttle.New(client).Spend(t.Context(), throttle.Charge{Budget: look, Key: "x"})
	if !errors.Is(err, throttle.ErrAway) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
}

// TestTake: what is left of a budget is told with each attempt, and at the end with the refusal.
func TestTake(t *testing.T) {
	t.Parallel()
	_, limiter := start(t)
	limiter.Patience = time.Minute
	charge := throttle.Charge{Budget: throttle.Budget{Name: "take", Limit: 2, Per: time.Minute}, Key: "k"}
	for _, want := range []int{1, 0, 0} {
		rest, err := limiter.Take(t.Context(), charge)
		if rest.Left != want || rest.Seconds() < 1 || rest.Seconds() > 60 {
			t.Errorf("%+v, want %d left (%v)", rest, want, err)
		}
	}
	rest, err := limiter.Take(t.Context(), charge)
	var found *fault.Fault
	if !errors.As(err, &found) || found.Args["Seconds"] != rest.Seconds() {
		t.Errorf("%+v: %v", rest, err)
	}
}
