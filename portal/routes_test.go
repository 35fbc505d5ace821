package portal_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// walked are the routes that the tests of this package have come through.
var walked = struct {
	sync.Mutex
	routes []string
	seen   map[string]bool
}{seen: map[string]bool{}}

// watchRoutes is mounted before the routes of a portal and notes which of them answer.
func watchRoutes(app *fiber.App) {
	app.Use(func(c *fiber.Ctx) error {
		err := c.Next()
		walked.Lock()
		defer walked.Unlock()
		walked.seen[routeName(c.Route())] = true
		return err
	})
	app.Hooks().OnListen(func(fiber.ListenData) error {
		walked.Lock()
		defer walked.Unlock()
		for _, r := range app.GetRoutes(true) {
			if name := routeName(&r); r.Method != fiber.MethodHead && !slices.Contains(walked.routes, name) {
				walked.routes = append(walked.routes, name)
			}
		}
		return nil
	})
}

// routeName is a route in whichever language: both are one row of the portal's table.
func routeName(r *fiber.Route) string {
	path := strings.TrimPrefix(r.Path, "/en")
	if path == "" {
		path = "/"
	}
	return r.Method + " " + path
}

// TestMain fails a whole run of the package that has left a route out.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" && flag.Lookup("test.list").Value.String() == "" {
		code = routesLeftOut()
	}
	os.Exit(code)
}

func routesLeftOut() int {
	code := 0
	if len(walked.routes) < 40 {
		fmt.Fprintf(os.Stderr, "only %d routes are known: the watch sees nothing\n", len(walked.routes))
		code = 1
	}
	for _, name := range walked.routes {
		if !walked.seen[name] {
			fmt.Fprintf(os.Stderr, "no test asks for %s\n", name)
			code = 1
		}
	}
	return code
}
