package backoffice

import "slices"

// A Schema is what a value looks like. A named one has a place of its own in the manual.
type Schema struct {
	Name    string
	Type    Type
	About   []Block
	Bounds  []Bound
	Extends []Type // its members are those of these too
	Members []Member
	Rules   []Block // what holds between its members
	Closed  bool    // other members are refused
}

// A Member is one of an object, on any level: "keys[].prefix" is that of each item of the list keys. It is a
// parameter or a header as well.
type Member struct {
	Name     string
	In       string // of a parameter: path, query, header
	Type     Type
	Required bool
	Bounds   []Bound
	About    []Block
	Example  string
}

// A Type is a named schema, a list, a map by name, one of several, or else a word of JSON Schema.
type Type struct {
	Schema string
	List   *Type
	Map    *Type
	Any    []Type
	Word   string
}

// A Bound is a keyword of JSON Schema that bounds a value, such as maxLength, and what it says. Words are the
// values of a list.
type Bound struct {
	Keyword, Value string
	Words          []string
}

// bounding are the keywords that are shown as they are.
var bounding = []string{"format", "const", "default", "minimum", "maximum", "minLength", "maxLength",
	"pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "contentMediaType"}

func boundsOf(schema branch) (out []Bound) {
	for keyword, value := range schema.members() {
		if slices.Contains(bounding, keyword) {
			out = append(out, Bound{Keyword: keyword, Value: value.text()})
		}
	}
	var words []string
	for word := range schema.at("enum").items() {
		words = append(words, word.text())
	}
	if words != nil {
		out = append(out, Bound{Keyword: "enum", Words: words})
	}
	return out
}

func typeOf(schema branch) Type {
	if name := schema.ref(); name != "" {
		return Type{Schema: name}
	}
	if items := schema.at("items"); items.there() {
		of := typeOf(items)
		return Type{List: &of}
	}
	if values := schema.at("additionalProperties", "type"); values.there() {
		return Type{Map: &Type{Word: values.text()}}
	}
	if name := schema.at("additionalProperties").ref(); name != "" {
		return Type{Map: &Type{Schema: name}}
	}
	var any []Type
	for one := range schema.at("oneOf").items() {
		any = append(any, typeOf(one))
	}
	if any != nil {
		return Type{Any: any}
	}
	return Type{Word: schema.at("type").text()}
}

func schemaOf(root branch, name string, schema branch) Schema {
	s := Schema{Name: name, Type: typeOf(schema), About: schema.blocks(), Bounds: boundsOf(schema),
		Closed: schema.at("additionalProperties").text() == "false"}
	s.Members = membersOf("", schema)
	for part := range schema.at("allOf").items() {
		switch {
		case part.ref() != "":
			s.Extends = append(s.Extends, Type{Schema: part.ref()})
		case part.at("if").there():
			s.Rules = append(s.Rules, part.blocks()...)
		default:
			s.Members = append(s.Members, membersOf("", part)...)
		}
	}
	if s.Type.Word == "" && s.Extends != nil {
		s.Type.Word = "object"
	}
	return s
}

// membersOf lists those of an object, those of unnamed objects within it behind them, with their whole way.
func membersOf(way string, schema branch) (out []Member) {
	var required []string
	for name := range schema.at("required").items() {
		required = append(required, name.text())
	}
	for name, about := range schema.at("properties").members() {
		m := Member{Name: way + name, Type: typeOf(about), Required: slices.Contains(required, name),
			About: about.blocks(), Bounds: boundsOf(about)}
		inner, at := about, m.Name
		for inner.at("items").there() {
			inner, at = inner.at("items"), at+"[]"
			m.Bounds = append(m.Bounds, boundsOf(inner)...)
			if m.About == nil {
				m.About = inner.blocks()
			}
		}
		out = append(out, m)
		out = append(out, membersOf(at+".", inner)...)
	}
	return out
}

// parameterOf reads a parameter, or a header of an answer, which has no name of its own.
func parameterOf(root, p branch) Member {
	schema := p.at("schema")
	m := Member{Name: p.at("name").text(), In: p.at("in").text(), Type: typeOf(schema),
		Required: p.at("required").text() == "true", About: p.blocks(), Bounds: boundsOf(schema)}
	if example := p.at("example"); example.there() {
		m.Example = example.example()
	}
	return m
}
