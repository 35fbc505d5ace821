package eform

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"congdvc/i18n"
)

// Names of dictionaries that the code itself needs.
const (
	genders   = "gioi_tinh"
	provinces = "tinh"
)

//go:embed dictionaries/*.json
var dictionaryFiles embed.FS

// dictionary is one data file: where its entries come from, and the entries in the order to show.
type dictionary struct {
	Source  string   `json:"source"`
	Entries []Option `json:"entries"`

	byValue map[string]*Option
	onceNames
}

// dictionaries reads the embedded files. One that cannot be read stops the program: it is part of it.
var dictionaries = sync.OnceValue(func() map[string]*dictionary {
	files, err := dictionaryFiles.ReadDir("dictionaries")
	if err != nil {
		panic(fmt.Sprintf("eform: list dictionaries: %v", err))
	}
	all := make(map[string]*dictionary, len(files))
	for _, file := range files {
		raw, err := dictionaryFiles.ReadFile("dictionaries/" + file.Name())
		if err != nil {
			panic(fmt.Sprintf("eform: read dictionary %s: %v", file.Name(), err))
		}
		d := &dictionary{byValue: map[string]*Option{}}
		if err := json.Unmarshal(raw, d); err != nil {
			panic(fmt.Sprintf("eform: read dictionary %s: %v", file.Name(), err))
		}
		for i := range d.Entries {
			d.byValue[d.Entries[i].Value] = &d.Entries[i]
		}
		all[strings.TrimSuffix(file.Name(), ".json")] = d
	}
	return all
})

// Dictionary returns the entries of a dictionary in the order to show, or nil when there is none of that
// name. The slice is shared: do not change it. The names are dan_toc, quoc_tich, quan_he, giay_to, gioi_tinh,
// tinh, vsic, hon_nhan and cu_tru.
func Dictionary(name string) []Option {
	if d := dictionaries()[name]; d != nil {
		return d.Entries
	}
	return nil
}

// DictionaryText returns the text of an entry in a language, or the code itself when the dictionary has no
// such entry.
func DictionaryText(name, code string, l i18n.Lang) string {
	if o := entry(name, code); o != nil {
		return o.Label.In(l)
	}
	return code
}

func entry(name, code string) *Option {
	if d := dictionaries()[name]; d != nil {
		return d.byValue[code]
	}
	return nil
}
