package demooffice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// errUnknown says that the software does not have the dossier.
var errUnknown = errors.New("demooffice: no such dossier")

// Supplement is what an officer asks the citizen for.
type Supplement struct {
	Fields       []string          // ids of form fields
	Requirements []string          // ids of requirements
	Reasons      map[string]string // by those ids
	Deadline     string            // the last day, 2026-12-03
}

// Decision is what an officer hands the citizen in the end.
type Decision struct {
	Number, Name string
	// code of the result in the procedure; "" leaves it to the portal, which knows it when there is only one
	Kind string
}

// Receive receives a dossier, as the first officer of its agency.
func (s *Server) Receive(ctx context.Context, code string) error {
	return s.act(ctx, code, "receive", map[string]any{})
}

// Refuse refuses a dossier.
func (s *Server) Refuse(ctx context.Context, code, reason string) error {
	return s.act(ctx, code, "refuse", map[string]any{"reason": reason})
}

// Process says that the dossier is being worked on.
func (s *Server) Process(ctx context.Context, code string) error {
	return s.act(ctx, code, "process", map[string]any{})
}

// Note writes to the citizen.
func (s *Server) Note(ctx context.Context, code, note string) error {
	return s.act(ctx, code, "notes", map[string]any{"note": note})
}

// AskSupplement asks the citizen to correct or complete the dossier.
func (s *Server) AskSupplement(ctx context.Context, code string, ask Supplement) error {
	return s.act(ctx, code, "supplements", ask.body())
}

func (a Supplement) body() map[string]any {
	body := map[string]any{"reasons": a.Reasons, "deadline": a.Deadline}
	if len(a.Fields) > 0 {
		body["fields"] = a.Fields
	}
	if len(a.Requirements) > 0 {
		body["requirements"] = a.Requirements
	}
	return body
}

// PaidAtCounter says that the citizen paid the whole fee in person.
func (s *Server) PaidAtCounter(ctx context.Context, code, receipt string) error {
	d, officer, err := s.officerFor(code)
	if err != nil {
		return err
	}
	body, err := s.counterBody(d, receipt)
	if err != nil {
		return err
	}
	return s.do(ctx, officer, code, "payments", newKey(), body)
}

func (s *Server) counterBody(d Dossier, receipt string) (map[string]any, error) {
	r, _, err := s.book.revision(d)
	if err != nil {
		return nil, err
	}
	body := map[string]any{"amount": 0}
	if r.Fee != nil {
		body["amount"] = r.Fee.Total
	}
	if receipt != "" {
		body["receipt_number"] = receipt
	}
	return body, nil
}

// AnswerWithdrawal answers the citizen's request to withdraw.
func (s *Server) AnswerWithdrawal(ctx context.Context, code string, accept bool, note string) error {
	return s.act(ctx, code, "withdrawal", withdrawalBody(accept, note))
}

func withdrawalBody(accept bool, note string) map[string]any {
	body := map[string]any{"accept": accept}
	if note != "" {
		body["note"] = note
	}
	return body
}

// Deliver makes the result of a dossier, signs it with the seal of its agency and
// hands it over. It returns the code by which anybody can verify it.
func (s *Server) Deliver(ctx context.Context, code string, what Decision) (string, error) {
	_, officer, err := s.officerFor(code)
	if err != nil {
		return "", err
	}
	return s.deliver(ctx, officer, code, newKey(), what)
}

func (s *Server) act(ctx context.Context, code, call string, body any) error {
	_, officer, err := s.officerFor(code)
	if err != nil {
		return err
	}
	return s.do(ctx, officer, code, call, newKey(), body)
}

func (s *Server) officerFor(code string) (Dossier, Officer, error) {
	d, ok := s.book.find(code)
	officer, has := s.officerOf(d.Agency)
	if !ok || !has {
		return d, officer, errUnknown
	}
	return d, officer, nil
}

// do makes a call about a dossier and keeps what the portal answers.
func (s *Server) do(ctx context.Context, o Officer, code, call, key string, body any) error {
	raw, err := s.portal.post(ctx, dossierPath(code)+"/"+call, key, s.actorOf(o), body)
	if err != nil {
		return err
	}
	return s.book.change(code, func(d *Dossier) {
		d.Header = raw
		if call == "withdrawal" {
			d.WithdrawalAsked = false
		}
	})
}

// refresh asks the portal how a dossier stands.
func (s *Server) refresh(ctx context.Context, o Officer, code string) error {
	raw, err := s.portal.get(ctx, dossierPath(code), s.actorOf(o))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &header{}); err != nil {
		return fmt.Errorf("demooffice: header of %s: %w", code, err)
	}
	return s.book.change(code, func(d *Dossier) { d.Header = raw })
}

// read reads a revision with the names of its fields.
func (s *Server) read(ctx context.Context, o Officer, code string, number int) (r readable, err error) {
	err = s.portal.getJSON(ctx, fmt.Sprintf("%s/revisions/%d/readable", dossierPath(code), number),
		s.actorOf(o), &r)
	return r, err
}

// differs asks what a revision says otherwise than the one before.
func (s *Server) differs(ctx context.Context, o Officer, code string, number int) (*difference, error) {
	d := &difference{}
	return d, s.portal.getJSON(ctx, fmt.Sprintf("%s/revisions/%d/difference", dossierPath(code), number),
		s.actorOf(o), d)
}

func (s *Server) deliver(ctx context.Context, o Officer, code, key string, what Decision) (string, error) {
	reserved, err := s.reserve(ctx, o, code, key)
	if err != nil {
		return "", err
	}
	file, err := s.decisionFile(ctx, o, code, key, reserved, what)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(file)
	// The file goes first, and the call that follows names it.
	raw, err := s.portal.send(ctx, dossierPath(code)+"/result-files", key+"-tep", s.actorOf(o),
		"application/pdf", file)
	if err != nil {
		return "", err
	}
	var kept resultFile
	if err := json.Unmarshal(raw, &kept); err != nil {
		return "", fmt.Errorf("demooffice: answer to the file of a result of %s: %w", code, err)
	}
	about := map[string]any{"number": what.Number, "name": what.Name,
		"issued_on": s.Now().In(hanoi).Format(time.DateOnly), "sha256": hex.EncodeToString(sum[:]),
		"code": reserved.Code, "file": kept.ID}
	if what.Kind != "" {
		about["kind"] = what.Kind
	}
	if raw, err = s.portal.post(ctx, dossierPath(code)+"/results", key, s.actorOf(o), about); err != nil {
		return "", err
	}
	var taken result
	if err := json.Unmarshal(raw, &taken); err != nil {
		return "", fmt.Errorf("demooffice: answer to a result of %s: %w", code, err)
	}
	return taken.Code, s.refresh(ctx, o, code)
}

// reserve asks the portal for the code that the paper will carry. All tries of one delivery get the same
// code.
func (s *Server) reserve(ctx context.Context, o Officer, code, key string) (reserved resultCode, err error) {
	raw, err := s.portal.post(ctx, dossierPath(code)+"/result-codes", key+"-ma", s.actorOf(o), struct{}{})
	if err != nil {
		return reserved, err
	}
	if err := json.Unmarshal(raw, &reserved); err != nil {
		return reserved, fmt.Errorf("demooffice: code of a result of %s: %w", code, err)
	}
	return reserved, nil
}

// decisionFile makes the signed PDF. If the call is repeated, it takes the PDF of the first try, since the
// request must be the same.
func (s *Server) decisionFile(ctx context.Context, o Officer, code, key string, reserved resultCode,
	what Decision) ([]byte, error) {
	name := sha256.Sum256([]byte(code + "\n" + key + "\n" + reserved.Code))
	path := filepath.Join(s.Dir, "results", hex.EncodeToString(name[:])+".pdf")
	made, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return made, err
	}
	d, _ := s.book.find(code)
	r, number, err := s.book.revision(d)
	if err != nil {
		return nil, err
	}
	content, err := s.read(ctx, o, code, number)
	if err != nil {
		return nil, err
	}
	plain, err := s.draw(paper{Decision: what, Dossier: d, Revision: r, Content: content, Officer: o,
		At: s.Now(), Verify: reserved})
	if err != nil {
		return nil, err
	}
	signed, err := s.seals.sign(plain, d.Agency, o.Name, s.Now())
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("demooffice: %w", err)
	}
	return signed, writeFile(path, signed)
}
