package main

import (
	"reflect"
	"strings"
)

// variable is one row of the configuration table of the README.
type variable struct {
	Name, Default, Doc string
	Required, Secret   bool
}

// variables lists the environment variables of Config in order.
func variables() []variable {
	t := reflect.TypeFor[Config]()
	var all []variable
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("env"), ",")
		if name == "" || name == "-" {
			continue
		}
		all = append(all, variable{
			Name: name, Default: f.Tag.Get("envDefault"), Doc: f.Tag.Get("doc"),
			Required: strings.Contains(options, "required"), Secret: f.Tag.Get("secret") == "true",
		})
	}
	return all
}
