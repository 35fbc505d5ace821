package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"congdvc/services/pgtest"
	"congdvc/services/postgres"
)

func TestIsID(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]bool{
		postgres.NewID():                       true,
		"0190b5a4-7e3c-7bb0-8b1a-0123456789ab": true,
		strings.ToUpper(postgres.NewID()):      false,
		"{" + postgres.NewID() + "}":           false,
		"urn:uuid:" + postgres.NewID():         false,
		"0190b5a47e3c7bb08b1a0123456789ab":     false,
		"":                                     false,
		"' or 1=1 --":                          false,
	} {
		if got := postgres.IsID(given); got != want {
			t.Errorf("IsID(%q) = %v", given, got)
		}
	}
}

func TestNewIDsSort(t *testing.T) {
	t.Parallel()
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = postgres.NewID()
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 1000 {
		t.Error("ids made one after another are not distinct and ascending")
	}
}

func TestUnique(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const table = `create table pen (colour text constraint pen_colour unique, length int check (length > 0))`
	if _, err := pool.Exec(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	const insert = `insert into pen (colour, length) values ($1, $2)`
	if _, err := pool.Exec(t.Context(), insert, "red", 1); err != nil {
		t.Fatal(err)
	}
	_, twice := pool.Exec(t.Context(), insert, "red", 2)
	_, negative := pool.Exec(t.Context(), insert, "blue", -1)
	for _, c := range []struct {
		name       string
		err        error
		constraint string
		want       bool
	}{
		{"that constraint", twice, "pen_colour", true},
		{"any", twice, "", true},
		{"wrapped", errors.Join(twice), "pen_colour", true},
		{"another constraint", twice, "pen_length", false},
		{"another violation", negative, "", false},
		{"none", nil, "", false},
	} {
		if got := postgres.Unique(c.err, c.constraint); got != c.want {
			t.Errorf("%s: Unique(%v) = %v", c.name, c.err, got)
		}
	}
}

// Every connection gets the portal's bounds, and the URL's own settings stay.
func TestOpenSettings(t *testing.T) {
	t.Parallel()
	server := pgtest.New(t).Config().ConnString()
	for _, c := range []struct {
		name, more, setting, want string
		conns                     int32
	}{
		{"name", "", "application_name", "congdvc", 8},
		{"bound", "", "statement_timeout", "30s", 8},
		{"own bound", "&statement_timeout=7s", "statement_timeout", "7s", 8},
		{"own size", "&pool_max_conns=3", "timezone", "UTC", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool, err := postgres.Open(t.Context(), server+c.more)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			var got string
			if err := pool.QueryRow(t.Context(), `select current_setting($1)`,
				c.setting).Scan(&got); err != nil || got != c.want {
				t.Errorf("%s = %q, %v; want %q", c.setting, got, err, c.want)
			}
			if got := pool.Config().MaxConns; got != c.conns {
				t.Errorf("MaxConns = %d, want %d", got, c.conns)
			}
		})
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://portal:secret-word@127.0.0.1:1/portal",
		"postgres://portal:secret-word@127.0.0.1:x/"} {
		_, err := postgres.Open(t.Context(), url)
		if err == nil || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("Open(%q) = %v; want an error without the password", url, err)
		}
	}
}
