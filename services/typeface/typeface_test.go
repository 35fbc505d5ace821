package typeface

import (
	"testing"
	"unicode"
)

// TestCutsHaveWhatTheySay reads both cuts again: each has its characters, and no others.
func TestCutsHaveWhatTheySay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func() ([]byte, error)
		has  func(rune) bool
	}{"usual": {Usual, IsUsual}, "whole": {Whole, Draws}} {
		raw, err := c.make()
		if err != nil {
			t.Fatal(err)
		}
		f, err := readFont(raw)
		if err != nil {
			t.Fatal(err)
		}
		in := f.characters(func(rune) bool { return true })
		for r := range rune(1 << 16) {
			if c.has(r) != (in[r] != 0) {
				t.Errorf("the %s cut and its table do not agree on %U %c", name, r, r)
			}
			if IsUsual(r) && !Draws(r) {
				t.Errorf("%U is usual and not drawn", r)
			}
		}
	}
}

// TestDraws names letters that people of Vietnam and of its neighbours write.
func TestDraws(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Nguyễn Thị Hồng Ánh", "Ƀuôn Ơ\u0306 Ê\u0306 ư\u0306 č ñ ĭ", "Łódź Ştefan Əliyev",
		"Иван Ελένη", "H₂O, 25 m², 30 °C, ½, ≥ 3 µm", "– — “ ” … • ► ■ □ № ₫", string(Substitute), "a\nb"} {
		if got := Lacking(text); got != "" {
			t.Errorf("%q has %q, which is not drawn", text, got)
		}
	}
	for text, want := range map[string]string{
		"Kim 김철수": "김", "a 金 b": "金", "ខ្មែរ": "ខ\u17d2", "สมชาย": "ส",
		"ꨌꩌ": "ꨌꩌ", "שלום": "ש", "😀": "😀", "a\u0300\u0e35": "\u0e35", "x\x1b": "\x1b", "\ufffd": "\ufffd",
		"𝐀": "𝐀", "\ue000": "\ue000"} {
		if got := Lacking(text); got != want {
			t.Errorf("of %q %q is lacking, want %q", text, got, want)
		}
	}
	for r := range rune(1 << 16) {
		if Draws(r) && (unicode.Is(unicode.Hebrew, r) || unicode.Is(unicode.Arabic, r)) {
			t.Errorf("%U is written from right to left", r)
		}
	}
}

// TestPlace holds where marks stand: over the middle of their letter, above what is there already.
func TestPlace(t *testing.T) {
	t.Parallel()
	const breve, dotBelow, macron = 0x306, 0x323, 0x304
	at := func(letter rune, marks ...rune) Offset {
		places := Place(letter, marks)
		return places[len(places)-1]
	}
	capital, small, hat := at('Ơ', breve), at('ơ', breve), at('ê', breve)
	if small.Y != 0 || capital.Y < 0.1 || hat.Y < 0.1 {
		t.Errorf("a breve is raised by %v over ơ, %v over Ơ and %v over ê", small.Y, capital.Y, hat.Y)
	}
	if at('x', macron, breve).Y <= at('x', breve).Y {
		t.Error("a second mark lies on the first")
	}
	if at('x', dotBelow).Y > 0 || at('j', dotBelow).Y >= at('x', dotBelow).Y {
		t.Error("a dot lies in the tail of j")
	}
	for _, letter := range "xơƠjW" {
		middle, _, _ := shape([]rune(string(letter))[0])
		if p := at(letter, breve); p.X <= 0 || p.X > 1 || middle == 0 {
			t.Errorf("the mark of %c stands at %v", letter, p.X)
		}
	}
	if p := Place(' ', []rune{breve}); len(p) != 1 || p[0].Y < 0 {
		t.Errorf("a mark without a letter stands at %v", p)
	}
}
