package demooffice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What the portal lists and counts; only the members that this software uses.
type (
	dossierList struct {
		Dossiers []struct {
			Code string `json:"code"`
		} `json:"dossiers"`
		Next string `json:"next"`
		More bool   `json:"more"`
	}
	dossierCounts struct {
		Total    int `json:"total"`
		Agencies []struct {
			Agency string `json:"agency"`
			Total  int    `json:"total"`
		} `json:"agencies"`
	}
)

const listed = "200" // dossiers of a page of the list

// Rebuild makes the book anew from what the portal lists: each dossier with its number, its revisions and
// their files, how it stands and what is open. What is in the book already and right stays. It returns how
// many dossiers the portal has for this software. Events that are still to be carried out come from the log.
func (s *Server) Rebuild(ctx context.Context) (dossiers int, err error) {
	if len(s.Agencies) == 0 {
		return 0, nil
	}
	who := s.software(s.Agencies[0].Code)
	restored := map[string]bool{} // one that changes meanwhile comes again
	for after := ""; ; {
		query := url.Values{"limit": {listed}}
		if after != "" {
			query.Set("after", after)
		}
		var page dossierList
		if err := s.portal.getJSON(ctx, "/dossiers?"+query.Encode(), who, &page); err != nil {
			return len(restored), err
		}
		for _, d := range page.Dossiers {
			if err := s.restore(ctx, d.Code, who); err != nil {
				return len(restored), fmt.Errorf("demooffice: rebuild %s: %w", d.Code, err)
			}
			restored[d.Code] = true
		}
		if after = page.Next; !page.More {
			return len(restored), nil
		}
	}
}

// restore enters one dossier as the portal tells it.
func (s *Server) restore(ctx context.Context, code string, who actor) error {
	raw, err := s.portal.get(ctx, dossierPath(code), who)
	if err != nil {
		return err
	}
	var h header
	if err := json.Unmarshal(raw, &h); err != nil {
		return fmt.Errorf("demooffice: header of %s: %w", code, err)
	}
	if err := s.book.begin(code, s.agencyOf(h)); err != nil {
		return err
	}
	had, _ := s.book.find(code)
	for _, r := range h.Revisions {
		if _, err := s.book.read(had, r.Number); err != nil || had.Revisions[r.Number] != r.SHA256 {
			if err := s.fetchRevision(ctx, Event{Dossier: code}, who, r.Number, r.SHA256); err != nil {
				return err
			}
		}
		if err := s.fetchFiles(ctx, code, r.Number, who); err != nil {
			return err
		}
	}
	if err := s.adopt(code, h); err != nil {
		return err
	}
	return s.book.change(code, func(d *Dossier) {
		d.Header, d.WithdrawalAsked = raw, h.asks("withdrawal")
	})
}

// agencyOf is the agency for which this software has a dossier: the one that receives it, or else the one
// that decides.
func (s *Server) agencyOf(h header) string {
	if s.receives(h) {
		return h.ReceivingCode
	}
	return h.DecidedBy
}

func (s *Server) receives(h header) bool {
	return slices.ContainsFunc(s.Agencies, func(a Agency) bool { return a.Code == h.ReceivingCode })
}

// adopt takes over the number under which this software acknowledged a dossier before it lost its book. Where
// another software receives the dossier, the number is that one's.
func (s *Server) adopt(code string, h header) error {
	if h.OfficeCode == "" || !s.receives(h) {
		return nil
	}
	return s.book.change(code, func(d *Dossier) {
		if d.OfficeCode == "" {
			d.OfficeCode = h.OfficeCode
			n, _ := strconv.Atoi(h.OfficeCode[strings.LastIndexByte(h.OfficeCode, '-')+1:])
			s.book.data.Last = max(s.book.data.Last, n)
		}
		d.Acknowledged = d.Acknowledged || d.OfficeCode == h.OfficeCode
	})
}

// begin enters a dossier that no event has told of.
func (b *book) begin(code, agency string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.data.Dossiers[code] != nil {
		return nil
	}
	b.data.Dossiers[code] = &Dossier{Code: code, Agency: agency, Revisions: map[int]string{}}
	return b.save()
}

// filePath is where a file lies that was fetched, by its SHA-256; "" when that is none.
func (b *book) filePath(sum string) string {
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		return ""
	}
	return filepath.Join(b.dir, "files", sum)
}

// fetchFiles stores the files of a revision that are not there yet, if they have the hash that it names.
func (s *Server) fetchFiles(ctx context.Context, code string, number int, who actor) error {
	d, _ := s.book.find(code)
	r, err := s.book.read(d, number)
	if err != nil {
		return err
	}
	for _, f := range r.Files {
		path := s.book.filePath(f.SHA256)
		if path == "" {
			return fmt.Errorf("demooffice: file %s of %s has no hash", f.ID, code)
		}
		if _, err := os.Stat(path); err == nil {
			continue
		}
		body, err := s.portal.get(ctx, fmt.Sprintf("%s/revisions/%d/files/%s", dossierPath(code), number,
			url.PathEscape(f.ID)), who)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != f.SHA256 {
			return fmt.Errorf("demooffice: file %s of %s does not have its hash", f.ID, code)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), writeFile(path, body)); err != nil {
			return err
		}
	}
	return nil
}

// sendKept sends a document that was fetched before, and tells whether there was one.
func (s *Server) sendKept(w http.ResponseWriter, r *http.Request, d Dossier) bool {
	number, err := strconv.Atoi(r.PathValue("revision"))
	if err != nil {
		return false
	}
	revision, err := s.book.read(d, number)
	if err != nil {
		return false
	}
	for _, f := range revision.Files {
		path := s.book.filePath(f.SHA256)
		if f.ID != r.PathValue("file") || path == "" {
			continue
		}
		file, err := os.Open(path)
		if err != nil {
			return false
		}
		defer file.Close()
		w.Header().Set("Content-Type", f.MediaType)
		w.Header().Set("Content-Disposition",
			mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
		http.ServeContent(w, r, "", time.Time{}, file)
		return true
	}
	return false
}
