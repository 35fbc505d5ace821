package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"congdvc/services/desk"
	"congdvc/services/filestore"

	"github.com/redis/go-redis/v9"
)

// inside answers health and metrics on an address that the outside cannot reach.
func (p *parts) inside(ctx context.Context, rdb redis.UniversalClient) error {
	mux := http.NewServeMux()
	for path, answer := range map[string]http.Handler{
		"/healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		}),
		"/readyz":  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ready(w, r, rdb) }),
		"/metrics": metrics(),
	} {
		mux.Handle("GET "+path, answer) // which takes HEAD too; another method is refused with 405
		mux.HandleFunc("OPTIONS "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
		})
	}
	server := &http.Server{Addr: p.config.Inside, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(stop)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// ready says which parts answer. Without PostgreSQL the portal can do nothing; without Redis it still shows
// public pages.
func (p *parts) ready(w http.ResponseWriter, r *http.Request, rdb redis.UniversalClient) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	belongs := p.belongs(ctx)
	state := map[string]any{"postgresql": p.pool.Ping(ctx) == nil, "redis": rdb.Ping(ctx).Err() == nil,
		"keys": belongs.keys, "files": belongs.files}
	if belongs.why != "" {
		state["why"] = belongs.why
	}
	w.Header().Set("Content-Type", "application/json")
	if state["postgresql"] == false || !belongs.keys || !belongs.files {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if err := json.NewEncoder(w).Encode(state); err != nil {
		p.log.WarnContext(ctx, "answer of readyz", "error", err.Error())
	}
}

// belonging tells whether the keys and the folder of files are those of the database. Why names them where
// they are not.
type belonging struct {
	keys, files bool
	why         string
}

func (p *parts) belongs(ctx context.Context) belonging {
	err := p.desk.Installation().Check(ctx)
	switch {
	case err == nil:
		return belonging{keys: true, files: true}
	case errors.Is(err, desk.ErrOtherKeys), errors.Is(err, desk.ErrUnbound):
		return belonging{files: p.files.Ready(ctx) == nil, why: err.Error()}
	case errors.Is(err, filestore.ErrAway):
		return belonging{keys: true, why: err.Error()}
	}
	return belonging{keys: true, files: p.files.Ready(ctx) == nil} // the database does not answer
}
