package main

import (
	"slices"
	"strings"
	"testing"
)

// TestChannelRows: every row says all that portal check and the start of the program need, and opens nothing
// where it is not configured.
func TestChannelRows(t *testing.T) {
	t.Parallel()
	p := &parts{config: &Config{}}
	var known, seen []string
	for _, v := range variables() {
		known = append(known, v.Name)
	}
	rows := p.channelRows()
	if len(rows) == 0 {
		t.Fatal("no channels")
	}
	for _, row := range rows {
		if row.what == "" || row.advice == "" || row.open == nil || !slices.Contains(known, row.variable) {
			t.Errorf("an incomplete row: %+v", row)
		}
		if slices.Contains(seen, row.variable) || slices.Contains(seen, row.what) {
			t.Errorf("two rows of %s", row.what)
		}
		seen = append(seen, row.variable, row.what)
		if note, err := row.prove(t.Context()); err != nil || !strings.Contains(note, row.variable) {
			t.Errorf("%s, not configured: %q, %v", row.what, note, err)
		}
	}
	if open, err := p.openChannels(); err != nil || len(open) != 0 {
		t.Errorf("open without configuration: %v, %v", open, err)
	}
	p.config = &Config{SMTP: "127.0.0.1:25", MailFrom: "khong-tra-loi@example.vn", SMTPTLS: "none"}
	if open, err := p.openChannels(); err != nil || len(open) != 1 || open[0].Name() != "mail" {
		t.Errorf("with a mail server: %v, %v", open, err)
	}
	p.config.SMTP = "no port"
	if _, err := p.openChannels(); err == nil {
		t.Error("a server without a port opens")
	}
}
