package backoffice

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// A Block is a paragraph, a list or code of a description. Exactly one of its members is set.
type Block struct {
	Text []Span
	List [][]Block
	Code string
}

// A Span is a piece of a paragraph.
type Span struct {
	Text         string
	Code, Strong bool
	Href         string // of a link; "" for none
}

// blocksOf reads a description, which is CommonMark. goldmark is asked for the tree only: HTML in a
// description is plain text, so that whatever shows the blocks escapes it.
func blocksOf(description string) []Block {
	source := []byte(description)
	root := goldmark.DefaultParser().Parse(text.NewReader(source))
	return blocksIn(root, source)
}

func blocksIn(parent ast.Node, source []byte) (out []Block) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.List:
			var list [][]Block
			for item := n.FirstChild(); item != nil; item = item.NextSibling() {
				list = append(list, blocksIn(item, source))
			}
			out = append(out, Block{List: list})
		case *ast.CodeBlock, *ast.FencedCodeBlock, *ast.HTMLBlock:
			out = append(out, Block{Code: string(n.Lines().Value(source))})
		default:
			out = append(out, Block{Text: spansIn(n, source, Span{})})
		}
	}
	return out
}

// spansIn gives the pieces of a paragraph; like is what they have in common.
func spansIn(parent ast.Node, source []byte, like Span) (out []Span) {
	add := func(s string) {
		if s == "" {
			return
		}
		piece := like
		piece.Text = s
		out = append(out, piece)
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		inner := like
		switch n := n.(type) {
		case *ast.Text:
			add(string(n.Value(source)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				add(" ")
			}
		case *ast.String:
			add(string(n.Value))
		case *ast.RawHTML:
			add(string(n.Segments.Value(source)))
		case *ast.CodeSpan:
			inner.Code = true
			out = append(out, oneSpan(spansIn(n, source, inner), inner))
		case *ast.AutoLink:
			inner.Href = string(n.URL(source))
			inner.Text = inner.Href
			out = append(out, inner)
		case *ast.Link:
			inner.Href = string(n.Destination)
			out = append(out, spansIn(n, source, inner)...)
		case *ast.Emphasis:
			inner.Strong = true
			out = append(out, spansIn(n, source, inner)...)
		default:
			out = append(out, spansIn(n, source, like)...)
		}
	}
	return out
}

// oneSpan joins pieces, as code that was broken over two lines.
func oneSpan(pieces []Span, as Span) Span {
	var b strings.Builder
	for _, piece := range pieces {
		b.WriteString(piece.Text)
	}
	as.Text = b.String()
	return as
}
