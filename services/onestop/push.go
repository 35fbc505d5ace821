package onestop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	maxReply      = 64 << 10 // of a reply that is read, so that its connection can be used again
	maxErrorText  = 300
	maxRetryAfter = time.Hour

	eventMediaType = "application/cloudevents+json; charset=utf-8"
)

// blame says what a failed attempt means: a fault of the endpoint or of the event.
type blame string

const (
	nobody      blame = ""
	theEndpoint blame = "endpoint" // it is down, overloaded, or not set up: the connection pauses
	theEvent    blame = "event"    // it answered and refused this one: the dossier waits
)

// outcome is how one attempt ended.
type outcome struct {
	At         time.Time
	Took       time.Duration
	Status     int    // of the reply; 0 when there was none
	Problem    string // "" = delivered
	Blame      blame
	Silent     bool          // there was no answer in time
	RetryAfter time.Duration // what the receiver asked for, at most an hour
}

func (o outcome) delivered() bool { return o.Blame == nobody }

// post makes one attempt. The same event always has the same webhook-id, by which the receiver knows a
// repetition.
func post(ctx context.Context, client *http.Client, endpoint string, secrets []string, e CloudEvent,
	now time.Time) outcome {
	out := outcome{At: now, Blame: theEndpoint}
	body, err := json.Marshal(e)
	if err != nil {
		out.Problem = problemText(err)
		return out
	}
	request, err := newRequest(ctx, endpoint, secrets, e.ID, body, now)
	if err != nil {
		out.Problem = problemText(err)
		return out
	}
	begun := time.Now()
	reply, err := client.Do(request)
	if err == nil {
		// Read to the end, within bounds, so that the connection can be used again. The reply is not kept,
		// since it is the other side's text and may contain anything.
		_, err = io.Copy(io.Discard, io.LimitReader(reply.Body, maxReply))
		reply.Body.Close()
	}
	out.Took = time.Since(begun)
	if reply != nil {
		out.Status = reply.StatusCode
	}
	if err != nil && (reply == nil || reply.StatusCode/100 != 2) {
		out.Problem, out.Silent = problemText(err), silentError(err)
		return out
	}
	out.Blame = judge(reply.StatusCode)
	if out.Blame != nobody {
		out.Problem = "answered " + reply.Status
		out.RetryAfter = retryAfter(reply.Header.Get("Retry-After"), now)
	}
	return out
}

// newRequest signs the body of an event, or of a challenge, by that id.
func newRequest(ctx context.Context, endpoint string, secrets []string, id string, body []byte,
	now time.Time) (*http.Request, error) {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		signer, err := webhooks.NewWebhook(secret)
		if err == nil {
			signatures[i], err = signer.Sign(id, now, body)
		}
		if err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", eventMediaType)
	request.Header.Set("User-Agent", "CongDVC")
	request.Header.Set(webhooks.HeaderWebhookID, id)
	request.Header.Set(webhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(webhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}

// judge decides whether a status is the endpoint's fault or the event's. A 4xx refuses the event, except for
// those statuses that a wrong address, a wrong secret or an overloaded receiver give for every event.
func judge(status int) blame {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusGone,
		http.StatusMisdirectedRequest, http.StatusTooManyRequests:
		return theEndpoint
	}
	switch status / 100 {
	case 2:
		return nobody
	case 4:
		return theEvent
	}
	return theEndpoint
}

// retryAfter reads seconds or an HTTP date (RFC 9110, 10.2.3); anything else counts as 0.
func retryAfter(text string, now time.Time) time.Duration {
	var wish time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wish = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wish = at.Sub(now)
	}
	return min(max(wish, 0), maxRetryAfter)
}

// problemText says what went wrong without the endpoint's address, whose query may be a secret.
func problemText(err error) string {
	if silentError(err) {
		return "no answer in time"
	}
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	text := strings.ToValidUTF8(fmt.Sprint(err), "?")
	return text[:min(len(text), maxErrorText)]
}

func silentError(err error) bool {
	late := (*url.Error)(nil)
	return errors.As(err, &late) && late.Timeout()
}
