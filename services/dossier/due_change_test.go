package dossier

import (
	"maps"
	"testing"
	"time"
)

func TestDueChange(t *testing.T) {
	t.Parallel()
	later, paused := noon.Add(48*time.Hour), noon.Add(-time.Hour)
	for name, c := range map[string]DueChange{
		"after a pause": {Before: noon, After: later, PausedAt: &paused},
		"extended":      {Before: noon, After: later},
	} {
		got, moved := Entry{Data: c.Data()}.DueChange()
		if !moved || !got.Before.Equal(noon) || !got.After.Equal(later) ||
			(got.PausedAt == nil) != (c.PausedAt == nil) ||
			got.PausedAt != nil && !got.PausedAt.Equal(paused) {
			t.Errorf("%s: %+v, %v", name, got, moved)
		}
	}
	moved := DueChange{Before: noon, After: later, PausedAt: &paused}.Data()
	for name, change := range map[string]map[string]any{
		"the day stays":    {"due_after": moved["due_before"]},
		"only one is told": {"due_after": nil},
		"no instant":       {"due_before": "hôm qua"},
		"a number":         {"due_before": 7},
	} {
		data := maps.Clone(moved)
		maps.Copy(data, change)
		if got, is := (Entry{Data: data}).DueChange(); is || got != (DueChange{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, is := (Entry{}).DueChange(); is {
		t.Error("an entry without data moved the due date")
	}
}
