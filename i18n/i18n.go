// Package i18n turns keys into text and values into what a person reads, in Vietnamese and in English. The
// texts are the catalogues beside this file, one pair <room>.vi.toml and <room>.en.toml for each room, in the
// format of github.com/nicksnyder/go-i18n/v2, which was chosen because it knows the plural rules of
// languages; it is imported here only, so that another library could take its place. Texts are plain: HTML
// belongs to templates.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"congdvc/services/fault"
)

// Lang is a language of the portal; its value is the ISO 639-1 code, as in the lang attribute of HTML.
type Lang string

// The languages.
const (
	Vi Lang = "vi"
	En Lang = "en"
)

// Other is the language that a page's switch leads to.
func (l Lang) Other() Lang {
	if l == En {
		return Vi
	}
	return En
}

// Langs lists the languages, the first one first.
var Langs = []Lang{Vi, En}

// Text is one text in both languages, as data has it: names of procedures, of agencies, of fields.
type Text struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In returns the text in a language, or in the other one when it is missing there.
func (t Text) In(l Lang) string {
	if l == En && t.En != "" || t.Vi == "" {
		return t.En
	}
	return t.Vi
}

//go:embed *.toml
var files embed.FS

// A catalogue holds the texts of one language.
type catalogue struct {
	localizer *goi18n.Localizer
	raw       map[string]string // the "other" form, not yet filled in
	plain     map[string]string // texts that need neither values nor plural forms
}

// strict makes a missing value of a placeholder an error, where text/template would write "<no value>".
var strict = &template.TextParser{Option: "missingkey=error"}

// load parses the embedded catalogues. One that cannot be parsed stops the program: it is part of it.
var load = sync.OnceValue(func() map[Lang]*catalogue {
	catalogues, err := parse(files)
	if err != nil {
		panic(err)
	}
	return catalogues
})

func parse(dir fs.FS) (map[Lang]*catalogue, error) {
	bundle := goi18n.NewBundle(language.Make(string(Vi)))
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	catalogues := map[Lang]*catalogue{}
	for _, l := range Langs {
		c := &catalogue{raw: map[string]string{}, plain: map[string]string{}}
		paths, err := fs.Glob(dir, "*."+string(l)+".toml")
		if err != nil {
			return nil, fmt.Errorf("i18n: list catalogues: %w", err)
		}
		for _, path := range paths {
			file, err := bundle.LoadMessageFileFS(dir, path)
			if err != nil {
				return nil, fmt.Errorf("i18n: read %s: %w", path, err)
			}
			for _, m := range file.Messages {
				if _, twice := c.raw[m.ID]; twice {
					return nil, fmt.Errorf("i18n: %s: key %q is there twice", path, m.ID)
				}
				c.raw[m.ID] = m.Other
				if m.One == "" && !strings.Contains(m.Other, "{{") {
					c.plain[m.ID] = m.Other
				}
			}
		}
		c.localizer = goi18n.NewLocalizer(bundle, string(l))
		catalogues[l] = c
	}
	return catalogues, nil
}

func catalogueOf(l Lang) *catalogue {
	if c, ok := load()[l]; ok {
		return c
	}
	return load()[Vi]
}

// Keys returns every key of a language with its raw text, the "other" form where there are several.
func Keys(l Lang) map[string]string { return catalogueOf(l).raw }

// T returns the text of a key. The args are pairs of a placeholder's name and its value: T(Vi,
// "dossier.days", "Count", 3). The value of "Count" chooses the plural form; that of "Bytes" is written as a
// size. Sums of money, dates, instants and Texts are written as the language does. A key that is unknown, or
// a placeholder without its value, shows as the key between ⟦ and ⟧, so that a page with a gap can be seen
// and tested for.
func T(l Lang, key string, args ...any) string {
	c := catalogueOf(l)
	if text, ok := c.plain[key]; ok {
		return text
	}
	if len(args)%2 != 0 {
		return "⟦" + key + "⟧"
	}
	values := make(map[string]any, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		values[fmt.Sprint(args[i])] = args[i+1]
	}
	return c.fill(l, key, values)
}

// Fault returns the message of a fault for a person, with its arguments filled in. It says nothing of its
// cause.
func Fault(l Lang, f *fault.Fault) string { return catalogueOf(l).fill(l, f.Key, f.Args) }

// Faults returns the messages of all faults inside an error, "" where there is none.
func Faults(l Lang, err error) string {
	var words []string
	for _, f := range fault.All(err) {
		words = append(words, Fault(l, f))
	}
	return strings.Join(words, " ")
}

func (c *catalogue) fill(l Lang, key string, args map[string]any) string {
	config := goi18n.LocalizeConfig{MessageID: key, TemplateParser: strict}
	values := make(map[string]any, len(args))
	for name, value := range args {
		values[name] = formatted(l, value)
	}
	if count, ok := whole(args["Count"]); ok {
		config.PluralCount = count
		values["Count"] = Number(l, count)
	}
	if bytes, ok := whole(args["Bytes"]); ok {
		values["Bytes"] = Size(l, bytes)
	}
	config.TemplateData = values
	// An error may come with a text: the "other" form in place of one that the catalogue lacks.
	text, _ := c.localizer.Localize(&config)
	if text == "" {
		return "⟦" + key + "⟧"
	}
	return text
}

// whole returns an integer of any type as int64.
func whole(value any) (int64, bool) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), true
	}
	return 0, false
}
