package main

import (
	"os"
	"strings"
	"testing"
)

const outputGolden = "testdata/output.golden"

// TestOutputGolden: what commands write whose output is the same on every day and machine.
func TestOutputGolden(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	var all strings.Builder
	for _, line := range []string{
		"--help", "import --help", "onestop --help", "procedures --help", "keys --help",
		"import starter", "import starter", "procedures list", "procedures show 2.000635",
		"onestop list", "payments list",
	} {
		all.WriteString("== portal " + line + "\n" + p.must(strings.Fields(line)...))
	}
	if *update {
		if err := os.WriteFile(outputGolden, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(outputGolden)
	if err != nil {
		t.Fatal(err)
	}
	if all.String() != string(want) {
		t.Errorf("something else than %s; -update writes it anew:\n%s", outputGolden, all.String())
	}
}
