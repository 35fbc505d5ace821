package dossier

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

func TestParseCode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Code{
		"H42.37.14329-261123-0007":                           "H42.37.14329-261123-0007",
		" h42.37.14329 – 261123 – 0007\n":                    "H42.37.14329-261123-0007",
		"000.00.12.H42-261123-0001":                          "000.00.12.H42-261123-0001",
		"000.00.12. H42-261123-0001":                         "000.00.12.H42-261123-0001",
		"1. H42-261123-0001":                                 "H42-261123-0001",
		"H42-261123-12345":                                   "H42-261123-12345",
		"g22.37.14329 - 260125 - 220001":                     "G22.37.14329-260125-220001",
		"H42.37.14329-261123-007":                            "",
		"H42.37.14329-26112-0007":                            "",
		"42.37.14329-261123-0007":                            "",
		"H42.37.14329-261123-0007; drop":                     "H42.37.14329-261123-0007",
		"Mã hồ sơ: H26.01-261127-0001.":                      "H26.01-261127-0001",
		"“H26.01‑261127‑0001”":                               "H26.01-261127-0001",
		"ngày 27. H26.01-261127-0001. Ngày hẹn 5-12":         "H26.01-261127-0001",
		"mã H26 . 01 − 261127 – 0001 nhé":                    "H26.01-261127-0001",
		"Ｈ２６．０１－２６１１２７－０００１":                                 "H26.01-261127-0001",
		"H26.01\u200b-26\u00ad1127-0001\ufeff":               "H26.01-261127-0001",
		"https://dvc.example/ho-so/h26.01-261127-0001?a=1#b": "H26.01-261127-0001",
		"H26.01-261127-0001, nhắc lại H26.01-261127-0001":    "H26.01-261127-0001",
		"H26.01-261127-0001 và H26.01-261127-0002":           "", // which?
		"XH26.01-261127-0001":                                "",
		"1.H26.01-261127-0001":                               "",
		"H26.01-261127-0001-2":                               "",
		"H26.01-261127-0001x":                                "",
		"H26.01-261127-000²":                                 "",
		strings.Repeat("a ", 2000) + "H26.01-261127-0001":    "",
		"H42.37..14329-261123-0007":                          "",
		"":                                                   "",
		"H42.37.14329-261123-" + fmt.Sprintf("%050d", 1):     "",
	} {
		got, err := ParseCode(typed)
		if got != want || (want == "") != errors.Is(err, ErrCode) {
			t.Errorf("ParseCode(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("H42.37.14329-261123-0007")
	f.Add(" 000.00.12.h42—261123—0001 ")
	f.Add("Mã hồ sơ: H26.01-261127-0001.")
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := ParseCode(typed)
		if err != nil {
			if code != "" {
				t.Fatalf("a refused text gives %q", code)
			}
			return
		}
		if again, err := ParseCode(string(code)); err != nil || again != code {
			t.Fatalf("%q is read as %q, then as %q, %v", typed, code, again, err)
		}
	})
}

func TestNextCodeManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const clerks, each = 32, 20
	codes := make([][]Code, clerks)
	var wg sync.WaitGroup
	for i := range clerks {
		wg.Go(func() {
			for range each {
				code, err := NextCode(t.Context(), w.db, w.draft(w.party()).ID, agencyCode, day)
				if err != nil {
					t.Error(err)
					return
				}
				codes[i] = append(codes[i], code)
			}
		})
	}
	wg.Wait()
	seen := map[Code]bool{}
	for _, list := range codes {
		for n, code := range list {
			if seen[code] {
				t.Errorf("%s was drawn twice", code)
			}
			if n > 0 && code <= list[n-1] {
				t.Errorf("%s was drawn after %s", code, list[n-1])
			}
			seen[code] = true
		}
	}
	if len(seen) != clerks*each || !seen[code(1)] || !seen[code(clerks*each)] {
		t.Errorf("%d different codes, want %d from 0001 on", len(seen), clerks*each)
	}
}

func TestNextCodeCountsPerAgencyAndDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draw := func(agency string, day workday.Date) string {
		code, err := NextCode(t.Context(), w.db, w.draft(w.party()).ID, agency, day)
		if err != nil {
			t.Fatal(err)
		}
		return string(code)
	}
	got := []string{draw(agencyCode, day), draw(agencyCode, day), draw("H42.12", day),
		draw(agencyCode, day.AddDays(1))}
	want := []string{"H42.37.14329-261123-0001", "H42.37.14329-261123-0002", "H42.12-261123-0001",
		"H42.37.14329-261124-0001"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("draw %d: %s, want %s", i, got[i], want[i])
		}
	}
}

// TestOneCodeForADraft: whoever files a draft gets the code that was drawn for it, many at once too; on
// another day, at another agency, or when another dossier has it, a new one is drawn.
func TestOneCodeForADraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.draft(w.party()).ID
	draw := func(agency string, day workday.Date) Code {
		code, err := NextCode(t.Context(), w.db, id, agency, day)
		if err != nil {
			t.Error(err)
		}
		return code
	}
	const clerks = 16
	got := make([]Code, clerks)
	var all sync.WaitGroup
	for i := range clerks {
		all.Go(func() { got[i] = draw(agencyCode, day) })
	}
	all.Wait()
	for _, c := range got {
		if c != code(1) {
			t.Errorf("drew %s, want %s each time", c, code(1))
		}
	}
	if c := draw(agencyCode, day.AddDays(1)); c != "H42.37.14329-261124-0001" {
		t.Errorf("the next day: %s", c)
	}
	if c := draw(agencyCode, day); c != code(2) {
		t.Errorf("back again: %s, want %s", c, code(2))
	}
	other := w.draft(w.party())
	w.tx(func(tx pgx.Tx) error {
		_, err := w.file(tx, other, code(2), noon)
		return err
	})
	if c := draw(agencyCode, day); c != code(3) {
		t.Errorf("when another dossier has it: %s, want %s", c, code(3))
	}
	if _, err := NextCode(t.Context(), w.db, DraftID(postgres.NewID()), agencyCode, day); !errors.Is(err,
		ErrNotFound) {
		t.Errorf("no such draft: %v", err)
	}
}

// TestCodesSurviveLoss: the counter is written without waiting for the disk, so a crash may lose it.
func TestCodesSurviveLoss(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]string{
		"row lost":      `delete from code_counter`,
		"row went back": `update code_counter set next = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			party := w.party()
			for range 3 {
				w.submit(party, noon)
			}
			if _, err := w.db.Exec(t.Context(), lose); err != nil {
				t.Fatal(err)
			}
			if got := w.submit(party, noon).Code; got != code(4) {
				t.Errorf("after the loss %s, want %s", got, code(4))
			}
		})
	}
}

func TestCodesBeyondFourDigits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	party := w.party()
	w.submit(party, noon)
	if _, err := w.db.Exec(t.Context(), `update code_counter set next = 9999`); err != nil {
		t.Fatal(err)
	}
	var got []Code
	for range 3 {
		got = append(got, w.submit(party, noon).Code)
	}
	if _, err := w.db.Exec(t.Context(), `delete from code_counter`); err != nil {
		t.Fatal(err)
	}
	got = append(got, w.submit(party, noon).Code)
	want := []Code{code(9999), code(10000), code(10001), code(10002)}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("number %d: %s, want %s", i, got[i], want[i])
		}
	}
}

// TestCodeTaken: two transactions that hold one code, the last guard; the loser goes on in its transaction.
func TestCodeTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.submit(w.party(), noon)
	draft := w.draft(w.party())
	w.tx(func(tx pgx.Tx) error {
		if _, err := w.file(tx, draft, code(1), noon); !errors.Is(err, ErrCodeTaken) {
			t.Errorf("the second with a code: %v, want ErrCodeTaken", err)
		}
		_, err := w.file(tx, draft, code(2), noon)
		return err
	})
	if draft.State != Filed {
		t.Errorf("the draft is %s", draft.State)
	}
}
