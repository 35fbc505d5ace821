package onestop

import (
	"congdvc/services/dossier"
	"congdvc/services/eform"
)

// RevisionDifference says what a revision says otherwise than an earlier one. It is laid out anew each time
// and is not what was hashed.
type RevisionDifference struct {
	Dossier dossier.Code  `json:"dossier"`
	From    int           `json:"from"` // number of the earlier revision; 0 = there was nothing
	To      int           `json:"to"`   // number of the later one
	Fields  []FieldChange `json:"fields"`
	Files   []FileChange  `json:"files"`
}

// FieldChange is a question whose answer differs.
type FieldChange struct {
	ID      string        `json:"id"` // of the field, as in answers of a revision
	Section string        `json:"section,omitempty"`
	Label   string        `json:"label"`
	Before  *ChangedValue `json:"before,omitempty"` // absent when it was not answered
	After   *ChangedValue `json:"after,omitempty"`  // absent when it is answered no more
}

// ChangedValue is an answer, as it is and as people read it.
type ChangedValue struct {
	Value eform.Value    `json:"value"`
	Text  string         `json:"text,omitempty"`
	Table *ReadableTable `json:"table,omitempty"` // instead of the text
}

// What became of a file.
const (
	FileAdded    = "added"
	FileRemoved  = "removed"
	FileReplaced = "replaced" // by another one of its requirement
)

// FileChange is a file that differs.
type FileChange struct {
	Change      string       `json:"change"`      // FileAdded, FileRemoved or FileReplaced
	Requirement string       `json:"requirement"` // id
	Name        string       `json:"name"`        // of the requirement
	Before      *ChangedFile `json:"before,omitempty"`
	After       *ChangedFile `json:"after,omitempty"`
}

// ChangedFile is a file as its revision names it.
type ChangedFile struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
	Href      string `json:"href"` // path of its bytes
}
