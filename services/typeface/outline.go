package typeface

import (
	"maps"
	"slices"
)

// Flags of a component of a composite glyph.
const (
	argsAreWords    = 1 << 0
	haveScale       = 1 << 3
	moreComponents  = 1 << 5
	haveTwoScales   = 1 << 6
	haveTwoByTwo    = 1 << 7
	haveInstruction = 1 << 8
)

// components returns where the components of a composite glyph begin in it; none of a simple one.
func components(glyph []byte) []int {
	var starts []int
	if len(glyph) == 0 || int16(be.Uint16(glyph)) >= 0 {
		return nil
	}
	for at, more := 10, true; more; {
		flags := be.Uint16(glyph[at:])
		starts = append(starts, at)
		more = flags&moreComponents != 0
		at += 4 + afterIndex(flags)
	}
	return starts
}

// afterIndex is the number of bytes of a component behind its flags and index.
func afterIndex(flags uint16) int {
	size := 2
	if flags&argsAreWords != 0 {
		size = 4
	}
	switch {
	case flags&haveScale != 0:
		size += 2
	case flags&haveTwoScales != 0:
		size += 4
	case flags&haveTwoByTwo != 0:
		size += 8
	}
	return size
}

// bare returns a glyph without its instructions, with its components under their new numbers.
func bare(glyph []byte, place map[uint16]uint16) []byte {
	if len(glyph) == 0 {
		return nil
	}
	if contours := int(int16(be.Uint16(glyph))); contours >= 0 {
		at := 10 + 2*contours
		instructions := int(be.Uint16(glyph[at:]))
		out := append(slices.Clone(glyph[:at]), 0, 0)
		return append(out, glyph[at+2+instructions:]...)
	}
	out := slices.Clone(glyph)
	end := 0
	for _, at := range components(glyph) {
		flags := be.Uint16(out[at:])
		be.PutUint16(out[at:], flags&^haveInstruction)
		be.PutUint16(out[at+2:], place[be.Uint16(out[at+2:])])
		end = at + 4 + afterIndex(flags)
	}
	return out[:end]
}

// cmapOf writes a cmap of format 4 with a segment for each run of characters whose glyphs follow each other.
func cmapOf(characters map[rune]uint16, place map[uint16]uint16) []byte {
	type segment struct{ start, end, delta uint16 }
	var segments []segment
	for _, c := range slices.Sorted(maps.Keys(characters)) {
		code := uint16(c)
		delta := place[characters[c]] - code
		if last := len(segments) - 1; last >= 0 && segments[last].end+1 == code &&
			segments[last].delta == delta {
			segments[last].end = code
			continue
		}
		segments = append(segments, segment{code, code, delta})
	}
	segments = append(segments, segment{0xffff, 0xffff, 1})
	n := len(segments)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := []byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12} // one table: Windows, Unicode BMP
	for _, v := range []int{4, 16 + 8*n, 0, 2 * n, 2 * power, log, 2 * (n - power)} {
		out = be.AppendUint16(out, uint16(v))
	}
	for _, s := range segments {
		out = be.AppendUint16(out, s.end)
	}
	out = be.AppendUint16(out, 0)
	for _, s := range segments {
		out = be.AppendUint16(out, s.start)
	}
	for _, s := range segments {
		out = be.AppendUint16(out, s.delta)
	}
	return append(out, make([]byte, 2*n)...)
}

// assemble writes tables into a font file, with their checksums.
func assemble(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	n := len(names)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{n, 16 * power, log, 16 * (n - power)} {
		out = be.AppendUint16(out, uint16(v))
	}
	var body []byte
	for _, name := range names {
		table := tables[name]
		size := len(table)
		padded := append(slices.Clone(table), make([]byte, (4-size%4)%4)...)
		var sum uint32
		for i := 0; i < len(padded); i += 4 {
			sum += be.Uint32(padded[i:])
		}
		out = append(out, name...)
		out = be.AppendUint32(out, sum)
		out = be.AppendUint32(out, uint32(12+16*n+len(body)))
		out = be.AppendUint32(out, uint32(size))
		body = append(body, padded...)
	}
	return append(out, body...)
}
