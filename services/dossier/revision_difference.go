package dossier

import (
	"maps"
	"slices"
)

// A Difference is what a later revision says otherwise than an earlier one of the same dossier.
type Difference struct {
	Fields []string // ids of the answers that differ, sorted
	Files  []FileChange
}

// A FileChange is a file that came, went, or took the place of another one of its requirement.
type FileChange struct {
	Requirement   string
	Before, After *RevisionFile // nil: there was none, there is none
}

// DifferenceOf compares two revisions. An answer that is empty is as good as none.
func DifferenceOf(before, after *Revision) Difference {
	var d Difference
	ids := slices.Concat(slices.Collect(maps.Keys(before.Answers)), slices.Collect(maps.Keys(after.Answers)))
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if !before.Answers[id].Equal(after.Answers[id]) {
			d.Fields = append(d.Fields, id)
		}
	}
	went, came := lacking(before, after), lacking(after, before)
	for _, old := range went {
		change := FileChange{Requirement: old.Requirement, Before: old}
		i := slices.IndexFunc(came, func(f *RevisionFile) bool { return f.Requirement == old.Requirement })
		if i >= 0 {
			change.After = came[i]
			came = slices.Delete(came, i, i+1)
		}
		d.Files = append(d.Files, change)
	}
	for _, f := range came {
		d.Files = append(d.Files, FileChange{Requirement: f.Requirement, After: f})
	}
	slices.SortStableFunc(d.Files, func(a, b FileChange) int {
		return order(before, after, a.Requirement) - order(before, after, b.Requirement)
	})
	return d
}

// lacking are the files of a revision that another one has not.
func lacking(of, other *Revision) (files []*RevisionFile) {
	for i := range of.Files {
		f := &of.Files[i]
		if had, err := other.File(f.ID); err != nil || had.SHA256 != f.SHA256 {
			files = append(files, f)
		}
	}
	return files
}

// order is the place of a requirement: as in the files of the later revision, then as in the earlier one.
func order(before, after *Revision, requirement string) int {
	return slices.IndexFunc(slices.Concat(after.Files, before.Files), func(f RevisionFile) bool {
		return f.Requirement == requirement
	})
}
