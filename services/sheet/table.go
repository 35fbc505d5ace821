package sheet

// A column of a table; the widths of all are shares of the page's.
type column struct {
	head  string
	share float64
	align string // of the cells; "" is "L"
	size  float64
}

// cellPad is the room between a cell's border and its text, in millimetres.
const cellPad = 1.4

// table writes rows under a head that every page repeats. A row stays on one page if it fits on any. The
// total is a last row in bold; nil for none.
func (p *paper) table(columns []column, rows [][]string, total []string) {
	var shares float64
	for _, c := range columns {
		shares += c.share
	}
	widths := make([]float64, len(columns))
	for i, c := range columns {
		widths[i] = inner * c.share / shares
	}
	t := table{paper: p, columns: columns, widths: widths}
	heads := make([][]string, len(columns))
	for i, c := range columns {
		heads[i] = p.lines(c.head, widths[i]-2*cellPad, t.style(i, headRow))
	}
	t.heads = heads
	t.begin(len(rows) > 0)
	for i, row := range rows {
		if total != nil && i == len(rows)-1 {
			t.below = lineOf(body) + 2*cellPad
		}
		t.row(row)
	}
	t.below = 0
	if total != nil {
		t.bold = true
		t.row(total)
	}
	p.gap(2)
}

// A table is one that is being written.
type table struct {
	*paper
	columns []column
	widths  []float64
	heads   [][]string
	bold    bool    // the cells
	below   float64 // height that must be left under the next row
}

// rowKind tells the head of a table from its other rows.
type rowKind int

const (
	headRow rowKind = iota
	bodyRow
)

func (t *table) style(i int, kind rowKind) style {
	if kind == headRow {
		return style{size: small, bold: true, align: "C"}
	}
	s := style{size: t.columns[i].size, bold: t.bold, align: t.columns[i].align}
	if s.size == 0 {
		s.size = small
	}
	return s
}

// height is what a row of cells needs.
func (t *table) height(cells [][]string, kind rowKind) float64 {
	most := 0.0
	for i, lines := range cells {
		most = max(most, float64(len(lines))*lineOf(t.style(i, kind).size))
	}
	return most + 2*cellPad
}

// begin writes the head where it and a line below it have room.
func (t *table) begin(more bool) {
	height := t.height(t.heads, headRow)
	if more {
		height += lineOf(body) + 2*cellPad
	}
	t.need(height)
	t.draw(t.heads, headRow)
}

// draw writes one row where the paper stands.
func (t *table) draw(cells [][]string, kind rowKind) {
	height := t.height(cells, kind)
	x := left
	for i, lines := range cells {
		if kind == headRow {
			t.pdf.SetFillColor(240, 240, 240)
			t.pdf.Rect(x, t.y, t.widths[i], height, "FD")
		} else {
			t.pdf.Rect(x, t.y, t.widths[i], height, "D")
		}
		t.put(lines, x+cellPad, t.y+cellPad, t.widths[i]-2*cellPad, t.style(i, kind))
		x += t.widths[i]
	}
	t.y += height
}

// row writes a row of texts, on a fresh page when this one has no room; one that is higher than a page is
// cut.
func (t *table) row(texts []string) {
	cells := make([][]string, len(t.columns))
	for i := range cells {
		cells[i] = t.lines(texts[i], t.widths[i]-2*cellPad, t.style(i, bodyRow))
	}
	if t.y+t.height(cells, bodyRow)+t.below > lowest {
		t.page()
		t.draw(t.heads, headRow)
	}
	for t.y+t.height(cells, bodyRow) > lowest {
		cells = t.cut(cells)
		t.page()
		t.draw(t.heads, headRow)
	}
	t.draw(cells, bodyRow)
}

// cut draws as many lines of each cell as the page takes and returns the rest.
func (t *table) cut(cells [][]string) [][]string {
	now, rest := make([][]string, len(cells)), make([][]string, len(cells))
	for i, lines := range cells {
		fit := min(len(lines), int((lowest-t.y-2*cellPad)/lineOf(t.style(i, bodyRow).size)))
		now[i], rest[i] = lines[:fit], lines[fit:]
	}
	t.draw(now, bodyRow)
	return rest
}
