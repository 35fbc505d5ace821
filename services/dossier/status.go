package dossier

import "slices"

// Status is the business status of a dossier. Its values are stored and are the last part of message keys.
type Status string

// The business statuses.
const (
	Submitted  Status = "submitted"
	Received   Status = "received"
	Refused    Status = "refused"
	Supplement Status = "supplement"
	Payment    Status = "payment" // the agency asked for a fee
	Processing Status = "processing"
	Confirming Status = "confirming" // the agency's draft result waits for the citizen's yes
	Stopped    Status = "stopped"
	Withdrawn  Status = "withdrawn"
	Completed  Status = "completed"
	Returned   Status = "returned"

	// unfiled is a dossier between Insert and its first entry, within one transaction.
	unfiled Status = ""
)

// A statusRow is all that belongs to a status. The rows are checked when the program starts (table_check.go).
type statusRow struct {
	status   Status
	national int // its number in the national portal's list TRANGTHAIHOSO, 1 to 10
	// the next move is the citizen's; afterwards the dossier goes back to where it came from, or stops
	waits  bool
	pauses bool     // the clock stands still as long as it lasts (clock.go)
	ended  bool     // nothing more is decided: no term runs
	next   []Status // the moves that are allowed
}

// statuses is the table of the statuses, in the order of a dossier's life. A result that waits for the
// citizen's confirmation has no number of its own in the national list and counts as being processed.
var statuses = []statusRow{
	{status: Submitted, national: 1, next: []Status{Received, Refused, Supplement, Withdrawn}},
	{status: Received, national: 2, next: []Status{Processing, Supplement, Payment, Stopped, Withdrawn}},
	{status: Refused, national: 3, ended: true},
	{status: Supplement, national: 5, waits: true, pauses: true,
		next: []Status{Submitted, Received, Processing, Stopped}},
	{status: Payment, national: 6, waits: true, next: []Status{Received, Processing, Stopped}},
	{status: Processing, national: 4, next: []Status{Supplement, Payment, Confirming, Stopped, Withdrawn,
		Completed}},
	{status: Confirming, national: 4, waits: true, next: []Status{Processing, Stopped}},
	{status: Stopped, national: 8, ended: true},
	{status: Withdrawn, national: 7, ended: true},
	{status: Completed, national: 9, ended: true, next: []Status{Returned}},
	{status: Returned, national: 10, ended: true},
}

// moves is the machine of the business status, with the beginning.
var moves = statusMachine(statuses)

func statusMachine(rows []statusRow) machine[Status] {
	m := machine[Status]{{unfiled, []Status{Submitted}}}
	for _, row := range rows {
		m = append(m, stateRow[Status]{row.status, row.next})
	}
	return m
}

// Statuses lists every status in the order of a dossier's life.
var Statuses = moves.states()[1:]

// row returns the status's row; it is empty for an unknown status.
func (s Status) row() statusRow {
	i := slices.IndexFunc(statuses, func(row statusRow) bool { return row.status == s })
	if i < 0 {
		return statusRow{}
	}
	return statuses[i]
}

// National returns the national portal's number of the status, 1 to 10; 0 for an unknown status.
func (s Status) National() int { return s.row().national }

// Waits reports whether the next move is the citizen's.
func (s Status) Waits() bool { return s.row().waits }

// pauses reports whether the clock stands still as long as a dossier has the status.
func (s Status) pauses() bool { return s.row().pauses }

// Ended reports whether nothing more is decided in the dossier: no term runs.
func (s Status) Ended() bool { return s.row().ended }

// Key is the message key of the status's name.
func (s Status) Key() string { return "dossier.status." + string(s) }

// CanMove reports whether the table allows a move at all. For a status that waits for the citizen this is not
// enough, because it also matters where the dossier came from: ask Dossier.CanMove.
func CanMove(from, to Status) bool { return moves.allows(from, to) }

// CanMove reports whether the dossier may move to a status now.
func (d *Dossier) CanMove(to Status) bool {
	if !CanMove(d.Status, to) {
		return false
	}
	return !d.Status.Waits() || to == Stopped || d.ReturnTo != nil && to == *d.ReturnTo
}

// inStatuses is an SQL list of the statuses for which claim is true, for a statement that has to match a
// partial index with the same list.
func inStatuses(claim func(Status) bool) string {
	list := ""
	for _, s := range Statuses {
		if claim(s) {
			list += ", '" + string(s) + "'"
		}
	}
	return "(" + list[min(2, len(list)):] + ")"
}
