package backoffice

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"congdvc/services/onestop"
)

func TestFeed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	read := func(query string) (b onestop.FeedBatch) {
		got := s.call(t, request{path: "/feed" + query})
		if err := json.Unmarshal([]byte(got.body), &b); err != nil || got.status != 200 {
			t.Fatalf("%s: %d %s", query, got.status, got.body)
		}
		return b
	}
	empty := read("")
	if len(empty.Events) != 0 || empty.More || empty.Next == "" {
		t.Errorf("an empty log: %+v", empty)
	}
	// An event that comes while a call waits ends its waiting.
	arrived := make(chan onestop.FeedBatch)
	go func() { arrived <- read("?wait=30&after=" + empty.Next) }()
	first := s.Submitted(t, lan)
	s.sequenced(t)
	select {
	case b := <-arrived:
		if len(b.Events) != 1 || b.Events[0].Data.Dossier != first {
			t.Errorf("after waiting: %+v", b)
		}
	case <-time.After(time.Minute):
		t.Fatal("waiting did not end with the event")
	}
	s.Submitted(t, lan)
	s.Submitted(t, lan)
	s.sequenced(t)
	page := read("?limit=2")
	rest := read("?limit=2&after=" + page.Next)
	if len(page.Events) != 2 || !page.More || len(rest.Events) != 1 || rest.More {
		t.Errorf("pages of %d and %d", len(page.Events), len(rest.Events))
	}
	for query, want := range map[string]struct {
		status int
		key    string
	}{
		"?after=zzz":                         {400, "onestop.cursor"},
		"?after=aaaaaaaa.1":                  {410, "onestop.cursor_incarnation"},
		"?after=" + ahead(t, rest.Next):      {410, "onestop.cursor_ahead"},
		"?limit=0":                           {400, "backoffice.parameter"},
		"?limit=501":                         {400, "backoffice.parameter"},
		"?wait=x":                            {400, "backoffice.parameter"},
		"?aftr=" + rest.Next:                 {400, "backoffice.parameter"},
		"?limit=1&limit=2":                   {400, "backoffice.parameter"},
		"?wait=31&after=" + rest.Next:        {400, "backoffice.parameter"},
		"?%ff=1":                             {400, "backoffice.parameter"},
		"?after=" + rest.Next + "&limit=%00": {400, "backoffice.parameter"},
	} {
		got := s.call(t, request{path: "/feed" + query})
		p := got.problem(t)
		if got.status != want.status || p.Type != onestop.ProblemType(want.key) || want.status == 400 &&
			(len(p.Errors) == 0 || p.Errors[0].Parameter == "") {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

func ahead(t *testing.T, cursor string) string {
	t.Helper()
	c, err := onestop.ParseCursor(cursor)
	if err != nil {
		t.Fatal(err)
	}
	c.Position++
	return c.String()
}

func TestReplayAndAttempts(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	for range 3 {
		s.Submitted(t, lan)
	}
	s.sequenced(t)
	const pushed = `insert into push_attempt (event_id, connection_id, at, status, error, took_ms)
		select id, connection_id, now(), 503, 'answered 503 Service Unavailable', 3 from event order by position`
	if _, err := s.Pool.Exec(t.Context(), pushed); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pool.Exec(t.Context(), `update connection_push set pushed = 3`); err != nil {
		t.Fatal(err)
	}
	var page, rest onestop.PushAttempts
	first := s.call(t, request{path: "/push-attempts?limit=2"})
	if err := json.Unmarshal([]byte(first.body), &page); err != nil || len(page.Attempts) != 2 ||
		page.Next != page.Attempts[1].ID || page.Attempts[0].Position != 3 {
		t.Fatalf("%d %s", first.status, first.body)
	}
	second := s.call(t, request{path: "/push-attempts?limit=2&before=" + jsonNumber(page.Next)})
	if err := json.Unmarshal([]byte(second.body), &rest); err != nil || len(rest.Attempts) != 1 ||
		rest.Next != 0 {
		t.Fatalf("%d %s", second.status, second.body)
	}
	if got := s.call(t, request{path: "/push-attempts?before=0"}); got.status != 400 {
		t.Errorf("before=0: %d", got.status)
	}
	again := func() reply {
		return s.call(t, request{method: http.MethodPost, path: "/replays", body: `{"from":2,"to":9}`,
			header: map[string]string{"Idempotency-Key": "replay"}})
	}
	one, two := again(), again()
	if one.status != 200 || one.body != `{"events":2}` || two.body != one.body {
		t.Errorf("replay: %d %s, again %d %s", one.status, one.body, two.status, two.body)
	}
}

func jsonNumber(n int64) string { raw, _ := json.Marshal(n); return string(raw) }
