package demooffice

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed pages
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"instant": func(t time.Time) string { return t.In(hanoi).Format("15:04, 02/01/2006") },
	"day":     day,
	"status":  func(code string) string { return named(statusNames, code) },
	"payment": func(code string) string { return named(paymentNames, code) },
	"change":  func(code string) string { return named(changeNames, code) },
	"result":  func(code string) string { return named(resultNames, code) },
	"event":   func(code string) string { return named(eventNames, code) },
	"source":  func(code string) string { return named(sourceNames, code) },
	// of the connection
	"standing": func(code string) string { return named(standingNames, code) },
	"delivery": func(code string) string { return named(deliveryNames, code) },
	"scope":    func(code string) string { return named(scopeNames, code) },
	"dong":     dong,
	"size":     func(n int64) string { return strconv.FormatInt((n+1023)/1024, 10) + " KB" },
}).ParseFS(files, "pages/*.html"))

var statusNames = map[string]string{
	"": "Đang lấy về", "submitted": "Mới nộp, chờ tiếp nhận", "received": "Đã tiếp nhận",
	"refused": "Từ chối tiếp nhận", "supplement": "Chờ công dân bổ sung", "payment": "Chờ nộp phí",
	"processing": "Đang xử lý", "confirming": "Chờ công dân xác nhận", "stopped": "Dừng xử lý",
	"withdrawn": "Đã rút", "completed": "Đã có kết quả", "returned": "Đã trả kết quả",
}

var paymentNames = map[string]string{
	"none": "Không thu phí", "owed": "Chưa nộp", "counter_due": "Thu tại quầy", "pending": "Đang thanh toán",
	"paid": "Đã nộp", "refund_due": "Chờ hoàn", "part_refunded": "Đã hoàn một phần", "refunded": "Đã hoàn",
}

var eventNames = map[string]string{
	"dossier.submitted": "Hồ sơ mới", "dossier.supplemented": "Đã bổ sung",
	"dossier.withdrawal_requested": "Đề nghị rút hồ sơ", "dossier.correction_requested": "Đề nghị sửa hồ sơ",
	"dossier.confirmed": "Công dân đã xác nhận", "dossier.stopped": "Hồ sơ bị dừng", "fee.paid": "Đã nộp phí",
	"fee.refunded": "Đã hoàn phí", "result.opened": "Công dân đã mở kết quả",
	eventTransferred: "Nhận từ phần mềm trước",
}

var changeNames = map[string]string{"added": "thêm", "removed": "bỏ", "replaced": "thay"}

var resultNames = map[string]string{
	"issued": "còn hiệu lực", "superseded": "đã được thay", "revoked": "đã thu hồi",
}

var sourceNames = map[string]string{
	"identity": "Tài khoản định danh", "organisation": "Tài khoản của tổ chức",
	"dossier": "Hồ sơ đã nộp trước đây",
}

func named(names map[string]string, code string) string {
	if name, ok := names[code]; ok {
		return name
	}
	return code
}

func dong(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return digits + " đ"
}

// handler has every address of the software. A form from another site is refused: the browser says where it
// came from. An event is checked by its signature.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+EndpointPath, s.takeEvent)
	web := http.NewServeMux()
	web.HandleFunc("GET /{$}", s.showList)
	web.HandleFunc("GET /style.css", s.showStyle)
	web.HandleFunc("POST /can-bo", s.chooseOfficer)
	web.HandleFunc("GET /ho-so/{code}", s.showDossier)
	web.HandleFunc("GET /ho-so/{code}/tep/{revision}/{file}", s.showFile)
	web.HandleFunc("POST /ho-so/{code}/{act}", s.postAct)
	web.HandleFunc("GET /doi-soat", s.showReconcile)
	web.HandleFunc("POST /dung-lai", s.postRebuild)
	web.HandleFunc("GET /ket-noi", s.showConnection)
	web.HandleFunc("POST /ket-noi/{act}", s.postConnection)
	mux.Handle("/", secured(http.NewCrossOriginProtection().Handler(web)))
	return mux
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "+
				"frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

const officerCookie = "can_bo"

// officer is the person at the screen: the one chosen on the page, or else an officer of the agency whose
// dossier arrived last.
func (s *Server) officer(r *http.Request) (Officer, int) {
	if c, err := r.Cookie(officerCookie); err == nil {
		if i, err := strconv.Atoi(c.Value); err == nil && i >= 0 && i < len(s.Officers) {
			return s.Officers[i], i
		}
	}
	if len(s.Officers) == 0 {
		return Officer{}, 0
	}
	newest := s.book.newestAgency()
	i := max(0, slices.IndexFunc(s.Officers, func(o Officer) bool { return o.Agency == newest }))
	return s.Officers[i], i
}

func (s *Server) chooseOfficer(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.PostFormValue("officer"))
	if err != nil || i < 0 || i >= len(s.Officers) {
		http.Error(w, "Không có cán bộ này.", http.StatusUnprocessableEntity)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: officerCookie, Value: strconv.Itoa(i), Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// shell is what every page shows.
type shell struct {
	Title   string
	Officer Officer
	Agency  string
	Chosen  int
	All     []choice
}

type choice struct{ Name, Agency string }

func (s *Server) shell(r *http.Request, title string) shell {
	officer, chosen := s.officer(r)
	page := shell{Title: title, Officer: officer, Agency: s.agencyName(officer.Agency), Chosen: chosen}
	for _, o := range s.Officers {
		page.All = append(page.All, choice{o.Name, s.agencyName(o.Agency)})
	}
	return page
}

func (s *Server) render(w http.ResponseWriter, status int, name string, page any) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, page); err != nil {
		s.Log.Error("a page could not be made", "page", name, "error", err)
		http.Error(w, "Phần mềm gặp lỗi.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // fails only when the browser has gone
}

func (s *Server) showStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "pages/style.css")
}

type listRow struct {
	Dossier
	Header header
	Owner  string
}

func (s *Server) showList(w http.ResponseWriter, r *http.Request) {
	page := struct {
		shell
		Rows []listRow
	}{shell: s.shell(r, "Hồ sơ trực tuyến")}
	for _, d := range s.book.all() {
		if d.Agency != page.Officer.Agency {
			continue
		}
		row := listRow{Dossier: d, Header: d.header()}
		if v, _, err := s.book.revision(d); err == nil {
			row.Owner = v.Owner.Name
		}
		page.Rows = append(page.Rows, row)
	}
	slices.SortStableFunc(page.Rows, func(a, b listRow) int {
		return b.Header.SubmittedAt.Compare(a.Header.SubmittedAt)
	})
	s.render(w, http.StatusOK, "list.html", page)
}

type dossierPage struct {
	shell
	Dossier     Dossier
	Header      header
	Revision    revision
	Number      int
	Readable    readable
	Problem     string // what the portal said, in plain words
	Once        string // names the next call, so that a double click does not make two
	Deadline    string
	ResultName  string
	ResultCode  string
	Withdrawing bool
	Changed     *difference // what the newest revision says otherwise; nil of the first one
	// by the id of an event: who handed in its revision, for whom and on what ground
	Filed map[string]string
}

// mine finds a dossier of the chosen officer's agency.
func (s *Server) mine(r *http.Request) (Dossier, Officer, bool) {
	officer, _ := s.officer(r)
	d, ok := s.book.find(r.PathValue("code"))
	return d, officer, ok && d.Agency == officer.Agency
}

func (s *Server) showDossier(w http.ResponseWriter, r *http.Request) {
	d, officer, ok := s.mine(r)
	if !ok {
		s.render(w, http.StatusNotFound, "missing.html", s.shell(r, "Không có hồ sơ này"))
		return
	}
	err := s.refresh(r.Context(), officer, d.Code)
	s.renderDossier(w, r, http.StatusOK, d.Code, err)
}

func (s *Server) renderDossier(w http.ResponseWriter, r *http.Request, status int, code string,
	problem error) {
	d, _ := s.book.find(code)
	page := dossierPage{shell: s.shell(r, "Hồ sơ "+code), Dossier: d, Header: d.header(), Once: newKey(),
		Deadline:   s.Now().In(hanoi).AddDate(0, 0, 10).Format(time.DateOnly),
		ResultCode: r.URL.Query().Get("ket-qua")}
	page.Filed = s.filed(d)
	page.Withdrawing = d.WithdrawalAsked || page.Header.asks("withdrawal")
	var err error
	if page.Revision, page.Number, err = s.book.revision(d); err == nil {
		page.Readable, err = s.read(r.Context(), page.Officer, code, page.Number)
		page.ResultName = page.Readable.Procedure
		if len(page.Readable.Results) > 0 {
			page.ResultName = page.Readable.Results[0].Name
		}
		if err == nil && page.Number > 1 {
			page.Changed, err = s.differs(r.Context(), page.Officer, code, page.Number)
		}
	}
	if problem == nil {
		problem = err
	}
	if problem != nil {
		page.Problem = inPlainWords(problem)
		s.Log.Info("the portal did not do what was asked", "dossier", code, "error", problem)
	}
	s.render(w, status, "dossier.html", page)
}

// inPlainWords says to an officer what went wrong.
func inPlainWords(err error) string {
	var problem *Problem
	if errors.Is(err, errPositions) {
		return "Vị trí là một số nguyên, như ở bảng các sự kiện; hoặc hãy nhập mã hồ sơ."
	}
	if errors.As(err, &problem) {
		return "Cổng trả lời: " + problem.Error()
	}
	return "Chưa gọi được Cổng dịch vụ công. Thao tác này có thể thử lại mà không bị ghi hai lần."
}

// postAct carries out what the officer decided.
func (s *Server) postAct(w http.ResponseWriter, r *http.Request) {
	d, officer, ok := s.mine(r)
	if !ok {
		s.render(w, http.StatusNotFound, "missing.html", s.shell(r, "Không có hồ sơ này"))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Không đọc được biểu mẫu.", http.StatusBadRequest)
		return
	}
	result, err := s.decide(r.Context(), officer, d, r.PathValue("act"), r.PostForm)
	if err != nil {
		status := http.StatusBadGateway
		if problem := (*Problem)(nil); errors.As(err, &problem) && problem.Status < 500 {
			status = http.StatusConflict
		}
		s.renderDossier(w, r, status, d.Code, err)
		return
	}
	target := "/ho-so/" + url.PathEscape(d.Code)
	if result != "" {
		target += "?ket-qua=" + url.QueryEscape(result)
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

var errNoAct = errors.New("demooffice: no such act")

// decide turns a form into the call that it stands for.
func (s *Server) decide(ctx context.Context, o Officer, d Dossier, act string,
	form url.Values) (result string, err error) {
	key := form.Get("once")
	if key == "" {
		key = newKey()
	}
	text := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	note := map[string]any{}
	if text("note") != "" {
		note["note"] = text("note")
	}
	do := func(call string, body any) error { return s.do(ctx, o, d.Code, call, key, body) }
	switch act {
	case "tiep-nhan":
		return "", do("receive", note)
	case "tu-choi":
		return "", do("refuse", map[string]any{"reason": text("reason")})
	case "dang-xu-ly":
		return "", do("process", note)
	case "ghi-chu":
		return "", do("notes", map[string]any{"note": text("note")})
	case "bo-sung":
		return "", do("supplements", supplementOf(form).body())
	case "da-thu-phi":
		body, err := s.counterBody(d, text("receipt"))
		if err != nil {
			return "", err
		}
		return "", do("payments", body)
	case "rut":
		return "", do("withdrawal", withdrawalBody(form.Get("accept") == "yes", text("note")))
	case "ket-qua":
		return s.deliver(ctx, o, d.Code, key, Decision{Number: text("number"), Name: text("name"),
			Kind: text("kind")})
	}
	return "", errNoAct
}

// supplementOf reads the boxes that were ticked and the reasons beside them.
func supplementOf(form url.Values) Supplement {
	ask := Supplement{Reasons: map[string]string{}, Deadline: form.Get("deadline")}
	ask.Fields, ask.Requirements = form["field"], form["requirement"]
	for _, id := range slices.Concat(ask.Fields, ask.Requirements) {
		ask.Reasons[id] = strings.TrimSpace(form.Get("reason." + id))
	}
	return ask
}

// showFile passes a document on from the portal.
func (s *Server) showFile(w http.ResponseWriter, r *http.Request) {
	d, officer, ok := s.mine(r)
	if !ok {
		s.render(w, http.StatusNotFound, "missing.html", s.shell(r, "Không có hồ sơ này"))
		return
	}
	if s.sendKept(w, r, d) {
		return
	}
	path := fmt.Sprintf("%s/revisions/%s/files/%s", dossierPath(d.Code),
		url.PathEscape(r.PathValue("revision")), url.PathEscape(r.PathValue("file")))
	response, err := s.portal.call(r.Context(), http.MethodGet, path, s.actorOf(officer), nil, nil)
	if err != nil {
		s.renderDossier(w, r, http.StatusBadGateway, d.Code, err)
		return
	}
	defer response.Body.Close()
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Disposition", "ETag"} {
		if value := response.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	if _, err := io.Copy(w, response.Body); err != nil {
		s.Log.Warn("a file was cut off", "dossier", d.Code, "error", err)
	}
}
