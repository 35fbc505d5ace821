package eform

import "regexp"

// What an e-result says about itself, as the last part of a prefill key "result.KQ.G15.000038.number".
const (
	ResultNumber = "number" // the document's own number
	ResultDate   = "date"   // the day of issue
	ResultAgency = "agency" // name of the agency that issued it
)

var resultPrefill = regexp.MustCompile(`^result\.(KQ\.G[0-9]{2}\.[0-9]{6})\.(number|date|agency)$`)

// ResultPrefill reads a prefill key that asks for part of an e-result: the code of its kind in the national
// catalogue, and one of the constants.
func ResultPrefill(key string) (kind, part string, ok bool) {
	m := resultPrefill.FindStringSubmatch(key)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// prefillName is the name of a prefill key in the rows of types: for keys of e-results, the kind of result is
// left out.
func prefillName(key string) string {
	if _, part, ok := ResultPrefill(key); ok {
		return "result." + part
	}
	return key
}
