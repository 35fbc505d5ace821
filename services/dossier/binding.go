package dossier

import (
	"strconv"
	"strings"
	"time"

	"congdvc/identity"
	"congdvc/services/binding"
	"congdvc/services/vault"
)

// What of each row decides who may see it or act on it, in the order of the tables in services/binding.

func (d *Dossier) binds() []string {
	return []string{string(d.ID), string(d.Draft), string(d.Owner), string(d.SubmittedBy),
		string(d.ReceivingAgency), string(d.DecidingAgency), string(d.Code)}
}

func (d *Draft) binds() []string {
	asked := d.Asked
	if asked == nil {
		asked = &Asked{}
	}
	return []string{string(d.ID), string(d.Party), string(d.Person), binding.Opt(d.ActingID),
		binding.Opt(d.Dossier), binding.Opt(d.FrozenBy), binding.Opt(d.ReceivingAgency), d.VersionID,
		binding.Opt(d.Quote), d.ProcedureCode, d.Case, string(d.Capacity), string(d.State),
		strconv.Itoa(d.Revision), strings.Join(asked.Fields, ","), strings.Join(asked.Requirements, ","),
		asked.bindsDeadline()}
}

// bindsDeadline is the deadline as JSON has it; "" for a draft that is no supplement.
func (a *Asked) bindsDeadline() string {
	if a.Deadline.IsZero() {
		return ""
	}
	return a.Deadline.Format(time.RFC3339Nano)
}

// marked gives a draft the mark of what it is now.
func (d *Draft) marked(v *vault.Vault) *Draft {
	d.Mark = binding.Draft.Mark(v, d.binds()...)
	return d
}

func revisionBinds(id ID, number int, person identity.PartyID, sha256 string) []string {
	return []string{string(id), strconv.Itoa(number), string(person), sha256}
}
