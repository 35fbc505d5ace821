// Package browser holds the journeys that people make, in a real Chromium against the whole demonstration:
// the portal, its database, and the outside parties. It consists of tests, which need Debian's chromium and
// poppler-utils.
//
// SHOTS=folder makes the tests keep a picture of every page that they meet, at the width of a telephone and
// of a desk. The flag -update writes testdata/phone.png anew.
package browser
