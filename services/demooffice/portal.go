package demooffice

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// What the portal sends; only the members that this software uses.
type (
	cloudEvent struct {
		ID   string    `json:"id"`
		Type string    `json:"type"`
		Time time.Time `json:"time"`
		Data struct {
			Dossier  string `json:"dossier"`
			Revision int    `json:"revision"`
			SHA256   string `json:"sha256"`
			Agency   string `json:"agency"`
			Own      bool   `json:"own"`
		} `json:"data"`
	}
	feedBatch struct {
		Events []cloudEvent `json:"events"`
		Next   string       `json:"next"`
		More   bool         `json:"more"`
	}
	header struct {
		Code          string     `json:"code"`
		Status        string     `json:"status"`
		Payment       string     `json:"payment"`
		Delivery      string     `json:"delivery"`
		SubmittedAt   time.Time  `json:"submitted_at"`
		ReceivedAt    *time.Time `json:"received_at"`
		DueAt         *time.Time `json:"due_at"`
		DecidedBy     string     `json:"deciding_agency"`
		ReceivingCode string     `json:"receiving_agency"`
		OfficeCode    string     `json:"office_code"`
		Revisions     []struct {
			Number int    `json:"number"`
			SHA256 string `json:"sha256"`
		} `json:"revisions"`
		// what the answer to a change does not tell
		Requests []openRequest `json:"requests"`
		Results  []struct {
			Code   string `json:"code"`
			Number string `json:"number"`
			Name   string `json:"name"`
			State  string `json:"state"`
		} `json:"results"`
	}
	openRequest struct {
		Kind    string    `json:"kind"`
		AskedAt time.Time `json:"asked_at"`
		AskedBy struct {
			Name string `json:"name"`
		} `json:"asked_by"`
		Reason string `json:"reason"`
	}
	difference struct {
		From   int `json:"from"`
		Fields []struct {
			Label  string        `json:"label"`
			Before *changedValue `json:"before"`
			After  *changedValue `json:"after"`
		} `json:"fields"`
		Files []struct {
			Change string `json:"change"`
			Name   string `json:"name"`
			Before *struct {
				Name string `json:"name"`
			} `json:"before"`
			After *struct {
				Name string `json:"name"`
			} `json:"after"`
		} `json:"files"`
	}
	changedValue struct {
		Text  string `json:"text"`
		Table *struct {
			Rows [][]string `json:"rows"`
		} `json:"table"`
	}
	party struct {
		Kind    string `json:"kind"`
		Name    string `json:"name"`
		Number  string `json:"number"`
		Profile struct {
			Born    string `json:"born"`
			Phone   string `json:"phone"`
			Email   string `json:"email"`
			Address string `json:"address"`
		} `json:"profile"`
	}
	revision struct {
		Number   int    `json:"number"`
		Owner    party  `json:"owner"`
		Person   party  `json:"person"`
		OnBehalf bool   `json:"on_behalf"`
		Capacity string `json:"capacity"`
		Ground   struct {
			Kind   string `json:"kind"`
			Detail string `json:"detail"`
			For    string `json:"for"`
		} `json:"ground"`
		Files []struct {
			ID          string `json:"id"`
			Requirement string `json:"requirement"`
			Name        string `json:"name"`
			MediaType   string `json:"media_type"`
			Size        int64  `json:"size"`
			SHA256      string `json:"sha256"`
			Source      *struct {
				Dossier string `json:"dossier"`
				Agency  struct {
					Vi string `json:"vi"`
				} `json:"agency_name"`
				Date   string `json:"date"`
				Result *struct {
					Code      string `json:"code"`
					Name      string `json:"name"`
					Number    string `json:"number"`
					VerifyURL string `json:"verify_url"`
				} `json:"result"`
			} `json:"source"`
		} `json:"files"`
		Fee *struct {
			Total   int64  `json:"total"`
			Receipt string `json:"receipt"`
		} `json:"fee"`
		FeesUnset []struct {
			Name string `json:"name"`
		} `json:"fees_unset"`
		Exemption *struct {
			Name  string `json:"name"`
			Basis string `json:"basis"`
			Fees  []struct {
				Name   string `json:"name"`
				Whole  bool   `json:"whole"`
				Full   *int64 `json:"full"`
				Amount *int64 `json:"amount"`
			} `json:"fees"`
		} `json:"exemption"`
	}
	readable struct {
		Procedure string `json:"procedure"`
		Case      string `json:"case"`
		Fields    []struct {
			ID      string `json:"id"`
			Section string `json:"section"`
			Label   string `json:"label"`
			Text    string `json:"text"`
			Asks    bool   `json:"asks"`
			Differs *struct {
				Source  string `json:"source"`
				Dossier string `json:"dossier"`
				Text    string `json:"text"`
				Reason  string `json:"reason"`
			} `json:"differs"`
			Confirmed []string `json:"confirmed"`
			Table     *struct {
				Head []string   `json:"head"`
				Rows [][]string `json:"rows"`
			} `json:"table"`
		} `json:"fields"`
		Requirements []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"requirements"`
		Results []struct {
			Code string `json:"code"`
			Name string `json:"name"`
		} `json:"results"`
	}
	// resultCode is a code that a result will be verified by, and where.
	resultCode struct {
		Code      string `json:"code"`
		VerifyURL string `json:"verify_url"`
	}
	// resultFile is a file that waits for its result.
	resultFile struct {
		ID string `json:"id"`
	}
	result struct {
		Code string `json:"code"`
	}
)

// asks tells whether a request of a kind waits for an answer.
func (h header) asks(kind string) bool {
	return slices.ContainsFunc(h.Requests, func(r openRequest) bool { return r.Kind == kind })
}

// Lines is an answer as a page shows it, a line for each row of a table.
func (v *changedValue) Lines() string {
	switch {
	case v == nil:
		return ""
	case v.Table == nil:
		return v.Text
	}
	lines := make([]string, len(v.Table.Rows))
	for i, row := range v.Table.Rows {
		lines[i] = strings.Join(row, ", ")
	}
	return strings.Join(lines, "\n")
}

// actor is the officer for whom a call is made.
type actor struct{ Name, Title, Unit, Phone string }

func (a actor) header() string {
	// A space is %20 rather than +, which some readers keep as it is.
	return strings.ReplaceAll(url.Values{"name": {a.Name}, "title": {a.Title}, "unit": {a.Unit},
		"phone": {a.Phone}}.Encode(), "+", "%20")
}

// Problem is what the portal says when it does not do what it was asked (RFC 9457).
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
}

// Error tells the problem in the portal's words.
func (p *Problem) Error() string {
	text := p.Title
	if p.Detail != "" {
		text += ". " + p.Detail
	}
	for _, e := range p.Errors {
		if e.Detail != p.Detail {
			text += " (" + strings.TrimPrefix(e.Pointer, "/") + ": " + e.Detail + ")"
		}
	}
	return text
}

// portal calls the portal's interface.
type portal struct {
	base, key string
	client    *http.Client
}

const mostAnswer = 16 << 20

// call makes one call; the caller closes the body of the response, which is a success.
func (p *portal) call(ctx context.Context, method, path string, a actor, body io.Reader,
	headers map[string]string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, p.base+"/api/v1"+path, body)
	if err != nil {
		return nil, fmt.Errorf("demooffice: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+p.key)
	request.Header.Set("Actor", a.header())
	request.Header.Set("Accept-Language", "vi")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("demooffice: call the portal: %w", err)
	}
	if response.StatusCode/100 == 2 {
		return response, nil
	}
	defer response.Body.Close()
	problem := &Problem{Status: response.StatusCode, Title: response.Status}
	raw, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && strings.HasPrefix(response.Header.Get("Content-Type"), "application/problem+json") {
		err = json.Unmarshal(raw, problem)
	}
	if err != nil {
		return nil, fmt.Errorf("demooffice: answer %s: %w", response.Status, err)
	}
	return nil, problem
}

// get reads a whole answer.
func (p *portal) get(ctx context.Context, path string, a actor) ([]byte, error) {
	response, err := p.call(ctx, http.MethodGet, path, a, nil, nil)
	if err != nil {
		return nil, err
	}
	return answer(response)
}

func (p *portal) getJSON(ctx context.Context, path string, a actor, into any) error {
	raw, err := p.get(ctx, path, a)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	return err
}

// post makes a call that changes something. The key names it, so that it is carried
// out once however often it is sent.
func (p *portal) post(ctx context.Context, path, key string, a actor, body any) ([]byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("demooffice: %w", err)
	}
	return p.send(ctx, path, key, a, "application/json", raw)
}

func (p *portal) send(ctx context.Context, path, key string, a actor, mediaType string,
	body []byte) ([]byte, error) {
	response, err := p.call(ctx, http.MethodPost, path, a, bytes.NewReader(body),
		map[string]string{"Content-Type": mediaType, "Idempotency-Key": key})
	if err != nil {
		return nil, err
	}
	return answer(response)
}

func answer(response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return nil, fmt.Errorf("demooffice: read an answer: %w", err)
	}
	return raw, nil
}

// newKey names a call that was not made before.
func newKey() string { return rand.Text() }

func dossierPath(code string) string { return "/dossiers/" + url.PathEscape(code) }
