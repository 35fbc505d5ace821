package dossier

import "slices"

// What is made today is less than what the tables hold: a kind of entry may wait for the page, call or job
// that makes it. The published contract tells only what comes.

// Made reports whether something makes entries of the kind.
func (k Kind) Made() bool { return !k.row().unmade }

// Made reports whether a dossier can come to have the status.
func (s Status) Made() bool {
	return s == Submitted || slices.ContainsFunc(kinds, func(row kindRow) bool {
		return row.to == s && !row.unmade
	})
}

// Made reports whether events of the type are sent.
func (e EventType) Made() bool {
	if slices.ContainsFunc(eventTypes, func(row eventTypeRow) bool { return row.event == e && row.ofMove }) {
		return true
	}
	return slices.ContainsFunc(kinds, func(row kindRow) bool { return row.event == e && !row.unmade })
}
