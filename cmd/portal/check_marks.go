package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"congdvc/migrations"
	"congdvc/services/binding"
)

// shownFaults is how many rows a check names; verify bindings names them all.
const shownFaults = 3

// small are the tables that a check looks at whole: they grow with agencies, not with people.
var small = []*binding.Table{binding.Connection, binding.ConnectionKey, binding.ConnectionAgency}

// proveMarks tells whether rows without a mark count, which is so for a time after an upgrade, and refuses
// rows of small tables that this portal did not write.
func (p *parts) proveMarks(ctx context.Context) (string, error) {
	faults, err := binding.Foreign(ctx, p.pool, p.vault, shownFaults, small...)
	if err != nil {
		return "", err
	}
	if len(faults) > 0 {
		rows := make([]string, len(faults))
		for i, f := range faults {
			rows[i] = f.String()
		}
		return "", fmt.Errorf("not written by this portal: %s", strings.Join(rows, "; "))
	}
	until, err := binding.Until(ctx, p.pool, p.vault)
	if err != nil {
		return "", err
	}
	upgrade, err := binding.Upgrading(ctx, p.pool, p.vault)
	if upgrade.Until.After(until) {
		until = upgrade.Until
	}
	if err == nil && time.Now().Before(until) {
		err = caution{"rows without a mark count until " + instant(&until) +
			": until then whoever writes the database gives away"}
	}
	return "only rows with a mark count", err
}

// proveRole warns where the program's role could change records all the same.
func (p *parts) proveRole(ctx context.Context) (string, error) {
	powers, err := migrations.Powers(ctx, p.pool)
	if err != nil {
		return "", err
	}
	if len(powers) > 0 {
		return "", caution{"the role of DATABASE_URL " + strings.Join(powers, ", ")}
	}
	return "it may not change or delete records", nil
}
