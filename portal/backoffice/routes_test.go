package backoffice

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
)

// TestMain fails a whole run of the package in which no test made some call.
func TestMain(m *testing.M) {
	made := make([]atomic.Bool, len(routes))
	for i := range routes {
		handle := routes[i].handle
		routes[i].handle = func(b *Backoffice, v *call) error {
			made[i].Store(true)
			return handle(b, v)
		}
	}
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" &&
		flag.Lookup("test.skip").Value.String() == "" && flag.Lookup("test.list").Value.String() == "" {
		for i, r := range routes {
			if !made[i].Load() {
				fmt.Fprintf(os.Stderr, "no test calls %s %s\n", r.method, r.path)
				code = 1
			}
		}
	}
	os.Exit(code)
}
