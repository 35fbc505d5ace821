package demooffice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What the portal says of the connection; only the members that this software uses.
type (
	standing struct {
		Code            string     `json:"code"`
		Name            string     `json:"name"`
		State           string     `json:"state"`
		Endpoint        string     `json:"endpoint"`
		PendingEndpoint string     `json:"pending_endpoint"`
		ProvedAt        *time.Time `json:"proved_at"`
		PausedAt        *time.Time `json:"paused_at"`
		Networks        []string   `json:"networks"`
		Head            string     `json:"head"`
		Pushed          string     `json:"pushed"`
		Waiting         int        `json:"waiting"`
		Retrying        int        `json:"retrying"`
		ParkedDossiers  int        `json:"parked_dossiers"`
		OldestAt        *time.Time `json:"oldest_waiting_at"`
		NextAttemptAt   *time.Time `json:"next_attempt_at"`
		LastSuccessAt   *time.Time `json:"last_success_at"`
		Keys            []struct {
			Prefix     string     `json:"prefix"`
			Scopes     []string   `json:"scopes"`
			CreatedAt  time.Time  `json:"created_at"`
			LastUsedAt *time.Time `json:"last_used_at"`
			ExpiresAt  *time.Time `json:"expires_at"`
		} `json:"keys"`
	}
	deliveries struct {
		Deliveries []struct {
			Position      int64      `json:"position"`
			Type          string     `json:"type"`
			Dossier       string     `json:"dossier"`
			CreatedAt     time.Time  `json:"created_at"`
			State         string     `json:"state"`
			Failures      int        `json:"failures"`
			NextAttemptAt *time.Time `json:"next_attempt_at"`
			LastAttempt   *struct {
				At    time.Time `json:"at"`
				Error string    `json:"error"`
			} `json:"last_attempt"`
		} `json:"deliveries"`
		Next string `json:"next"`
		More bool   `json:"more"`
	}
	parked struct {
		Dossiers []struct {
			Dossier string    `json:"dossier"`
			Type    string    `json:"type"`
			Since   time.Time `json:"since"`
			Waiting int       `json:"waiting"`
			Error   string    `json:"error"`
		} `json:"dossiers"`
		Next string `json:"next"`
		More bool   `json:"more"`
	}
	attempts struct {
		Attempts []struct {
			Position int64     `json:"position"`
			Type     string    `json:"type"`
			Dossier  string    `json:"dossier"`
			At       time.Time `json:"at"`
			Status   int       `json:"status"`
			Error    string    `json:"error"`
			TookMS   int       `json:"took_ms"`
		} `json:"attempts"`
		Next int64 `json:"next"`
	}
)

var standingNames = map[string]string{
	"ok": "Hoạt động tốt", "paused": "Đang tạm dừng", "parked": "Có hồ sơ đã ngừng đẩy",
	"failing": "Đang gặp lỗi", "unproved": "Địa chỉ nhận chưa được xác minh", "pulls": "Chỉ đọc nhật ký",
}

var deliveryNames = map[string]string{
	"waiting": "chờ đẩy", "retrying": "đang thử lại", "parked": "đã ngừng đẩy", "delivered": "đã đẩy",
	"ended": "phần mềm khác nhận",
}

var scopeNames = map[string]string{
	"read": "đọc hồ sơ", "write": "báo lại việc xử lý", "feed": "nhật ký sự kiện",
	"manage": "quản lý kết nối",
}

type connectionPage struct {
	shell
	Standing   *standing
	Deliveries deliveries
	Parked     parked
	Attempts   attempts
	States     map[string]string
	Dossier    string // what was asked for
	State      string
	Older      string // query of the attempts before those that are shown; "" for none
	Later      string // query of the deliveries behind those that are shown; "" for none
	LaterHeld  string // and of the parked dossiers
	Done       string
	Problem    string
	Once       string // names the next call, so that a double click does not make two
}

// showConnection shows how the connection fares, as the portal tells it.
func (s *Server) showConnection(w http.ResponseWriter, r *http.Request) {
	s.renderConnection(w, r, http.StatusOK, nil)
}

func (s *Server) renderConnection(w http.ResponseWriter, r *http.Request, status int, problem error) {
	asked := r.URL.Query()
	page := connectionPage{shell: s.shell(r, "Kết nối với Cổng"), States: deliveryNames, Once: newKey(),
		Dossier: asked.Get("ho-so"), State: asked.Get("trang-thai"), Done: doneNames[asked.Get("xong")]}
	if n := asked.Get("so"); page.Done != "" && n != "" {
		if _, err := strconv.Atoi(n); err == nil {
			page.Done += " " + n + " sự kiện sẽ được đẩy lại."
		}
	}
	if err := s.readConnection(r.Context(), &page, asked); problem == nil {
		problem = err
	}
	if problem != nil {
		page.Problem = inPlainWords(problem)
		s.Log.Info("the connection was not shown or changed", "error", problem)
	}
	s.render(w, status, "connection.html", page)
}

// readConnection asks the portal for each part of the page.
func (s *Server) readConnection(ctx context.Context, page *connectionPage, asked url.Values) error {
	who := s.actorOf(page.Officer)
	query := func(pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				values.Set(pairs[i], pairs[i+1])
			}
		}
		return "?" + values.Encode()
	}
	var now standing
	if err := s.portal.getJSON(ctx, "/connection", who, &now); err != nil {
		return err
	}
	page.Standing = &now
	err := errors.Join(
		s.portal.getJSON(ctx, "/parked-dossiers"+query("after", asked.Get("ngung-sau")), who, &page.Parked),
		s.portal.getJSON(ctx, "/deliveries"+query("limit", "20", "after", asked.Get("sau"), "dossier",
			page.Dossier, "state", page.State), who, &page.Deliveries),
		s.portal.getJSON(ctx, "/push-attempts"+query("limit", "20", "before", asked.Get("truoc"), "dossier",
			page.Dossier), who, &page.Attempts))
	if page.Deliveries.More {
		page.Later = query("ho-so", page.Dossier, "trang-thai", page.State, "sau", page.Deliveries.Next)
	}
	if page.Parked.More {
		page.LaterHeld = query("ngung-sau", page.Parked.Next)
	}
	if page.Attempts.Next > 0 {
		page.Older = query("ho-so", page.Dossier, "trang-thai", page.State, "truoc",
			strconv.FormatInt(page.Attempts.Next, 10))
	}
	return err
}

var doneNames = map[string]string{
	"tam-dung": "Cổng đã tạm dừng đẩy sự kiện.", "day-tiep": "Cổng đẩy tiếp sự kiện.",
	"day-lai": "Cổng đã nhận yêu cầu đẩy lại.", "doi-khoa": "Đã đổi khóa ký và dùng khóa mới.",
	"xac-minh": "Địa chỉ nhận đã được xác minh.",
}

var errPositions = errors.New("demooffice: a position is a whole number")

// postConnection carries out what the officer decided about the connection.
func (s *Server) postConnection(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Không đọc được biểu mẫu.", http.StatusBadRequest)
		return
	}
	act := r.PathValue("act")
	if doneNames[act] == "" {
		s.render(w, http.StatusNotFound, "missing.html", s.shell(r, "Không có thao tác này"))
		return
	}
	officer, _ := s.officer(r)
	events, err := s.manage(r.Context(), s.actorOf(officer), act, r.PostForm)
	if err != nil {
		status := http.StatusBadGateway
		if problem := (*Problem)(nil); errors.Is(err, errPositions) ||
			errors.As(err, &problem) && problem.Status < 500 {
			status = http.StatusConflict
		}
		s.renderConnection(w, r, status, err)
		return
	}
	done := url.Values{"xong": {act}}
	if events != nil {
		done.Set("so", strconv.Itoa(*events))
	}
	http.Redirect(w, r, "/ket-noi?"+done.Encode(), http.StatusSeeOther)
}

// manage makes the call that an act stands for. It returns how many events will be pushed again, nil where
// the answer does not tell.
func (s *Server) manage(ctx context.Context, who actor, act string, form url.Values) (*int, error) {
	key := form.Get("once")
	if key == "" {
		key = newKey()
	}
	text := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	nothing := map[string]any{}
	switch act {
	case "tam-dung":
		_, err := s.portal.post(ctx, "/connection/pause", key, who, nothing)
		return nil, err
	case "xac-minh":
		_, err := s.portal.post(ctx, "/connection/challenge", key, who, nothing)
		return nil, err
	case "doi-khoa":
		return nil, s.exchangeSecret(ctx, who, key)
	case "day-tiep":
		if after := text("after"); after != "" {
			return s.again(ctx, "/connection/resume", key, who, map[string]any{"after": after})
		}
		_, err := s.portal.post(ctx, "/connection/resume", key, who, nothing)
		return nil, err
	default: // day-lai
		if code := text("dossier"); code != "" {
			return s.again(ctx, "/replays", key, who, map[string]any{"dossier": code})
		}
		from, err := strconv.ParseInt(text("from"), 10, 64)
		to, err2 := strconv.ParseInt(text("to"), 10, 64)
		if err != nil || err2 != nil {
			return nil, errPositions
		}
		return s.again(ctx, "/replays", key, who, map[string]any{"from": from, "to": to})
	}
}

// again makes a call that has events pushed once more, and returns how many.
func (s *Server) again(ctx context.Context, path, key string, who actor, body any) (*int, error) {
	raw, err := s.portal.post(ctx, path, key, who, body)
	if err != nil {
		return nil, err
	}
	var told struct {
		Events int `json:"events"`
	}
	if err := json.Unmarshal(raw, &told); err != nil {
		return nil, fmt.Errorf("demooffice: what is pushed again: %w", err)
	}
	return &told.Events, nil
}

// exchangeSecret gets a new secret for signatures and takes it over.
func (s *Server) exchangeSecret(ctx context.Context, who actor, key string) error {
	raw, err := s.portal.post(ctx, "/connection/secret", key, who, map[string]any{})
	if err != nil {
		return err
	}
	var told struct {
		Secret string `json:"secret"`
	}
	if err := json.Unmarshal(raw, &told); err != nil {
		return fmt.Errorf("demooffice: the new secret: %w", err)
	}
	return s.secrets.takeOver(told.Secret)
}
