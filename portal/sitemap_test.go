package portal

import (
	"bytes"
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"testing"

	"congdvc/portal/address"
)

// TestSitemapOfVeryMany splits a list that one file may not hold, and separates no page from its translation.
func TestSitemapOfVeryMany(t *testing.T) {
	t.Parallel()
	list := sitemapList{base: address.Site{Base: "https://a.vn"}, most: 5}
	for n := range 7 {
		code := "1." + strconv.Itoa(n) + "&"
		list.add(func(lang string) string { return address.Procedure(lang, code) }, "2026-11-01")
	}
	if err := list.end(); err != nil {
		t.Fatal(err)
	}
	var counts []int
	for _, f := range list.files {
		clear, err := gzip.NewReader(bytes.NewReader(f.packed))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(clear)
		if err != nil || len(text) != f.size {
			t.Errorf("%d bytes, told were %d: %v", len(text), f.size, err)
		}
		counts = append(counts, strings.Count(string(text), "<loc>"))
		if !strings.Contains(string(text), "<loc>https://a.vn/thu-tuc/1.") ||
			strings.Contains(string(text), "&<") {
			t.Errorf("%s", text)
		}
	}
	if len(counts) != 4 || counts[0] != 4 || counts[3] != 2 {
		t.Errorf("addresses by file: %v", counts)
	}
}
