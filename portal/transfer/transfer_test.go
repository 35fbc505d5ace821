package transfer

import (
	"testing"
	"time"
)

// TestMeter plays transfers by numbers: in each step so many bytes come after so long a wait.
func TestMeter(t *testing.T) {
	t.Parallel()
	const size = 20 << 20
	steady := func(rate int) func(int) (int, time.Duration) {
		return func(int) (int, time.Duration) { return rate / 4, time.Second / 4 }
	}
	pausing := func(rate int, every int, pause time.Duration) func(int) (int, time.Duration) {
		return func(i int) (int, time.Duration) {
			if i%every == every-1 {
				return rate / 4, pause
			}
			return rate / 4, time.Second / 4
		}
	}
	for name, c := range map[string]struct {
		step   func(int) (int, time.Duration)
		passes bool
	}{
		"20 MB at 30 kB a second":         {steady(30_000), true},
		"at the floor":                    {steady(4 << 10), true},
		"a trickler":                      {steady(3_000), false},
		"a byte a second":                 {steady(4), false},
		"at once":                         {steady(size * 4), true},
		"tunnels of 40 seconds at 30 kB":  {pausing(30_000, 60, 40*time.Second), true},
		"a pause of more than the window": {pausing(30_000, 60, 61*time.Second), false},
		"fast at first, and then nearly nothing": {func(i int) (int, time.Duration) {
			if i < 10 {
				return 1 << 20, time.Second
			}
			return 100, time.Second
		}, false},
	} {
		m, now, passes := meter{pace: Usual}, time.Unix(0, 0), true
		for moved, i := 0, 0; moved < size && passes; i++ {
			n, wait := c.step(i)
			deadline := m.deadline(now)
			now = now.Add(wait)
			passes = !now.After(deadline)
			m.count(n, wait)
			moved += n
		}
		if passes != c.passes {
			t.Errorf("%s: passes %v", name, passes)
		}
	}
}

// TestOwnTimeIsNotCounted: a slow disk between two reads is held against nobody.
func TestOwnTimeIsNotCounted(t *testing.T) {
	t.Parallel()
	m, now := meter{pace: Usual}, time.Unix(0, 0)
	for range 5 {
		now = now.Add(50 * time.Second)
		if left := m.deadline(now).Sub(now); left <= 0 {
			t.Fatalf("%v are left", left)
		}
		m.count(100, time.Second)
	}
}
