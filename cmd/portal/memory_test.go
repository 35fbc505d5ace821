package main

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"testing"
)

func TestBoundsOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config Config
		limit  int64
		want   bounds
	}{
		"a small container": {Config{}, 200 * mebi, bounds{16 * mebi, 512}},
		"a machine":         {Config{}, 2048 * mebi, bounds{128 * mebi, 4096}},
		"a large machine":   {Config{}, 64 << 30, bounds{256 * mebi, 20_000}},
		"no limit":          {Config{}, math.MaxInt64, bounds{256 * mebi, 20_000}},
		"what an operator set": {Config{BodiesInFlight: 7, Connections: 70}, 2048 * mebi,
			bounds{7 * mebi, 70}},
	} {
		if got := boundsOf(&test.config, test.limit); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// TestLimitMemory sets the limit of the whole process, and puts it back.
func TestLimitMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	log := slog.New(slog.DiscardHandler)
	t.Setenv("GOMEMLIMIT", "123MiB") // Go reads it once, at the start
	if limit, err := limitMemory(t.Context(), log); err != nil || limit != before {
		t.Errorf("what GOMEMLIMIT said is overruled: %d, %v", limit, err)
	}
	if err := os.Unsetenv("GOMEMLIMIT"); err != nil { // Setenv puts back what was there
		t.Fatal(err)
	}
	limit, err := limitMemory(t.Context(), log)
	if err != nil || limit <= 0 || limit == math.MaxInt64 || debug.SetMemoryLimit(-1) != limit {
		t.Errorf("limit %d, set %d, %v", limit, debug.SetMemoryLimit(-1), err)
	}
}
