package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// ofContainer is the share of what a container may use: the rest is for what Go does not count.
	ofContainer = 0.8
	// ofMachine is the share of a machine's memory, where other programs run too.
	ofMachine = 0.5

	// collectAt is by how many percent the heap may grow between two collections. A crowd leaves much garbage
	// at once: at Go's own 100 the program takes half as much again.
	collectAt = 50

	mebi = 1 << 20
)

// limitMemory tells Go's garbage collector how much memory the program may use, in bytes, unless GOMEMLIMIT
// says so: a share of the limit of the control group, or of the machine's memory.
func limitMemory(ctx context.Context, log *slog.Logger) (int64, error) {
	limit, err := memlimit.Set(memlimit.WithRatio(1), memlimit.WithProvider(memlimit.ApplyFallback(
		memlimit.ApplyRatio(memlimit.FromCgroup, ofContainer),
		memlimit.ApplyRatio(memlimit.FromSystem, ofMachine))))
	if err != nil {
		return 0, fmt.Errorf("GOMEMLIMIT: %w", err)
	}
	if _, said := os.LookupEnv("GOGC"); !said {
		debug.SetGCPercent(collectAt)
	}
	log.InfoContext(ctx, "memory limit", "gomemlimit", limit, "mib", limit/mebi)
	return limit, nil
}

// bounds are what the program takes on at once.
type bounds struct {
	bodies      int64 // bytes
	connections int
}

// boundsOf is what goes with a memory limit, in bytes, where the configuration does not say otherwise. A
// connection takes some 40 KiB, and twice that until the garbage collector comes by.
func boundsOf(c *Config, limit int64) bounds {
	b := bounds{bodies: c.BodiesInFlight * mebi, connections: c.Connections}
	if b.bodies == 0 {
		b.bodies = min(max(limit/16, 16*mebi), 256*mebi)
	}
	if b.connections == 0 {
		b.connections = int(min(max(limit/8/(64<<10), 512), 20_000))
	}
	return b
}
