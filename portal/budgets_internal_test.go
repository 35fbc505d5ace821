package portal

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/session"
	"congdvc/services/throttle"

	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"
	"github.com/valyala/fasthttp"
)

// TestEveryRouteNamesItsBudget: each either pays from budgets or says why it pays nothing. What a person
// sends is paid by the person, however many addresses and devices they have.
func TestEveryRouteNamesItsBudget(t *testing.T) {
	t.Parallel()
	used := map[cost]bool{loggingIn: true, holding: true} // charged inside of a login and of a lost session
	for _, r := range (&Portal{}).routes() {
		c := r.manner().cost
		used[c] = true
		pays := spendings[c]
		sends := !slices.Contains(r.manner().methods, fiber.MethodGet)
		ofPerson := slices.ContainsFunc(pays.budgets, func(b budget) bool { return b.of == aPerson })
		if sends && !ofPerson && pays.free == "" && c != startLogin {
			t.Errorf("%s can be sent by a person, and no budget of theirs pays", r.path("vi"))
		}
		if sends && c == reading {
			t.Errorf("%s takes a form and counts as reading", r.path("vi"))
		}
	}
	names := map[string]bool{}
	for c := reading; c <= downloading; c++ {
		s, ok := spendings[c]
		if !ok || !used[c] || (len(s.budgets) == 0) == (s.free == "") || len(s.budgets) > 0 && s.told == nil {
			t.Errorf("the row of cost %d is not complete: %+v, used %t", c, s, used[c])
		}
		if s.told != nil {
			for _, l := range i18n.Langs {
				told := i18n.Fault(l, s.told.With("From", i18n.LaterOf(time.Now(), time.Hour)))
				if strings.Contains(told, "⟦") || strings.Contains(i18n.T(l, s.told.Key+".kept"), "⟦") {
					t.Errorf("%s lacks words: %s", s.told.Key, told)
				}
			}
		}
		for _, b := range s.budgets {
			if names[b.Name] || b.Limit < 1 || b.Per < time.Minute || b.of == "" {
				t.Errorf("a row that shares its name or lacks something: %+v", b)
			}
			names[b.Name] = true
		}
	}
}

// TestReadmeHasTheBudgets: an operator reads there what a person may do.
func TestReadmeHasTheBudgets(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	stretches := map[time.Duration]string{time.Minute: "a minute", tenMinutes: "10 minutes",
		time.Hour: "an hour", day: "a day", month: "30 days"}
	for c := reading; c <= downloading; c++ {
		for _, b := range spendings[c].budgets {
			much := i18n.Number(i18n.En, int64(b.Limit))
			if b.bytes {
				much = strings.ReplaceAll(i18n.Size(i18n.En, int64(b.Limit)), "\u00a0", " ")
			}
			row := fmt.Sprintf("| `%s` | %s | %s | %s |\n", b.Name, much, stretches[b.Per], b.of)
			if !strings.Contains(string(readme), row) {
				t.Errorf("README lacks the row\n%s", row)
			}
		}
	}
}

// TestBudgetsWithoutRedis: what a person does after a login goes on, what could be guessed does not.
func TestBudgetsWithoutRedis(t *testing.T) {
	t.Parallel()
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = away.Close() })
	p := &Portal{Config: Config{Limiter: throttle.New(away), Now: time.Now}}
	p.Limiter.Patience = time.Minute
	app := fiber.New()
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	t.Cleanup(func() { app.ReleaseCtx(c) })
	v := &visit{Ctx: c, route: route{kind: aStartForm}, session: session.Session{ID: "x",
		Who: identity.Who{Person: "a", Party: "b"}}}
	if charges := p.chargesOf(v, starting, nil); len(charges) != 2 || charges[0].Key != "a" {
		t.Errorf("charged %+v", charges)
	}
	if err := p.pay(v); err != nil {
		t.Errorf("a draft is not begun: %v", err)
	}
	charges := p.chargesOf(v, lookingUp, payers{aCode: "x"})
	if err := p.spend(v, lookingUp, charges); !errors.Is(err, throttle.ErrAway) {
		t.Errorf("a look-up: %v", err)
	}
}
