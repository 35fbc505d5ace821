package result

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

func (k *archive) reserve(of dossier.ID) Code {
	k.Helper()
	var code Code
	k.must(func(tx pgx.Tx) (err error) {
		code, err = Reserve(k.Context(), tx, of, noon)
		return err
	})
	return code
}

// deliverAs delivers a file whose hash is one letter repeated, under a code.
func (k *archive) deliverAs(to dossier.ID, code Code, letter string) (r *Result, err error) {
	err = k.tx(func(tx pgx.Tx) error {
		r, err = Insert(k.Context(), tx, k.v, New{
			Dossier: to, Code: code, Name: i18n.Text{Vi: "Giấy khai sinh", En: "Birth certificate"},
			Number: "12/2026", IssuedOn: workday.DateOf(noon), File: postgres.NewID(), FileName: "kq.pdf",
			Size: 9, SHA256: strings.Repeat(letter, 64), Now: noon,
		})
		return err
	})
	return r, err
}

func TestReservedCode(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	code, foreign := k.reserve(k.dossier), k.reserve(k.other)
	if !shape.MatchString(string(code)) || code == foreign {
		t.Fatalf("reserved %q and %q", code, foreign)
	}
	if _, err := ByCode(t.Context(), k.db, k.v, string(code)); !errors.Is(err, ErrNotFound) {
		t.Errorf("found before it is delivered: %v", err)
	}
	for name, wrong := range map[string]Code{"another dossier's": foreign, "nobody's": NewCode(),
		"no code": "x"} {
		if r, err := k.deliverAs(k.dossier, wrong, "a"); err == nil || name != "no code" &&
			!errors.Is(err, ErrCode) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	r, err := k.deliverAs(k.dossier, code, "a")
	if err != nil || r.Code != code {
		t.Fatalf("%+v, %v", r, err)
	}
	if found, err := ByCode(t.Context(), k.db, k.v, string(code)); err != nil || found.ID != r.ID {
		t.Errorf("%+v, %v", found, err)
	}
	if again, err := k.deliverAs(k.dossier, code, "a"); err != nil || again.ID != r.ID {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	if again, err := k.deliverAs(k.dossier, "", "a"); err != nil || again.ID != r.ID {
		t.Errorf("the same again without its code: %+v, %v", again, err)
	}
	if _, err := k.deliverAs(k.dossier, k.reserve(k.dossier), "a"); !errors.Is(err, ErrCode) {
		t.Errorf("the same file under another code: %v", err)
	}
	if _, err := k.deliverAs(k.dossier, code, "b"); !errors.Is(err, ErrCode) {
		t.Errorf("another file under a used code: %v", err)
	}
	drawn := k.deliver(k.dossier, "c")
	if _, err := k.deliverAs(k.dossier, drawn.Code, "d"); !errors.Is(err, ErrCode) {
		t.Errorf("under the code that was drawn for another: %v", err)
	}
	if list, err := ForDossier(t.Context(), k.db, k.v, k.dossier); err != nil || len(list) != 2 {
		t.Errorf("what was refused was kept: %d results, %v", len(list), err)
	}
}

func TestReservedCodeServesOneOfMany(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	code := k.reserve(k.dossier)
	var won atomic.Int64
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			_, err := k.deliverAs(k.dossier, code, string(rune('0'+i)))
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, ErrCode) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if list, err := ForDossier(t.Context(), k.db, k.v, k.dossier); won.Load() != 1 || err != nil ||
		len(list) != 1 || list[0].Code != code {
		t.Errorf("%d won: %+v, %v", won.Load(), list, err)
	}
}

func TestReservedCodesAreBounded(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	first := k.reserve(k.dossier)
	for range MostReserved - 1 {
		k.reserve(k.dossier)
	}
	more := func() error {
		return k.tx(func(tx pgx.Tx) error { _, err := Reserve(k.Context(), tx, k.dossier, noon); return err })
	}
	if err := more(); !errors.Is(err, ErrReserved) {
		t.Errorf("one too many: %v", err)
	}
	k.reserve(k.other)
	if _, err := k.deliverAs(k.dossier, first, "a"); err != nil {
		t.Fatal(err)
	}
	if err := more(); err != nil {
		t.Errorf("after one was used: %v", err)
	}
}
