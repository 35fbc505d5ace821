package demooffice

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// A Comparison is how many dossiers of an agency the portal has, and how many the book.
type Comparison struct {
	Agency       string // name
	Portal, Book int
}

// Reconcile compares the book with the portal, in one call: by agency, and altogether.
func (s *Server) Reconcile(ctx context.Context) (all Comparison, by []Comparison, err error) {
	if len(s.Agencies) == 0 {
		return all, nil, nil
	}
	var counts dossierCounts
	err = s.portal.getJSON(ctx, "/dossier-counts", s.software(s.Agencies[0].Code), &counts)
	if err != nil {
		return all, nil, err
	}
	lines := map[string]*Comparison{}
	line := func(code string) *Comparison {
		if lines[code] == nil {
			lines[code] = &Comparison{Agency: s.agencyName(code)}
		}
		return lines[code]
	}
	for _, c := range counts.Agencies {
		line(c.Agency).Portal = c.Total
	}
	for _, d := range s.book.all() {
		line(d.Agency).Book++
		all.Book++
	}
	for _, code := range slices.Sorted(maps.Keys(lines)) {
		by = append(by, *lines[code])
	}
	all.Portal = counts.Total
	return all, by, nil
}

// Equal says that the book has as many as the portal.
func (c Comparison) Equal() bool { return c.Portal == c.Book }

type reconcilePage struct {
	shell
	Whole   Comparison
	By      []Comparison
	Rebuilt string // how many dossiers were entered anew
	Problem string
}

func (s *Server) showReconcile(w http.ResponseWriter, r *http.Request) {
	page := reconcilePage{shell: s.shell(r, "Đối soát với Cổng"), Rebuilt: r.URL.Query().Get("dung-lai")}
	if _, err := strconv.Atoi(page.Rebuilt); err != nil {
		page.Rebuilt = ""
	}
	s.renderReconcile(w, r, http.StatusOK, page, nil)
}

func (s *Server) renderReconcile(w http.ResponseWriter, r *http.Request, status int, page reconcilePage,
	problem error) {
	var err error
	page.Whole, page.By, err = s.Reconcile(r.Context())
	if problem == nil {
		problem = err
	}
	if problem != nil {
		page.Problem = inPlainWords(problem)
		s.Log.Info("the book was not compared or rebuilt", "error", problem)
	}
	s.render(w, status, "reconcile.html", page)
}

// postRebuild makes the book anew from what the portal lists.
func (s *Server) postRebuild(w http.ResponseWriter, r *http.Request) {
	n, err := s.Rebuild(r.Context())
	if err != nil {
		page := reconcilePage{shell: s.shell(r, "Đối soát với Cổng")}
		s.renderReconcile(w, r, http.StatusBadGateway, page, err)
		return
	}
	s.ring()
	http.Redirect(w, r, "/doi-soat?dung-lai="+strconv.Itoa(n), http.StatusSeeOther)
}
