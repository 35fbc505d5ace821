package identity_test

import (
	"errors"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

func TestFindUnknown(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, id := range []identity.PartyID{"", "1", "not-an-id", identity.PartyID(postgres.NewID())} {
		if _, err := identity.Find(t.Context(), r, r.vault, id); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("Find(%q): %v", id, err)
		}
		if _, err := identity.NumberMatches(t.Context(), r, r.vault, id, "0000"); !errors.Is(err,
			identity.ErrNotFound) {
			t.Errorf("NumberMatches(%q): %v", id, err)
		}
	}
}

func TestFindWithOtherKeys(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	who := r.mustWelcome(t, lan(), monday)
	other, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Find(t.Context(), r, other, who.Person); !errors.Is(err, vault.ErrCannotOpen) {
		t.Errorf("got %v", err)
	}
}

func TestFindNames(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	l, h := r.mustWelcome(t, lan(), monday), r.mustWelcome(t, ha(), monday)
	names, err := identity.FindNames(t.Context(), r, r.vault, l.Person, h.Party, h.Party, "nobody",
		identity.PartyID(postgres.NewID()))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 2 || names[l.Person] != "Nguyễn Thị Lan" || names[h.Party] != "Công ty Gạo" {
		t.Errorf("got %v", names)
	}
	if names, err := identity.FindNames(t.Context(), r, r.vault); err != nil || len(names) != 0 {
		t.Errorf("of none: %v, %v", names, err)
	}
}

func TestNumberMatches(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	l, h := r.mustWelcome(t, lan(), monday), r.mustWelcome(t, ha(), monday)
	for _, tc := range []struct {
		id    identity.PartyID
		typed string
		want  bool
	}{
		{l.Person, "4821", true},
		{l.Person, " 4821 ", true},
		{l.Person, "4822", false},
		{l.Person, "821", false},
		{l.Person, "", false},
		{l.Person, "037191004821", false},
		{h.Person, "2468", true},
		{h.Party, "8001", true}, // 0100233488-001
		{h.Party, "2468", false},
		{h.Party, "-001", false},
	} {
		got, err := identity.NumberMatches(t.Context(), r, r.vault, tc.id, tc.typed)
		if err != nil || got != tc.want {
			t.Errorf("%q: %t, %v", tc.typed, got, err)
		}
	}
}

func TestMandateEndsWithTheAccount(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	may := func(person, party identity.PartyID, at time.Time) bool {
		t.Helper()
		ok, err := identity.MayAct(ctx, r, r.vault, person, party, at)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	l, h := r.mustWelcome(t, lan(), monday), r.mustWelcome(t, ha(), monday)
	first := h.Party
	for name, tc := range map[string]struct{ got, want bool }{
		"herself":           {may(l.Person, l.Person, monday), true},
		"her company":       {may(h.Person, first, monday), true},
		"before the login":  {may(h.Person, first, monday.Add(-time.Second)), false},
		"another's company": {may(l.Person, first, monday), false},
		"the other way":     {may(first, h.Person, monday), false},
		"another person":    {may(h.Person, l.Person, monday), false},
		"nobody":            {may("", "", monday), false},
		"what is not an id": {may("x", first, monday), false},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %t", name, tc.got)
		}
	}

	// The account moves to another company: the mandate for the first one ends, and what was done under it
	// stays valid.
	tuesday := monday.Add(24 * time.Hour)
	moved := ha()
	moved.Organisation = &identity.OrganisationClaims{TaxCode: "0609999902", Name: "Công ty Cói"}
	second := r.mustWelcome(t, moved, tuesday).Party
	if may(h.Person, first, tuesday) || !may(h.Person, first, tuesday.Add(-time.Second)) ||
		!may(h.Person, second, tuesday) {
		t.Error("the mandate for the first company did not end on Tuesday")
	}
	parties, err := identity.Mandates(ctx, r, r.vault, h.Person)
	if err != nil || len(parties) != 1 || parties[0].ID != second || parties[0].Name != "Công ty Cói" {
		t.Errorf("mandates %+v, %v", parties, err)
	}

	// Back again: a new mandate, not the old one revived.
	wednesday := tuesday.Add(24 * time.Hour)
	r.mustWelcome(t, ha(), wednesday)
	if !may(h.Person, first, wednesday) || may(h.Person, first, tuesday.Add(time.Hour)) ||
		may(h.Person, second, wednesday) {
		t.Error("the mandate for the first company did not begin anew on Wednesday")
	}
	if none, err := identity.Mandates(ctx, r, r.vault, l.Person); err != nil || len(none) != 0 {
		t.Errorf("mandates of a person without: %v, %v", none, err)
	}
}
