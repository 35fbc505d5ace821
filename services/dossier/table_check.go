package dossier

import (
	"fmt"
	"slices"
	"strings"
)

// The tables of this package (statuses, kinds, eventTypes, noticeKinds, slipKinds, syncs, deliveries,
// paymentStatuses) are checked when a program starts; it does not run with an incomplete row. A test checks
// their texts.
func init() {
	faults := slices.Concat(
		statusFaults(statuses), kindFaults(kinds), columnFaults("event", eventTypes, EventTypes),
		noticeFaults(noticeKinds, kinds), slipFaults(slipKinds),
		machineFaults(syncs), machineFaults(deliveries), machineFaults(paymentStatuses),
	)
	if len(faults) > 0 {
		panic("dossier: " + strings.Join(faults, "; "))
	}
}

// columnOf lists one column of a table.
func columnOf[R any, V any](table []R, column func(R) V) []V {
	values := make([]V, len(table))
	for i, row := range table {
		values[i] = column(row)
	}
	return values
}

// columnFaults says which rows of a table have no name, or one that another row has.
func columnFaults[R any, V ~string](what string, table []R, names []V) (faults []string) {
	for i := range table {
		if names[i] == "" || slices.Index(names, names[i]) != i {
			faults = append(faults, fmt.Sprintf("%s %q: no name, or twice", what, names[i]))
		}
	}
	return faults
}

// machineFaults says which moves of a machine lead to unknown states, and which states cannot be reached from
// the first.
func machineFaults[S ~string](m machine[S]) []string {
	faults := columnFaults("state", m, m.states())
	reached := []S{m[0].state}
	for i := 0; i < len(reached); i++ {
		for _, row := range m {
			if row.state != reached[i] {
				continue
			}
			for _, to := range row.next {
				if !slices.Contains(m.states(), to) || to == row.state {
					faults = append(faults, fmt.Sprintf("state %q moves to %q", row.state, to))
				}
				if !slices.Contains(reached, to) {
					reached = append(reached, to)
				}
			}
		}
	}
	for _, s := range m.states() {
		if !slices.Contains(reached, s) {
			faults = append(faults, fmt.Sprintf("state %q is never reached", s))
		}
	}
	return faults
}

func statusFaults(rows []statusRow) []string {
	names := columnOf(rows, func(row statusRow) Status { return row.status })
	faults := columnFaults("status", rows, names)
	if len(faults) > 0 {
		return faults
	}
	// The first state is "".
	for _, fault := range machineFaults(statusMachine(rows)) {
		if !strings.HasPrefix(fault, `state "": no name`) {
			faults = append(faults, fault)
		}
	}
	for _, row := range rows {
		if fault := row.fault(rows); fault != "" {
			faults = append(faults, fmt.Sprintf("status %q: %s", row.status, fault))
		}
	}
	return faults
}

func (r statusRow) fault(rows []statusRow) string {
	runs := func(s Status) bool {
		return slices.ContainsFunc(rows, func(row statusRow) bool { return row.status == s && !row.ended })
	}
	switch {
	case r.national < 1 || r.national > 10:
		return "no number of the national list"
	case r.ended && (r.waits || r.pauses || slices.ContainsFunc(r.next, runs)):
		return "it has ended and goes on"
	case !r.ended && len(r.next) == 0:
		return "it has not ended and leads nowhere"
	case r.waits && !slices.Contains(r.next, Stopped):
		return "it waits for the citizen for ever"
	}
	return ""
}

func kindFaults(rows []kindRow) []string {
	faults := columnFaults("kind", rows, columnOf(rows, func(row kindRow) Kind { return row.kind }))
	for _, row := range rows {
		if fault := row.fault(); fault != "" {
			faults = append(faults, fmt.Sprintf("kind %q: %s", row.kind, fault))
		}
	}
	return faults
}

func (r kindRow) fault() string {
	unknown := func(by ActorKind) bool { return !slices.Contains(actorKinds, by) }
	switch {
	case len(r.by) == 0 || slices.ContainsFunc(r.by, unknown):
		return "nobody may cause it"
	case r.to != "" && !slices.Contains(Statuses, r.to):
		return fmt.Sprintf("no status %q", r.to)
	case r.event != "" && !slices.Contains(EventTypes, r.event):
		return fmt.Sprintf("no event %q", r.event)
	case r.notice != "" && !slices.Contains(NoticeKinds, r.notice):
		return fmt.Sprintf("no notice %q", r.notice)
	case r.notice.row().cause == byTerm:
		return fmt.Sprintf("a term tells the notice %q", r.notice)
	case r.slip != "" && !slices.Contains(SlipKinds, r.slip):
		return fmt.Sprintf("no slip %q", r.slip)
	case r.slip != "" && !slices.Equal(r.by, byOfficer):
		return "a slip is issued by an officer"
	}
	return ""
}

func noticeFaults(rows []noticeKindRow, kinds []kindRow) []string {
	names := columnOf(rows, func(row noticeKindRow) NoticeKind { return row.notice })
	faults := columnFaults("notice", rows, names)
	for _, row := range rows {
		told := slices.ContainsFunc(kinds, func(k kindRow) bool { return k.notice == row.notice })
		if row.cause == byEntry && !told {
			faults = append(faults, fmt.Sprintf("notice %q: no kind tells it", row.notice))
		}
		if row.opens != DossierPage && row.opens != DraftPage {
			faults = append(faults, fmt.Sprintf("notice %q: no page %q", row.notice, row.opens))
		}
		if row.holds <= 0 {
			faults = append(faults, fmt.Sprintf("notice %q: it never makes sense to send it", row.notice))
		}
	}
	return faults
}

func slipFaults(rows []slipKindRow) []string {
	faults := columnFaults("slip", rows, columnOf(rows, func(row slipKindRow) SlipKind { return row.slip }))
	for _, row := range rows {
		if row.file == "" {
			faults = append(faults, fmt.Sprintf("slip %q: its file has no name", row.slip))
		}
	}
	return faults
}
