package eform

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"congdvc/services/workday"
)

// TestFirstRequestsShareOneCompilation: after a start many ask for a form at once.
func TestFirstRequestsShareOneCompilation(t *testing.T) {
	t.Parallel()
	raw := append(definition(t, "everything.form.json"), '\n') // a definition that nobody has asked for yet
	var got [16]*Form
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			form, err := Compiled(bytes.Clone(raw))
			if err != nil {
				t.Error(err)
			}
			got[i] = form
		})
	}
	all.Wait()
	for i, form := range got {
		if form == nil || form != got[0] {
			t.Errorf("request %d has a form of its own", i)
		}
	}
}

// TestCompilationsAreBounded: forms that nobody asks for make way, and come again.
func TestCompilationsAreBounded(t *testing.T) {
	t.Parallel()
	raw := append(definition(t, "birth.form.json"), '\n')
	for i := range mostCompiled + 20 {
		if _, err := Compiled(fmt.Appendf(nil, `{"id": "%d"}`, i)); err == nil {
			t.Fatal("a form without steps is compiled")
		}
	}
	if _, err := Compiled(raw); err != nil {
		t.Error(err)
	}
	compilations.mu.Lock()
	defer compilations.mu.Unlock()
	if n := len(compilations.byHash); n > mostCompiled {
		t.Errorf("%d forms are kept", n)
	}
}

// TestACompilationReadsStepsOfAnother: two requests may hold two compilations of one form.
func TestACompilationReadsStepsOfAnother(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"birth.form.json", "everything.form.json", "person.form.json"} {
		one, other := loaded(t, name), loaded(t, name)
		on, last := workday.Date{Year: 2026, Month: 11, Day: 27}, len(one.Steps)
		for i := range one.Steps {
			own, foreign := &one.Steps[i], &other.Steps[i]
			if got := one.Number(foreign); got != i+1 {
				t.Errorf("%s: step %s has the number %d instead of %d", name, own.ID, got, i+1)
			}
			if got, want := one.WatchOf(foreign), one.WatchOf(own); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: of step %s is watched %v instead of %v", name, own.ID, got, want)
			}
			got, want := one.CheckStep(foreign, Answers{}, on), one.CheckStep(own, Answers{}, on)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: of step %s is wrong %v instead of %v", name, own.ID, got, want)
			}
		}
		if got := one.Number(&Step{ID: "none"}); got != 0 {
			t.Errorf("%s: a step of another form has the number %d of %d", name, got, last)
		}
	}
}
