package portal

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/portal/transfer"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

const (
	// mostAddresses is how many one file may hold (sitemaps.org, protocol).
	mostAddresses = 50_000
	// sitemapLife is how old the list may be.
	sitemapLife = 10 * time.Minute
)

// keptSitemaps are the files of the list of pages, compressed: a large catalogue takes megabytes in clear.
type keptSitemaps struct {
	mu    sync.Mutex
	files []sitemapFile
	until time.Time
}

type sitemapFile struct {
	packed []byte // gzip
	size   int    // in clear
}

// sitemap lists the pages for search engines, or the files that list them where one cannot hold all.
func (p *Portal) sitemap(v *visit) error {
	files, err := p.sitemapFiles(v.ctx())
	if err != nil {
		return err
	}
	if len(files) == 1 {
		return sendSitemap(v, files[0])
	}
	w := newSitemapWriter("sitemapindex", "")
	for n := range files {
		w.write("<sitemap><loc>", p.Site.URL(address.SitemapPart(strconv.Itoa(n+1)+".xml")),
			"</loc></sitemap>\n")
	}
	index, err := w.close()
	if err != nil {
		return err
	}
	return sendSitemap(v, index)
}

// sitemapPart is one file of several.
func (p *Portal) sitemapPart(v *visit) error {
	files, err := p.sitemapFiles(v.ctx())
	if err != nil {
		return err
	}
	name, isXML := strings.CutSuffix(v.Params("part"), ".xml")
	n, err := strconv.Atoi(name)
	if err != nil || !isXML || n < 1 || n > len(files) || strconv.Itoa(n) != name {
		return fiber.ErrNotFound
	}
	return sendSitemap(v, files[n-1])
}

func sendSitemap(v *visit, f sitemapFile) error {
	v.Set(fiber.HeaderContentType, "application/xml; charset=utf-8")
	v.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	v.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if v.Request().Header.HasAcceptEncoding("gzip") {
		v.Set(fiber.HeaderContentEncoding, "gzip")
		return v.Send(f.packed)
	}
	clear, err := gzip.NewReader(bytes.NewReader(f.packed))
	if err != nil {
		return fmt.Errorf("portal: sitemap: %w", err)
	}
	transfer.Pour(v.Ctx, clear, f.size)
	return nil
}

func (p *Portal) sitemapFiles(ctx context.Context) ([]sitemapFile, error) {
	p.sitemaps.mu.Lock()
	defer p.sitemaps.mu.Unlock()
	now := p.Now()
	if now.Before(p.sitemaps.until) {
		return p.sitemaps.files, nil
	}
	list := sitemapList{base: p.Site, most: mostAddresses}
	for _, page := range []func(string) string{address.Home[string], address.Search[string],
		address.Track[string], address.Verify[string], address.Help[string], address.Accessibility[string],
		address.Developers[string]} {
		list.add(page, "")
	}
	for _, e := range procedure.LifeEvents() {
		list.add(func(lang string) string { return address.LifeEvent(lang, e.Slug) }, "")
	}
	add := func(code string, since workday.Date) error {
		list.add(func(lang string) string { return address.Procedure(lang, code) }, since.String())
		return nil
	}
	err := procedure.EachInForce(ctx, p.Pool, workday.DateOf(now), add)
	if err == nil {
		err = list.end()
	}
	if err != nil {
		return nil, err
	}
	p.sitemaps.files, p.sitemaps.until = list.files, now.Add(sitemapLife)
	return list.files, nil
}

// sitemapList writes pages into files of at most so many addresses.
type sitemapList struct {
	base  address.Site
	most  int
	files []sitemapFile
	open  *sitemapWriter
	held  int // addresses in the open file
	err   error
}

// add lists a page in each language. Each names itself and the other, as search engines ask for.
func (l *sitemapList) add(page func(lang string) string, changed string) {
	if l.open != nil && l.held+len(i18n.Langs) > l.most {
		l.close()
	}
	if l.open == nil {
		l.open, l.held = newSitemapWriter("urlset", ` xmlns:xhtml="http://www.w3.org/1999/xhtml"`), 0
	}
	for _, lang := range i18n.Langs {
		l.held++
		l.open.write("<url><loc>", l.base.URL(page(string(lang))), "</loc>")
		if changed != "" {
			l.open.write("<lastmod>", changed, "</lastmod>")
		}
		for _, other := range i18n.Langs {
			l.open.write(`<xhtml:link rel="alternate" hreflang="`+string(other)+`" href="`,
				l.base.URL(page(string(other))), `"/>`)
		}
		l.open.write("", "", "</url>\n")
	}
}

func (l *sitemapList) close() {
	f, err := l.open.close()
	if err != nil && l.err == nil {
		l.err = err
	}
	l.files, l.open = append(l.files, f), nil
}

func (l *sitemapList) end() error {
	if l.open != nil {
		l.close()
	}
	return l.err
}

// sitemapWriter writes one file, compressed from the start.
type sitemapWriter struct {
	root   string
	packed bytes.Buffer
	gzip   *gzip.Writer
	size   int
	err    error
}

func newSitemapWriter(root, more string) *sitemapWriter {
	w := &sitemapWriter{root: root}
	w.gzip = gzip.NewWriter(&w.packed)
	w.write(`<?xml version="1.0" encoding="UTF-8"?>`+"\n<"+root+
		` xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`+more+">\n", "", "")
	return w
}

// write puts a text between two pieces of markup.
func (w *sitemapWriter) write(before, text, after string) {
	var escaped bytes.Buffer
	escaped.WriteString(before)
	_ = xml.EscapeText(&escaped, []byte(text)) // a buffer takes everything
	escaped.WriteString(after)
	w.size += escaped.Len()
	if _, err := w.gzip.Write(escaped.Bytes()); err != nil && w.err == nil {
		w.err = err
	}
}

func (w *sitemapWriter) close() (sitemapFile, error) {
	w.write("</"+w.root+">\n", "", "")
	if err := w.gzip.Close(); err != nil && w.err == nil {
		w.err = err
	}
	if w.err != nil {
		return sitemapFile{}, fmt.Errorf("portal: sitemap: %w", w.err)
	}
	return sitemapFile{w.packed.Bytes(), w.size}, nil
}
