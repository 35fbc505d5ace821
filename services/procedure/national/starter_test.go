package national

import (
	"strings"
	"testing"

	"congdvc/services/procedure"
)

// unrecorded are the starter procedures of ministries that the national records at hand do not cover.
var unrecorded = []string{"1.001731", "2.000033", "2.001628"}

// TestStarterKeepsTheChannelsOfTheRecords: every way to file and every time that the national record reads as
// structure is in the definition.
func TestStarterKeepsTheChannelsOfTheRecords(t *testing.T) {
	t.Parallel()
	raw := sample(t)
	own := map[string]*procedure.Definition{}
	for _, s := range starter(t) {
		own[s.Definition.Code] = &s.Definition
	}
	compared := 0
	for line := range strings.Lines(string(raw)) {
		record, _, err := read([]byte(line))
		if err != nil || own[record.Code] == nil {
			continue
		}
		compared++
		for _, what := range ownDiffers(own[record.Code], &record) {
			if what == "channels" || strings.HasPrefix(what, "time ") {
				t.Errorf("%s: %s", record.Code, what)
			}
		}
	}
	if want := len(own) - len(unrecorded); compared != want {
		t.Errorf("%d records compared, want %d", compared, want)
	}
}
