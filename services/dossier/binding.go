package dossier

import (
	"strconv"

	"congdvc/identity"
	"congdvc/services/binding"
)

// What of each row decides who may see it or act on it, in the order of the tables in services/binding.

func (d *Dossier) binds() []string {
	return []string{string(d.ID), string(d.Draft), string(d.Owner), string(d.SubmittedBy),
		string(d.ReceivingAgency), string(d.DecidingAgency), string(d.Code)}
}

func (d *Draft) binds() []string {
	return []string{string(d.ID), string(d.Party), string(d.Person), binding.Opt(d.ActingID),
		binding.Opt(d.Dossier), binding.Opt(d.FrozenBy)}
}

func revisionBinds(id ID, number int, person identity.PartyID, sha256 string) []string {
	return []string{string(id), strconv.Itoa(number), string(person), sha256}
}
