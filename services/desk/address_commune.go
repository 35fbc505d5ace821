package desk

import (
	"context"

	"congdvc/services/agency"
	"congdvc/services/eform"
)

// WithCommunes returns the answers with the communes of their addresses by code and name. A commune stays as
// typed where the portal cannot tell which one is meant.
func (d *Desk) WithCommunes(ctx context.Context, f *eform.Form, a eform.Answers) (eform.Answers, error) {
	find, err := d.communes(ctx, f.Provinces(a)...)
	if err != nil {
		return nil, err
	}
	return f.WithCommunes(a, find), nil
}

// communes returns a function that finds a commune of a province by what was typed.
func (d *Desk) communes(ctx context.Context,
	provinces ...string) (func(province, typed string) (eform.Commune, bool), error) {
	of := map[string][]agency.Unit{}
	for _, province := range provinces {
		units, err := agency.Units(ctx, d.Pool, province)
		if err != nil {
			return nil, err
		}
		of[province] = units
	}
	return func(province, typed string) (eform.Commune, bool) {
		unit, ok := agency.UnitNamed(of[province], typed)
		return eform.Commune{Code: unit.Code, Name: unit.Name}, ok
	}, nil
}

// home is the address of a person's account, as a form has it.
func (d *Desk) home(ctx context.Context, line string) (eform.Value, error) {
	read := eform.ReadAddress(line)
	find, err := d.communes(ctx, eform.Province(read))
	if err != nil {
		return eform.Value{}, err
	}
	return eform.WithCommune(read, find), nil
}
