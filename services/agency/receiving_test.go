package agency

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/workday"
)

func codes(all []Agency) (codes []string) {
	for _, a := range all {
		codes = append(codes, a.Code)
	}
	return codes
}

// TestReceiving: exactly those who are meant and served, the nearest first.
func TestReceiving(t *testing.T) {
	t.Parallel()
	ctx, pool, v := t.Context(), withStarter(t), keys(t)
	on := workday.Date{Year: 2026, Month: 11, Day: 23}
	connection := "01920000-0000-7000-8000-000000000001"
	_, err := pool.Exec(ctx,
		`insert into connection (id, code, name, secrets_sealed, created_at) values ($1, 'mot', 'mot', '', now())`, connection)
	if err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		for _, code := range []string{"H42.STP", "H42.37.14329"} {
			a, err := ByCode(ctx, tx, code, on)
			if err != nil {
				return err
			}
			if err := Serve(ctx, tx, v, connection, a.ID, on); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		takers  Takers
		on      workday.Date
		taking  int
		serving []string
	}{
		"communes and one department": {Takers{[]Kind{Commune}, []string{"H42.STP"}}, on, 14,
			[]string{"H42.37.14329", "H42.STP"}},
		"one department alone": {Takers{nil, []string{"H42.STC"}}, on, 1, nil},
		"a kind and one of it": {Takers{[]Kind{Department}, []string{"H42.STP"}}, on, 7,
			[]string{"H42.STP"}},
		"nobody": {Takers{}, on, 0, nil},
		"before they were": {Takers{[]Kind{Commune}, nil}, workday.Date{Year: 2025, Month: 6, Day: 30},
			0, nil},
		"before they were served": {Takers{nil, []string{"H42.STP"}}, on.AddDays(-1), 1, nil},
	} {
		taking, err := Taking(ctx, pool, c.takers, c.on)
		if err != nil || len(taking) != c.taking {
			t.Errorf("%s: %v take, %v", name, codes(taking), err)
		}
		serving, err := Receiving(ctx, pool, c.takers, c.on)
		if err != nil || !slices.Equal(codes(serving), c.serving) {
			t.Errorf("%s: %v receive, %v", name, codes(serving), err)
		}
	}
}

// TestCalendarsOf: each agency with its own calendar, which those of one name share.
func TestCalendarsOf(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), withStarter(t)
	on, saturday := workday.Date{Year: 2026, Month: 11, Day: 23}, workday.Date{Year: 2026, Month: 11, Day: 28}
	taking, err := Taking(ctx, pool, Takers{Codes: []string{"H42.CAT", "H42.STC", "H42.STP"}}, on)
	if err != nil {
		t.Fatal(err)
	}
	offices, err := CalendarsOf(ctx, pool, taking)
	if err != nil || len(offices) != 3 {
		t.Fatalf("%v, %v", offices, err)
	}
	for _, o := range offices {
		if o.Works.Works(saturday) != (o.Code == "H42.CAT") || o.Title.Vi == "" || o.Title.En == "" {
			t.Errorf("%s works on Saturday: %t; %+v", o.Code, o.Works.Works(saturday), o.Title)
		}
	}
	if none, err := CalendarsOf(ctx, pool, nil); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
}

func TestByUnit(t *testing.T) {
	t.Parallel()
	pool := withStarter(t)
	on := workday.Date{Year: 2026, Month: 11, Day: 23}
	a, err := ByUnit(t.Context(), pool, "14329", on)
	if err != nil || a.Code != "H42.37.14329" {
		t.Errorf("%+v, %v", a, err)
	}
	for _, unit := range []string{"", "99999"} {
		if _, err := ByUnit(t.Context(), pool, unit, on); err != ErrNotFound {
			t.Errorf("%q: %v", unit, err)
		}
	}
}
