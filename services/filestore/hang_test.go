package filestore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestAFolderThatHangs: whoever asks hears that the folder is away, then everybody at once, and it is used
// again as soon as it answers. A pipe stands for the disk: opening it waits for its other end.
func TestAFolderThatHangs(t *testing.T) {
	t.Parallel()
	s, dir := store(t)
	kept, hangs := newID(), newID()
	put(t, s, kept, content(100))
	put(t, s, hangs, content(100))
	pipe := filepath.Join(dir, hangs[34:], hangs)
	if err := errors.Join(os.Remove(pipe), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	s.Patience = 50 * time.Millisecond
	_, err := s.Open(t.Context(), hangs)
	wantAway(t, "a file that hangs", err)

	s.Patience = time.Hour // nobody waits for anything now
	_, err = s.Open(t.Context(), kept)
	wantAway(t, "another file", err)
	_, err = s.Put(t.Context(), newID(), bytes.NewReader(content(10)), mib)
	wantAway(t, "a new file", err)
	wantAway(t, "ProveWriting", s.ProveWriting())
	wantAway(t, "Ready", s.Ready(t.Context()))
	wantAway(t, "Delete", s.Delete(t.Context(), kept))
	_, err = s.Aged(t.Context(), 0, time.Now())
	wantAway(t, "Aged", err)

	end, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(end.Close(), os.Remove(pipe)); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); s.ProveWriting() != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the folder answers, and is away still")
		}
	}
	if got, err := get(s, kept); err != nil || len(got) != 100 {
		t.Errorf("a file from before: %d bytes, %v", len(got), err)
	}
}
