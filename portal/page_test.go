package portal_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inline  = regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]|<style|\son[a-z]+\s*=|\sstyle\s*=|javascript:`)
	foreign = regexp.MustCompile(`(?i)(src|href|action)="(https?:)?//[^"]*"`)
)

// checkPage holds what is true of every page.
func checkPage(t testing.TB, s *site, p page) {
	t.Helper()
	checkMarkup(t, p)
	csp := p.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
		"base-uri 'none'", "form-action 'self'"} {
		if !slices.Contains(strings.Split(csp, "; "), part) {
			t.Errorf("%s: the policy %q lacks %q", p.path, csp, part)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("%s: %s", p.path, csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "same-origin"} {
		if p.Header.Get(name) != want {
			t.Errorf("%s: %s is %q", p.path, name, p.Header.Get(name))
		}
	}
	if m := inline.FindString(p.body); m != "" {
		t.Errorf("%s has inline code: %s", p.path, m)
	}
	if m := foreign.FindString(p.body); m != "" {
		t.Errorf("%s reaches outside: %s", p.path, m)
	}
	if m := regexp.MustCompile(`⟦[^⟧]*⟧|<no value>|%!`).FindString(p.body); m != "" {
		t.Errorf("%s: a text is missing: %s", p.path, m)
	}
	if strings.Count(p.body, "<h1") != 1 {
		t.Errorf("%s has %d first headings", p.path, strings.Count(p.body, "<h1"))
	}
	lang := "vi"
	if strings.HasPrefix(p.path, "/en") {
		lang = "en"
	}
	if !strings.Contains(p.body, `<html lang="`+lang+`">`) {
		t.Errorf("%s is not in %s", p.path, lang)
	}
}
