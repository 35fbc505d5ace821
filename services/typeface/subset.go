package typeface

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

var errFont = errors.New("not a TrueType font that can be cut")

// A font is a TrueType font whose tables were found. The names of tables and fields are those of the OpenType
// specification, chapter "Font Tables".
type font struct {
	tables map[string][]byte
	loca   []uint32 // where each glyph begins in glyf, and where the last ends
}

var be = binary.BigEndian

// readFont finds the tables. The fonts are part of the program, so their content is not checked.
func readFont(ttf []byte) (*font, error) {
	if len(ttf) < 12 || be.Uint32(ttf) != 0x00010000 {
		return nil, errFont
	}
	f := &font{tables: map[string][]byte{}}
	for i := range int(be.Uint16(ttf[4:])) {
		record := ttf[12+16*i:]
		from, size := be.Uint32(record[8:]), be.Uint32(record[12:])
		f.tables[string(record[:4])] = ttf[from : from+size]
	}
	for _, name := range []string{"head", "hhea", "maxp", "hmtx", "cmap", "loca", "glyf", "OS/2", "name",
		"post"} {
		if f.tables[name] == nil {
			return nil, errFont
		}
	}
	long := be.Uint16(f.tables["head"][50:]) == 1
	for i := range int(be.Uint16(f.tables["maxp"][4:])) + 1 {
		if long {
			f.loca = append(f.loca, be.Uint32(f.tables["loca"][4*i:]))
		} else {
			f.loca = append(f.loca, 2*uint32(be.Uint16(f.tables["loca"][2*i:])))
		}
	}
	return f, nil
}

// characters returns the glyph of each character that is wanted, from the cmap of format 4 for the Unicode
// BMP.
func (f *font) characters(want func(rune) bool) map[rune]uint16 {
	cmap := f.tables["cmap"]
	found := map[rune]uint16{}
	for i := range int(be.Uint16(cmap[2:])) {
		record := cmap[4+8*i:]
		sub := cmap[be.Uint32(record[4:]):]
		if be.Uint16(record) != 3 || be.Uint16(record[2:]) != 1 || be.Uint16(sub) != 4 {
			continue
		}
		segments := int(be.Uint16(sub[6:])) / 2
		ends, starts := sub[14:], sub[16+2*segments:]
		deltas, offsets := sub[16+4*segments:], sub[16+6*segments:]
		for s := range segments {
			for c := int(be.Uint16(starts[2*s:])); c <= int(be.Uint16(ends[2*s:])) && c < 0xffff; c++ {
				if !want(rune(c)) {
					continue
				}
				id := uint16(c)
				if offset := int(be.Uint16(offsets[2*s:])); offset != 0 {
					id = be.Uint16(offsets[2*s+offset+2*(c-int(be.Uint16(starts[2*s:]))):])
				}
				if offset := be.Uint16(offsets[2*s:]); offset == 0 || id != 0 {
					id += be.Uint16(deltas[2*s:])
				}
				found[rune(c)] = id
			}
		}
	}
	return found
}

// glyph returns the outline of a glyph; empty for a blank.
func (f *font) glyph(id uint16) []byte { return f.tables["glyf"][f.loca[id]:f.loca[id+1]] }

// subset cuts a font down to the glyphs of the wanted characters and those that they are composed of.
// Instructions for old screens are left out.
func subset(ttf []byte, want func(rune) bool) ([]byte, error) {
	f, err := readFont(ttf)
	if err != nil {
		return nil, err
	}
	characters := f.characters(want)
	if len(characters) == 0 {
		return nil, errFont
	}
	old := f.closure(characters)
	place := map[uint16]uint16{} // the new number of each old one
	for i, id := range old {
		place[id] = uint16(i)
	}
	var glyf, loca, hmtx []byte
	for _, id := range old {
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, bare(f.glyph(id), place)...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = append(hmtx, f.metrics(id)...)
	}
	loca = be.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := slices.Clone(f.tables["head"]), slices.Clone(f.tables["hhea"]),
		slices.Clone(f.tables["maxp"])
	be.PutUint16(head[50:], 1)
	be.PutUint16(hhea[34:], uint16(len(old)))
	be.PutUint16(maxp[4:], uint16(len(old)))
	post := slices.Clone(f.tables["post"][:32])
	be.PutUint32(post, 0x00030000) // no names of glyphs
	return assemble(map[string][]byte{
		"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "cmap": cmapOf(characters, place),
		"loca": loca, "glyf": glyf, "OS/2": f.tables["OS/2"], "name": f.tables["name"], "post": post,
	}), nil
}

// closure lists the glyphs of characters and of what they are composed of, in order; 0, the missing one, is
// first.
func (f *font) closure(characters map[rune]uint16) []uint16 {
	all := map[uint16]bool{}
	waiting := append(slices.Collect(maps.Values(characters)), 0)
	for len(waiting) > 0 {
		id := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if all[id] {
			continue
		}
		all[id] = true
		for _, at := range components(f.glyph(id)) {
			waiting = append(waiting, be.Uint16(f.glyph(id)[at+2:]))
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// metrics returns the advance and bearing of a glyph. Those behind the last full record share its advance.
func (f *font) metrics(id uint16) []byte {
	hmtx, full := f.tables["hmtx"], be.Uint16(f.tables["hhea"][34:])
	if id < full {
		return hmtx[4*int(id) : 4*int(id)+4]
	}
	advance := hmtx[4*int(full)-4:]
	bearing := hmtx[4*int(full)+2*int(id-full):]
	return []byte{advance[0], advance[1], bearing[0], bearing[1]}
}
