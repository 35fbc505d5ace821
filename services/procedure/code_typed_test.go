package procedure_test

import (
	"testing"

	"congdvc/services/procedure"
)

// TestCodeIn finds a procedure's code as people type it and copy it.
func TestCodeIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1.001193": "1.001193", "1001193": "1.001193", "1-001193": "1.001193",
		"Mã TTHC: 1.001193.": "1.001193",
		"１．００１１９３":           "1.001193", "1.\u200b001193\u00a0": "1.001193",
		"“1.001193” khai sinh":                   "1.001193",
		"https://dvc.example/thu-tuc/1.001193?x": "1.001193", "1.00119": "", "khai sinh": "", "": "",
	} {
		if got := procedure.CodeIn(text); got != want {
			t.Errorf("in %q is the code %q, want %q", text, got, want)
		}
	}
}
