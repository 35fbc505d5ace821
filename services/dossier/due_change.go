package dossier

import "time"

// A DueChange is what a row of the history tells about a due date that moved.
type DueChange struct {
	Before, After time.Time
	PausedAt      *time.Time // since when the clock stood still, for a supplement; nil for an extension
}

// Data is the change as an entry's data.
func (c DueChange) Data() map[string]any {
	data := map[string]any{
		"due_before": c.Before.UTC().Format(time.RFC3339),
		"due_after":  c.After.UTC().Format(time.RFC3339),
	}
	if c.PausedAt != nil {
		data["paused_at"] = c.PausedAt.UTC().Format(time.RFC3339)
	}
	return data
}

// DueChange reads what the entry tells about the due date. It is false when the date stayed, and for old
// entries that do not tell it.
func (e Entry) DueChange() (c DueChange, moved bool) {
	instant := func(name string) (t time.Time, ok bool) {
		text, _ := e.Data[name].(string)
		t, err := time.Parse(time.RFC3339, text)
		return t, err == nil
	}
	before, told := instant("due_before")
	after, also := instant("due_after")
	if !told || !also || before.Equal(after) {
		return DueChange{}, false
	}
	c = DueChange{Before: before, After: after}
	if paused, ok := instant("paused_at"); ok {
		c.PausedAt = &paused
	}
	return c, true
}
