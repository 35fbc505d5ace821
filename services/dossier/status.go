package dossier

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

	// unfiled is a dossier between Insert and its first move, within one transaction.
	unfiled Status = ""
)

// Statuses lists every status in the order of a dossier's life.
var Statuses = []Status{Submitted, Received, Refused, Supplement, Payment, Processing, Confirming, Stopped, Withdrawn, Completed, Returned}

// moves has the allowed moves of the business status. Supplement, payment and confirming lead back only to where they
// came from, which Dossier.CanMove knows.
var moves = map[Status][]Status{
	unfiled:    {Submitted},
	Submitted:  {Received, Refused, Supplement, Withdrawn},
	Received:   {Processing, Supplement, Payment, Stopped, Withdrawn},
	Processing: {Supplement, Payment, Confirming, Stopped, Withdrawn, Completed},
	Supplement: {Submitted, Received, Processing, Stopped},
	Payment:    {Received, Processing, Stopped},
	Confirming: {Processing, Stopped},
	Completed:  {Returned},
}

// national has the codes of the national portal's list TRANGTHAIHOSO. A result that waits for the citizen's
// confirmation has no code of its own there and counts as being processed.
var national = map[Status]int{
	Submitted: 1, Received: 2, Refused: 3, Processing: 4, Confirming: 4, Supplement: 5, Payment: 6,
	Withdrawn: 7, Stopped: 8, Completed: 9, Returned: 10,
}

// National returns the national portal's number of the status, 1 to 10; 0 for what is no status.
func (s Status) National() int { return national[s] }

// Waits reports whether the next move is the citizen's.
func (s Status) Waits() bool { return s == Supplement || s == Payment || s == Confirming }

// Ended reports whether nothing more is decided in the dossier: no term runs.
func (s Status) Ended() bool {
	switch s {
	case Refused, Stopped, Withdrawn, Completed, Returned:
		return true
	}
	return false
}

// Key is the message key of the status's name.
func (s Status) Key() string { return "dossier.status." + string(s) }

// CanMove reports whether the table allows a move at all. Of the three statuses that wait for the citizen it does not
// know where they came from: ask Dossier.CanMove.
func CanMove(from, to Status) bool { return allows(moves, from, to) }

// CanMove reports whether the dossier may move to a status now.
func (d *Dossier) CanMove(to Status) bool {
	if !CanMove(d.Status, to) {
		return false
	}
	return !d.Status.Waits() || to == Stopped || d.ReturnTo != nil && to == *d.ReturnTo
}
