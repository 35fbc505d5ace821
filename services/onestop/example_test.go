package onestop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"congdvc/services/dossier"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// A one-stop system pulls its log with a cursor, as often as it likes: each batch says from where to ask
// next.
func ExampleFeedBatch() {
	portal := httptest.NewServer(http.HandlerFunc(exampleFeed))
	defer portal.Close()

	after := "" // the beginning; kept together with what was done for the events before it
	for more := true; more; {
		reply, err := http.Get(portal.URL + "/api/v1/feed?after=" + url.QueryEscape(after))
		if err != nil {
			fmt.Println(err)
			return
		}
		var batch FeedBatch
		err = json.NewDecoder(reply.Body).Decode(&batch)
		reply.Body.Close()
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, e := range batch.Events {
			fmt.Println(e.Type, e.Subject, "revision", e.Data.Revision)
		}
		after, more = batch.Next, batch.More
	}
	fmt.Println("next time after", after)

	// Output:
	// dossier.submitted H42.37.14329-261123-0001 revision 1
	// dossier.submitted H42.37.14329-261123-0002 revision 1
	// dossier.supplemented H42.37.14329-261123-0001 revision 2
	// next time after k3f9ab2c.3
}

// A pushed event is signed by the Standard Webhooks scheme. Its receiver checks the exact bytes with the
// secret that both know before it reads them, and answers 2xx once it has kept them; the id tells a
// repetition.
func ExampleCloudEvent() {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	office := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		check, fault := webhooks.NewWebhook(secret)
		if err != nil || fault != nil || check.Verify(body, r.Header) != nil {
			fmt.Println("refused: not signed with our secret")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var e CloudEvent
		if err := json.Unmarshal(body, &e); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Println("kept:", r.Header.Get(webhooks.HeaderWebhookID) == e.ID, e.Type, e.Subject)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer office.Close()

	e := exampleLog[0]
	for _, with := range []string{secret, "whsec_bm90IHRoZSBzZWNyZXQgdGhhdCB3ZSBzaGFyZQ=="} {
		out := post(context.Background(), office.Client(), office.URL, []string{with}, e, time.Now())
		fmt.Println("delivered:", out.delivered(), out.Status)
	}

	// Output:
	// kept: true dossier.submitted H42.37.14329-261123-0001
	// delivered: true 204
	// refused: not signed with our secret
	// delivered: false 401
}

// exampleLog is the log of a connection.
var exampleLog = []CloudEvent{
	exampleEvent(1, dossier.EventSubmitted, "H42.37.14329-261123-0001", 1),
	exampleEvent(2, dossier.EventSubmitted, "H42.37.14329-261123-0002", 1),
	exampleEvent(3, dossier.EventSupplemented, "H42.37.14329-261123-0001", 2),
}

func exampleEvent(position int64, what dossier.EventType, code dossier.Code, revision int) CloudEvent {
	return CloudEvent{
		SpecVersion: "1.0", ID: fmt.Sprintf("01900000-0000-7000-8000-%012d", position), Type: what,
		Subject: string(code), Cursor: Cursor{Incarnation: "k3f9ab2c", Position: position}.String(),
		Data: Thin{Dossier: code, Revision: revision},
	}
}

// exampleFeed answers as the portal does, two events at a time.
func exampleFeed(w http.ResponseWriter, r *http.Request) {
	after, err := ParseCursor(r.URL.Query().Get("after"))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	end := min(after.Position+2, int64(len(exampleLog)))
	batch := Batch{
		Events: exampleLog[after.Position:end], Next: Cursor{Incarnation: "k3f9ab2c", Position: end},
		More: end < int64(len(exampleLog)),
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(batch.Wire())
}
