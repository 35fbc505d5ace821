package backoffice

import (
	"slices"
	"strings"
	"time"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// listFilters are the parameters that select dossiers.
var listFilters = []string{"agency", "status", "sync", "changed_since", "submitted_from", "submitted_until",
	"due_until"}

func (b *Backoffice) getDossiers(v *call) error {
	values, err := v.query(append([]string{"after", "limit"}, listFilters...)...)
	if err != nil {
		return err
	}
	after, err := onestop.ParseListCursor(values["after"])
	if err != nil {
		return onestop.ErrCursor.At("after")
	}
	limit, err := between(values, "limit", 1, onestop.MaxListed, usualBatch)
	if err != nil {
		return err
	}
	filter, err := b.filter(v, values)
	if err != nil {
		return err
	}
	list, err := b.Desk.ListDossiers(v.UserContext(), v.office(), filter, after, int(limit))
	if err != nil {
		return err
	}
	return v.answer(list)
}

func (b *Backoffice) getDossierCounts(v *call) error {
	values, err := v.query(listFilters...)
	if err != nil {
		return err
	}
	filter, err := b.filter(v, values)
	if err != nil {
		return err
	}
	counts, err := b.Desk.CountDossiers(v.UserContext(), filter)
	if err != nil {
		return err
	}
	return v.answer(counts)
}

// filter reads the parameters that select dossiers, all faults at once: those of the agencies that the caller
// serves, at most.
func (b *Backoffice) filter(v *call, values map[string]string) (dossier.AgencyFilter, error) {
	var faults fault.List
	f := dossier.AgencyFilter{
		Agencies: v.agencies,
		Statuses: several(values, "status", dossier.Statuses, &faults),
		Syncs:    several(values, "sync", dossier.Syncs, &faults),

		ChangedSince:    instantOf(values, "changed_since", &faults),
		SubmittedSince:  startOf(values, "submitted_from", 0, &faults),
		SubmittedBefore: startOf(values, "submitted_until", 1, &faults),
		DueBefore:       startOf(values, "due_until", 1, &faults),
	}
	if code, given := values["agency"]; given {
		served, err := agency.FindMany(v.UserContext(), b.Pool, v.agencies...)
		if err != nil {
			return f, err
		}
		f.Agencies = slices.DeleteFunc(slices.Clone(v.agencies), func(id agency.ID) bool {
			return served[id] == nil || served[id].Code != code
		})
		if len(f.Agencies) == 0 {
			faults.Add(errParameter.At("agency"))
		}
	}
	return f, faults.Err()
}

// several reads a parameter that names one or several of some values, parted by commas.
func several[S ~string](values map[string]string, name string, known []S, faults *fault.List) (named []S) {
	text, given := values[name]
	if !given {
		return nil
	}
	for one := range strings.SplitSeq(text, ",") {
		if !slices.Contains(known, S(one)) {
			faults.Add(errParameter.At(name))
			return nil
		}
		named = append(named, S(one))
	}
	return named
}

// instantOf reads a parameter that is an instant; the zero time where it is absent.
func instantOf(values map[string]string, name string, faults *fault.List) time.Time {
	text, given := values[name]
	if !given {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1 {
		faults.Add(errParameter.At(name))
	}
	return at
}

// startOf reads a parameter that is a day, and gives the instant at which the day that many later begins; the
// zero time where it is absent.
func startOf(values map[string]string, name string, later int, faults *fault.List) time.Time {
	text, given := values[name]
	if !given {
		return time.Time{}
	}
	day, err := workday.ParseDate(text)
	if err != nil || day.Year < 1 {
		faults.Add(errParameter.At(name))
		return time.Time{}
	}
	return day.AddDays(later).At(0)
}
