package backoffice

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"

	"go.yaml.in/yaml/v4"
)

// branch is a node of the contract, nil where there is none. Members come in the order of the document.
type branch struct{ *yaml.Node }

// members ranges over those of a mapping.
func (b branch) members() iter.Seq2[string, branch] {
	return func(yield func(string, branch) bool) {
		if b.Node == nil || b.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(b.Content); i += 2 {
			if !yield(b.Content[i].Value, branch{b.Content[i+1]}) {
				return
			}
		}
	}
}

// items ranges over those of a sequence.
func (b branch) items() iter.Seq[branch] {
	return func(yield func(branch) bool) {
		if b.Node == nil || b.Kind != yaml.SequenceNode {
			return
		}
		for _, item := range b.Content {
			if !yield(branch{item}) {
				return
			}
		}
	}
}

// at follows names from mapping to mapping.
func (b branch) at(names ...string) branch {
	for _, name := range names {
		found := branch{}
		for member, value := range b.members() {
			if member == name {
				found = value
			}
		}
		b = found
	}
	return b
}

func (b branch) there() bool { return b.Node != nil }

// text is a scalar as it is written; "" where there is none.
func (b branch) text() string {
	if b.Node == nil {
		return ""
	}
	return b.Value
}

func (b branch) blocks() []Block { return blocksOf(b.at("description").text()) }

// ref is the last step of a reference, such as the name of a schema; "" for what is none.
func (b branch) ref() string {
	path := b.at("$ref").text()
	return path[strings.LastIndexByte(path, '/')+1:]
}

// follow gives what a reference names, or the branch itself.
func (b branch) follow(root branch) branch {
	path := b.at("$ref").text()
	if path == "" {
		return b
	}
	return root.at(strings.Split(strings.TrimPrefix(path, "#/"), "/")...).follow(root)
}

// example writes a value as it would go over the wire, laid out: JSON with its members in their order. A text
// that stands alone is itself.
func (b branch) example() string {
	if b.Node != nil && b.Kind == yaml.ScalarNode {
		return b.Value
	}
	var compact, out bytes.Buffer
	b.write(&compact)
	if err := json.Indent(&out, compact.Bytes(), "", "  "); err != nil {
		return compact.String()
	}
	return out.String()
}

func (b branch) write(out *bytes.Buffer) {
	first := true
	comma := func() {
		if !first {
			out.WriteByte(',')
		}
		first = false
	}
	switch b.Kind {
	case yaml.MappingNode:
		out.WriteByte('{')
		for name, value := range b.members() {
			comma()
			out.WriteString(jsonText(name))
			out.WriteByte(':')
			value.write(out)
		}
		out.WriteByte('}')
	case yaml.SequenceNode:
		out.WriteByte('[')
		for item := range b.items() {
			comma()
			item.write(out)
		}
		out.WriteByte(']')
	default:
		switch b.ShortTag() {
		case "!!int", "!!float", "!!bool":
			out.WriteString(b.Value)
		default:
			out.WriteString(jsonText(b.Value))
		}
	}
}

// jsonText is a text as JSON, with < and > as they are.
func jsonText(s string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a string it cannot fail
	return strings.TrimSuffix(out.String(), "\n")
}
