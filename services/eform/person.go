package eform

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"congdvc/i18n"
)

// Person is a block of a definition that stands for the usual questions about a person. Load replaces it by a
// field for each of its parts; a field's id is the block's, a dot and the part's. The rest of the package
// knows those fields only.
type Person struct {
	ID    string
	Label i18n.Text // who it is
	Hint  i18n.Text
	own   bool // the person who fills in the form
}

// OfFiler are the fields about the person who fills in the form: the parts of their block, or, in a form
// without one, the fields that the person's account fills in.
func (f *Form) OfFiler() map[string]bool {
	block, single := map[string]bool{}, map[string]bool{}
	for _, field := range f.order {
		switch {
		case field.person != nil && field.person.own:
			block[field.ID] = true
		case strings.HasPrefix(field.Prefill, ownPerson+"."):
			single[field.ID] = true
		}
	}
	if len(block) > 0 {
		return block
	}
	return single
}

// Person returns the block that the field came from, or nil. The fields of one block have the same.
func (f *Field) Person() *Person { return f.person }

// ownPerson is the prefill of a block about the person who fills in the form: each part is prefilled if it
// can be.
const ownPerson = "person"

// Part is one question of a person block: the name of a part, or an object with that name and members of a
// field that differ from the default. Null removes a default. A reference that begins with a dot is to
// another part of the same block.
type Part struct {
	ID      string
	members map[string]json.RawMessage
}

// UnmarshalJSON reads "ho_ten" or {"part": "ho_ten", "label": …}.
func (p *Part) UnmarshalJSON(raw []byte) error {
	*p = Part{}
	if json.Unmarshal(raw, &p.ID) == nil {
		return nil
	}
	if err := json.Unmarshal(raw, &p.members); err != nil {
		return fmt.Errorf("eform: a part is a name or an object: %w", err)
	}
	if err := json.Unmarshal(p.members["part"], &p.ID); err != nil {
		return fmt.Errorf("eform: a part has no name: %w", err)
	}
	delete(p.members, "part")
	return nil
}

//go:embed person.json
var personFile []byte

// usualPart is what a part of a person is when the definition says nothing more.
type usualPart struct {
	Part   string                     `json:"part"`
	Types  []Type                     `json:"types"` // that it may have, where there is a choice
	Member map[string]json.RawMessage `json:"member"`
	Own    map[string]json.RawMessage `json:"own"` // more of it, of the person who fills the form
}

// usualParts reads the embedded file. Without it the program cannot work: it is part of it.
var usualParts = sync.OnceValue(func() map[string]usualPart {
	var list []usualPart
	if err := json.Unmarshal(personFile, &list); err != nil {
		panic(fmt.Sprintf("eform: read the parts of a person: %v", err))
	}
	all := map[string]usualPart{}
	for _, p := range list {
		all[p.Part] = p
	}
	return all
})

// expand puts the fields of person blocks in the place of the blocks.
func (l *loader) expand() {
	blocks := map[string]bool{}
	for i := range l.form.Steps {
		for j := range l.form.Steps[i].Sections {
			s := &l.form.Steps[i].Sections[j]
			if !slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Type == PersonBlock }) {
				continue
			}
			var fields []Field
			for k := range s.Fields {
				if s.Fields[k].Type != PersonBlock {
					fields = append(fields, s.Fields[k])
					continue
				}
				l.block(&s.Fields[k])
				l.id("person "+s.Fields[k].ID, s.Fields[k].ID, blocks)
				fields = append(fields, l.parts(&s.Fields[k])...)
			}
			s.Fields = fields
		}
	}
	for i := range l.form.Steps {
		for j := range l.form.Steps[i].Sections {
			for k := range l.form.Steps[i].Sections[j].Fields {
				if id := l.form.Steps[i].Sections[j].Fields[k].ID; blocks[id] {
					l.fault(id, "this id is also that of a person")
				}
			}
		}
	}
}

// block checks what a person block says besides its parts.
func (l *loader) block(b *Field) {
	place := "person " + b.ID
	l.text(place+" label", b.Label)
	l.optionalText(place+" hint", b.Hint)
	if b.Prefill != "" && b.Prefill != ownPerson {
		l.fault(place, "prefill %q is not %q", b.Prefill, ownPerson)
	}
	if len(b.Parts) == 0 {
		l.fault(place, "no parts")
	}
	only := Field{
		ID: b.ID, Type: b.Type, Label: b.Label, Hint: b.Hint, When: b.When, Prefill: b.Prefill,
		Parts: b.Parts,
	}
	said, err := json.Marshal(b)
	known, errKnown := json.Marshal(only)
	if err != nil || errKnown != nil || !bytes.Equal(said, known) {
		l.fault(place, "a person has an id, a label, a hint, a condition, a prefill and parts, and no "+
			"other members")
	}
}

// parts are the fields that stand for a block.
func (l *loader) parts(b *Field) []Field {
	person := &Person{ID: b.ID, Label: b.Label, Hint: b.Hint, own: b.Prefill == ownPerson}
	has := map[string]bool{}
	for _, p := range b.Parts {
		if has[p.ID] {
			l.fault("person "+b.ID, "the part %q is there twice", p.ID)
			return nil
		}
		has[p.ID] = true
	}
	var fields []Field
	for _, p := range b.Parts {
		place := "person " + b.ID + " part " + p.ID
		usual, known := usualParts()[p.ID]
		if !known {
			l.fault(place, "this part is unknown")
			continue
		}
		f, err := p.field(usual, b.Prefill == ownPerson)
		if err != nil {
			l.fault(place, "%v", err)
			continue
		}
		f.ID, f.person = b.ID+"."+p.ID, person
		p.prune(&f, has)
		f.refer(b.ID)
		f.When = both(b.When, f.When)
		fields = append(fields, f)
	}
	return fields
}

// field makes the field of a part: the usual one with the members that the definition gives instead.
func (p *Part) field(usual usualPart, own bool) (f Field, err error) {
	members := maps.Clone(usual.Member)
	if own {
		maps.Copy(members, usual.Own)
	}
	maps.Copy(members, p.members)
	raw, err := json.Marshal(members)
	if err != nil {
		return f, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return f, err
	}
	var type_ Type
	if err := json.Unmarshal(usual.Member["type"], &type_); err != nil {
		return f, err
	}
	switch {
	case f.ID != "" || f.Parts != nil:
		return f, fmt.Errorf("its id is that of the part, and it has no parts")
	case f.Type != type_ && !slices.Contains(usual.Types, f.Type):
		return f, fmt.Errorf("it cannot be of type %q", f.Type)
	}
	return f, nil
}

// prune removes from the usual definition what asks about parts that the block does not have.
func (p *Part) prune(f *Field, has map[string]bool) {
	absent := func(ref string) bool { part, own := strings.CutPrefix(ref, "."); return own && !has[part] }
	if _, said := p.members["when"]; !said {
		f.When.each(func(one *Condition) {
			if absent(one.Field) {
				f.When = nil
			}
		})
	}
	if _, said := p.members["matches"]; said || f.Matches == nil {
		return
	}
	for _, ref := range []*string{&f.Matches.Gender, &f.Matches.Born} {
		if absent(*ref) {
			*ref = ""
		}
	}
	if *f.Matches == (Matches{}) {
		f.Matches = nil
	}
}

// refer turns the references that begin with a dot into ids of the form's fields.
func (f *Field) refer(block string) {
	resolve := func(ref *string) {
		if strings.HasPrefix(*ref, ".") {
			*ref = block + *ref
		}
	}
	f.When.each(func(one *Condition) { resolve(&one.Field) })
	for i := range f.Rules {
		resolve(&f.Rules[i].Right)
		f.Rules[i].When.each(func(one *Condition) { resolve(&one.Field) })
	}
	for i := range f.From {
		resolve(&f.From[i])
	}
	if f.Matches != nil {
		resolve(&f.Matches.Gender)
		resolve(&f.Matches.Born)
	}
	if f.Ground != nil {
		resolve(&f.Ground.For)
	}
}

// both is the condition that a and b are both true; nil is always.
func both(a, b *Condition) *Condition {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &Condition{All: []Condition{*a, *b}}
}
