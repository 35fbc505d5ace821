package notice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// binds is what of a notice decides who is told what, in the order of the table in services/binding.
func (n *Notice) binds() ([]string, error) {
	args, err := n.Args.binds()
	if err != nil {
		return nil, fmt.Errorf("notice: arguments of %s: %w", n.ID, err)
	}
	return []string{n.ID, string(n.Party), string(n.Person), binding.Opt(n.Draft), string(n.Dossier),
		string(n.Kind), args, binding.Instant(&n.CreatedAt)}, nil
}

// binds spells the arguments as services/binding has the database spell them.
func (a Args) binds() (string, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return "", err
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		object, is := members[name].(map[string]any)
		if !is {
			object = map[string]any{"": members[name]}
		}
		for _, inner := range slices.Sorted(maps.Keys(object)) {
			lines = append(lines, strings.Join([]string{name, inner, fmt.Sprint(object[inner])}, "\x1f"))
		}
	}
	return strings.Join(lines, "\x1e"), nil
}

// holds tells whether this portal queued it so.
func (n *Notice) holds(ctx context.Context, db postgres.DB, v *vault.Vault) (bool, error) {
	binds, err := n.binds()
	if err != nil {
		return false, err
	}
	return binding.Notice.Holds(ctx, db, v, n.Mark, binds...)
}
